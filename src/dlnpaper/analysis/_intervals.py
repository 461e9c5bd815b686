"""Confidence intervals of what is counted."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from dlnpaper._checks import validate_number


def binomial_interval(
    hits: ArrayLike, total: int, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the Clopper-Pearson interval of a share, each of the shape of ``hits``.

    They enclose the true share with at least this confidence, which must lie between 0 and 1.
    ``hits`` are counted out of ``total`` independent trials, one at least.
    """
    expected, remedy = "must lie between 0 and 1", "0.95 is customary"
    confidence = validate_number("confidence", confidence, expected, lambda p: 0 < p < 1, remedy)
    hits, tail = np.asarray(hits), (1 - confidence) / 2
    # Quantiles of beta laws, which degenerate where there is no hit, or nothing else.
    low = betaincinv(np.maximum(hits, 1), total - hits + 1, tail)
    high = betaincinv(hits + 1, np.maximum(total - hits, 1), 1 - tail)
    return np.where(hits == 0, 0.0, low), np.where(hits == total, 1.0, high)
