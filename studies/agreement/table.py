"""Errors of integrated flows over an ensemble."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from studies.agreement.measure import QUANTITIES

_KEYS = ("depth", "flow", "method", "rtol")


def table(measured: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Tabulate the largest and the median error over the starts, one row for each run.

    Returns
    -------
    pandas.DataFrame
        ``depth``, ``flow``, ``method``, ``rtol``; the number of ``starts``; the largest and the
        median error of s, a and b; ``max_error``, the largest of all, and how many times the
        tolerance it is.
    """
    rows = []
    for errors in measured:
        for run in range(errors.sizes["run"]):
            chosen = errors.isel(run=run, depth=0)
            row = {name: chosen[name].item() for name in _KEYS}
            row["starts"] = errors.sizes["start"]
            for name in QUANTITIES:
                row[f"{name}_max"] = chosen[name].max().item()
                row[f"{name}_median"] = chosen[name].median().item()
            row["max_error"] = max(row[f"{name}_max"] for name in QUANTITIES)
            row["error_over_rtol"] = row["max_error"] / row["rtol"]
            rows.append(row)
    return pd.DataFrame(rows)
