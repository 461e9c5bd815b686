"""Final losses, rates and distances of gradient descent for each width, on the digits."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

Row = tuple[str, int, float, float, float, float]


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each thing measured, its prediction and the error, where there is one.

    ``step`` is that of gradient descent, 0 for the exact trajectory. Errors are relative, those of
    orders absolute. ``reached`` is false where a fit found no window.
    """
    rows = [row for width in measured["width"].values for row in _rows(measured.sel(width=width))]
    rows += _gain_rows(measured)
    columns = ["quantity", "width", "step", "predicted", "measured", "unit"]
    table = pd.DataFrame(rows, columns=columns)
    table["error"] = (table["measured"] - table["predicted"]).abs() / table.pop("unit")
    table["reached"] = table["measured"].notna()
    return table.sort_values(["quantity", "width", "step"], ignore_index=True)


def _rows(one: xr.Dataset) -> Iterator[Row]:
    """Yield the rows of one width; the last entry of a row is the unit of its error."""
    width, best = int(one["width"]), float(one["best_loss"])
    for step, loss in ((0.0, one["loss"]), (float(one["long_step"]), one["long_loss"])):
        yield "final loss", width, step, best, float(loss[-1]), best
    predicted = float(one["predicted_rate"])
    if np.isfinite(predicted):
        yield "rate of the excess", width, 0.0, predicted, float(one["rate"]), predicted
    yield from _distance_rows(width, "distance", one["distance"], 1)
    yield from _distance_rows(width, "extrapolated distance", one["extrapolated"], 2)


def _gain_rows(measured: xr.Dataset) -> Iterator[Row]:
    """Yield by how much each width lowers the final loss below that of the next smaller one."""
    zero = float(measured["zero_loss"])
    predicted, found = (
        -np.diff(losses, prepend=zero)
        for losses in (measured["best_loss"].values, measured["loss"].values[:, -1])
    )
    for width, gains in zip(
        measured["width"].values, zip(predicted, found, strict=True), strict=True
    ):
        yield "gain of the last neuron", int(width), 0.0, *gains, zero


def _distance_rows(width: int, name: str, away: xr.DataArray, order: int) -> Iterator[Row]:
    """Yield distances by step, and the order in the step by which they fall."""
    steps = away[away.dims[0]].values
    for step, value in zip(steps, away.values, strict=True):
        yield name, width, step, np.nan, value, np.nan
    orders = np.diff(np.log(away.values)) / np.diff(np.log(steps))
    for step, value in zip(steps[1:], orders, strict=True):
        yield f"order of the {name}", width, step, order, value, 1.0
