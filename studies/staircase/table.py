"""The steps of small starts in numbers: times, rises and losses, predicted and measured."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from studies.staircase.steps import rise_law

Row = dict[str, object]

_COLUMNS = ["quantity", "depth", "width", "scale", "mode", "predicted", "measured", "error"]


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each thing measured, its prediction and the error.

    The error is relative; of a step's time it is in e-folds of its growth, of a loss relative to
    that of W = 0, of an exponent absolute. ``mode`` counts from 1, and is 0 for all modes.
    ``reached`` is false where a step was not made by the last time. The sharpness of a step is its
    time over its rise.
    """
    rows = [*_deviation_rows(measured), *_step_rows(measured), *_loss_rows(measured)]
    for depth in measured["depth"].values[1:]:
        rows += _deep_rows(measured.sel(depth=depth), measured.sel(depth=2))
    table = pd.DataFrame(rows, columns=_COLUMNS)
    table["reached"] = table["measured"].notna()
    return table.sort_values(["quantity", "depth", "width", "scale", "mode"], ignore_index=True)


def _deviation_rows(measured: xr.Dataset) -> Iterator[Row]:
    """Yield the largest difference of exact and integrated singular values, in units of σ_1."""
    exact = measured["singular_values"].sel(time=measured["mark"].values).values
    deviation = np.abs(measured["integrated_values"].values - exact) / float(measured["sigma"][0])
    for width, largest in zip(measured["width"].values, deviation.max(axis=(1, 2)), strict=True):
        yield _row("deviation of the layers", 2, width, np.nan, 0, 0.0, largest, 1.0)


def _step_rows(measured: xr.Dataset) -> Iterator[Row]:
    """Yield the time and the rise of every step of two layers, and slopes between two scales."""
    scales, widths = measured["scale"].values, measured["width"].values
    for mode, sigma in enumerate(measured["sigma"].values, start=1):
        for width in widths[widths >= mode]:
            one = measured.isel(mode=mode - 1).sel(width=width)
            times = one["step_time"].values
            slopes = -np.diff(times) / np.diff(2 * np.log(scales))
            for k, scale in enumerate(scales):
                about = 2, width, scale, mode
                law, rise = float(one["step_law"][k]), float(one["rise"][k])
                yield _row("step time", *about, law, times[k], 1 / (2 * sigma))
                yield _row("rise", *about, rise_law(2) / sigma, rise)
                if k < len(slopes):
                    yield _row("slope of the step time", *about, 1 / (2 * sigma), slopes[k])


def _loss_rows(measured: xr.Dataset) -> Iterator[Row]:
    """Yield the number of steps and the losses on the plateaus and at the end."""
    sigma = measured["sigma"].values
    left = np.append(np.cumsum(sigma[::-1] ** 2)[::-1] / 2, 0.0)
    for width in measured["width"].values:
        for scale in measured["scale"].values:
            one, steps = measured.sel(width=width, scale=scale), min(width, len(sigma))
            about = 2, width, scale
            yield _row("steps", *about, 0, steps, float(one["steps"]))
            yield _row("final loss", *about, 0, left[steps], float(one["final_loss"]), left[0])
            for mode in range(1, steps):
                loss = float(one["plateau_loss"][mode - 1])
                yield _row("plateau loss", *about, mode, left[mode], loss, left[0])


def _deep_rows(deep: xr.Dataset, shallow: xr.Dataset) -> Iterator[Row]:
    """Yield the steps of one depth, and how they compare with those of two layers."""
    depth, sigma, scales = int(deep["depth"]), deep["sigma"].values, deep["deep_scale"].values
    width = int(deep["width"].max())
    for k, value in enumerate(sigma[:width]):
        about = depth, width, scales[-1], k + 1
        times, rise = deep["deep_time"].values[:, k], float(deep["deep_rise"][-1, k])
        # Of differences, since the offset of the law does not fade.
        fall = (times[2] - times[1]) / (times[1] - times[0])
        exponent = np.log(fall) / (2 * np.log(scales[1] / scales[2]))
        yield _row("exponent of the step time", *about, 1 - 2 / depth, exponent, 1.0)
        yield _row("deep rise", *about, rise_law(depth) / value ** (2 - 2 / depth), rise)
        of_two = float(shallow["deep_rise"][-1, k] / shallow["deep_time"][-1, k])
        yield _row("sharpness over that of two layers", *about, np.nan, of_two * times[-1] / rise)
    zero, left = np.sum(sigma**2) / 2, np.sum(sigma[width:] ** 2) / 2
    for scale, loss in zip(scales, deep["deep_loss"].values, strict=True):
        yield _row("deep final loss", depth, width, scale, 0, left, loss, zero)


def _row(
    quantity: str,
    depth: int,
    width: int,
    scale: float,
    mode: int,
    predicted: float,
    measured: float,
    unit: float | None = None,
) -> Row:
    """Return a row whose error is in some unit, or relative to the prediction."""
    error = abs(measured - predicted) / (predicted if unit is None else unit)
    values = (quantity, depth, width, scale, mode, predicted, measured, error)
    return dict(zip(_COLUMNS, values, strict=True))
