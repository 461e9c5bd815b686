"""What becomes of starts that an exact solver cannot resolve."""

import numpy as np
import xarray as xr

ON_FAILURE = ("raise", "nan")


def without(dataset: xr.Dataset, refused: np.ndarray) -> xr.Dataset:
    """Return a dataset whose refused starts are NaN, and which says so."""
    for variable in dataset.data_vars.values():
        if "start" in variable.dims:
            variable.values[refused] = np.nan
            variable.attrs["missing_data"] = "starts that are not resolved"
    resolved = {"long_name": "whether the start is resolved to the accuracy of the closed form"}
    return dataset.assign(resolved=("start", ~refused, resolved))
