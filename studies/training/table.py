"""How trained networks differ from the exact trajectory, and how that falls with the step."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import scipy
import xarray as xr

#: Of intervals for means over runs.
CONFIDENCE = 0.99
#: Exponents of the learning rate that are known, by optimizer or draw of batches.
EXPONENTS = {"sgd": 1.0, "momentum": 1.0, "adam": 0.0, "independent": 0.5}

_COLUMNS = ["quantity", "method", "start", "steps", "predicted", "measured", "low", "high"]
_Row = dict[str, object]


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return ``measured`` values, ``predicted`` where theory knows them, and means' intervals.

    Rows about all numbers of steps, or about the end, have 0 ``steps``.
    """
    rows = [*_with_all_samples(measured), *_with_batches(measured), *_ends(measured)]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _with_all_samples(measured: xr.Dataset) -> Iterator[_Row]:
    for start in measured["start"].values:
        for method in measured["optimizer"].values:
            at = measured.sel(optimizer=method, start=start)
            quantity = "off_curve" if method == "adam" else "distance"
            for count in measured["count"].values:
                yield _row(quantity, method, start, count, float(at[quantity].sel(count=count)))
            slope = np.polyfit(np.log(at["learning_rate"]), np.log(at[quantity]), 1)[0]
            yield _row(f"exponent of {quantity}", method, start, 0, slope, EXPONENTS[method])
        for method in measured["descent"].values:
            for count in measured["count"].values:
                off = measured["difference"].sel(descent=method, start=start, count=count)
                yield _row("difference", method, start, count, float(off), 0.0)


def _with_batches(measured: xr.Dataset) -> Iterator[_Row]:
    logs = np.log(measured["learning_rate"].sel(optimizer="sgd").values)
    for draw in measured["draw"].values:
        strayed = measured["strayed"].sel(draw=draw)
        for count in measured["count"].values:
            mean = _mean(strayed.sel(count=count).values)
            yield _row("strayed", draw, "sampled", count, *mean)
        slopes = np.polyfit(logs, np.log(strayed.transpose("count", "run").values), 1)[0]
        slope, _, *ends = _mean(slopes)
        predicted = EXPONENTS.get(draw, np.nan)
        yield _row("exponent of strayed", draw, "sampled", 0, slope, predicted, *ends)


def _ends(measured: xr.Dataset) -> Iterator[_Row]:
    """Yield how far from the minimizer they end; the saddle's distance is known."""
    sigma = measured["singular_values"].values
    for start in measured["start"].values:
        away = {"sampled": 0.0, "saddle": np.hypot(1, sigma[1] / sigma[0])}[start]
        exact = measured["exact_to_minimizer"].sel(start=start)[-1]
        yield _row("end", "exact", start, 0, float(exact), away)
        for method in measured["followed"].values:
            end = measured["to_minimizer"].sel(followed=method, start=start)[-1]
            yield _row("end", method, start, 0, float(end), 0.0)


def _mean(values: np.ndarray) -> tuple[float, float, float, float]:
    """Return a mean, no prediction, and the ends of its interval of confidence."""
    mean = values.mean()
    error = values.std(ddof=1) / np.sqrt(len(values))
    half = error * scipy.stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
    return mean, np.nan, mean - half, mean + half


def _row(quantity, method, start, steps, measured, predicted=np.nan, low=np.nan, high=np.nan):
    values = (quantity, method, start, int(steps), predicted, measured, low, high)
    return dict(zip(_COLUMNS, values, strict=True))
