"""Rates measured on a trajectory, over a window that the data choose."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import as_floats, validate_array, validate_choice, validate_number

Law = Literal["exponential", "power"]
LAWS: tuple[Law, ...] = get_args(Law)

_RESOLUTION = 1e4  # values must exceed their uncertainty by this factor to enter a slope
_LEAST_FALL = 2.0  # e-folds by which the value must fall within a window
_LEAST_SAMPLES = 4  # in each third of a window


@dataclass(frozen=True)
class Fit:
    """A measured law, or the reason why there is none.

    The law is "exponential", P exp(-rate t), or "power", P t^(-rate). ``reached`` is whether the
    asymptotic window was reached; if not, the numbers are None and ``reason`` says why. The
    ``window`` is the first and last time used, ``samples`` the number of samples in it. ``drift``
    is the largest relative difference between the slopes of its thirds: about how far the rate can
    be trusted. ``residual`` is the root mean square deviation of the logarithms from the line.
    """

    law: Law
    reached: bool
    reason: str = ""
    rate: float | None = None
    log_prefactor: float | None = None
    window: tuple[float, float] | None = None
    samples: int = 0
    drift: float | None = None
    residual: float | None = None


def fit_rate(
    times: ArrayLike,
    values: ArrayLike,
    law: Law,
    *,
    uncertainty: ArrayLike = 0.0,
    tolerance: float = 1e-3,
) -> Fit:
    """Measure the rate of a decay in its asymptotic window (docs/theory.md, section 5.6).

    Values up to 10⁴ times their uncertainty are dropped, and time zero for a power law. Of all
    windows that end at the last sample left, the longest is taken in whose three thirds (equal in
    t, or in log t for a power law) the slopes of log value agree to `tolerance`, and in which no
    sample is off the line by more than `tolerance` times the fall of log value. The value must fall
    by a factor e² in it and each third hold four samples. The rate is the slope over the whole
    window. No such window means that the law has not set in, or that samples are too few to tell.

    The data cannot show a slower mode that has not come up by the last sample.

    Parameters
    ----------
    times : array_like, (T,)
        Increasing.
    values : array_like, (T,)
        Nonnegative.
    law : {"exponential", "power"}
    uncertainty : float or array_like, (T,)
        Absolute uncertainty of the values, such as the round-off of a difference.
    tolerance : float
        Largest relative difference between the slopes of the thirds, and largest distance from the
        line in parts of the fall.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.
    OverflowError
        If the rate is beyond the largest float.
    """
    validate_choice("law", law, LAWS)
    times, values, uncertainty = _validate_samples(times, values, uncertainty)
    tolerance = validate_number(
        "tolerance", tolerance, "must be positive", lambda number: 0 < number < np.inf, "try 1e-3"
    )
    use = (values / _RESOLUTION > uncertainty) & (values > 0)
    if law == "power":
        use &= times > 0
    x, y = times[use], np.log(values[use])
    x = np.log(x) if law == "power" else x
    if x.size < 3 * _LEAST_SAMPLES:
        return Fit(law, False, f"{x.size} samples lie above the uncertainty, too few for a window")
    # Squares of x must neither overflow nor vanish. A power of two changes no digit.
    unit = 2.0 ** np.floor(np.log2(x[-1] / 2 - x[0] / 2))
    x = x / unit
    window = _longest_window(x, y, tolerance)
    if window is None:
        return Fit(law, False, f"no window has slopes that agree to {tolerance:g}")
    start, drift = window
    slope, log_prefactor, residual = _line(x[start:], y[start:])
    with np.errstate(over="ignore"):
        rate = float(-np.divide(slope, unit))
    if not np.isfinite(rate):
        raise OverflowError(
            f"times must have a size that makes the rate a finite float, got {times[use][-1]:g} at "
            "the end; change their unit"
        )
    chosen = times[use][start:]
    return Fit(
        law,
        True,
        rate=rate,
        log_prefactor=log_prefactor,
        window=(float(chosen[0]), float(chosen[-1])),
        samples=chosen.size,
        drift=drift,
        residual=residual,
    )


def _validate_samples(
    times: ArrayLike, values: ArrayLike, uncertainty: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    times = validate_array("times", times, None)
    values = as_floats("values", values, "must hold real numbers")
    if times.ndim != 1 or values.shape != times.shape:
        raise ValueError(
            f"times and values must be flat and equally long, got shapes {times.shape} and "
            f"{values.shape}; fit one trajectory at a time"
        )
    if not (times[1:] > times[:-1]).all():
        i = int(np.argmax(times[1:] <= times[:-1])) + 1
        raise ValueError(
            f"times must increase: times[{i}] = {times[i]} follows {times[i - 1]}; sort them"
        )
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ValueError(
            f"values must be finite and >= 0: values[{i}] = {values[i]}; "
            "pass a distance to the limit"
        )
    uncertainty = validate_array("uncertainty", uncertainty, None)
    if uncertainty.shape not in ((), values.shape):
        raise ValueError(
            f"uncertainty must be one number or have the shape {values.shape} of the values, got "
            f"shape {uncertainty.shape}; give one for each value"
        )
    if (uncertainty < 0).any():
        raise ValueError(
            f"uncertainty must not be negative, got {uncertainty.min()}; give its size"
        )
    return times, values, uncertainty


def _longest_window(x: np.ndarray, y: np.ndarray, tolerance: float) -> tuple[int, float] | None:
    """Return where the longest window with agreeing slopes begins, and how far they disagree."""
    slopes = _third_slopes(x, y)
    falls = np.maximum.accumulate(y[::-1])[::-1] - y[-1]
    with np.errstate(divide="ignore", invalid="ignore"):  # of a flat last third, which is no window
        drift = np.abs(slopes / slopes[:, -1:] - 1).max(axis=1)
    agree = (drift <= tolerance) & (slopes[:, -1] < 0) & (falls >= _LEAST_FALL)
    for start in np.flatnonzero(agree):
        if _is_straight(x[start:], y[start:], tolerance):
            return int(start), float(drift[start])
    return None


def _third_slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the slopes of the thirds of every window, (windows, 3); 1 where samples are few."""
    x, y = x - x[-1], y - y[-1]
    sums = np.stack([np.ones_like(x), x, y, x * x, x * y])
    # From the end, where x is zero: what differences of these cancel is a part of themselves.
    tails = np.pad(np.cumsum(sums[:, ::-1], axis=1)[:, ::-1], ((0, 0), (0, 1)))
    start, end = np.arange(x.size), np.full(x.size, x.size)
    edges = [start, *(np.searchsorted(x, x * (1 - part / 3)) for part in (1, 2)), end]
    thirds = [tails[:, lo] - tails[:, hi] for lo, hi in pairwise(edges)]
    count, sum_x, sum_y, sum_xx, sum_xy = np.stack(thirds, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x**2)
    return np.where((count < _LEAST_SAMPLES).any(axis=1, keepdims=True), 1.0, slopes)


def _is_straight(x: np.ndarray, y: np.ndarray, tolerance: float) -> bool:
    """Return whether no sample is farther from the line than this part of the fall.

    Slopes of thirds may agree by accident, when a plateau and a steep fall make up for each other.
    """
    slope, at_zero, _ = _line(x, y)
    return bool(np.abs(y - at_zero - slope * x).max() <= tolerance * (y[0] - y[-1]))


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Return slope, value at zero and root mean square residual of the least-squares line."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = (dx @ dy) / (dx @ dx)
    residual = np.sqrt(np.mean((dy - slope * dx) ** 2))
    return float(slope), float(y.mean() - slope * x.mean()), float(residual)
