"""Time and magnitude of trajectories at given values of τ, and where the magnitude is least.

`dlnpaper.solve` finds where a trajectory is at a time t. Stages and rates ask the opposite: all is
elementary in τ (docs/theory.md, section 3) but for two quadratures, for whole ensembles here.
"""

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


class Passage(NamedTuple):
    """What `follow` finds on M trajectories with S stops each."""

    time: np.ndarray  # (M, S), t at the stops; inf beyond the largest float
    log_s: np.ndarray  # (M, S), at the stops
    tau_min: np.ndarray  # (M,), τ at the least s; inf where s falls for ever or it is not sought
    t_min: np.ndarray  # (M,), t there
    log_s_min: np.ndarray  # (M,), log s there; that of the limit where tau_min is inf


class Rule(NamedTuple):
    """A Gauss-Legendre rule on [0, 1] with n nodes."""

    nodes: np.ndarray  # (n,)
    weights: np.ndarray  # (n,)
    cumulative: np.ndarray  # (n, n), from values at the nodes to the integrals from 0 to each node


class _Panel(NamedTuple):
    """One trajectory from the start of a panel on, where E is one."""

    rates: np.ndarray  # (2r + 1,)
    amplitudes: np.ndarray  # (2r + 1,), brought up to date from panel to panel
    c_limit: float
    depth: int
    rule: Rule
    powers: np.ndarray  # (n,): E^(N/2) at the nodes


def modes(target: Target, starts: StartingPoints, c_limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Split E(τ) exp(-2 c_limit τ) into decaying exponentials, Σ_m (amplitude_m exp(-rate_m τ))².

    ``c_limit`` is the limit of the alignment, a singular value that all M starts share. Returns the
    rates ``c_limit - σ_i``, ``c_limit + σ_i``, ``c_limit``, (2r + 1,), zero for the α_i that must
    vanish, and the amplitudes ``|α_i|/2``, ``|β_i|/2``, ``ρ``, (M, 2r + 1), of norm one. Their
    squares may be too small for a float.
    """
    sigma = target.singular_values
    alpha, beta, rho = starts.alpha(target), starts.beta(target), starts.rho(target)
    rates = np.concatenate([np.maximum(c_limit - sigma, 0.0), c_limit + sigma, [c_limit]])
    amplitudes = np.abs(np.concatenate([alpha / 2, beta / 2, rho[:, None]], axis=1))
    return rates, amplitudes / np.linalg.norm(amplitudes, axis=1, keepdims=True)


def follow(
    rates: np.ndarray,
    amplitudes: np.ndarray,
    c_limit: float,
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
    rates, amplitudes, c_limit
        From `modes`, with ``c_limit`` positive.
    s : ndarray, (M,)
        Initial magnitudes.
    depth : int
        Number of layers N.
    stops : ndarray, (M, S)
        Values of τ, not decreasing along a row.
    seek_minimum : bool
        Whether to go on until s meets c, where it is least.

    Raises
    ------
    ValueError
        If a trajectory takes more than a million panels.
    """
    passage = Passage(
        time=np.empty(stops.shape),
        log_s=np.empty(stops.shape),
        tau_min=np.full(len(s), np.inf),
        t_min=np.full(len(s), np.inf),
        log_s_min=np.full(len(s), math.log(c_limit)),
    )
    arrives = _follow_all(
        rates, amplitudes, c_limit, np.log(s), depth, stops, seek_minimum, _rule(_NODES), passage
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
def _follow_all(
    rates: np.ndarray,
    amplitudes: np.ndarray,
    c_limit: float,
    log_s: np.ndarray,
    depth: int,
    stops: np.ndarray,
    seek_minimum: bool,
    rule: Rule,
    passage: Passage,
) -> np.ndarray:
    """Fill in the passage of every start; return which arrive, (M,)."""
    arrives = np.empty(log_s.size, np.bool_)
    powers = np.empty(rule.nodes.size)
    for i in range(log_s.size):
        panel = _Panel(rates, amplitudes[i].copy(), c_limit, depth, rule, powers)
        arrives[i] = _follow_one(i, panel, -log_s[i], stops[i], seek_minimum, passage)
    return arrives


@_jit
def _follow_one(
    i: int, panel: _Panel, log_y: float, stops: np.ndarray, seeking: bool, passage: Passage
) -> bool:
    """Go from stop to stop, panel by panel; return whether it got there.

    One function because the state (τ, t, log y, the next stop) lives in its local variables.
    """
    c_limit, depth = panel.c_limit, panel.depth
    widest = _widest_panel(panel)
    tau, t = 0.0, 0.0
    k = 0
    for _ in range(_MAX_PANELS):
        while k < stops.size and stops[k] <= tau:
            passage.time[i, k] = t
            passage.log_s[i, k] = -log_y
            k += 1
        if seeking:
            if _log_alignment(panel, 0.0) + log_y >= 0.0:
                _set_minimum(passage, i, tau, t, -log_y)
                seeking = False
            elif (
                _moments(panel, 0.0)[0] <= _AT_LIMIT * c_limit
                and abs(log_y + math.log(c_limit)) <= _AT_LIMIT
            ):
                seeking = False
        if k == stops.size and not seeking:
            return True
        width = min(widest, 2.0 * math.exp(min(log_y, 700.0)) / depth)
        landing = k < stops.size and tau + width >= stops[k]
        if landing:
            width = stops[k] - tau
        log_end, dt = _advance(panel, log_y, width)
        if seeking and _log_alignment(panel, width) + log_end >= 0.0:
            x = _meeting(panel, log_y, width)
            log_peak, dt_peak = _advance(panel, log_y, x)
            _set_minimum(passage, i, tau + x, t + dt_peak, -log_peak)
            seeking = False
        log_y = log_end
        t += dt
        tau = stops[k] if landing else tau + width
        _rebase(panel, width)
    return False


@_jit
def _set_minimum(passage: Passage, i: int, tau: float, t: float, log_s: float) -> None:
    passage.tau_min[i] = tau
    passage.t_min[i] = t
    passage.log_s_min[i] = log_s


@_jit
def _widest_panel(panel: _Panel) -> float:
    """Return the width that the zeros of E, π/(2 × fastest rate) off the real line, allow."""
    width = 2.0 / (panel.depth * panel.c_limit)
    for m in range(panel.rates.size):
        if panel.amplitudes[m] > 0.0 and panel.rates[m] > 0.0:
            width = min(width, 1.0 / panel.rates[m])
    return width


@_jit
def _rebase(panel: _Panel, width: float) -> None:
    """Bring the amplitudes to the end of a panel of that width."""
    amplitudes = panel.amplitudes
    square = 0.0
    for m in range(amplitudes.size):
        amplitudes[m] *= math.exp(-panel.rates[m] * width)
        square += amplitudes[m] * amplitudes[m]
    for m in range(amplitudes.size):
        amplitudes[m] /= math.sqrt(square)


@_jit
def _moments(panel: _Panel, x: float) -> tuple[float, float]:
    """Return mean and mean square of the rates at distance x; the mean is c_limit - c."""
    energy, mean, square = 0.0, 0.0, 0.0
    for m in range(panel.rates.size):
        rate = panel.rates[m]
        term = (panel.amplitudes[m] * math.exp(-rate * x)) ** 2
        energy += term
        mean += rate * term
        square += rate * rate * term
    return mean / energy, square / energy


@_jit
def _log_alignment(panel: _Panel, x: float) -> float:
    """Return the logarithm of the alignment at distance x, -inf where it is not positive."""
    c = panel.c_limit - _moments(panel, x)[0]
    return math.log(c) if c > 0.0 else -math.inf


@_jit
def _log_power(panel: _Panel, x: float) -> float:
    """Return the logarithm of E^(N/2) at distance x."""
    energy = 0.0
    for m in range(panel.rates.size):
        energy += (panel.amplitudes[m] * math.exp(-panel.rates[m] * x)) ** 2
    return panel.depth * (0.5 * math.log(energy) + panel.c_limit * x)


@_jit
def _advance(panel: _Panel, log_y: float, width: float) -> tuple[float, float]:
    """Return log y at the end of a panel of that width, and the time that the panel takes."""
    nodes, gauss, cumulative = panel.rule.nodes, panel.rule.weights, panel.rule.cumulative
    powers = panel.powers
    exponent = 1.0 - 2.0 / panel.depth
    source = panel.depth * width * math.exp(-log_y)
    full = 0.0
    for j in range(nodes.size):
        powers[j] = math.exp(_log_power(panel, nodes[j] * width))
        full += gauss[j] * powers[j]
    dt = 0.0
    for j in range(nodes.size):
        integral = 0.0
        for k in range(nodes.size):
            integral += cumulative[j, k] * powers[k]
        dt += gauss[j] * ((1.0 + source * integral) / powers[j]) ** exponent
    log_end = log_y + math.log1p(source * full)
    log_end -= _log_power(panel, width)
    return log_end, dt * width * math.exp(exponent * log_y)


@_jit
def _meeting(panel: _Panel, log_y: float, width: float) -> float:
    """Return the distance at which s falls to c, which it does within the panel.

    Newton's method for log(c y) = 0, whose slope is c'/c + N(1/y - c), with c' twice the variance
    of the rates. The bracket guards it, and c <= 0 counts as not met.
    """
    nodes, gauss, depth = panel.rule.nodes, panel.rule.weights, panel.depth
    source = depth * math.exp(-log_y)
    low, high, x = 0.0, width, 0.5 * width
    for _ in range(60):
        mean, square = _moments(panel, x)
        c = panel.c_limit - mean
        met = False
        moved = math.nan
        if c > 0.0:
            integral = 0.0
            for j in range(nodes.size):
                integral += gauss[j] * math.exp(_log_power(panel, nodes[j] * x))
            log_here = log_y + math.log1p(source * x * integral)
            log_here -= _log_power(panel, x)
            residual = math.log(c) + log_here
            slope = 2.0 * (square - mean * mean) / c
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
