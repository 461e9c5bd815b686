"""The asymptotic law of every quantity, for every start, prefactor included."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from dlnpaper._checks import validate_depth, validate_flag
from dlnpaper._target import Target
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._quadrature import follow, modes
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem

QUANTITIES = ("directions", "alignment_gap", "excess", "s_gap", "end_to_end")

#: Values of ``kind``, as the positions of the words.
KINDS = ("undefined", "exact", "exponential", "resonant", "power")
_UNDEFINED, _EXACT, _EXPONENTIAL, _RESONANT, _POWER = range(len(KINDS))

# Gaps that agree to this are taken to coincide: rates are sums and products of a few floats.
_COINCIDENCE = 1e-12
# A free coefficient smaller than this part of its terms is not known from zero.
_CANCELLATION = 1e-11
# Below this the approach to a limit is linear to rounding, the square being negligible.
_LINEAR = 1e-8

_UNITS = {"units": "1"}


def rates(
    target: Target, depth: int, starts: StartingPoints, *, prefactors: bool = True
) -> xr.Dataset:
    """Predict how fast every start approaches its limit (docs/theory.md, section 5).

    Quantities: ``directions``, √(‖a − a_∞‖² + ‖b − b_∞‖²); ``alignment_gap``, σ_k − c;
    ``excess``, the loss above its value in the limit; ``s_gap``, |s − σ_k|; ``end_to_end``,
    ‖W − W_∞‖_F. Here σ_k is the limiting singular value, 0 at the origin.

    Parameters
    ----------
    target : Target
    depth : int
        Number of layers N.
    starts : StartingPoints
        M starts.
    prefactors : bool
        Whether to compute prefactors and ``shift`` of starts with a positive limit: they take a
        quadrature along the trajectory, a hundred times the work of all else. Without them
        ``prefactor_known`` is false and ``shift`` zero there.

    Returns
    -------
    xarray.Dataset
        Over ``start`` and ``quantity``:

        kind : int8 flags
            0 undefined (the zero matrix has no directions), 1 exact (zero from the start on),
            2 exponential, ``P exp(-rate t)``; 3 resonant, ``P t exp(-rate t)``; 4 power,
            ``P t^(-exponent)``.
        rate, exponent : float
            Positive; zero where the kind has none.
        log_prefactor : float
            log P, zero where not known.
        prefactor_known : bool
            False for a law without a prefactor, and where a coefficient that can vanish does so to
            rounding: the true decay may then be faster than the generic rate.

        Over ``start``: ``value``, σ_k; ``gap``, the slowest decay g of the directions in τ, inf for
        exact directions and 0 at the origin; ``shift``, θ in τ ≃ σ_k^(1−2/N) t + θ.

    Raises
    ------
    ValueError
        If depth or shapes are out of range, or a gap between singular values is so small that the
        limit is not reached within a million steps.
    OverflowError
        If a prefactor or ``shift`` is beyond the largest float.
    """
    validate_problem(target, starts)
    validate_scales(target, starts)
    depth, prefactors = validate_depth(depth), validate_flag("prefactors", prefactors)
    value = limits(target, starts).value.values
    laws = _Laws(len(starts))
    for limit in np.unique(value):
        which = np.flatnonzero(value == limit)
        if limit > 0:
            _approach(laws, which, target, depth, starts[which], float(limit), prefactors)
        else:
            _collapse(laws, which, target, depth, starts[which])
    return laws.dataset(value, depth, target)


class _Laws:
    """Arrays over start and quantity that fill up class by class."""

    def __init__(self, size: int) -> None:
        shape = (size, len(QUANTITIES))
        self.kind = np.full(shape, _UNDEFINED, np.int8)
        self.rate, self.exponent, self.log_prefactor = np.zeros((3, *shape))
        self.prefactor_known = np.zeros(shape, bool)
        self.gap, self.shift = np.zeros((2, size))

    def set(
        self,
        quantity: str,
        which: np.ndarray,
        kind: int,
        speed: ArrayLike,
        log_prefactor: ArrayLike,
        known: ArrayLike = True,
    ) -> None:
        """Give starts `which` a law; `speed` is its rate, or its exponent for a power law."""
        where = which, QUANTITIES.index(quantity)
        self.kind[where] = kind
        (self.exponent if kind == _POWER else self.rate)[where] = speed
        self.log_prefactor[where] = np.where(known, log_prefactor, 0.0)
        self.prefactor_known[where] = known

    def set_exact(self, quantity: str, which: np.ndarray) -> None:
        self.kind[which, QUANTITIES.index(quantity)] = _EXACT

    def dataset(self, value: np.ndarray, depth: int, target: Target) -> xr.Dataset:
        both, start = ("start", "quantity"), ("start",)
        flags = {
            "flag_values": np.arange(len(KINDS), dtype=np.int8),
            "flag_meanings": " ".join(KINDS),
        }
        variables: dict[str, tuple] = {
            "kind": (both, self.kind, "kind of the asymptotic law", flags),
            "rate": (both, self.rate, "rate of the exponential", _UNITS),
            "exponent": (both, self.exponent, "exponent of the power law", _UNITS),
            "log_prefactor": (both, self.log_prefactor, "logarithm of the prefactor", _UNITS),
            "prefactor_known": (both, self.prefactor_known, "whether the prefactor is known", {}),
            "value": (start, value, "singular value of the limit", _UNITS),
            "gap": (start, self.gap, "slowest decay of the directions in tau", _UNITS),
            "shift": (start, self.shift, "limit of tau minus its final speed times time", _UNITS),
        }
        return xr.Dataset(
            {
                name: (dims, array, {"long_name": long_name, **attrs})
                for name, (dims, array, long_name, attrs) in variables.items()
            },
            coords={"quantity": list(QUANTITIES)},
            attrs={"Conventions": "CF-1.11", "depth": depth, "shape": target.shape},
        )


def _approach(
    laws: _Laws,
    which: np.ndarray,
    target: Target,
    depth: int,
    starts: StartingPoints,
    value: float,
    prefactors: bool,
) -> None:
    """Set the laws of starts with a positive limit (docs/theory.md, sections 5.1 to 5.3)."""
    decays, log_weights = _weights(target, starts, value)
    gap, log_q = _slowest(decays, log_weights)
    free = depth * value
    h_zero = np.isinf(gap) & (starts.s == value)
    log_h, shift = np.zeros((2, len(starts)))
    h_known = np.zeros(len(starts), bool)
    if prefactors:
        log_h, h_known = _free_coefficient(decays, log_weights, gap, starts.s, depth, value)
        shift = _shift(target, starts, depth, value, decays, log_weights, gap)
    laws.gap[which], laws.shift[which] = gap, shift
    speed = value ** (1 - 2 / depth)

    def law(
        quantity: str,
        mask: np.ndarray,
        rate: ArrayLike,
        log_prefactor: np.ndarray,
        kind: int = _EXPONENTIAL,
        known: ArrayLike = True,
    ) -> None:
        if not mask.any():
            return
        known = np.logical_and(known, prefactors)
        rate, log_prefactor, known = np.broadcast_arrays(rate, log_prefactor, known)
        with np.errstate(over="ignore"):
            prefactor = log_prefactor[mask] - rate[mask] * shift[mask]
        if not np.isfinite(prefactor[known[mask]]).all():
            raise OverflowError(
                f"starts must have prefactors with finite logarithms, got {quantity} of "
                f"{np.count_nonzero(~np.isfinite(prefactor))} without; leave out prefactors"
            )
        laws.set(quantity, which[mask], kind, rate[mask] * speed, prefactor, known[mask])

    exact = np.isinf(gap)
    finite = np.where(exact, 1.0, gap)
    log_gap_q = np.log(finite) + log_q
    laws.set_exact("directions", which[exact])
    laws.set_exact("alignment_gap", which[exact])
    law("directions", ~exact, finite, 0.5 * (np.log(2) + log_q))
    law("alignment_gap", ~exact, 2 * finite, log_gap_q)

    # h_zero: exact directions and s at its limit, so that nothing moves.
    resonant = np.isclose(2 * finite, free, rtol=_COINCIDENCE, atol=0) & ~exact
    driven = (2 * gap < free) & ~resonant
    freely = ~driven & ~resonant & ~h_zero
    with np.errstate(divide="ignore", invalid="ignore"):
        log_driven = np.log(free) + log_gap_q - np.log(free - 2 * finite)
    log_free = 2 * np.log(value) + log_h
    law("s_gap", driven, 2 * finite, log_driven)
    law("s_gap", resonant, 2 * finite, np.log(free * speed) + log_gap_q, kind=_RESONANT)
    law("s_gap", freely, free, log_free, known=h_known)

    both = np.isclose(finite, free, rtol=_COINCIDENCE, atol=0) & ~exact
    first = (gap < free) & ~both
    last = ~first & ~both & ~h_zero
    log_excess = np.log(value) + log_gap_q
    log_excess_free = 2 * log_free - np.log(2)
    law("excess", first, 2 * finite, log_excess)
    law("excess", both, 2 * free, np.logaddexp(log_excess, log_excess_free))
    law("excess", last, 2 * free, log_excess_free, known=h_known)
    log_square = 2 * np.log(value) + np.log(2) + log_q
    law("end_to_end", first, finite, 0.5 * log_square)
    law("end_to_end", both, free, 0.5 * np.logaddexp(log_square, 2 * log_free))
    law("end_to_end", last, free, log_free, known=h_known)
    for quantity in ("s_gap", "excess", "end_to_end"):
        laws.set_exact(quantity, which[h_zero])


def _weights(target: Target, starts: StartingPoints, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Return all decays g_m and log weights log Q_m; the modes of the limit have weight 0."""
    decays, amplitudes = modes(target, starts, value)
    # By hypot, since the squares of tiny entries would vanish.
    lead = np.hypot.reduce(np.where(decays == 0, amplitudes, 0.0), axis=1)
    with np.errstate(divide="ignore"):
        log_weights = 2 * (np.log(amplitudes) - np.log(lead)[:, None])
    log_weights[:, decays == 0] = -np.inf
    return decays, log_weights


def _slowest(decays: np.ndarray, log_weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the gap g of each start, and log Q; inf and 0 for exact directions."""
    gap = np.where(log_weights > -np.inf, decays, np.inf).min(axis=1)
    shared = np.where(decays == gap[:, None], log_weights, -np.inf)
    shared[np.isinf(gap), 0] = 0.0
    return gap, logsumexp(shared, axis=1)


def _free_coefficient(
    decays: np.ndarray,
    log_weights: np.ndarray,
    gap: np.ndarray,
    s: np.ndarray,
    depth: int,
    value: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return log |H| (section 5.2), and whether it is known from zero.

    Where the driven part is slower H is not defined, and the numbers have no meaning.
    """
    exact = np.isinf(gap)
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


def _shift(
    target: Target,
    starts: StartingPoints,
    depth: int,
    value: float,
    decays: np.ndarray,
    log_weights: np.ndarray,
    gap: np.ndarray,
) -> np.ndarray:
    """Return the limit θ of τ − ν t (section 5.3): quadrature to the linear regime, then exact."""
    if depth == 2:
        return np.zeros(len(starts))
    _, amplitudes = modes(target, starts, value)
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
    speed = value ** (1 - 2 / depth)
    rest = np.exp(log_weights - 2 * decays * end[:, None]).sum(axis=1)
    tail = deviation / (depth * value) + rest / (2 * value)
    with np.errstate(over="ignore"):
        shift = end - speed * time - (1 - 2 / depth) * tail
    if not np.isfinite(shift).all():
        raise OverflowError(
            "starts must reach their limits at times that floats can represent, got "
            f"{np.count_nonzero(~np.isfinite(shift))} that do not; leave out prefactors, or bring "
            "s closer to the singular values"
        )
    return shift


def _collapse(
    laws: _Laws, which: np.ndarray, target: Target, depth: int, starts: StartingPoints
) -> None:
    """Set the laws of starts that end at the origin (docs/theory.md, section 5.4)."""
    flat = starts.rho(target) > 0
    n = depth
    exponent = n / (2 * (n - 1))
    log_prefactor = -exponent * np.log(2 * (n - 1))
    at = which[flat]
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, at, _POWER, exponent, log_prefactor)
    laws.set("excess", at, _POWER, 2 * exponent, 2 * log_prefactor - np.log(2))

    at, starts = which[~flat], starts[np.flatnonzero(~flat)]
    sigma, beta = target.singular_values, starts.beta(target)
    slowest = np.where(beta != 0, sigma, np.inf).min(axis=1)
    if n == 2:
        with np.errstate(divide="ignore"):
            log_beta = np.where(sigma == slowest[:, None], 2 * np.log(np.abs(beta)), -np.inf)
        log_prefactor = logsumexp(log_beta, axis=1) - np.log(4 / starts.s + beta**2 @ (1 / sigma))
        kind, speed = _EXPONENTIAL, 2 * slowest
    else:
        kind, speed = _POWER, n / (n - 2)
        log_prefactor = -speed * np.log((n - 2) * slowest)
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, at, kind, speed, log_prefactor)
    laws.set("excess", at, kind, speed, log_prefactor + np.log(slowest))
