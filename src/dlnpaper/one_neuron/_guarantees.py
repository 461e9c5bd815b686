"""Who guarantees the global minimizer, for which starts, and for what share of all starts."""

from collections.abc import Mapping

import numpy as np
import scipy
import xarray as xr

from dlnpaper._checks import shown, validate_number
from dlnpaper._target import Target, validate_target
from dlnpaper.analysis._intervals import binomial_interval
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem

GUARANTEES = {
    "restricted_set": "Eftekhari's restricted set for the given omega",
    "restricted_union": "union of Eftekhari's restricted sets over omega",
    "deficiency_margin": "positive deficiency margin",
    "global_minimizer_convergent": "global-minimizer convergent set",
}


def guarantees(target: Target, starts: StartingPoints, omega: float) -> xr.Dataset:
    """Return which theory guarantees for every start that it reaches a global minimizer.

    Parameters
    ----------
    target : Target
    starts : StartingPoints
        M starts.
    omega : float
        Parameter of Eftekhari's restricted set, between σ_2/σ_1 and 1; 1 if σ_1 = σ_2, where the
        set is empty.

    Returns
    -------
    xarray.Dataset
        Booleans over ``start``:

        restricted_set
            ``s > (ω − γ) σ_1`` and ``a_1 b_1 > ω``, with γ = σ_2/σ_1 (0 for rank one).
        restricted_union
            ``a_1 b_1 > γ``; empty if σ_1 = σ_2.
        deficiency_margin
            ``‖W(0) − Z‖_F < σ_r``. σ_r is the reading of σ_min that favors the condition most; even
            so it needs a target of rank one.
        global_minimizer_convergent
            Some α_i with σ_i = σ_1 is not zero.

    Raises
    ------
    ValueError
        If omega does not lie between γ and 1, or the starts do not have the target's shape.

    References
    ----------
    docs/theory.md, section 7; Eftekhari 2020; Arora et al. 2019.
    """
    validate_problem(target, starts)
    validate_scales(target)
    omega = _validate_omega(target, omega)
    sets = {
        "restricted_set": _in_restricted_set(target, starts, omega),
        "restricted_union": _in_restricted_union(target, starts),
        "deficiency_margin": _has_deficiency_margin(target, starts),
        "global_minimizer_convergent": _is_convergent(target, starts),
    }
    return xr.Dataset(
        {name: ("start", sets[name], {"long_name": text}) for name, text in GUARANTEES.items()},
        attrs={"Conventions": "CF-1.11", "omega": omega},
    )


def _overlap(starts: StartingPoints) -> np.ndarray:
    return starts.a[:, 0] * starts.b[:, 0]


def _in_restricted_set(target: Target, starts: StartingPoints, omega: float) -> np.ndarray:
    least = (omega - _ratio(target)) * target.singular_values[0]
    return (starts.s > least) & (_overlap(starts) > omega)


def _in_restricted_union(target: Target, starts: StartingPoints) -> np.ndarray:
    return _overlap(starts) > _ratio(target)


def _has_deficiency_margin(target: Target, starts: StartingPoints) -> np.ndarray:
    return _margin_surplus(target, starts) < 0


def _margin_surplus(target: Target, starts: StartingPoints) -> np.ndarray:
    """Return ‖W − Z‖² − σ_r², without the square that both may share."""
    sigma, rank = target.singular_values, target.rank
    alignment = (starts.a[:, :rank] * starts.b[:, :rank]) @ sigma
    with np.errstate(over="ignore"):  # of a start so large that it is not close
        return starts.s * (starts.s - 2 * alignment) + np.sum(sigma[:-1] ** 2)


def _is_convergent(target: Target, starts: StartingPoints) -> np.ndarray:
    return limits(target, starts).global_minimizer_convergent.values


def coverage(sets: xr.Dataset, *, confidence: float = 0.95) -> xr.Dataset:
    """Estimate from sampled starts the share that each theory covers.

    Parameters
    ----------
    sets : xarray.Dataset
        From `guarantees`, for M starts with independent uniform directions.
    confidence : float
        Of the interval, between 0 and 1.

    Returns
    -------
    xarray.Dataset
        Over ``guarantee``: ``share``, and the ends ``low`` and ``high`` of its Clopper-Pearson
        interval, which covers the true share with at least the stated probability, also for
        shares of zero and one. Attributes: ``starts`` (M ≥ 1), ``confidence``.
    """
    _validate_sets(sets)
    total = sets.sizes["start"]
    if total == 0:
        raise ValueError("sets must hold at least one start, got none; sample some")
    hits = np.array([int(sets[name].sum()) for name in GUARANTEES])
    low, high = binomial_interval(hits, total, confidence)
    values = {
        "share": (hits / total, "share of the starts that are covered"),
        "low": (low, "lower end of the confidence interval of the share"),
        "high": (high, "upper end of the confidence interval of the share"),
    }
    return _over_guarantees(values, {"starts": total, "confidence": float(confidence)})


def exact_coverage(target: Target, s: float, omega: float) -> xr.Dataset:
    """Compute the probability that a start with uniform directions and magnitude `s` is covered.

    Parameters
    ----------
    target : Target
    s : float
        Positive and finite; ValueError otherwise.
    omega : float
        Parameter of Eftekhari's restricted set, between σ_2/σ_1 and 1; ValueError otherwise.

    Returns
    -------
    xarray.Dataset
        Over ``guarantee``: ``share``, accurate to about 1e-10 (docs/theory.md, section 7).
    """
    thresholds = overlap_thresholds(target, s, omega)
    share = {name: overlap_probability(target.shape, xi) for name, xi in thresholds.items()}
    # Of two unit vectors that are mere signs, half of the pairs have a = -b.
    share["global_minimizer_convergent"] = 0.5 if target.shape == (1, 1) else 1.0
    values = {"share": (np.array([share[name] for name in GUARANTEES]), "share that is covered")}
    return _over_guarantees(values, {"s": float(s), "omega": float(omega)})


def overlap_thresholds(target: Target, s: float, omega: float) -> dict[str, float]:
    """Return the ξ that turn each earlier guarantee into ``a_1 b_1 > ξ`` for magnitude s.

    By the names in `GUARANTEES`, without the last; 1 or more if no start is covered. Arguments,
    errors and source are those of `exact_coverage`.
    """
    validate_target(target)
    validate_scales(target)
    omega = _validate_omega(target, omega)
    expected, remedy = "must be positive and finite", "give the magnitude of W(0)"
    s = validate_number("s", s, expected, lambda number: 0 < number < np.inf, remedy)
    largest, ratio = target.singular_values[0], _ratio(target)
    return {
        "restricted_set": omega if s > (omega - ratio) * largest else 1.0,
        "restricted_union": ratio,
        "deficiency_margin": min(1.0, s / 2 / float(largest)) if target.rank == 1 else 1.0,
    }


def overlap_probability(shape: tuple[int, int], threshold: float) -> float:
    """Compute the probability of ``a_1 b_1 > threshold`` for independent uniform directions.

    ``shape`` is ``(d_y, d_x)``, the dimensions of the unit vectors a and b, and the threshold is at
    least 0. Accurate to about 1e-10 (docs/theory.md, section 7).
    """
    if not threshold >= 0:
        raise ValueError(f"threshold must be >= 0, got {threshold}; the overlap is symmetric")
    small, large = sorted(shape)
    if threshold >= 1:
        return 0.0
    if large == 1:
        return 0.5
    if small == 1:
        return _with_equal_signs(_square_exceeds(threshold**2, large))
    # a_1 = cos θ has the density sin(θ)^(d - 2), which is not singular, on (0, π).
    whole = 0.5 * scipy.special.beta((small - 1) / 2, 0.5)

    def density(angle: float) -> float:
        partner = _square_exceeds((threshold / np.cos(angle)) ** 2, large)
        return float(np.sin(angle) ** (small - 2) * partner)

    # With full output it does not warn where rounding keeps it from tolerances this strict.
    share, error, *_ = scipy.integrate.quad(
        density, 0, np.arccos(threshold), epsabs=1e-13, epsrel=1e-12, limit=200, full_output=1
    )
    if not error <= 1e-10 * whole:
        raise ArithmeticError(
            f"threshold must give a share to 1e-10, got {threshold} with an error of "
            f"{error / whole:.3g}; take one farther from 1, or a smaller shape"
        )
    return float(min(0.5, _with_equal_signs(share / whole)))


def _with_equal_signs(share: float) -> float:
    """Return the share in which a_1 and b_1 also have the same sign."""
    return 0.5 * share


def _square_exceeds(threshold: float, dimension: int) -> float:
    """Return the probability that a squared coordinate of a uniform direction is larger."""
    return float(scipy.special.betainc((dimension - 1) / 2, 0.5, np.clip(1 - threshold, 0.0, 1.0)))


def _ratio(target: Target) -> float:
    sigma = target.singular_values
    return float(sigma[1] / sigma[0]) if target.rank > 1 else 0.0


def _validate_omega(target: Target, omega: float) -> float:
    ratio = _ratio(target)
    expected = f"must lie between σ_2/σ_1 = {ratio:.6g} and 1"

    def accepts(number: float) -> bool:
        return ratio < number < 1 or ratio == number == 1

    return validate_number("omega", omega, expected, accepts, "choose it there")


def _validate_sets(sets: xr.Dataset) -> None:
    if not isinstance(sets, xr.Dataset):
        raise TypeError(f"sets must be a Dataset, got {shown(sets)}; make it with guarantees(...)")
    for name in GUARANTEES:
        if name not in sets or sets[name].dims != ("start",) or sets[name].dtype != bool:
            raise ValueError(
                f"sets must hold booleans over start by the name {name}, got {list(sets)}; "
                "make it with guarantees(...)"
            )


def _over_guarantees(
    values: Mapping[str, tuple[np.ndarray, str]], attrs: Mapping[str, object]
) -> xr.Dataset:
    return xr.Dataset(
        {
            name: ("guarantee", array, {"long_name": long_name, "units": "1"})
            for name, (array, long_name) in values.items()
        },
        coords={"guarantee": ("guarantee", list(GUARANTEES), {"long_name": "set of starts"})},
        attrs={"Conventions": "CF-1.11", **attrs},
    )
