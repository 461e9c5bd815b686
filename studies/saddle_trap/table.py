"""Where each solver says that starts on the stable set of a saddle end."""

import numpy as np
import pandas as pd
import xarray as xr

from companion.outcomes import OUTCOMES

_COLUMNS = {
    "depth": "depth",
    "limit": "exact_limit",
    "coordinates": "coordinates",
    "solver": "solver",
    "rtol": "rtol",
    "reached": "reported_kind",
    "s": "reported_s",
    "left": "left_saddle",
    "escape_tau": "escape_tau",
    "predicted_tau": "predicted_tau",
    "ratio": "ratio",
    "escape_time": "escape_time",
    "within_rounding": "within_rounding",
}


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Tabulate what each solver reports of each start.

    Returns one row for each depth, start, coordinates, solver and rtol (0 for the closed form): the
    singular value of the exact limit; the kind of limit reported and the s reported at the end;
    whether the trajectory left the saddle, and if so when (τ and time) and how that τ compares with
    the prediction; and whether `dlnpaper.limits` warns of round-off.
    """
    end = measured[[name for name in _COLUMNS if name in measured]].isel(time=-1)
    table = end.to_dataframe(dim_order=["depth", "start", "coordinates", "run"]).reset_index()
    moments = ["escape_tau", "escape_time"]
    table[moments] = table[moments].where(table["left"])
    table["ratio"] = table["escape_tau"] / table["predicted_tau"]
    table["reached"] = np.array(OUTCOMES)[table["reached"]]
    return table[list(_COLUMNS)].rename(columns=_COLUMNS)
