"""What depth does to the start and to the end of a trajectory (docs/theory.md, section 5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.closed_form import solve
from dlnpaper.fits import Fit, fit_rate
from dlnpaper.rates import rates
from dlnpaper.schema import Field, Schema
from dlnpaper.starting_points import StartingPoints
from dlnpaper.studies.plateau import plateau_law, plateau_times
from dlnpaper.target import Target

__all__ = ["DEPTH", "end_rates", "plateaus", "tabulate"]

# What a file of `plateaus` and `end_rates` together holds (`dlnpaper.storage`).
_LONG_NAMES = {
    "s": "singular value at the start",
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

#: What a file of these measurements holds. What a fit did not reach is nan.
DEPTH = Schema(
    "dlnpaper effects of depth",
    version=1,
    required={
        "s": Field(("start",)),
        "plateau_time": Field(("depth", "start")),
        "plateau_law": Field(("depth", "start")),
        **{name: Field(("depth",)) for name in _LONG_NAMES if name.startswith("plateau_rate")},
        **{name: Field(("depth",)) for name in _LONG_NAMES if name.startswith("plateau_pref")},
        "plateau_drift": Field(("depth",)),
        "end_rate": Field(("sigma", "depth")),
        "end_rate_predicted": Field(("sigma", "depth")),
        "end_drift": Field(("sigma", "depth")),
    },
)

# Slopes agree to the first of these with which there is a window: the tightest gives the best rate.
_TOLERANCES = (1e-5, 1e-4, 1e-3)
# `follow` promises 1e-12 of a time; an excess below the smallest normal floats loses digits.
_TIME_ERROR = 1e-12
_EXCESS_ERROR = 1e-300


def plateaus(target: Target, depths: Sequence[int], starts: StartingPoints) -> xr.Dataset:
    """Measure plateau times and their law, from starts that differ in s alone.

    Parameters
    ----------
    target : Target
    depths : sequence of int
    starts : StartingPoints
        M starts with the same directions, s increasing.

    Returns
    -------
    xarray.Dataset
        ``s`` (start) and the variables ``plateau_...`` of `DEPTH`. At depth two the fitted law is
        ``s = prefactor exp(-rate t)``, deeper ``t = prefactor s^(-rate)``.

    Raises
    ------
    ValueError
        See `dlnpaper.studies.plateau.plateau_times`; also if directions differ or s does not
        increase.
    """
    if np.ptp(starts.a, axis=0).any() or np.ptp(starts.b, axis=0).any():
        raise ValueError(
            "starts must share their directions, got several; measure one pair of directions at a "
            "time"
        )
    parts = [_plateau(target, depth, starts) for depth in depths]
    return _dataset(parts, depths).assign(s=("start", starts.s, _attributes("s")))


def end_rates(
    target: Target,
    depths: Sequence[int],
    start: StartingPoints,
    scales: Sequence[float],
    times: np.ndarray,
) -> xr.Dataset:
    """Measure the rate of the excess loss for multiples of one target.

    Parameters
    ----------
    target : Target
    depths : sequence of int
    start : StartingPoints
        One start; its s is multiplied as the target is.
    scales : sequence of float
        Factors of the singular values.
    times : ndarray, (T,)
        For the target itself; divided by the square of the scale for a multiple of it.

    Returns
    -------
    xarray.Dataset
        ``end_rate``, ``end_rate_predicted`` and ``end_drift`` (sigma, depth), ``sigma`` being the
        largest singular value.
    """
    parts = []
    for scale in scales:
        multiple = Target(scale * target.singular_values, shape=target.shape)
        scaled = StartingPoints(start.a, start.b, scale * start.s)
        rows = [_end_rate(multiple, depth, scaled, times / scale**2) for depth in depths]
        parts.append(_dataset(rows, depths))
    sigma = xr.DataArray(
        np.multiply(scales, target.singular_values[0]),
        dims="sigma",
        name="sigma",
        attrs={"long_name": "largest singular value of the target", "units": "1"},
    )
    return xr.concat(parts, dim=sigma)


def tabulate(effects: xr.Dataset) -> pd.DataFrame:
    """Return predicted against measured, one row for each law, depth and size of the target."""
    rows = []
    for depth in effects["depth"].values:
        at = effects.sel(depth=depth)
        law = "log" if depth == 2 else "power"
        for quantity in ("rate", "prefactor"):
            name = f"plateau_{quantity}"
            rows.append(
                {"quantity": name, "law": law, "depth": depth, "sigma": np.nan}
                | _compared(at[f"{name}_predicted"], at[name], at["plateau_drift"])
            )
        for sigma in effects["sigma"].values:
            here = at.sel(sigma=sigma)
            rows.append(
                {"quantity": "end_rate", "law": "exponential", "depth": depth, "sigma": sigma}
                | _compared(here["end_rate_predicted"], here["end_rate"], here["end_drift"])
            )
    return pd.DataFrame(rows).sort_values(["quantity", "sigma", "depth"], ignore_index=True)


def _plateau(target: Target, depth: int, starts: StartingPoints) -> dict[str, np.ndarray]:
    times = plateau_times(target, depth, starts)
    rate, prefactor, law = plateau_law(target, depth, starts)
    # From the largest s to the smallest, where the law holds best.
    s, t = starts.s[::-1], times[::-1]
    if depth == 2:
        fit = _fit(t, s, "exponential", 0.0)
        log_prefactor = fit.log_prefactor
    else:
        fit = _fit(1 / s, 1 / t, "power", _TIME_ERROR / t)
        log_prefactor = None if fit.log_prefactor is None else -fit.log_prefactor
    return {
        "plateau_time": times,
        "plateau_law": law,
        "plateau_rate": _number(fit.rate),
        "plateau_rate_predicted": np.array(rate),
        "plateau_prefactor": np.exp(_number(log_prefactor)),
        "plateau_prefactor_predicted": prefactor[0],
        "plateau_drift": _number(fit.drift),
    }


def _end_rate(
    target: Target, depth: int, start: StartingPoints, times: np.ndarray
) -> dict[str, np.ndarray]:
    excess = solve(target, depth, start, times, variables=("excess",))["excess"].values[0]
    fit = _fit(times, excess, "exponential", _EXCESS_ERROR)
    return {
        "end_rate": _number(fit.rate),
        "end_rate_predicted": rates(target, depth, start)["rate"].sel(quantity="excess").values[0],
        "end_drift": _number(fit.drift),
    }


def _fit(times: np.ndarray, values: np.ndarray, law: str, uncertainty: float | np.ndarray) -> Fit:
    for tolerance in _TOLERANCES:
        fit = fit_rate(times, values, law, uncertainty=uncertainty, tolerance=tolerance)
        if fit.reached:
            break
    return fit


def _number(value: float | None) -> np.ndarray:
    return np.array(np.nan if value is None else value)


def _dataset(parts: list[dict[str, np.ndarray]], depths: Sequence[int]) -> xr.Dataset:
    return xr.Dataset(
        {
            name: (
                ("depth", "start")[: 1 + np.ndim(parts[0][name])],
                np.array([part[name] for part in parts]),
                _attributes(name),
            )
            for name in parts[0]
        },
        coords={
            "depth": ("depth", np.array(depths), {"long_name": "number of layers", "units": "1"})
        },
    )


def _compared(predicted: xr.DataArray, measured: xr.DataArray, drift: xr.DataArray) -> dict:
    return {
        "reached": bool(np.isfinite(measured)),
        "predicted": float(predicted),
        "measured": float(measured),
        "relative_error": float(abs(measured / predicted - 1)),
        "drift": float(drift),
    }


def _attributes(name: str) -> dict[str, str]:
    return {"long_name": _LONG_NAMES[name], "units": "1"}
