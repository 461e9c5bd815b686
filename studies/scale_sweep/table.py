"""Ensembles of many targets (docs/theory.md, sections 4 to 7)."""

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from companion.survey.table import survey_table


def table(measured: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Return shares and quantiles for every dimension and every ratio of singular values."""
    parts = []
    for sweep in measured:
        for ratio in sweep["ratio"].values:
            part = survey_table(sweep.sel(ratio=ratio), quantiles=[0.5, 0.95], levels=[4.0])
            part = part[part["statistic"].isin(["share", "quantile", "share_beyond"])]
            part.insert(0, "ratio", ratio)
            part.insert(0, "dimension", sweep.attrs["shape"][0])
            parts.append(part)
    return pd.concat(parts, ignore_index=True)
