"""What weight decay leaves of a mode, and its thresholds, predicted and measured."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.one_neuron._shrinkage import shrinkage, thresholds


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each trained end, and for each threshold.

    ``quantity`` is "s" or the name of a threshold; ``origin`` says from which start s was reached,
    "lower" being that of the lower regularized loss.
    """
    rows = [*_chains(measured), *_wide(measured), *_thresholds(measured)]
    columns = ["quantity", "depth", "neurons", "origin", "value", "predicted", "measured", "error"]
    table = pd.DataFrame(rows)
    # Of a trained network the whole matrix must be right, and not the one mode alone.
    table["error"] = np.hypot(table["measured"] - table["predicted"], table["stray"].fillna(0.0))
    return table[columns].sort_values(columns[:5], ignore_index=True)


def _chains(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    """Yield the ends of the networks with a one-neuron layer."""
    values = measured["value"].values
    for depth in measured["depth"].values:
        at = measured.sel(depth=depth)
        decay = float(at["weight_decay"])
        large = shrinkage(values, depth, decay, rule="large_start")
        lowest = shrinkage(values, depth, decay)
        # At depth two all starts but the origin have one limit; deeper, small ones collapse.
        predicted = {"large": large, "small": large if depth == 2 else 0 * large, "lower": lowest}
        lower = at["loss"].values.argmin(axis=0)
        for origin, s in predicted.items():
            for i, value in enumerate(values):
                end = at.isel(value=i)
                end = end.isel(origin=lower[i]) if origin == "lower" else end.sel(origin=origin)
                yield _row("s", depth, 1, origin, value, s[i], end["s"], end["stray"])


def _wide(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    """Yield the modes of the wide networks of two layers; the largest modes take the neurons."""
    values = measured["value"].values
    rank = (-values).argsort().argsort()
    shrunk = shrinkage(values, 2, 1.0)
    for neurons in measured["neurons"].values:
        at = measured.sel(neurons=neurons)
        for value, end, s in zip(
            values, at["wide_s"].values, np.where(rank < neurons, shrunk, 0.0), strict=True
        ):
            yield _row("s", 2, neurons, "random", value, s, end, at["wide_stray"])


def _thresholds(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for depth in measured["depth"].values:
        at = measured.sel(depth=depth)
        known = thresholds(int(depth), float(at["weight_decay"]))
        for name in ("sigma_collapse", "sigma_global", "s_global") if depth > 2 else ():
            yield _row(name, depth, 1, "large", np.nan, known[name], at[name], np.nan)


def _row(quantity, depth, neurons, origin, value, predicted, measured, stray):
    names = {"quantity": quantity, "depth": depth, "neurons": neurons, "origin": origin}
    numbers = {"value": value, "predicted": predicted, "measured": measured, "stray": stray}
    return names | {key: float(each) for key, each in numbers.items()}
