"""Rates measured on trajectories, against the predicted laws (docs/theory.md, section 5)."""

import numpy as np
import xarray as xr

from companion.distances import distances
from companion.ensembles import family_names, select, starts_of, target_of
from dlnpaper._target import Target
from dlnpaper.analysis._fits import LAWS, Fit, fit_rate
from dlnpaper.one_neuron._laws import LAW_KINDS
from dlnpaper.one_neuron._rates import rates
from dlnpaper.one_neuron._starting_points import StartingPoints

#: How well the slopes within a fit's window must agree: the first of these with which there is a
#: window. The rate comes out about as well, its prefactor worse by the e-folds of the window.
TOLERANCES = (1e-5, 1e-4, 1e-3)

#: What decides the laws of a start.
CASES = {
    "driven": "the alignment drives s: 2g < Nσ_k",
    "resonant": "2g = Nσ_k",
    "free": "s is slower than the alignment: 2g > Nσ_k, g finite",
    "exact": "directions exact from the start on: g infinite",
    "no_null_component": "to the origin with ρ = 0",
    "null_component": "to the origin with ρ > 0",
}

_MEASURED = {
    "tolerance": "tolerance to which the slopes in the window agree",
    "predicted": "predicted rate or exponent",
    "measured": "measured rate or exponent",
    "relative_error": "relative error of the measured rate or exponent",
    "predicted_prefactor": "predicted prefactor",
    "measured_prefactor": "measured prefactor",
    "prefactor_relative_error": "relative error of the measured prefactor",
}
_MISSING = "there is no such law, its prefactor is not known, or its window was not reached"


def measure(starts: xr.Dataset, trajectories: xr.Dataset) -> xr.Dataset:
    """Measure the law of every quantity on every trajectory.

    The trajectories are those of the starts, which `companion.ensembles.generate` returns: ``s``
    and ``excess`` (depth, start, time), ``a`` (depth, start, time, left) and ``b`` (depth, start,
    time, right), until long after the laws have set in.

    Returns
    -------
    xarray.Dataset
        limit : str, (start,)
            "global_minimizer", "saddle_k" (k from 1) or "origin".
        case : str, (depth, start)
            One of `CASES`.
        law : str, (depth, start, quantity)
            "exponential" or "power"; "exact" for what is zero from the start on; "resonant", which
            no straight line measures; "undefined" where there is no law.
        tolerance : float, (depth, start, quantity)
            The one of `TOLERANCES` to which the slopes in the window agree, 0 for an exact law. nan
            if no window was reached: then nothing is measured.
        predicted, measured, relative_error : float, (depth, start, quantity)
            The rate or exponent. Of an exact law: zero, the largest distance, and again the latter.
        predicted_prefactor, measured_prefactor, prefactor_relative_error : float, likewise
            The prefactor; nan where there is none or it is not known.
        distance : float, (depth, start, quantity, time)
            From the limit; see `companion.distances.distances`.
    """
    target = target_of(starts)
    points = starts_of(select(starts, family_names(trajectories)))
    away = distances(target, points, trajectories).transpose("depth", "start", "quantity", "time")
    depths = away["depth"]
    by_depth = [_at_depth(target, points, away.sel(depth=depth)) for depth in depths.values]
    measured = xr.concat(by_depth, dim=depths)
    return measured.assign(
        limit=measured["limit"].isel(depth=0, drop=True),
        distance=away["distance"].assign_attrs(long_name="distance from the limit", units="1"),
    )


def tightest_fit(
    times: np.ndarray, values: np.ndarray, law: str, uncertainty: float | np.ndarray
) -> tuple[float, Fit]:
    """Return the first of `TOLERANCES` at which a fit has a window, and this fit.

    If there is none, the last of them and a fit that did not reach its window.
    """
    for tolerance in TOLERANCES:
        options = {"uncertainty": uncertainty, "tolerance": tolerance}
        fit = fit_rate(times, values, law, **options)  # type: ignore[arg-type]
        if fit.reached:
            break
    return tolerance, fit


def _at_depth(target: Target, points: StartingPoints, away: xr.Dataset) -> xr.Dataset:
    depth, times = int(away["depth"]), away["time"].values
    predicted = rates(target, depth, points)
    law = np.array(LAW_KINDS)[predicted["kind"].values]
    value, gap = predicted["value"].values, predicted["gap"].values
    speed = np.where(law == "power", predicted["exponent"], predicted["rate"])
    log_prefactor = predicted["log_prefactor"].where(predicted["prefactor_known"]).values
    found, unsure = away["distance"].values, away["uncertainty"].values
    numbers = np.full((*law.shape, len(_MEASURED)), np.nan)
    for at in zip(*np.nonzero(law != "undefined"), strict=True):
        numbers[at] = _compared(
            str(law[at]), float(speed[at]), float(log_prefactor[at]), times, found[at], unsure[at]
        )
    limit = [_limit_name(target, sigma) for sigma in value]
    has_null = points.rho(target) > 0
    case = [_case(*start, depth) for start in zip(value, gap, has_null, strict=True)]
    both = ("start", "quantity")
    measured = xr.Dataset(
        {
            "limit": ("start", limit, {"long_name": "kind of the limit"}),
            "case": ("start", case, {"long_name": "case of the laws"}),
            "law": (both, law, {"long_name": "kind of the asymptotic law"}),
        }
    )
    for i, (name, text) in enumerate(_MEASURED.items()):
        attrs = {"long_name": text, "units": "1", "missing_data": _MISSING}
        measured[name] = both, numbers[..., i], attrs
    return measured


def _limit_name(target: Target, value: float) -> str:
    if value == 0:
        return "origin"
    k = int(np.argmax(target.singular_values == value)) + 1
    return "global_minimizer" if k == 1 else f"saddle_{k}"


def _case(value: float, gap: float, has_null: bool, depth: int) -> str:
    if value == 0:
        return "null_component" if has_null else "no_null_component"
    if np.isinf(gap):
        return "exact"
    if np.isclose(2 * gap, depth * value, rtol=1e-12, atol=0):
        return "resonant"
    return "driven" if 2 * gap < depth * value else "free"


def _compared(
    law: str,
    predicted: float,
    log_prefactor: float,
    times: np.ndarray,
    distance: np.ndarray,
    uncertainty: np.ndarray,
) -> tuple[float, ...]:
    """Return the values of `_MEASURED` for one law on one trajectory."""
    nan, prefactor = np.nan, np.exp(log_prefactor)
    if law == "exact":
        largest = distance.max()
        return 0.0, 0.0, largest, largest, nan, nan, nan
    if law in LAWS:
        tolerance, fit = tightest_fit(times, distance, law, uncertainty)
        if fit.rate is not None and fit.log_prefactor is not None:
            error = abs(fit.rate / predicted - 1)
            prefactors = prefactor, np.exp(fit.log_prefactor)
            prefactor_error = abs(np.expm1(fit.log_prefactor - log_prefactor))
            return tolerance, predicted, fit.rate, error, *prefactors, prefactor_error
    return nan, predicted, nan, nan, prefactor, nan, nan
