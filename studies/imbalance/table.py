"""What an imbalance does to one hidden neuron, measured and predicted."""

import numpy as np
import pandas as pd
import xarray as xr


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each imbalance and quantity that was measured.

    Columns: ``measured``, ``predicted`` and ``error``, relative to the prediction, or absolute
    where that is an angle or zero; ``reached``, whether the measurement came to an end. The first
    rate, and its ratio to the second, stand there for large imbalances.
    """
    rows = []
    for value in measured["imbalance"].values:
        rows += _rows(measured.sel(imbalance=value), float(value))
    for value in measured["null_imbalance"].values:
        end = measured.sel(null_imbalance=value)
        rows += [
            _row(value, "norm of W where it vanishes", end["product"].values[-1], 0.0),
            _row(value, "weights left in null directions", end["null_part"], abs(value)),
        ]
    return pd.DataFrame(rows).sort_values(["imbalance", "quantity"], ignore_index=True)


def _rows(found: xr.Dataset, imbalance: float) -> list[dict]:
    slow, reached = found["slow_rate"].item(), bool(found["slow_reached"])
    on_set = found["aside"].values == 0
    rows = [
        _row(imbalance, "slow rate", slow, found["predicted_slow_rate"], reached=reached),
        _row(imbalance, "angle of the stable set", found["tilt"], found["predicted_tilt"], 1.0),
        _row(imbalance, "end aside of the set", found["end_error"].values[~on_set].max(), 0.0),
        _row(imbalance, "end on the set", found["end_error"].values[on_set].max(), 0.0),
        _row(imbalance, "deviation of the weights", found["deviation"], 0.0),
    ]
    if imbalance:
        rows.append(_row(imbalance, "end from w_1 + w_2 = 0", found["untilted_error"], 0.0))
    if found["is_large"]:
        fast = found["fast_rate"].item()
        predicted = abs(imbalance) / found["predicted_slow_rate"].item()
        rows += [
            _row(imbalance, "fast rate", fast, abs(imbalance)),
            _row(imbalance, "fast over slow rate", fast / slow, predicted, reached=reached),
        ]
    return rows


def _row(imbalance, quantity, measured, predicted, unit=None, *, reached=True) -> dict:
    """Return a row; the error is in a unit, by default the predicted value if that is not zero."""
    measured, predicted = float(measured), float(predicted)
    unit = unit or predicted or 1.0
    return {
        "imbalance": float(imbalance),
        "quantity": quantity,
        "reached": reached,
        "measured": measured,
        "predicted": predicted,
        "error": np.abs(measured - predicted) / unit,
    }
