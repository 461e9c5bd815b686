"""Expected squared errors of rules that estimate a mean θ from y = θ + z, z standard normal."""

from collections.abc import Callable

import numpy as np
import scipy

#: How far from θ the normal density is negligible, and the nodes of Gauss's rule over [0, 1].
_REACH = 9.0
_NODES, _WEIGHTS = (0.5 * each for each in np.polynomial.legendre.leggauss(64))
_NODES += 0.5


def risk_of_rule(
    rule: Callable[[np.ndarray], np.ndarray], threshold: float, means: np.ndarray
) -> np.ndarray:
    """Return the risk ``E (rule(y) - θ)²`` at each mean θ ≥ 0, by quadrature.

    The rule is odd, zero below the threshold and smooth above it, but for a square root there.
    """
    theta = np.asarray(means, float)[:, None]
    low, high = np.maximum(threshold, theta - _REACH), np.maximum(threshold, theta) + _REACH
    above = _integral(rule, low, high, theta)
    below = _integral(rule, np.array(threshold), np.array(threshold + _REACH), -theta)
    return above + below + theta[:, 0] ** 2 * _within(threshold, theta[:, 0])


def soft_risk(threshold: float, means: np.ndarray) -> np.ndarray:
    """Return the risk of soft thresholding at each mean (Donoho and Johnstone, 1994)."""
    theta, t = np.asarray(means, float), threshold
    tails = (t - theta) * _density(t + theta) + (t + theta) * _density(t - theta)
    return 1 + t**2 + (theta**2 - t**2 - 1) * _within(t, theta) - tails


def hard_risk(threshold: float, means: np.ndarray) -> np.ndarray:
    """Return the risk of hard thresholding at each mean (Donoho and Johnstone, 1994)."""
    theta, t = np.asarray(means, float), threshold
    tails = (t - theta) * _density(t - theta) + (t + theta) * _density(t + theta)
    return 1 + (theta**2 - 1) * _within(t, theta) + tails


def _integral(
    rule: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray, theta: np.ndarray
) -> np.ndarray:
    """Return the integral of the squared error times the density of y, from low to high."""
    # Quadratic in the node, so that a square root at the lower end is smooth.
    y = low + (high - low) * _NODES**2
    weights = 2 * _NODES * _WEIGHTS * (high - low)
    return ((rule(y) - theta) ** 2 * _density(y - theta) * weights).sum(axis=1)


def _within(threshold: float, theta: np.ndarray) -> np.ndarray:
    """Return the probability that y lies below the threshold in size."""
    ndtr = scipy.special.ndtr
    return ndtr(threshold - theta) - ndtr(-threshold - theta)


def _density(x: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
