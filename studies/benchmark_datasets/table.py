"""Rates of ReLU networks on real data, predicted by their Gram matrix and measured."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from studies.gram_descent import SHARE

KEYS = ["quantity", "dataset", "method", "width"]

#: Predictions of the part of the residual that a step removes, by the name of the quantity.
PREDICTIONS = {"1 - rate, from the start": "start_gap", "1 - rate, from the end": "end_gap"}


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each measured number.

    The ``error`` is relative, but absolute where zero is predicted.
    """
    rows = [*_conditions(measured), *_runs(measured), *_saved(measured), *_movements(measured)]
    columns = [*KEYS, "predicted", "measured", "error"]
    return pd.DataFrame(rows, columns=columns).sort_values(KEYS, ignore_index=True)


def _conditions(measured: xr.Dataset) -> Iterator[tuple]:
    expected = measured["expected_condition"]
    for dataset in measured["dataset"].values:
        for width in measured["width"].values:
            place = {"dataset": dataset}
            found = measured["condition"].sel(width=width, **place)
            yield "condition of H", dataset, "none", width, *_both(expected.sel(place), found)


def _runs(measured: xr.Dataset) -> Iterator[tuple]:
    for width in measured["width"].values:
        for dataset in measured["dataset"].values:
            for method in measured["method"].values:
                at = measured.sel({"width": width, "dataset": dataset, "method": method})
                for quantity, prediction in PREDICTIONS.items():
                    yield quantity, dataset, method, width, *_both(at[prediction], at["gap"])
                moved = float(at["movement"])
                yield "movement", dataset, method, width, 0.0, moved, moved


def _saved(measured: xr.Dataset) -> Iterator[tuple]:
    """Yield how many times as many steps gradient descent takes, at the largest width."""
    at = measured.isel(width=measured["width"].argmax("width"))
    slow = at["steps"].sel({"method": "gradient_descent"})
    for dataset in at["dataset"].values:
        for method in ("heavy_ball", "nesterov"):
            here = at.sel({"dataset": dataset, "method": method})
            law = SHARE * float(here["condition"]) ** 0.5
            found = slow.sel(dataset=dataset) / here["steps"]
            yield "steps saved", dataset, method, int(at["width"]), *_both(law, found)


def _movements(measured: xr.Dataset) -> Iterator[tuple]:
    """Yield how far H moves at the largest width, over that at the smallest."""
    widths = measured["width"].values
    moved = measured["movement"].sel(width=[widths.min(), widths.max()])
    for dataset in measured["dataset"].values:
        for method in measured["method"].values:
            at = moved.sel({"dataset": dataset, "method": method})
            law = np.sqrt(widths.min() / widths.max())
            found = at[1] / at[0]
            yield (
                "movement over that of the narrowest",
                dataset,
                method,
                widths.max(),
                *_both(law, found),
            )


def _both(predicted: float | xr.DataArray, measured: float | xr.DataArray) -> tuple[float, ...]:
    """Return both numbers and the relative error of the second."""
    return float(predicted), float(measured), float(measured / predicted - 1)
