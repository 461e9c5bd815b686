"""Time and magnitude of a trajectory at given values of τ, and where the magnitude is least.

`dlnpaper.solve` answers where a trajectory is at a time t. Stages and rates ask the opposite:
everything they need is elementary in τ (docs/theory.md, section 3), except for two quadratures,
done here for a whole ensemble at once.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry
from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints

_NODES = 16
_MAX_PANELS = 1_000_000
# Relatively closer than this to its limit, s has no minimum left that floats could resolve.
_AT_LIMIT = 1e-13

_jit = numba.njit(**INNER)


class Rule(NamedTuple):
    """A Gauss-Legendre rule on [0, 1] with n nodes."""

    nodes: np.ndarray  # (n,)
    weights: np.ndarray  # (n,)
    cumulative: np.ndarray  # (n, n), from values at the nodes to the integrals from 0 to each node


class Passage(NamedTuple):
    """What `follow` finds on M trajectories with S stops each."""

    time: np.ndarray  # (M, S), t at the stops; inf beyond the largest float
    log_s: np.ndarray  # (M, S), at the stops
    tau_min: np.ndarray  # (M,), τ at the least s; inf where s falls for ever or it is not sought
    t_min: np.ndarray  # (M,), t there
    log_s_min: np.ndarray  # (M,), log s there; that of the limit where tau_min is inf


def modes(target: Target, starts: StartingPoints, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Split E(τ) exp(-2 value τ) into decaying exponentials, Σ_m (amplitude_m exp(-rate_m τ))².

    Parameters
    ----------
    target : Target
    starts : StartingPoints
        M starts with the same limiting singular value.
    value : float
        That singular value.

    Returns
    -------
    rates : ndarray, (2r + 1,)
        ``value - σ_i``, ``value + σ_i``, ``value``; zero for the α_i that must vanish.
    amplitudes : ndarray, (M, 2r + 1)
        ``|α_i|/2``, ``|β_i|/2``, ``ρ``, of norm one. Their squares may be too small for a float.
    """
    sigma = target.singular_values
    alpha, beta, rho = starts.alpha(target), starts.beta(target), starts.rho(target)
    rates = np.concatenate([np.maximum(value - sigma, 0.0), value + sigma, [value]])
    amplitudes = np.abs(np.concatenate([alpha / 2, beta / 2, rho[:, None]], axis=1))
    return rates, amplitudes / np.linalg.norm(amplitudes, axis=1, keepdims=True)


def first_alignment(
    rates: np.ndarray, amplitudes: np.ndarray, value: float, level: float
) -> np.ndarray:
    """Find the first τ at which the alignment c reaches a level.

    The condition ``c >= level`` compares two sums of exponentials. Their logarithms are nearly
    linear in τ, so that Newton's method on the difference converges in a few steps from anywhere;
    a bracket, widened from zero, guards it.

    Parameters
    ----------
    rates, amplitudes : ndarray
        From `modes`; some amplitude at rate zero must be positive, so that c tends to `value`.
    value, level : float
        Limit of the alignment, and a level below it.

    Returns
    -------
    ndarray, (M,)
        τ, exactly zero where the alignment starts at or above the level.
    """
    with np.errstate(divide="ignore"):
        return _first_alignments(rates, 2 * np.log(amplitudes), value - level)


def follow(
    rates: np.ndarray,
    amplitudes: np.ndarray,
    value: float,
    s: np.ndarray,
    depth: int,
    stops: np.ndarray,
    *,
    seek_minimum: bool = False,
) -> Passage:
    """Find time and magnitude at given τ, and optionally the minimum of the magnitude.

    Panels of Gauss-Legendre nodes; in each, the cumulative rule gives y = 1/s at the nodes, and the
    Gauss rule then integrates dt/dτ = y^(1 - 2/N). docs/theory.md, section 3.5, bounds the width of
    a panel. The width chosen gives about 1e-12 relative accuracy.

    Parameters
    ----------
    rates, amplitudes : ndarray
        From `modes`.
    value : float
        Limiting singular value, positive.
    s : ndarray, (M,)
        Initial magnitudes.
    depth : int
        Number of layers N.
    stops : ndarray, (M, S)
        Values of τ, not decreasing along a row.
    seek_minimum : bool
        Whether to go on until s meets c, where it is least.

    Returns
    -------
    Passage

    Raises
    ------
    ValueError
        If a trajectory takes more than a million panels.
    """
    passage = Passage(
        np.empty(stops.shape),
        np.empty(stops.shape),
        np.full(len(s), np.inf),
        np.full(len(s), np.inf),
        np.full(len(s), math.log(value)),
    )
    arrives = _follow_all(
        rates, amplitudes, value, np.log(s), depth, stops, seek_minimum, _rule(_NODES), passage
    )
    if not arrives.all():
        raise ValueError(
            f"starts must come to their limits within {_MAX_PANELS} panels of τ, got "
            f"{np.count_nonzero(~arrives)} that do not; widen the gap between the singular values"
        )
    return passage


def _rule(n: int) -> Rule:
    x, w = np.polynomial.legendre.leggauss(n)
    degrees = range(n)
    values = np.array([np.polynomial.Legendre.basis(k)(x) for k in degrees]).T
    integrals = np.array([np.polynomial.Legendre.basis(k).integ(lbnd=-1)(x) for k in degrees]).T
    # Discrete orthogonality inverts the matrix of nodal values without a linear solve.
    inverse = (np.arange(n) + 0.5)[:, None] * values.T * w
    return Rule((x + 1) / 2, w / 2, integrals @ inverse / 2)


@entry
def _first_alignments(rates: np.ndarray, log_weights: np.ndarray, gap: float) -> np.ndarray:
    tau = np.empty(log_weights.shape[0])
    for i in range(log_weights.shape[0]):
        tau[i] = _first_alignment(rates, log_weights[i], gap)
    return tau


@_jit
def _first_alignment(rates: np.ndarray, log_weights: np.ndarray, gap: float) -> float:
    """Return the first τ with value - c <= gap: where fast modes no longer outweigh slow ones."""
    low, high, x = 0.0, math.inf, 0.0
    for _ in range(200):
        largest = -math.inf
        for m in range(rates.size):
            largest = max(largest, log_weights[m] - 2.0 * rates[m] * x)
        fast, slow, fast_slope, slow_slope = 0.0, 0.0, 0.0, 0.0
        for m in range(rates.size):
            term = math.exp(log_weights[m] - 2.0 * rates[m] * x - largest) * (rates[m] - gap)
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
            moved = 0.5 * (low + high) if high < math.inf else 2.0 * x + 1.0 / gap
        if abs(moved - x) <= 2e-16 * moved or moved == low or moved == high:
            return moved
        x = moved
    return x


@entry
def _follow_all(
    rates: np.ndarray,
    amplitudes: np.ndarray,
    value: float,
    log_s: np.ndarray,
    depth: int,
    stops: np.ndarray,
    seek_minimum: bool,
    rule: Rule,
    passage: Passage,
) -> np.ndarray:
    """Fill in the passage of every start; return which arrive, (M,)."""
    arrives = np.empty(log_s.size, np.bool_)
    for i in range(log_s.size):
        state = amplitudes[i].copy()
        arrives[i] = _follow_one(
            i, rates, state, value, -log_s[i], depth, stops[i], seek_minimum, rule, passage
        )
    return arrives


@_jit
def _follow_one(
    i: int,
    rates: np.ndarray,
    state: np.ndarray,
    value: float,
    log_y: float,
    depth: int,
    stops: np.ndarray,
    seeking: bool,
    rule: Rule,
    passage: Passage,
) -> bool:
    """Go from stop to stop, moving the amplitudes `state` on; return whether it got there."""
    work = np.empty(rule.nodes.size)
    widest = _widest_panel(rates, state, value, depth)
    tau, t = 0.0, 0.0
    k = 0
    for _ in range(_MAX_PANELS):
        while k < stops.size and stops[k] <= tau:
            passage.time[i, k] = t
            passage.log_s[i, k] = -log_y
            k += 1
        if seeking:
            if _log_alignment(rates, state, value, 0.0) + log_y >= 0.0:
                _set_minimum(passage, i, tau, t, -log_y)
                seeking = False
            elif (
                _gap(rates, state, 0.0) <= _AT_LIMIT * value
                and abs(log_y + math.log(value)) <= _AT_LIMIT
            ):
                seeking = False
        if k == stops.size and not seeking:
            return True
        width = min(widest, 2.0 * math.exp(min(log_y, 700.0)) / depth)
        landing = k < stops.size and tau + width >= stops[k]
        if landing:
            width = stops[k] - tau
        log_end, dt = _advance(rates, state, value, log_y, depth, width, rule, work)
        if seeking and _log_alignment(rates, state, value, width) + log_end >= 0.0:
            x = _meeting(rates, state, value, log_y, depth, width, rule)
            log_peak, dt_peak = _advance(rates, state, value, log_y, depth, x, rule, work)
            _set_minimum(passage, i, tau + x, t + dt_peak, -log_peak)
            seeking = False
        log_y = log_end
        t += dt
        tau = stops[k] if landing else tau + width
        _rebase(rates, state, width)
    return False


@_jit
def _set_minimum(passage: Passage, i: int, tau: float, t: float, log_s: float) -> None:
    passage.tau_min[i] = tau
    passage.t_min[i] = t
    passage.log_s_min[i] = log_s


@_jit
def _widest_panel(rates: np.ndarray, state: np.ndarray, value: float, depth: int) -> float:
    """Return the width that the zeros of E, π/(2 × fastest rate) off the real line, allow."""
    width = 2.0 / (depth * value)
    for m in range(rates.size):
        if state[m] > 0.0 and rates[m] > 0.0:
            width = min(width, 1.0 / rates[m])
    return width


@_jit
def _rebase(rates: np.ndarray, state: np.ndarray, width: float) -> None:
    square = 0.0
    for m in range(rates.size):
        state[m] *= math.exp(-rates[m] * width)
        square += state[m] * state[m]
    for m in range(rates.size):
        state[m] /= math.sqrt(square)


@_jit
def _gap(rates: np.ndarray, state: np.ndarray, x: float) -> float:
    """Return the limit of the alignment minus the alignment, at distance x."""
    energy, slope = 0.0, 0.0
    for m in range(rates.size):
        term = (state[m] * math.exp(-rates[m] * x)) ** 2
        energy += term
        slope += rates[m] * term
    return slope / energy


@_jit
def _log_alignment(rates: np.ndarray, state: np.ndarray, value: float, x: float) -> float:
    """Return the logarithm of the alignment at distance x, -inf where it is not positive."""
    c = value - _gap(rates, state, x)
    return math.log(c) if c > 0.0 else -math.inf


@_jit
def _log_power(rates: np.ndarray, state: np.ndarray, value: float, depth: int, x: float) -> float:
    """Return the logarithm of E^(N/2) at distance x, E being one at distance zero."""
    energy = 0.0
    for m in range(rates.size):
        energy += (state[m] * math.exp(-rates[m] * x)) ** 2
    return depth * (0.5 * math.log(energy) + value * x)


@_jit
def _advance(
    rates: np.ndarray,
    state: np.ndarray,
    value: float,
    log_y: float,
    depth: int,
    width: float,
    rule: Rule,
    work: np.ndarray,
) -> tuple[float, float]:
    """Return log y at the end of a panel, and the time that the panel takes."""
    nodes, gauss, cumulative = rule.nodes, rule.weights, rule.cumulative
    exponent = 1.0 - 2.0 / depth
    source = depth * width * math.exp(-log_y)
    full = 0.0
    for j in range(nodes.size):
        work[j] = math.exp(_log_power(rates, state, value, depth, nodes[j] * width))
        full += gauss[j] * work[j]
    dt = 0.0
    for j in range(nodes.size):
        integral = 0.0
        for k in range(nodes.size):
            integral += cumulative[j, k] * work[k]
        dt += gauss[j] * ((1.0 + source * integral) / work[j]) ** exponent
    log_end = log_y + math.log1p(source * full)
    log_end -= _log_power(rates, state, value, depth, width)
    return log_end, dt * width * math.exp(exponent * log_y)


@_jit
def _meeting(
    rates: np.ndarray,
    state: np.ndarray,
    value: float,
    log_y: float,
    depth: int,
    width: float,
    rule: Rule,
) -> float:
    """Return the distance at which s falls to c, which it does within the panel.

    Newton's method for log(c y) = 0, whose slope is c'/c + N(1/y - c), with c' twice the variance
    of the rates. The bracket guards it, and c <= 0 counts as not met.
    """
    nodes, gauss = rule.nodes, rule.weights
    source = depth * math.exp(-log_y)
    low, high, x = 0.0, width, 0.5 * width
    for _ in range(60):
        energy, mean, square = 0.0, 0.0, 0.0
        for m in range(rates.size):
            term = (state[m] * math.exp(-rates[m] * x)) ** 2
            energy += term
            mean += rates[m] * term
            square += rates[m] * rates[m] * term
        mean /= energy
        c = value - mean
        met = False
        moved = math.nan
        if c > 0.0:
            integral = 0.0
            for j in range(nodes.size):
                power = _log_power(rates, state, value, depth, nodes[j] * x)
                integral += gauss[j] * math.exp(power)
            log_here = log_y + math.log1p(source * x * integral)
            log_here -= _log_power(rates, state, value, depth, x)
            residual = math.log(c) + log_here
            slope = 2.0 * (square / energy - mean * mean) / c
            slope += depth * (math.exp(-log_here) - c)
            met = residual >= 0.0
            moved = x - residual / slope
        if met:
            high = x
        else:
            low = x
        if not low < moved < high:
            moved = 0.5 * (low + high)
        if abs(moved - x) <= 1e-15 * width:
            return moved
        x = moved
    return x
