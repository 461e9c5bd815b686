"""The bounds of the stages against what is observed (docs/theory.md, section 6)."""

from collections.abc import Sequence

import pandas as pd
import xarray as xr

_KEYS = ["case", "singular_values", "shape", "depth", "quantity"]
_NUMBERS = ["starts", "positive", "observed_median", "observed_largest", "bound_median"]
_NUMBERS += ["ratio_median", "ratio_largest", "violations"]


def table(measured: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Return one row for each ensemble, depth and quantity; bins are left out."""
    parts = []
    for one in measured:
        part = one[["case", *_NUMBERS]].to_dataframe().reset_index()
        d_y, d_x = one.attrs["shape"]
        sigma = ", ".join(f"{value:g}" for value in one["singular_values"].values)
        parts.append(part.assign(singular_values=sigma, shape=f"{d_y} x {d_x}"))
    return pd.concat(parts, ignore_index=True)[[*_KEYS, *_NUMBERS]]
