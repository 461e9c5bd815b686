"""Time and magnitude of a trajectory at given values of τ, and where the magnitude is least.

`dlnpaper.closed_form` answers where a trajectory is at a time t. The analysis of stages and rates
asks the opposite: everything it needs is elementary in τ (docs/theory.md, section 3), except for
the two quadratures that this module does, for a whole ensemble at once.
"""

import math

import numba
import numpy as np

from dlnpaper.compilation import INNER, entry

__all__ = ["first_alignment", "follow", "modes"]

_NODES = 16
_MAX_PANELS = 1_000_000
# Closer than this to its limit, relatively, s has no minimum left that floats could tell from it.
_AT_LIMIT = 1e-13

_jit = numba.njit(**INNER)


def modes(target, starts, value):
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


def first_alignment(rates, amplitudes, value, level):
    """First τ at which the alignment c reaches a level.

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


def follow(rates, amplitudes, value, s, depth, stops, seek_minimum):
    """Time and magnitude at given τ, and optionally the minimum of the magnitude.

    Panels of Gauss-Legendre nodes; in each, the cumulative rule gives y = 1/s at the nodes, and the
    Gauss rule then integrates dt/dτ = y^(1 - 2/N). docs/theory.md, section 3.5, tells what bounds
    the width of a panel. The width chosen gives about 1e-12 relative accuracy.

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
    time, log_s : ndarray, (M, S)
        t and log s at the stops. A time beyond the largest float is inf.
    minimum : ndarray, (M, 3)
        τ, t and log s at the least s. Where s falls for ever this is its limit, at inf.

    Raises
    ------
    ValueError
        If a trajectory takes more than a million panels.
    """
    ends, time, log_s, minimum = _follow_all(
        rates, amplitudes, value, np.log(s), depth, stops, seek_minimum, _rule(_NODES)
    )
    if not ends.all():
        raise ValueError(
            f"starts must come to their limits within {_MAX_PANELS} panels of τ, got "
            f"{np.count_nonzero(~ends)} that do not; widen the gap between the singular values"
        )
    return time, log_s, minimum


def _rule(n):
    """Gauss-Legendre nodes and weights on [0, 1], and the matrix of integrals from 0 to a node."""
    x, w = np.polynomial.legendre.leggauss(n)
    degrees = range(n)
    values = np.array([np.polynomial.Legendre.basis(k)(x) for k in degrees]).T
    integrals = np.array([np.polynomial.Legendre.basis(k).integ(lbnd=-1)(x) for k in degrees]).T
    # Discrete orthogonality inverts the matrix of nodal values without a linear solve.
    inverse = (np.arange(n) + 0.5)[:, None] * values.T * w
    return (x + 1) / 2, w / 2, integrals @ inverse / 2


@entry
def _first_alignments(rates, log_weights, gap):
    tau = np.empty(log_weights.shape[0])
    for i in range(log_weights.shape[0]):
        tau[i] = _first_alignment(rates, log_weights[i], gap)
    return tau


@_jit
def _first_alignment(rates, log_weights, gap):
    """First τ with value - c <= gap: where the fast modes no longer outweigh the slow ones."""
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
def _follow_all(rates, amplitudes, value, log_s, depth, stops, seek_minimum, rule):
    count = stops.shape[0]
    time, log_at_stop = np.empty(stops.shape), np.empty(stops.shape)
    minimum = np.empty((count, 3))
    ends = np.empty(count, np.bool_)
    for i in range(count):
        state = amplitudes[i].copy()
        out = (time[i], log_at_stop[i], minimum[i])
        ends[i] = _follow_one(
            rates, state, value, -log_s[i], depth, stops[i], seek_minimum, rule, out
        )
    return ends, time, log_at_stop, minimum


@_jit
def _follow_one(rates, state, value, log_y, depth, stops, seeking, rule, out):
    """Go from stop to stop, moving the amplitudes `state` on; return whether it got there."""
    time, log_at_stop, minimum = out
    work = np.empty(rule[0].size)
    widest = _widest_panel(rates, state, value, depth)
    tau, t = 0.0, 0.0
    k = 0
    minimum[0], minimum[1], minimum[2] = math.inf, math.inf, math.log(value)
    for _ in range(_MAX_PANELS):
        while k < stops.size and stops[k] <= tau:
            time[k] = t
            log_at_stop[k] = -log_y
            k += 1
        if seeking:
            if _log_alignment(rates, state, value, 0.0) + log_y >= 0.0:
                minimum[0], minimum[1], minimum[2] = tau, t, -log_y
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
            minimum[0], minimum[1], minimum[2] = tau + x, t + dt_peak, -log_peak
            seeking = False
        log_y = log_end
        t += dt
        tau = stops[k] if landing else tau + width
        _rebase(rates, state, width)
    return False


@_jit
def _widest_panel(rates, state, value, depth):
    """Width that the zeros of E, π/(2 × fastest rate) from the real line, and the growth allow."""
    width = 2.0 / (depth * value)
    for m in range(rates.size):
        if state[m] > 0.0 and rates[m] > 0.0:
            width = min(width, 1.0 / rates[m])
    return width


@_jit
def _rebase(rates, state, width):
    square = 0.0
    for m in range(rates.size):
        state[m] *= math.exp(-rates[m] * width)
        square += state[m] * state[m]
    for m in range(rates.size):
        state[m] /= math.sqrt(square)


@_jit
def _gap(rates, state, x):
    """Limit of the alignment minus the alignment, at distance x."""
    energy, slope = 0.0, 0.0
    for m in range(rates.size):
        term = (state[m] * math.exp(-rates[m] * x)) ** 2
        energy += term
        slope += rates[m] * term
    return slope / energy


@_jit
def _log_alignment(rates, state, value, x):
    """Logarithm of the alignment at distance x, minus infinity where it is not positive."""
    c = value - _gap(rates, state, x)
    return math.log(c) if c > 0.0 else -math.inf


@_jit
def _log_power(rates, state, value, depth, x):
    """Logarithm of E^(N/2) at distance x, E being one at distance zero."""
    energy = 0.0
    for m in range(rates.size):
        energy += (state[m] * math.exp(-rates[m] * x)) ** 2
    return depth * (0.5 * math.log(energy) + value * x)


@_jit
def _advance(rates, state, value, log_y, depth, width, rule, work):
    """Return log y at the end of a panel, and the time that the panel takes."""
    nodes, gauss, cumulative = rule
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
def _meeting(rates, state, value, log_y, depth, width, rule):
    """Distance at which s falls to c, which it does within the panel.

    Newton's method for log(c y) = 0, whose slope is c'/c + N(1/y - c), with c' twice the variance
    of the rates. The bracket guards it, and c <= 0 counts as not met.
    """
    nodes, gauss = rule[0], rule[1]
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
