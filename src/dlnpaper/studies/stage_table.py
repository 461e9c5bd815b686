"""The table of the stages' bounds (docs/theory.md, section 6)."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from dlnpaper.stage_records import LONG_NAMES


def tabulate(summaries: dict[str, xr.Dataset]) -> pd.DataFrame:
    """Return one row for each named summary, depth and quantity; bins are left out."""
    tables = []
    for case, summary in summaries.items():
        table = summary.drop_vars(["count", "singular_values"]).to_dataframe().reset_index()
        sigma = ", ".join(f"{value:g}" for value in summary["singular_values"].values)
        d_y, d_x = summary.attrs["shape"]
        for position, (name, value) in enumerate(
            {"case": case, "singular_values": sigma, "shape": f"{d_y} x {d_x}"}.items()
        ):
            table.insert(position, name, value)
        tables.append(table)
    keys = ["case", "singular_values", "shape", "depth", "quantity"]
    return pd.concat(tables, ignore_index=True)[[*keys, *list(LONG_NAMES)[:-1]]]
