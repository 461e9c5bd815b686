"""The laws of the collapse to the origin (docs/theory.md, section 5.4)."""

import numpy as np
from scipy.special import logsumexp

from dlnpaper._target import Target
from dlnpaper.one_neuron._laws import EXPONENTIAL, POWER, Laws
from dlnpaper.one_neuron._starting_points import StartingPoints


def set_collapse(
    laws: Laws, which: np.ndarray, target: Target, depth: int, starts: StartingPoints
) -> None:
    """Set the laws of the starts `which`, all of which end at the origin."""
    null = starts.rho(target) > 0
    at, exponent, log_prefactor = which[null], _null_exponent(depth), _log_null_prefactor(depth)
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, at, POWER, exponent, log_prefactor)
    laws.set("excess", at, POWER, 2 * exponent, 2 * log_prefactor - np.log(2))

    at, starts = which[~null], starts[np.flatnonzero(~null)]
    sigma, beta = target.singular_values, starts.beta(target)
    slowest = _slowest_mode(sigma, beta)
    if depth == 2:
        with np.errstate(divide="ignore"):
            log_beta = np.where(sigma == slowest[:, None], 2 * np.log(np.abs(beta)), -np.inf)
        log_prefactor = logsumexp(log_beta, axis=1) - _log_denominator(sigma, beta, starts.s)
        kind, speed = EXPONENTIAL, 2 * slowest
    else:
        kind, speed = POWER, np.asarray(_power_exponent(depth))
        log_prefactor = -speed * np.log((depth - 2) * slowest)
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, at, kind, speed, log_prefactor)
    laws.set("excess", at, kind, speed, log_prefactor + np.log(slowest))


def _null_exponent(depth: int) -> float:
    return depth / (2 * (depth - 1))


def _log_null_prefactor(depth: int) -> float:
    return -_null_exponent(depth) * np.log(2 * (depth - 1))


def _power_exponent(depth: int) -> float:
    return depth / (depth - 2)


def _slowest_mode(sigma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the least σ_j with β_j ≠ 0 of each start, (M,)."""
    return np.where(beta != 0, sigma, np.inf).min(axis=1)


def _log_denominator(sigma: np.ndarray, beta: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Return the logarithm of what divides B² at depth two, (M,)."""
    return np.log(4 / s + beta**2 @ (1 / sigma))
