"""What depth does to the start and to the end of a trajectory (docs/theory.md, section 5)."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import select, starts_of, target_of, time_grid
from companion.rate_measurement import tightest_fit
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._plateau import plateau_law, plateau_times
from dlnpaper.one_neuron._rates import rates
from dlnpaper.one_neuron._starting_points import StartingPoints

_LONG_NAMES = {
    "plateau_time": "time at which s reaches half its limit",
    "plateau_law": "that time by the law for vanishing s",
    "plateau_rate": "measured rate or exponent of the law",
    "plateau_rate_predicted": "predicted rate or exponent of the law",
    "plateau_prefactor": "measured prefactor of the law",
    "plateau_prefactor_predicted": "predicted prefactor of the law",
    "plateau_drift": "relative change of the slope within the window of the fit",
    "end_rate": "measured rate at which the excess loss decays",
    "end_rate_predicted": "predicted rate at which the excess loss decays",
    "end_drift": "relative change of the slope within the window of the fit",
}

# Plateau times are good to 1e-12; an excess below the smallest normal floats loses digits.
_TIME_ERROR = 1e-12
_EXCESS_ERROR = 1e-300


def measure(
    starts: xr.Dataset, *, depths: Sequence[int], scales: Sequence[float], times: Mapping
) -> xr.Dataset:
    """Measure plateau times, and the final rates for multiples of the target.

    Parameters
    ----------
    starts : xarray.Dataset
        Of `companion.ensembles.generate`: the family ``plateau``, starts with the same directions
        whose s increases, and ``end``, one start, whose s is multiplied as the target is.
    scales : sequence of float
        Factors of the singular values.
    times : mapping
        Arguments of `companion.ensembles.time_grid` for the end, with the target itself; divided by
        the square of the scale for a multiple of it.

    Returns
    -------
    xarray.Dataset
        plateau_time, plateau_law : (depth, start)
            At the starts of magnitude ``s`` (start).
        plateau_rate, plateau_prefactor, each also ..._predicted; plateau_drift : (depth,)
            At depth two the law is ``s = prefactor exp(-rate t)``, deeper
            ``t = prefactor s^(-rate)``.
        end_rate, end_rate_predicted, end_drift : (sigma, depth)
            ``sigma`` is the largest singular value.

        What a fit did not reach is nan.

    Raises
    ------
    ValueError
        If the directions differ, or a start has no plateau.
    """
    target, grid = target_of(starts), time_grid(**times)
    plateau, end = (starts_of(select(starts, [name])) for name in ("plateau", "end"))
    if np.ptp(plateau.a, axis=0).any() or np.ptp(plateau.b, axis=0).any():
        raise ValueError(
            "starts of the family plateau must share their directions, got several; measure one "
            "pair of directions at a time"
        )
    measured = _over_depths([_plateau(target, depth, plateau) for depth in depths], depths)
    by_scale = []
    for scale in scales:
        multiple = Target(scale * target.singular_values, shape=target.shape)
        scaled = StartingPoints(end.a, end.b, scale * end.s)
        rows = [_end_rate(multiple, depth, scaled, grid / scale**2) for depth in depths]
        by_scale.append(_over_depths(rows, depths))
    largest = np.multiply(scales, target.singular_values[0])
    sigma = variable("sigma", largest, "largest singular value of the target")
    s = variable("start", plateau.s, "singular value at the start")
    return measured.assign(s=s).merge(xr.concat(by_scale, dim=sigma))


def _plateau(target: Target, depth: int, starts: StartingPoints) -> dict[str, np.ndarray | float]:
    times = plateau_times(target, depth, starts)
    rate, prefactor, law = plateau_law(target, depth, starts)
    # From the largest s to the smallest, where the law holds best.
    s, t = starts.s[::-1], times[::-1]
    if depth == 2:
        _, fit = tightest_fit(t, s, "exponential", 0.0)
        sign = 1
    else:
        _, fit = tightest_fit(1 / s, 1 / t, "power", _TIME_ERROR / t)
        sign = -1
    return {
        "plateau_time": times,
        "plateau_law": law,
        "plateau_rate": _number(fit.rate),
        "plateau_rate_predicted": rate,
        "plateau_prefactor": np.exp(sign * _number(fit.log_prefactor)),
        "plateau_prefactor_predicted": prefactor[0],
        "plateau_drift": _number(fit.drift),
    }


def _end_rate(
    target: Target, depth: int, start: StartingPoints, times: np.ndarray
) -> dict[str, np.ndarray | float]:
    excess = solve(target, depth, start, times, variables=("excess",))["excess"].values[0]
    _, fit = tightest_fit(times, excess, "exponential", _EXCESS_ERROR)
    return {
        "end_rate": _number(fit.rate),
        "end_rate_predicted": rates(target, depth, start)["rate"].sel(quantity="excess").values[0],
        "end_drift": _number(fit.drift),
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _over_depths(
    rows: Sequence[Mapping[str, np.ndarray | float]], depths: Sequence[int]
) -> xr.Dataset:
    measured = xr.Dataset(coords={"depth": depth_axis(depths)})
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        measured[name] = variable(("depth", "start")[: values.ndim], values, _LONG_NAMES[name])
        # Of these alone a fit decides.
        if name.endswith(("_rate", "_prefactor", "_drift")):
            measured[name].attrs["missing_data"] = "the window of the fit was not reached"
    return measured
