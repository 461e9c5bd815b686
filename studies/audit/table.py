"""The worst errors of the closed form against extended precision."""

from __future__ import annotations

import pandas as pd
import xarray as xr

from companion.audit import QUANTITIES


def table(audit: xr.Dataset) -> pd.DataFrame:
    """Return the worst errors, one row for each ensemble (column ``study``) and quantity."""
    rows = []
    for ensemble in dict.fromkeys(audit["ensemble"].values.tolist()):
        audited = audit.isel(pair=(audit["ensemble"] == ensemble).values)
        for name in QUANTITIES:
            rows.append(
                {
                    "study": ensemble,
                    "quantity": name,
                    "audited": audited.sizes["pair"],
                    "times": int(audited["times"][0]),
                    "worst": float(audited[f"error_{name}"].max()),
                    "reference_uncertainty": float(audited[f"reference_error_{name}"].max()),
                    "beyond_estimate": int(audited["beyond_estimate"].sum()),
                }
            )
    return pd.DataFrame(rows)
