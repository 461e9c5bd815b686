"""The stages of the trajectories that reach a unique global minimizer, measured and bounded."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_depth
from dlnpaper._target import Target
from dlnpaper.one_neuron._alignment import first_alignment
from dlnpaper.one_neuron._quadrature import follow, modes
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem

#: Every measured quantity with its bound, by the variables of `stages`.
BOUNDED = {
    name: f"{name}_bound"
    for name in ("tau_0", "tau_1", "t_0", "t_1", "log_inverse_s", "s_max", "log_envelope")
}

# Measured values and bounds are computed to about 1e-12. Some bounds are attained, for instance
# that of s by exact directions: without this allowance a comparison would judge rounding.
ROUNDING = 1e-11

# Where, beyond the end of stage 2, bounds that hold for all τ are checked: in units of 1/σ_1 for s,
# which costs a quadrature, and of 1/(σ_1 - σ_2) for the gap of the alignment.
_LATER_S = 1.0
_LATER_GAP = (0.5, 1.0, 2.0, 4.0)

_VARIABLES = {
    "tau_0": "end of stage 1 in tau: first alignment >= 0",
    "tau_1": "end of stage 2 in tau: first alignment >= half the largest singular value",
    "t_0": "end of stage 1",
    "t_1": "end of stage 2",
    "log_inverse_s": "natural logarithm of the largest 1/s of the trajectory",
    "s_max": "largest s of the trajectory at the times looked at",
    "log_envelope": "logarithm of the largest (sigma_1 - c) exp(2 (sigma_1 - sigma_2) tau)",
    "s_min": "least s of the trajectory",
    "tau_min": "tau at the least s; inf where s falls to its limit",
    "t_min": "time at the least s; inf where s falls to its limit",
    "violations": "number of bounds that the start violates",
}

# Says of numbers that need not be finite why.
_INFINITE = {
    "log_envelope": "negative infinite for directions that are exact from the start",
    "tau_min": "infinite where s falls to its limit",
    "t_min": "infinite where s falls to its limit",
}


def stages(target: Target, depth: int, starts: StartingPoints) -> xr.Dataset:
    """Measure the stages of every trajectory and evaluate their bounds (docs/theory.md, section 6).

    Stage 1 ends where the alignment c turns nonnegative (τ_0, t_0), stage 2 where it reaches σ_1/2
    (τ_1, t_1). The measured values do not use the bounds: τ_0 and τ_1 are roots of an elementary
    function, times and s come from quadrature. The largest s and the largest
    (σ_1 − c) exp(2(σ_1 − σ_2)τ) are taken over the start, the ends of stages 1 and 2 and later
    times.

    Parameters
    ----------
    target : Target
        With σ_1 > σ_2, or rank one.
    depth : int
        Number of layers N.
    starts : StartingPoints
        M starts with α_1 ≠ 0.

    Returns
    -------
    xarray.Dataset
        Over ``start``: ``tau_0``, ``tau_1``, ``t_0``, ``t_1``, ``log_inverse_s`` (the logarithm of
        the largest 1/s), ``s_max``, ``log_envelope`` (that of the largest
        (σ_1 − c) exp(2(σ_1 − σ_2)τ), -inf for exact directions), each with its upper bound
        ``..._bound``; ``s_min``, ``tau_min``, ``t_min``; ``violations``, the number of bounds
        exceeded by more than round-off. A bound beyond the largest float is inf.

    Raises
    ------
    ValueError
        If σ_1 is a tie, or a start has α_1 = 0.
    OverflowError
        If a start ends stage 2 at a time beyond the largest float.
    """
    validate_problem(target, starts)
    validate_scales(target, starts)
    depth = validate_depth(depth)
    _validate_unique(target, starts)
    sigma = target.singular_values[0]
    rates, amplitudes = modes(target, starts, sigma)
    tau_0 = first_alignment(rates, amplitudes, sigma, 0.0)
    tau_1 = first_alignment(rates, amplitudes, sigma, sigma / 2)
    stops = np.column_stack([tau_0, tau_1, tau_1 + _LATER_S / sigma])
    path = follow(rates, amplitudes, sigma, starts.s, depth, stops, seek_minimum=True)
    late = ~np.isfinite(path.time[:, 1])
    if late.any():
        raise OverflowError(
            "starts must end stage 2 at times that floats can represent, got "
            f"{np.count_nonzero(late)} that do not, the first at index {late.argmax()}; "
            "bring s closer to the singular values, or a and b to the same direction"
        )
    measured = {
        "tau_0": tau_0,
        "tau_1": tau_1,
        "t_0": path.time[:, 0],
        "t_1": path.time[:, 1],
        "log_inverse_s": -path.log_s_min,
        "s_max": np.maximum(starts.s, np.exp(path.log_s.max(axis=1))),
        "log_envelope": _log_envelope(target, rates, amplitudes, tau_0, tau_1),
        "s_min": np.exp(path.log_s_min),
        "tau_min": path.tau_min,
        "t_min": path.t_min,
    }
    values = measured | _bounds(target, depth, starts)
    values["violations"] = sum(violated(values, target, depth).values())
    variables = {}
    for name, long_name in _VARIABLES.items():
        attributes = {"long_name": long_name, "units": "1"}
        if name in _INFINITE:
            attributes["missing_data"] = _INFINITE[name]
        variables[name] = ("start", values[name], attributes)
        if name in BOUNDED:
            attributes = {"long_name": f"upper bound of {name}", "units": "1"}
            attributes["missing_data"] = "infinite beyond the largest float, or as the quantity"
            variables[BOUNDED[name]] = ("start", values[BOUNDED[name]], attributes)
    return xr.Dataset(
        variables, attrs={"Conventions": "CF-1.11", "depth": depth, "shape": target.shape}
    )


def violated(values: Mapping[str, np.ndarray], target: Target, depth: int) -> dict[str, np.ndarray]:
    """Find where measured values exceed their bounds by more than the round-off of both.

    ``values`` are what `stages` measures, and the bounds, each (M,). The result is, for each
    measured quantity, 1 where it exceeds its bound by more than `ROUNDING` times the larger of the
    bound's size and the quantity's own unit: 1/σ_1 for τ, what that takes where s is least for t,
    one for logarithms.
    """
    largest = target.singular_values[0]
    with np.errstate(over="ignore"):
        slowest = np.exp((1 - 2 / depth) * values["log_inverse_s_bound"]) / largest
    units = {"tau": 1 / largest, "t": slowest, "log": 1.0, "s": 0.0}
    beyond = {}
    for name, bound_name in BOUNDED.items():
        measured, bound = values[name], values[bound_name]
        size = np.where(np.isfinite(bound), np.abs(bound), 0.0)
        allowed = ROUNDING * np.maximum(units[name.partition("_")[0]], size)
        beyond[name] = (measured > bound + allowed).astype(np.int8)
    return beyond


def _validate_unique(target: Target, starts: StartingPoints) -> None:
    first = target.groups[0]
    if first.stop > 1:
        raise ValueError(
            f"target must have one largest singular value, got σ_1 = ... = σ_{first.stop} = "
            f"{target.singular_values[0]}; separate them"
        )
    wrong = np.flatnonzero(starts.alpha(target)[:, 0] == 0)
    if wrong.size:
        raise ValueError(
            f"starts must have α_1 ≠ 0, got α_1 = 0 in starts[{wrong[0]}], which ends "
            "elsewhere; select starts by limits(...).global_minimizer_convergent"
        )


def _spectral_gap(target: Target) -> float:
    sigma = target.singular_values
    return sigma[0] - (sigma[1] if target.rank > 1 else 0.0)


def _log_envelope(
    target: Target, rates: np.ndarray, amplitudes: np.ndarray, tau_0: np.ndarray, tau_1: np.ndarray
) -> np.ndarray:
    """Return the logarithm of the largest (σ_1 − c) exp(2(σ_1 − σ_2)τ)."""
    gap = _spectral_gap(target)
    with np.errstate(divide="ignore"):
        log_weights, log_rates = 2 * np.log(amplitudes), np.log(rates)
    largest = np.full(len(tau_0), -np.inf)
    for tau in (0 * tau_0, tau_0, tau_1, *(tau_1 + later / gap for later in _LATER_GAP)):
        log_terms = log_weights - 2 * np.outer(tau, rates)
        log_rest = np.logaddexp.reduce(log_terms + log_rates, axis=1)
        here = log_rest - np.logaddexp.reduce(log_terms, axis=1) + 2 * gap * tau
        largest = np.maximum(largest, here)
    return largest


def _bounds(target: Target, depth: int, starts: StartingPoints) -> dict[str, np.ndarray]:
    """Evaluate the bounds by logarithms: powers of C_0 overflow at moderate depths."""
    sigma, gap = target.singular_values, _spectral_gap(target)
    first = sigma[0]
    # Squares of tiny entries vanish as floats.
    with np.errstate(divide="ignore"):
        log_alpha, log_beta, log_rho = (
            2 * np.log(np.abs(part))
            for part in (starts.alpha(target), starts.beta(target), starts.rho(target))
        )
        log_c0 = _log_c0(sigma, log_alpha, log_beta)
        terms = _log_c1_terms(sigma, log_alpha, log_beta, log_rho)
        log_c1 = np.logaddexp.reduce(np.hstack(terms), axis=1) - log_alpha[:, 0]
    tau_0, tau_1 = _tau_0_bound(first, log_c0), _tau_1_bound(first, gap, log_c1)
    log_inverse_s = _log_inverse_s_bound(first, depth, starts.s, tau_0, tau_1)
    return {
        "tau_0_bound": tau_0,
        "tau_1_bound": tau_1,
        "t_0_bound": _t_0_bound(first, depth, starts.s, tau_0),
        "t_1_bound": _t_1_bound(depth, log_inverse_s, tau_1),
        "log_inverse_s_bound": log_inverse_s,
        "s_max_bound": _s_max_bound(first, starts.s),
        "log_envelope_bound": log_c1,
    }


def _log_c0(sigma: np.ndarray, log_alpha: np.ndarray, log_beta: np.ndarray) -> np.ndarray:
    """Return log C_0 from the logarithms of squares."""
    log_falling = np.logaddexp.reduce(log_beta + np.log(sigma), axis=1)
    return log_falling - (np.log(sigma[0]) + log_alpha[:, 0])


def _log_c1_terms(
    sigma: np.ndarray, log_alpha: np.ndarray, log_beta: np.ndarray, log_rho: np.ndarray
) -> list[np.ndarray]:
    """Return the logarithms of all terms of C_1 α_1², each (M, terms), from those of squares."""
    return [
        log_alpha[:, 1:] + np.log(sigma[0] - sigma[1:]),
        log_beta + np.log(sigma[0] + sigma),
        log_rho[:, None] + np.log(4 * sigma[0]),
    ]


def _tau_0_bound(first: float, log_c0: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, log_c0) / (2 * first)


def _tau_1_bound(first: float, gap: float, log_c1: np.ndarray) -> np.ndarray:
    return np.maximum(0.0, np.log(2 / first) + log_c1) / (2 * gap)


def _t_0_bound(first: float, depth: int, s: np.ndarray, tau_0: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        plateau = np.exp((1 - 2 / depth) * np.log(1 / s + 1 / first))
        return plateau * _growth((depth - 2) * first, tau_0)


def _t_1_bound(depth: int, log_inverse_s: np.ndarray, tau_1: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(tau_1 > 0, np.exp((1 - 2 / depth) * log_inverse_s) * tau_1, 0.0)


def _log_inverse_s_bound(
    first: float, depth: int, s: np.ndarray, tau_0: np.ndarray, tau_1: np.ndarray
) -> np.ndarray:
    """Return log Y_0."""
    growth = depth * first * tau_0
    with np.errstate(divide="ignore"):
        # (1/s + 1/σ_1) exp(growth) - 1/σ_1, as a sum of positive terms
        rise = growth + np.log(-np.expm1(-growth)) - np.log(first)
        rise = np.logaddexp(growth - np.log(s), rise)
        rise = np.logaddexp(rise, np.log(depth * tau_1))
    return np.maximum(rise, np.log(2 / first))


def _s_max_bound(first: float, s: np.ndarray) -> np.ndarray:
    return np.maximum(s, first)


def _growth(rate: float, tau: np.ndarray) -> np.ndarray:
    """Return ∫ exp(rate x) dx from 0 to τ."""
    return np.expm1(rate * tau) / rate if rate > 0 else tau
