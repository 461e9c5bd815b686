"""What a kind of NetCDF file must hold; `dlnpaper.storage` checks it on writing and on reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr


class Field(NamedTuple):
    """Trailing dimensions and type of a stored variable."""

    dims: tuple[str, ...]
    dtype: str = "float64"


class Schema(NamedTuple):
    """What a kind of NetCDF file holds.

    A variable may have further leading dimensions (a study that stacks depths, say), and a file may
    hold further variables.
    """

    name: str
    version: int
    required: Mapping[str, Field]
    optional: Mapping[str, Field] = {}

    def problem(self, dataset: xr.Dataset) -> str | None:
        """Say what the dataset lacks or has otherwise than it should, or None."""
        for name, field in {**self.required, **self.optional}.items():
            if name not in dataset.variables:
                if name in self.required:
                    return f"must hold the variable {name!r}, got {', '.join(map(str, dataset))}"
                continue
            variable = dataset.variables[name]
            if variable.dims[-len(field.dims) or variable.ndim :] != field.dims:
                return (
                    f"must have {name!r} over (..., {', '.join(field.dims)}), got {variable.dims}"
                )
            # A string type stands for any length.
            if not np.issubdtype(variable.dtype, np.dtype(field.dtype).type):
                return f"must have {name!r} of type {field.dtype}, got {variable.dtype}"
        return None
