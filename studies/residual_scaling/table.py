"""Exponents of trained residual weights, and what else theory says of them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from studies.residual_scaling import starts

#: Exponents are fitted from this depth on.
ASYMPTOTIC = 100
#: Of the intervals that the draws give.
CONFIDENCE = 0.99


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each exponent, bound, spread and moment of the bridge.

    ``beyond`` is by how much the error is larger than the half width of its interval.
    """
    rows = [*_exponents(measured), *_checks(measured), *_bridge(measured)]
    columns = ["quantity", "network", "start", "place", "predicted", "measured", "error"]
    columns += ["half_width", "beyond"]
    return pd.DataFrame(rows)[columns].sort_values(columns[:4], ignore_index=True)


def _exponents(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    deep = measured["value"].sel(depth=measured["depth"] >= ASYMPTOTIC)
    for network in deep["network"].values:
        for quantity in deep["quantity"].values:
            for start in deep["start"].values:
                law = starts.exponent(str(quantity), str(start))
                values = deep.sel(network=network, quantity=quantity, start=start).dropna("depth")
                if law is None or not values["depth"].size:
                    continue
                logs = np.log(values.transpose("depth", "draw").values)
                slopes = np.polyfit(np.log(values["depth"].values), logs, 1)[0]
                spread = slopes.std(ddof=1) / np.sqrt(slopes.size)
                half = spread * stats.t.ppf((1 + CONFIDENCE) / 2, slopes.size - 1)
                name = f"exponent of {quantity}"
                yield _row(name, network, start, 0.0, law, slopes.mean(), half)


def _checks(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for start in measured["start"].values:
        at = measured.sel(start=start)
        outside = max(float(at["outside"].max()), 0.0)
        yield _row("shift outside its bounds", "flow", start, 0.0, 0.0, outside)
        if np.isfinite(at["spread"]):
            spread = float(at["spread"])
            yield _row("spread over law", "gradient descent", start, 0.0, 1.0, spread)
        if np.isfinite(at["loss"]).any():
            yield _row("loss", "matrices", start, 0.0, 0.0, float(at["loss"].max()))


def _bridge(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    """Yield mean and variance of log h; their ``half_width`` is that of a normal variable."""
    ends = np.log(float(measured["target"]))
    for place in measured["place"].values:
        values = measured["bridge"].sel(place=place).values
        law = place * (1 - place)
        folds = stats.norm.ppf((1 + CONFIDENCE) / 2)
        mean, variance = values.mean(), values.var(ddof=1)
        half = folds * np.sqrt(law / values.size)
        yield _row("mean of log h", "flow", "noise 0.5", place, place * ends, mean, half)
        half = folds * law * np.sqrt(2 / (values.size - 1))
        yield _row("variance of log h", "flow", "noise 0.5", place, law, variance, half)


def _row(quantity, network, start, place, predicted, measured, half_width=0.0):
    names = {"quantity": quantity, "network": network, "start": start, "place": place}
    numbers = {"predicted": predicted, "measured": measured, "error": measured - predicted}
    beyond = max(abs(measured - predicted) - half_width, 0.0)
    return {**names, **numbers, "half_width": half_width, "beyond": beyond}
