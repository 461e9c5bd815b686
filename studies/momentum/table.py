"""Rates and numbers of steps near the minimizer, predicted and measured."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from studies.momentum.laws import LAWS, steps_law

#: Exponents are fitted from this condition number on: the laws differ from powers by 1/√κ.
ASYMPTOTIC = 100.0


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each rate and count, and for each exponent of κ (condition 0).

    The ``error`` is relative, but for counts, in steps, and exponents.
    """
    rows = [*_conditions(measured), *_values(measured), *_slopes(measured)]
    columns = ["quantity", "tuning", "depth", "condition", "predicted", "measured", "error"]
    return pd.DataFrame(rows)[columns].sort_values(columns[:4], ignore_index=True)


def _conditions(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for depth in measured["depth"].values:
        for condition in measured["condition"].values:
            found = float(measured["found_condition"].sel(depth=depth, condition=condition))
            error = found / condition - 1
            yield _row("condition", "none", depth, condition, condition, found, error)


def _values(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for tuning in measured["tuning"].values:
        for depth in measured["depth"].values:
            for condition in measured["condition"].values:
                at = measured.sel(tuning=tuning, depth=depth, condition=condition)
                place = (tuning, depth, condition)
                gap, law = 1 - float(at["rate"]), float(LAWS[tuning](condition))
                yield _row("1 - rate", *place, law, gap, gap / law - 1)
                count, law = float(at["steps"]), steps_law(tuning, condition)
                yield _row("steps", *place, law, count, count - law)


def _slopes(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    """Yield the exponents of κ in 1 − rate and in the number of steps."""
    measured = measured.sel(condition=measured["condition"] >= ASYMPTOTIC)
    logs = np.log(measured["condition"].values)
    for tuning in measured["tuning"].values:
        power = 1.0 if tuning == "gradient_descent" else 0.5
        for depth in measured["depth"].values:
            at = measured.sel(tuning=tuning, depth=depth)
            of_rate = np.polyfit(logs, np.log(1 - at["rate"].values), 1)[0]
            of_steps = np.polyfit(logs, np.log(at["steps"].values), 1)[0]
            place = (tuning, depth, 0.0)
            yield _row("exponent of 1 - rate", *place, -power, of_rate, of_rate + power)
            yield _row("exponent of steps", *place, power, of_steps, of_steps - power)


def _row(quantity, tuning, depth, condition, predicted, measured, error):
    names = {"quantity": quantity, "tuning": tuning, "depth": int(depth), "condition": condition}
    return {**names, "predicted": predicted, "measured": measured, "error": error}
