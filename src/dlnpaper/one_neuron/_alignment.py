"""When the alignment of a trajectory reaches a level."""

import math

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry


def first_alignment(
    rates: np.ndarray, amplitudes: np.ndarray, c_limit: float, level: float
) -> np.ndarray:
    """Find the first τ at which the alignment c reaches a level, (M,); zero if c starts above it.

    The condition ``c >= level`` compares two sums of exponentials. Their logarithms are nearly
    linear in τ, so that Newton's method on the difference converges in a few steps from anywhere;
    a bracket, widened from zero, guards it.

    Rates, amplitudes and the limit of the alignment are those of `modes`, with some amplitude at
    rate zero positive; the level lies below the limit.
    """
    with np.errstate(divide="ignore"):
        return _first_alignments(rates, 2 * np.log(amplitudes), c_limit - level)


@entry
def _first_alignments(rates: np.ndarray, log_weights: np.ndarray, c_deviation: float) -> np.ndarray:
    tau = np.empty(log_weights.shape[0])
    for i in range(log_weights.shape[0]):
        tau[i] = _first_alignment(rates, log_weights[i], c_deviation)
    return tau


@numba.njit(**INNER)
def _first_alignment(rates: np.ndarray, log_weights: np.ndarray, c_deviation: float) -> float:
    """Return the first τ with ``c_limit - c <= c_deviation``: slow modes outweigh fast ones."""
    low, high, x = 0.0, math.inf, 0.0
    for _ in range(200):
        largest = -math.inf
        for m in range(rates.size):
            largest = max(largest, log_weights[m] - 2.0 * rates[m] * x)
        fast, slow, fast_slope, slow_slope = 0.0, 0.0, 0.0, 0.0
        for m in range(rates.size):
            term = math.exp(log_weights[m] - 2.0 * rates[m] * x - largest)
            term *= rates[m] - c_deviation
            if term > 0.0:
                fast += term
                fast_slope -= 2.0 * rates[m] * term
            else:
                slow -= term
                slow_slope += 2.0 * rates[m] * term
        if fast <= slow:
            high = x
        else:
            low = x
        if high == 0.0:
            return 0.0
        moved = math.nan
        if fast > 0.0 and slow > 0.0:
            moved = x - math.log(fast / slow) / (fast_slope / fast - slow_slope / slow)
        if not low < moved < high:
            moved = 0.5 * (low + high) if high < math.inf else 2.0 * x + 1.0 / c_deviation
        if abs(moved - x) <= 2e-16 * moved or moved == low or moved == high:
            return moved
        x = moved
    return x
