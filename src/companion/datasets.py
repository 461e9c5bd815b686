"""Variables of datasets, with the attributes that all of them carry."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike


def described(long_name: str, units: str = "1", **attributes: Any) -> dict[str, Any]:
    """Return the attributes of a variable."""
    return {"long_name": long_name, "units": units, **attributes}


def variable(
    dims: str | Sequence[Hashable], values: ArrayLike, long_name: str, **attributes: Any
) -> xr.Variable:
    """Return a variable and its attributes; it is dimensionless unless ``units`` says otherwise."""
    return xr.Variable(dims, values, described(long_name, **attributes))


def depth_axis(depths: Sequence[int]) -> xr.Variable:
    """Return the coordinate along which measurements at several depths are joined."""
    return variable("depth", np.array(depths), "number of layers")


def flagged(long_name: str, meanings: Sequence[str]) -> dict[str, Any]:
    """Return the attributes of a variable whose values are positions in ``meanings``."""
    return {
        "long_name": long_name,
        "flag_values": np.arange(len(meanings), dtype=np.int8),
        "flag_meanings": " ".join(meanings),
    }


def flag_names(flags: xr.DataArray) -> np.ndarray:
    """Return the meaning of each value of a variable with the attributes of `flagged`."""
    return np.array(flags.attrs["flag_meanings"].split())[flags.values]
