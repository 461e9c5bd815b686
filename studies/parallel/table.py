"""Trained parallel networks against the thresholding rules that they must equal."""

import numpy as np
import pandas as pd
import pywt
import xarray as xr

from dlnpaper.one_neuron._shrinkage import shrinkage, thresholds

#: Coefficients that are no further from a threshold than this are not compared.
NEAR = 1e-6


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each depth and rule.

    The rule "large_start" is compared with what training leaves of all coefficients, the rule
    "global_minimizer" with what is left once the chains that raise the loss are taken out, and so
    is "soft", the soft thresholding of PyWavelets, at depth two. All other columns are those of the
    network itself.
    """
    rows = []
    for depth in measured["depth"].values:
        at = measured.sel(depth=depth)
        observed, decay = at["observed"].values, float(at["weight_decay"])
        trained, kept = at["trained"].values, at["kept"].values.astype(bool)
        rules = {
            "large_start": (trained, shrinkage(observed, depth, decay, rule="large_start")),
            "global_minimizer": (kept * trained, shrinkage(observed, depth, decay)),
        }
        if depth == 2:
            rules["soft"] = (kept * trained, pywt.threshold(observed, decay, "soft"))
        known = thresholds(int(depth), decay)
        edges = [float(known[name]) for name in ("sigma_collapse", "sigma_global")]
        clear = np.abs(np.abs(observed) - np.reshape(edges, (2, 1))).min(axis=0) > NEAR
        for rule, (found, expected) in rules.items():
            row = {"depth": depth, "rule": rule, "compared": int(clear.sum())}
            row["error"] = float(np.abs(found - expected)[clear].max())
            rows.append(row | _of_network(at, int(depth)))
    return pd.DataFrame(rows)


def _of_network(at: xr.Dataset, depth: int) -> dict[str, float]:
    """Return what the rows of one network share."""
    beyond = np.abs(at["observed"]) > at.attrs["threshold"]
    quasi_norm = 0.5 * depth * float((np.abs(at["trained"]) ** (2 / depth)).sum())
    return {
        "kept": int(at["kept"].sum()),
        "misjudged": int((at["kept"].astype(bool) != beyond).sum()),
        "penalty": float(at["penalty"]),
        "penalty_error": float(at["penalty"]) - quasi_norm,
        "first_imbalance": float(at["first_imbalance"]),
        "imbalance": float(at["imbalance"]),
        "mean_squared_error": float(((at["recovered"] - at["truth"]) ** 2).mean()),
    }
