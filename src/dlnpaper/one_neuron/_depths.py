"""One result for several depths."""

from collections.abc import Callable, Sequence
from typing import TypeGuard

import numpy as np
import xarray as xr

from dlnpaper._checks import shown, validate_depth

Depths = Sequence[int] | np.ndarray | xr.DataArray
Depth = int | Depths


def are_several(depth: Depth) -> TypeGuard[Depths]:
    """Return whether a depth is not one number but some of them."""
    array = isinstance(depth, np.ndarray | xr.DataArray) and depth.ndim > 0
    return array or (isinstance(depth, Sequence) and not isinstance(depth, str | bytes))


def for_each_depth(
    compute: Callable[[int], xr.Dataset],
    depth: Depths,
    shared: Sequence[str] = (),
) -> xr.Dataset:
    """Join what ``compute`` returns for each depth along a leading dimension ``depth``.

    Variables named in ``shared`` do not depend on the depth, and are kept once.
    """
    depths = _validate_depths(depth)
    parts = [compute(each) for each in depths]
    once = parts[0][list(shared)]
    axis = xr.DataArray(
        depths, dims="depth", name="depth", attrs={"long_name": "number of layers", "units": "1"}
    )
    joined = xr.concat(
        [part.drop_vars(shared) for part in parts], dim=axis, combine_attrs="drop_conflicts"
    )
    joined.attrs.pop("depth", None)
    return joined.assign(once.data_vars)


def _validate_depths(depth: Depths) -> list[int]:
    if not len(depth) or (not isinstance(depth, Sequence) and depth.ndim > 1):
        raise ValueError(
            f"depth must be an integer or a flat list of some, got {shown(depth)}; pass each "
            "number of layers once"
        )
    each = depth if isinstance(depth, Sequence) else np.asarray(depth).tolist()
    depths = [validate_depth(number) for number in each]
    if len(set(depths)) < len(depths):
        raise ValueError(
            f"depth must hold each number once, got {shown(depth)}; remove repetitions"
        )
    return depths
