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


def description_problem(dataset: xr.Dataset) -> str | None:
    """Say which variable or coordinate a reader would have to guess the meaning of, or None.

    Each needs a ``long_name``, and a number its ``units``, or as a flag one of ``flag_meanings``
    for each of ``flag_values`` (CF conventions, sections 3.1, 3.2 and 3.5).
    """
    for name, variable in dataset.variables.items():
        attrs = variable.attrs
        if not attrs.get("long_name"):
            return f"must say in 'long_name' what each variable is, got none for {name!r}"
        if "flag_values" in attrs:
            values = np.ravel(attrs["flag_values"])
            meanings = str(attrs.get("flag_meanings", "")).split()
            if len(values) != len(meanings) or not np.isin(variable.values, values).all():
                return (
                    f"must give each flag its meaning, got the flag_values {values.tolist()} and"
                    f" the flag_meanings {meanings} for {name!r} with the values"
                    f" {np.unique(variable.values).tolist()}"
                )
        elif variable.dtype.kind in "fiu" and "units" not in attrs:
            return f"must say in 'units' what numbers count, or '1', got none for {name!r}"
    return None
