"""Rates of over-parameterized networks, predicted by the Gram matrix at the start and measured."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

KEYS = ["quantity", "start", "method", "width", "condition"]

#: Exponents of the width with which H moves.
MOVEMENT_POWERS = {"gaussian": -1.0, "orthogonal": -1.0, "residual": -1.0, "relu": -0.5}


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each measured number; width or condition is 0 for an exponent of it.

    The ``error`` is relative, but absolute for exponents and what theory has as zero.
    """
    names = ["start", "method", "width", "condition", "draw", "gap", "predicted_gap"]
    names += ["gram_condition", "expected_condition", "movement", "recursion_gap", "end_gap"]
    runs = pd.DataFrame({name: measured[name].values for name in names})
    first = runs[runs.draw == 0]
    rows = [*_runs(first), *_exponents(first), *_movements(runs), *_truncations(measured)]
    columns = [*KEYS, "predicted", "measured", "error"]
    return pd.DataFrame(rows, columns=columns).sort_values(KEYS, ignore_index=True)


def _runs(runs: pd.DataFrame) -> Iterator[tuple]:
    for run in runs.itertuples():
        place = (run.start, run.method, run.width, run.condition)
        yield "1 - rate", *place, run.predicted_gap, run.gap, run.gap / run.predicted_gap - 1
        yield "movement", *place, 0.0, run.movement, run.movement
        for quantity, gap in (
            ("1 - rate if fixed", run.recursion_gap),
            ("1 - rate at end", run.end_gap),
        ):
            if not np.isnan(gap):
                yield quantity, *place, gap, run.gap, run.gap / gap - 1
        if run.method == "gradient_descent":
            error = run.gram_condition / run.expected_condition - 1
            place = (run.start, "none", run.width, run.condition)
            yield "condition of H", *place, run.expected_condition, run.gram_condition, error


def _exponents(runs: pd.DataFrame) -> Iterator[tuple]:
    """Yield the exponents of the condition number of H in 1 − rate, at the largest width."""
    for (start, method), group in runs.groupby(["start", "method"]):
        scan = group[group.width == group.width.max()]
        found = np.polyfit(np.log(scan.gram_condition), np.log(scan.gap), 1)[0]
        power = -1.0 if method == "gradient_descent" else -0.5
        place = (start, method, scan.width.max(), 0.0)
        yield "exponent of 1 - rate", *place, power, found, found - power


def _movements(runs: pd.DataFrame) -> Iterator[tuple]:
    """Yield the exponents of the width in the movement of H."""
    counts = runs.groupby(["start", "condition"]).width.nunique()
    for (start, method), group in runs.groupby(["start", "method"]):
        condition = counts[start].idxmax()
        scan = group[group.condition == condition]
        found = np.polyfit(np.log(scan.width), np.log(scan.movement), 1)[0]
        power = MOVEMENT_POWERS[str(start)]
        yield "exponent of movement", start, method, 0, condition, power, found, found - power


def _truncations(measured: xr.Dataset) -> Iterator[tuple]:
    for i in range(measured.sizes["path"]):
        at = measured.isel(path=i)
        if not np.isnan(at["truncation"]):
            place = (str(at["path_start"].item()), str(at["path_method"].item()), 0, 0.0)
            error = float(at["truncation"])
            yield "error of the projection", *place, 0.0, error, error
