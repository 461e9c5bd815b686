"""Errors of integrated flows over an ensemble."""

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from studies.agreement.measure import QUANTITIES


def table(measured: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Tabulate the largest and the median error over the starts, one row for each run.

    Returns ``depth``, ``flow``, ``method``, ``rtol``; the number of ``starts``; the largest and the
    median error of s, a and b; ``max_error``, the largest of all, and how many times the tolerance
    it is.
    """
    errors = xr.concat(measured, dim="depth")
    columns = {}
    for name in QUANTITIES:
        columns[f"{name}_max"] = errors[name].max("start")
        columns[f"{name}_median"] = errors[name].median("start")
    table = xr.Dataset(columns).to_dataframe(dim_order=["depth", "run"]).reset_index("depth")
    table = table[["depth", "flow", "method", "rtol", *columns]]
    table.insert(4, "starts", errors.sizes["start"])
    table["max_error"] = table[[f"{name}_max" for name in QUANTITIES]].max(axis=1)
    table["error_over_rtol"] = table["max_error"] / table["rtol"]
    return table
