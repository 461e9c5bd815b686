"""How long a start of vanishing magnitude stays near zero (docs/theory.md, section 5.5)."""

import numpy as np
import scipy

from dlnpaper._checks import validate_depth
from dlnpaper._target import Target
from dlnpaper.one_neuron._quadrature import follow, modes
from dlnpaper.one_neuron._starting_points import StartingPoints

# The plateau ends where s comes to this part of its limit.
_END = 0.5
# Newton's method in τ ends this close in log s; the last step, to first order, leaves the square.
_CLOSE = 1e-8


def plateau_times(target: Target, depth: int, starts: StartingPoints) -> np.ndarray:
    """Return the times at which s reaches σ_1/2, from the exact trajectories.

    Parameters
    ----------
    target : Target
    depth : int
        Number of layers N.
    starts : StartingPoints
        M starts with s below σ_1/2, a positive alignment and a component along σ_1.

    Returns
    -------
    ndarray, (M,)

    Raises
    ------
    ValueError
        If a start is not as described: it has no plateau, or another stage before it.
    """
    depth = validate_depth(depth)
    sigma = float(target.singular_values[0])
    _validate_starts(target, starts)
    rates, amplitudes = modes(target, starts, sigma)
    level = np.log(_END * sigma)
    low, high = np.zeros(len(starts)), np.full(len(starts), np.inf)
    tau = (level - np.log(starts.s)) / (depth * sigma)
    while True:
        time, log_s, *_ = follow(rates, amplitudes, sigma, starts.s, depth, tau[:, None])
        rest = level - log_s[:, 0]
        low, high = np.where(rest > 0, tau, low), np.where(rest > 0, high, tau)
        weights = (amplitudes * np.exp(-np.outer(tau, rates))) ** 2
        alignment = sigma - weights @ rates / weights.sum(axis=1)
        slope = depth * (alignment - np.exp(log_s[:, 0]))
        if np.all(np.abs(rest) <= _CLOSE):
            return time[:, 0] + rest / slope * np.exp(-(1 - 2 / depth) * log_s[:, 0])
        with np.errstate(divide="ignore"):
            moved = tau + rest / slope
        inside = (low < moved) & (moved < high)
        halved = np.where(np.isinf(high), 2 * tau, (low + high) / 2)
        tau = np.where(inside, moved, halved)


def plateau_law(
    target: Target, depth: int, starts: StartingPoints
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the law of `plateau_times` for vanishing s, directions being fixed.

    Depth two: ``t = log(prefactor / s) / rate``, logarithmic in s. Deeper:
    ``t = prefactor s^(-rate)``, a power.

    Takes the arguments of `plateau_times`, and returns the rate, 2σ_1 at depth two, else 1 − 2/N,
    the prefactors, (M,), and the law's times for the magnitudes of the starts, (M,).
    """
    depth = validate_depth(depth)
    sigma = float(target.singular_values[0])
    _validate_starts(target, starts)
    if depth == 2:
        # E = α_1² exp(2σ_1 t)/4 by the end of the plateau, where 1/s = 1/(s_0 E) + 1/σ_1; in a tie
        # α_1² is the sum over all modes with the singular value σ_1.
        rate = _growth_rate(sigma)
        leading = np.sum(starts.alpha(target)[:, target.groups[0]] ** 2, axis=1)
        prefactor = 4 * sigma * _END / (1 - _END) / leading
        return rate, prefactor, np.log(prefactor / starts.s) / rate
    rates, amplitudes = modes(target, starts, sigma)
    fall = (depth - 2) * sigma

    def integrand(x: float) -> np.ndarray:
        """E^(-(N/2 - 1)) dτ/dx with x = exp(-fall τ), which is finite on all of [0, 1]."""
        return (amplitudes**2 @ x ** (2 * rates / fall)) ** (1 - depth / 2) / fall

    prefactor, _ = scipy.integrate.quad_vec(
        integrand, 0.0, 1.0, epsrel=1e-12, epsabs=0.0, norm="max"
    )
    rate = _exponent(depth)
    return rate, prefactor, prefactor * starts.s**-rate


def _growth_rate(sigma: float) -> float:
    """Return the rate at which s grows on its plateau at depth two."""
    return 2 * sigma


def _exponent(depth: int) -> float:
    """Return the exponent of 1/s in the times of deeper networks."""
    return 1 - 2 / depth


def _validate_starts(target: Target, starts: StartingPoints) -> None:
    sigma, r = target.singular_values, target.rank
    alignment = (starts.a[:, :r] * starts.b[:, :r]) @ sigma
    wrong = (starts.s >= _END * sigma[0]) | (alignment <= 0) | (starts.alpha(target)[:, 0] == 0)
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ValueError(
            f"starts must have s below σ_1/2 = {_END * sigma[0]}, alignment > 0 and α_1 ≠ 0, got "
            f"s = {starts.s[i]} and alignment {alignment[i]} in starts[{i}]; choose others"
        )
