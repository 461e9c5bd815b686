"""The worst errors of the closed form against extended precision."""

import pandas as pd
import xarray as xr

from companion.audit import AUDITED_QUANTITIES


def table(audit: xr.Dataset) -> pd.DataFrame:
    """Return the worst errors, one row for each ensemble (column ``study``) and quantity."""
    rows = []
    for ensemble, pairs in audit.to_dataframe().groupby("ensemble", sort=False):
        about = {"study": ensemble, "audited": len(pairs), "times": pairs["times"].iloc[0]}
        about["beyond_estimate"] = pairs["beyond_estimate"].sum()
        for name in AUDITED_QUANTITIES:
            worst, unsure = pairs[[f"error_{name}", f"reference_error_{name}"]].max()
            row = {"quantity": name, "worst": worst, "reference_uncertainty": unsure}
            rows.append(about | row)
    columns = ["study", "quantity", "audited", "times", "worst", "reference_uncertainty"]
    return pd.DataFrame(rows)[[*columns, "beyond_estimate"]]
