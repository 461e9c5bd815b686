"""The confusion matrix of predicted and reached patterns (docs/two_layers.md, section 4)."""

import numpy as np
import pandas as pd
import xarray as xr

from companion.datasets import flag_names

_KEYS = ["case", "width", "starts"]


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Count how the patterns that integrations reach compare with those predicted.

    Returns one row for each case, width and origin of the starts: the number of starts, and of the
    ``patterns`` predicted for them; of how many the prediction is not what the start was made for,
    or of those drawn at random not the top modes, ``meant_otherwise``; how many end in the
    predicted pattern, ``same``, in another, ``other``, or in none, ``undecided``; the largest
    distance of an end to the predicted limit; and by how much singular values of the modes in an
    end differ from ``(σ_i − μ)_+`` at most, ``threshold_error``.
    """
    reached, predicted = measured["reached"].values, measured["predicted"].values
    decided = measured["decided"].values
    same = (reached == predicted).all(axis=1)
    number = measured["case"].values
    decay = measured["weight_decay"].values[number]
    values = np.maximum(measured["singular_values"].values[number] - decay[:, None], 0.0)
    off = np.where(reached == 1, np.abs(measured["value"].values - values), 0.0)
    cases = pd.DataFrame(
        {
            "case": flag_names(measured["case"]),
            "singular_values": [
                ", ".join(f"{value:g}" for value in row)
                for row in measured["singular_values"].values[number]
            ],
            "shape": ["{} x {}".format(*row) for row in measured["shape"].values[number]],
            "imbalance": measured["imbalance"].values[number],
            "weight_decay": decay,
            "width": measured["width"].values,
            "starts": flag_names(measured["kind"]),
            "pattern": ["".join(map(str, row)) for row in predicted],
            "meant_otherwise": (measured["meant"].values != predicted).any(axis=1),
            "same": decided & same,
            "other": decided & ~same,
            "undecided": ~decided,
            "distance": measured["distance"].values,
            "threshold_error": off.max(axis=1),
        }
    )
    first = ["singular_values", "shape", "imbalance", "weight_decay"]
    grouped = cases.groupby(_KEYS, sort=False)
    return grouped.agg(
        **{name: (name, "first") for name in first},
        count=("pattern", "size"),
        patterns=("pattern", "nunique"),
        **{name: (name, "sum") for name in ("meant_otherwise", "same", "other", "undecided")},
        largest_distance=("distance", "max"),
        threshold_error=("threshold_error", "max"),
    ).reset_index()
