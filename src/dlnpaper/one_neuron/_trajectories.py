"""The one layout in which all solvers return trajectories, to be compared variable by variable."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from dlnpaper._checks import shown

if TYPE_CHECKING:
    from dlnpaper._target import Target
    from dlnpaper.one_neuron._starting_points import StartingPoints


class VariableSpec(NamedTuple):
    """Dimensions and CF attributes of one variable."""

    dims: tuple[str, ...]
    long_name: str
    units: str = "1"


_START_TIME = ("start", "time")

VARIABLES = {
    "s": VariableSpec(_START_TIME, "singular value of the end-to-end matrix"),
    "log_s": VariableSpec(
        _START_TIME, "natural logarithm of the singular value of the end-to-end matrix"
    ),
    "alignment": VariableSpec(_START_TIME, "alignment of the end-to-end matrix with the target"),
    "loss": VariableSpec(_START_TIME, "quadratic loss"),
    "excess": VariableSpec(_START_TIME, "quadratic loss above its value at the limit"),
    "tau": VariableSpec(_START_TIME, "time of the linear flow of the directions"),
    "a": VariableSpec(
        (*_START_TIME, "left"),
        "left singular vector of the end-to-end matrix in target coordinates",
    ),
    "b": VariableSpec(
        (*_START_TIME, "right"),
        "right singular vector of the end-to-end matrix in target coordinates",
    ),
    "error": VariableSpec(
        _START_TIME, "estimate of the error, relative in s and absolute in a and b"
    ),
}


def assemble(
    target: Target,
    depth: int,
    starts: StartingPoints,
    times: np.ndarray,
    arrays: Mapping[str, np.ndarray],
    attrs: Mapping[str, object],
) -> xr.Dataset:
    """Put computed arrays into the common trajectory layout.

    Parameters
    ----------
    target, depth, starts, times
        Of the solver, checked; of the M starts only the number is used.
    arrays : dict of str to ndarray
        Values by variable name, shaped as `VARIABLES` says: (M, T), a (M, T, d_y), b (M, T, d_x).
        They are not copied.
    attrs : dict
        Dataset attributes of the solver: its ``method`` and tolerances.

    Returns
    -------
    xarray.Dataset
        Variables in the order of `VARIABLES`, then ``singular_values`` (mode); coordinate ``time``.
    """
    sizes = (len(starts), *target.shape, target.rank)
    names = tuple(name for name in VARIABLES if name in arrays)
    # Copying an empty layout takes a quarter of the time of merging the variables afresh, which
    # would cost more than the closed form of one trajectory.
    layout = _layout(names, sizes, times.tobytes())
    data = {name: arrays[name] for name in names}
    dataset = layout.copy(data=data | {"singular_values": target.singular_values.copy()})
    dataset.attrs.update(attrs, depth=depth)
    return dataset


@lru_cache(maxsize=16)
def _layout(names: tuple[str, ...], sizes: tuple[int, int, int, int], times: bytes) -> xr.Dataset:
    """Return a dataset of zeros that take no memory, with the wanted sizes and attributes."""
    axis = np.frombuffer(times)
    starts, left, right, modes = sizes
    lengths = {"start": starts, "time": axis.size, "left": left, "right": right, "mode": modes}

    def variable(spec: VariableSpec) -> tuple[tuple[str, ...], np.ndarray, dict[str, str]]:
        zeros = np.broadcast_to(np.float64(0), [lengths[dim] for dim in spec.dims])
        return spec.dims, zeros, {"long_name": spec.long_name, "units": spec.units}

    specs = {name: VARIABLES[name] for name in names}
    specs["singular_values"] = VariableSpec(("mode",), "singular values of the target")
    return xr.Dataset(
        {name: variable(spec) for name, spec in specs.items()},
        coords={"time": ("time", axis, {"long_name": "gradient flow time", "units": "1"})},
        attrs={"shape": (left, right)},
    )


def validate_variables(
    variables: Iterable[str] | None, known: Iterable[str] = tuple(VARIABLES)
) -> tuple[str, ...]:
    """Return the wanted names as a tuple in the order of `known`; None means all of them."""
    known = tuple(known)
    if variables is None:
        return known
    if isinstance(variables, str):
        raise TypeError(
            f"variables must be a sequence of names, got the string {shown(variables)};"
            f" write ({shown(variables)},)"
        )
    try:
        wanted = list(variables)
    except TypeError:
        raise TypeError(
            f"variables must be a sequence of names or None, got {shown(variables)};"
            f" choose from {', '.join(known)}"
        ) from None
    for name in wanted:
        if not isinstance(name, str) or name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
            raise ValueError(f"variables must name known quantities, got {shown(name)}; {remedy}")
    if not wanted:
        raise ValueError(
            "variables must name at least one quantity, got none; leave it out for all of them"
        )
    return tuple(name for name in known if name in wanted)
