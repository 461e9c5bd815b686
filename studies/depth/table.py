"""The laws of depth, predicted and measured (docs/theory.md, sections 5.3 and 5.5)."""

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
            rows.append(_row(at, name, law, "plateau_drift"))
        for sigma in measured["sigma"].values:
            rows.append(_row(at.sel(sigma=sigma), "end_rate", "exponential", "end_drift"))
    return pd.DataFrame(rows).sort_values(["quantity", "sigma", "depth"], ignore_index=True)


def _row(at: xr.Dataset, name: str, law: str, drift: str) -> dict[str, object]:
    predicted, measured = float(at[f"{name}_predicted"]), float(at[name])
    return {
        "quantity": name,
        "law": law,
        "depth": at["depth"].item(),
        "sigma": at["sigma"].item() if name == "end_rate" else np.nan,
        "reached": bool(np.isfinite(measured)),
        "predicted": predicted,
        "measured": measured,
        "relative_error": abs(measured / predicted - 1),
        "drift": float(at[drift]),
    }
