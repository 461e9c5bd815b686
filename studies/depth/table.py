"""The laws of depth, predicted and measured (docs/theory.md, sections 5.3 and 5.5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each law, depth and size of the target."""
    rows = []
    for depth in measured["depth"].values:
        at = measured.sel(depth=depth)
        law = "log" if depth == 2 else "power"
        for name in ("plateau_rate", "plateau_prefactor"):
            key = {"quantity": name, "law": law, "depth": depth, "sigma": np.nan}
            rows.append(key | _compared(at, name, "plateau_drift"))
        for sigma in measured["sigma"].values:
            key = {"quantity": "end_rate", "law": "exponential", "depth": depth, "sigma": sigma}
            rows.append(key | _compared(at.sel(sigma=sigma), "end_rate", "end_drift"))
    return pd.DataFrame(rows).sort_values(["quantity", "sigma", "depth"], ignore_index=True)


def _compared(at: xr.Dataset, name: str, drift: str) -> dict[str, bool | float]:
    predicted, measured = float(at[f"{name}_predicted"]), float(at[name])
    return {
        "reached": bool(np.isfinite(measured)),
        "predicted": predicted,
        "measured": measured,
        "relative_error": abs(measured / predicted - 1),
        "drift": float(at[drift]),
    }
