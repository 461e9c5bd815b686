"""The laws of the approach to a positive limit.

docs/theory.md, sections 5.1 to 5.3; with weight decay, docs/weight_decay.md, section 6.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from dlnpaper._checks import LATEST
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._laws import EXACT, EXPONENTIAL, RESONANT, Laws
from dlnpaper.one_neuron._quadrature import follow, modes
from dlnpaper.one_neuron._starting_points import StartingPoints

# Gaps that agree to this are taken to coincide: rates are sums and products of a few floats.
_COINCIDENCE = 1e-12
# A free coefficient smaller than this part of its terms is indistinguishable from zero.
_CANCELLATION = 1e-11
# Below this the approach to a limit is linear to round-off accuracy, the square being negligible.
_LINEAR = 1e-8


class Limit(NamedTuple):
    """A positive limit."""

    value: float
    """The limit of s: σ_k without weight decay."""
    alignment: float
    """σ_k, the limit of the alignment."""
    relaxation: float
    """Over N, the rate in τ at which s alone relaxes: σ_k without weight decay."""
    weight_decay: float

    @classmethod
    def of(cls, alignment: float, value: float, depth: int, weight_decay: float) -> Limit:
        """Make the limit of a mode, for which ``s + μ s^-(1-2/N) = σ_k``."""
        relaxation = value - (1 - 2 / depth) * (alignment - value)
        return cls(value, alignment, relaxation, weight_decay)


class _Problem(NamedTuple):
    """M starts with one positive limit, and the modes of E without their common growth."""

    starts: StartingPoints
    depth: int
    value: float
    """The limit of s."""
    relaxation: float
    decays: np.ndarray
    """g_m of all modes (P,), zero for those of the limit."""
    amplitudes: np.ndarray
    """Of all modes, (M, P), as `modes` gives them."""
    log_weights: np.ndarray
    """log Q_m, (M, P), -inf for the modes of the limit."""
    gap: np.ndarray
    """g, (M,), inf for exact directions."""


class _Law(NamedTuple):
    """A law in τ, of arrays (M,) or single values."""

    zero: np.ndarray
    """Where the quantity is zero throughout."""
    decay: np.ndarray
    log_prefactor: np.ndarray
    known: ArrayLike = True
    kind: ArrayLike = EXPONENTIAL


def set_approach(
    laws: Laws,
    which: np.ndarray,
    target: Target,
    depth: int,
    starts: StartingPoints,
    limit: Limit,
    prefactors: bool,
) -> None:
    """Set the laws of the starts `which`, all of which have this positive limit."""
    problem = _problem(target, depth, starts, limit)
    log_h, shift = np.zeros((2, len(starts)))
    h_known = np.zeros(len(starts), bool)
    if prefactors and depth > 2 and limit.weight_decay > 0:
        # The equation for 1/s is not linear, and its free part not known.
        shift = _decayed_shift(target, problem, limit.weight_decay)
    elif prefactors:
        log_h, h_known = _free_coefficient(problem)
        shift = _shift(problem)
    resolved = np.isfinite(shift)
    shift = np.where(resolved, shift, 0.0)
    laws.gap[which], laws.shift[which] = problem.gap, shift
    for quantity, law in _laws_in_tau(problem, log_h, h_known).items():
        known = np.logical_and(law.known, prefactors & resolved) & ~law.zero
        with np.errstate(over="ignore"):
            log_prefactor = law.log_prefactor - law.decay * shift
        beyond = known & ~np.isfinite(log_prefactor)
        if beyond.any():
            raise OverflowError(
                f"starts must have prefactors with finite logarithms, got {quantity} of "
                f"{np.count_nonzero(beyond)} without; leave out prefactors"
            )
        kind = np.where(law.zero, EXACT, law.kind)
        rate = np.where(law.zero, 0.0, law.decay * _final_speed(limit.value, depth))
        laws.set(quantity, which, kind, rate, log_prefactor, known)


def _problem(target: Target, depth: int, starts: StartingPoints, limit: Limit) -> _Problem:
    decays, amplitudes = modes(target, starts, limit.alignment)
    # By hypot, since the squares of tiny entries would vanish.
    lead = np.hypot.reduce(np.where(decays == 0, amplitudes, 0.0), axis=1)
    with np.errstate(divide="ignore"):
        log_weights = 2 * (np.log(amplitudes) - np.log(lead)[:, None])
    log_weights[:, decays == 0] = -np.inf
    gap = _gap(decays, log_weights)
    fixed = starts, depth, limit.value, limit.relaxation
    return _Problem(*fixed, decays, amplitudes, log_weights, gap)


def _laws_in_tau(problem: _Problem, log_h: np.ndarray, h_known: np.ndarray) -> dict[str, _Law]:
    """Return the laws of section 5.3; where a prefactor has several cases, the last is free."""
    value, gap, free = problem.value, problem.gap, problem.depth * problem.relaxation
    driving = problem.depth * value
    exact = np.isinf(gap)
    still = exact & (problem.starts.s == value)
    finite = np.where(exact, 1.0, gap)
    log_q, log_free = _log_weight_of_gap(problem), _log_free(value, log_h)
    log_gap_q = np.log(finite) + log_q
    found = {
        "directions": _Law(exact, _directions_decay(finite), _log_directions(log_q)),
        "alignment_gap": _Law(exact, 2 * finite, log_gap_q),
    }

    resonant = ~exact & np.isclose(2 * finite, free, rtol=_COINCIDENCE, atol=0)
    cases = [~resonant & (2 * gap < free), resonant]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_driven = np.log(driving) + log_gap_q - np.log(free - 2 * finite)
    log_resonant = np.log(driving * _final_speed(value, problem.depth)) + log_gap_q
    decay = _s_decay(gap, np.where(resonant, 2 * finite, free))
    log_prefactor = np.select(cases, [log_driven, log_resonant], log_free)
    kind = np.where(resonant, RESONANT, EXPONENTIAL)
    found["s_gap"] = _Law(still, decay, log_prefactor, cases[0] | cases[1] | h_known, kind)

    both = ~exact & np.isclose(finite, free, rtol=_COINCIDENCE, atol=0)
    cases = [~both & (gap < free), both]
    known, slower = cases[0] | both | h_known, np.where(both, free, gap)
    log_driven, log_freely = np.log(value) + log_gap_q, 2 * log_free - np.log(2)
    log_freely += np.log(problem.relaxation / value)
    log_prefactor = np.select(cases, [log_driven, np.logaddexp(log_driven, log_freely)], log_freely)
    found["excess"] = _Law(still, _excess_decay(slower, free), log_prefactor, known)
    log_square = 2 * np.log(value) + np.log(2) + log_q
    log_sum = np.logaddexp(log_square, 2 * log_free)
    log_prefactor = np.select(cases, [0.5 * log_square, 0.5 * log_sum], log_free)
    found["end_to_end"] = _Law(still, _end_to_end_decay(slower, free), log_prefactor, known)
    return found


def _final_speed(value: float, depth: int) -> float:
    """Return ν, dτ/dt at the limit."""
    return value ** (1 - 2 / depth)


# The decays in τ of section 5.3, from the gap g and the rate N σ_k of the free part of 1/s.


def _directions_decay(gap: np.ndarray) -> np.ndarray:
    return gap


def _excess_decay(gap: np.ndarray, free: np.ndarray | float) -> np.ndarray:
    return np.minimum(2 * gap, 2 * free)


def _s_decay(gap: np.ndarray, free: np.ndarray | float) -> np.ndarray:
    return np.minimum(2 * gap, free)


def _end_to_end_decay(gap: np.ndarray, free: np.ndarray | float) -> np.ndarray:
    return np.minimum(gap, free)


def _log_directions(log_q: np.ndarray) -> np.ndarray:
    """Return log √(2Q)."""
    return 0.5 * (np.log(2) + log_q)


def _log_free(value: float, log_h: np.ndarray) -> np.ndarray:
    """Return log σ_k² |H|."""
    return 2 * np.log(value) + log_h


def _gap(decays: np.ndarray, log_weights: np.ndarray) -> np.ndarray:
    """Return the gap g of each start, inf for exact directions."""
    return np.where(log_weights > -np.inf, decays, np.inf).min(axis=1)


def _log_weight_of_gap(problem: _Problem) -> np.ndarray:
    """Return log Q of each start, 0 for exact directions."""
    shared = np.where(problem.decays == problem.gap[:, None], problem.log_weights, -np.inf)
    shared[np.isinf(problem.gap), 0] = 0.0
    return logsumexp(shared, axis=1)


def _free_coefficient(problem: _Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return log |H| (section 5.2), and whether it is distinguishable from zero.

    Where the driven part is slower H is not defined, and the numbers have no meaning.
    """
    starts, depth, value, _, decays, _, log_weights, gap = problem
    s, exact = starts.s, np.isinf(gap)
    log_total = np.where(exact, np.log(value) - np.log(s), 1.0)
    which = np.flatnonzero((2 * gap > depth * value * (1 + _COINCIDENCE)) & ~exact)
    if which.size:
        # 4/A² is one plus all weights, since E(0) = 1.
        log_lead = 0.5 * depth * np.logaddexp(0.0, logsumexp(log_weights[which], axis=1))
        driven = _log_driven_integral(decays, log_weights[which], gap[which], depth, value)
        terms = np.logaddexp(log_lead - np.log(s[which]), np.log(depth) + driven)
        log_total[which] = np.log(value) + terms
    # H = (exp(log_total) - 1) / σ_k.
    known = np.abs(log_total) > _CANCELLATION
    log_h = np.zeros(len(gap))
    size = np.abs(log_total[known])
    log_h[known] = np.maximum(log_total[known], 0.0) + np.log(-np.expm1(-size)) - np.log(value)
    return log_h, known


def _log_driven_integral(
    decays: np.ndarray, log_weights: np.ndarray, gap: np.ndarray, depth: int, value: float
) -> np.ndarray:
    """Return log ∫ (2/A)^N E^(N/2) − exp(Nσ_k τ) dτ, by Gauss-Legendre panels and a tail."""
    end = np.maximum(logsumexp(log_weights, axis=1) - np.log(_COINCIDENCE), 0.0) / (2 * gap)
    # The zeros of E lie π/(2 × fastest decay) from the real line.
    panels = int(np.ceil(end.max() * decays.max()))
    x, w = np.polynomial.legendre.leggauss(16)
    positions = (np.arange(panels)[:, None] + (x + 1) / 2).ravel() / panels
    total = np.full(len(gap), -np.inf)
    for position, weight in zip(positions, np.tile(w / 2, panels) / panels, strict=True):
        tau = position * end
        log_ratio = logsumexp(log_weights - 2 * decays * tau[:, None], axis=1)
        power = 0.5 * depth * np.logaddexp(0.0, log_ratio)
        with np.errstate(divide="ignore"):
            term = np.log(-np.expm1(-power)) + power + np.log(weight * end)
        total = np.logaddexp(total, term + depth * value * tau)
    surplus = 2 * decays - depth * value
    tail = log_weights - surplus * end[:, None] - np.log(np.maximum(surplus, value * _COINCIDENCE))
    return np.logaddexp(total, np.log(depth / 2) + logsumexp(tail, axis=1))


def _shift(problem: _Problem) -> np.ndarray:
    """Return the limit θ of τ − ν t (section 5.3): quadrature to the linear regime, then exact."""
    starts, depth, value, _, decays, amplitudes, log_weights, gap = problem
    if depth == 2:
        return np.zeros(len(starts))
    log_total = logsumexp(log_weights, axis=1)
    end = np.maximum(log_total - np.log(_LINEAR), 0.0) / (2 * gap)
    time, deviation = np.zeros((2, len(starts)))
    which = np.arange(len(starts))
    while which.size:
        stops = end[which, None]
        t, log_s, *_ = follow(decays, amplitudes[which], value, starts.s[which], depth, stops)
        # Far from the limit the size does not matter, and the exponential could overflow.
        distance = np.minimum(np.log(value) - log_s[:, 0], 700.0)
        time[which], deviation[which] = t[:, 0], np.expm1(distance)
        which = which[np.abs(deviation[which]) > 10 * _LINEAR]
        slower = np.minimum(2 * gap[which], depth * value)
        end[which] += (np.log(np.abs(deviation[which])) - np.log(_LINEAR)) / slower
    rest = np.exp(log_weights - 2 * decays * end[:, None]).sum(axis=1)
    tail = deviation / (depth * value) + rest / (2 * value)
    with np.errstate(over="ignore"):
        shift = end - _final_speed(value, depth) * time - (1 - 2 / depth) * tail
    if not np.isfinite(shift).all():
        raise OverflowError(
            "starts must reach their limits at times that floats can represent, got "
            f"{np.count_nonzero(~np.isfinite(shift))} that do not; leave out prefactors, or bring "
            "s closer to the singular values"
        )
    return shift


def _decayed_shift(target: Target, problem: _Problem, weight_decay: float) -> np.ndarray:
    """Return the same limit with weight decay, from τ at a late time; nan where not resolved."""
    starts, depth, value, relaxation, *_, gap = problem
    speed = _final_speed(value, depth)
    slowest = min(2 * float(gap.min()), depth * relaxation) * speed
    time = 1.0 / slowest
    options: dict[str, Any] = {"weight_decay": weight_decay, "on_failure": "nan"}
    while True:
        found = solve(target, depth, starts, [time], variables=("log_s", "tau"), **options)
        distance = np.abs(found["log_s"].values - np.log(value))
        if not (distance > _LINEAR).any() or time > LATEST / 2:
            break
        time *= 2
    # From here on what is left of τ - ν t falls at the slowest rate.
    time += -np.log(_COINCIDENCE * _LINEAR) / slowest
    found = solve(target, depth, starts, [time], variables=("tau",), **options)
    return found["tau"].values[:, 0] - speed * time
