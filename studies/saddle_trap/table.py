"""Where each solver says that starts on the stable set of a saddle end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from companion.outcomes import OUTCOMES

_ORDER = ("depth", "start", "coordinates", "run")


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Tabulate what each solver reports of each start.

    Returns
    -------
    pandas.DataFrame
        One row for each depth, start, coordinates, solver and rtol (0 for the closed form): the
        singular value of the exact limit; the kind of limit reported and the s reported at the end;
        whether the trajectory left the saddle, and if so when (τ and time) and how that τ compares
        with the prediction; and whether `dlnpaper.limits` warns of round-off.
    """
    rows = []
    for index in np.ndindex(*(measured.sizes[dim] for dim in _ORDER)):
        case = measured.isel(dict(zip(_ORDER, index, strict=True)))
        left = case["left"].item()
        escape_tau, predicted_tau = case["escape_tau"].item(), case["predicted_tau"].item()
        rows.append(
            {
                "depth": case["depth"].item(),
                "exact_limit": case["limit"].item(),
                "coordinates": case["coordinates"].item(),
                "solver": case["solver"].item(),
                "rtol": case["rtol"].item(),
                "reported_kind": OUTCOMES[case["reached"].item()],
                "reported_s": case["s"][-1].item(),
                "left_saddle": left,
                "escape_tau": escape_tau if left else np.nan,
                "predicted_tau": predicted_tau,
                "ratio": escape_tau / predicted_tau if left else np.nan,
                "escape_time": case["escape_time"].item() if left else np.nan,
                "within_rounding": case["within_rounding"].item(),
            }
        )
    return pd.DataFrame(rows)
