"""The exact law of what Gaussian layers do to an input (docs/scaling.md, section 6)."""

from collections.abc import Callable

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import digamma, loggamma, polygamma

#: The distribution function is interpolated between so many points, over so many standard
#: deviations: to 1e-5, and beyond these to 0 and 1 as nearly.
NODES, WIDTH = 601, 12.0
#: The law is found from its characteristic function at so many points, up to where it is 1e-16.
POINTS = 4001


def distribution(log_q: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Return the distribution function of log q, q the product of χ²(n)/n over the widths n.

    By the inversion formula of Gil-Pelaez, from the characteristic function of log q, the product
    of ``(2/n)^{it} Γ(n/2 + it) / Γ(n/2)``.
    """
    end = _end(widths)
    t = np.linspace(0.0, end, POINTS)[1:]
    phase = _log_characteristic(t, widths)
    weights = np.full(t.size, t[0])
    weights[-1] /= 2  # trapezoids; at t = 0 the integrand is the difference to the mean
    mean = float(np.imag(_log_characteristic(np.array([1e-6]), widths))[0]) / 1e-6
    at_zero = 0.5 * t[0] * (mean - log_q)
    waves = np.imag(np.exp(phase - 1j * np.multiply.outer(log_q, t))) / t
    return 0.5 - (waves @ weights + at_zero) / np.pi


def interpolated(widths: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the distribution function of log q, to 1e-5, for many arguments."""
    mean = np.sum(digamma(widths / 2) - np.log(widths / 2))
    deviation = np.sqrt(np.sum(polygamma(1, widths / 2)))
    nodes = mean + deviation * np.linspace(-WIDTH, WIDTH, NODES)
    known = PchipInterpolator(nodes, distribution(nodes, widths))
    return lambda log_q: known(np.clip(log_q, nodes[0], nodes[-1]))


def _log_characteristic(t: np.ndarray, widths: np.ndarray) -> np.ndarray:
    values, counts = np.unique(widths, return_counts=True)
    half = values[:, None] / 2
    each = loggamma(half + 1j * t) - loggamma(half) - 1j * t * np.log(half)
    return counts @ each


def _end(widths: np.ndarray) -> float:
    """Return a t at which the characteristic function is below 1e-16."""
    end = 1.0
    while np.real(_log_characteristic(np.array([end]), widths))[0] > -37:
        end *= 1.5
    return end
