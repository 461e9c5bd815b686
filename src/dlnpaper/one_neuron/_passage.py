"""When trajectories pass a level of the excess, and when they leave the saddles that they visit."""

from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize import elementwise

from dlnpaper._checks import LATEST, validate_depth, validate_number
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._depths import Depth, are_several, for_each_depth
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._quadrature import follow, modes
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem

# Starts whose levels are sought together: each evaluation takes the times of all of them.
_TOGETHER = 64
# The decade of the fastest boundary layer, and one in units of 1/σ_1^(2 - 2/N), by which most have
# passed: not all starts can be resolved farther.
_FIRST_DECADE, _SOON = -300, 6


def first_passage(
    target: Target,
    depth: Depth,
    starts: StartingPoints,
    *,
    excess: float = 0.01,
) -> xr.DataArray:
    """Find when the excess over the limit's loss first falls to a share of its start.

    The loss never rises along the flow, so this is the one time at which the excess passes that
    level, be the limit the global minimizer, a saddle or the origin.

    Parameters
    ----------
    target : Target
    depth : int or sequence of int
        Number of layers N, or several of them.
    starts : StartingPoints
        M starts.
    excess : float
        The share, above 0 and at most 1.

    Returns
    -------
    xarray.DataArray
        Times over ``start``, (M,), or over ``depth`` and ``start``; dimensionless. 0 where the
        excess is 0 as a float from the start on, inf where it is above the level at the last time
        that `dlnpaper.solve` takes (1e150 for σ_1 about 1), and NaN where `solve` cannot resolve
        the start.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.

    Notes
    -----
    A root in t of the closed form, not a point of a grid. The excess at the time returned is the
    level up to the accuracy of `solve`, 1e-11 and mostly 1e-13 relative to the excess, and up to
    what the rounding of t changes in it. So the time has that relative error over
    ``|d ln(excess) / d ln t|``: it is known badly only where the excess hardly changes, as on a
    plateau at just that level.

    References
    ----------
    docs/theory.md, sections 3.4 and 5.
    """
    validate_problem(target, starts)
    expected, remedy = "must be above 0 and at most 1", "give the share of the excess at the start"
    share = validate_number("excess", excess, expected, lambda number: 0 < number <= 1, remedy)
    if are_several(depth):
        found = for_each_depth(lambda each: _passage_of(target, each, starts, share), depth)
    else:
        found = _passage_of(target, validate_depth(depth), starts, share)
    return found["first_passage"]


def escape_time(target: Target, depth: Depth, starts: StartingPoints) -> xr.DataArray:
    """Return the times t of ``escape_tau`` of `dlnpaper.limits`, when visits of saddles end.

    From then on the modes of the limit lead; until then the trajectory is near other stationary
    points, if near any.

    Parameters
    ----------
    target : Target
    depth : int or sequence of int
        Number of layers N, or several of them.
    starts : StartingPoints
        M starts.

    Returns
    -------
    xarray.DataArray
        Times over ``start``, (M,), or over ``depth`` and ``start``; dimensionless, to about 1e-12.
        0 for starts whose limit leads from the start on, or is the origin; inf beyond the largest
        float.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range, or a visit takes more than a
        million panels of the quadrature.

    References
    ----------
    docs/theory.md, sections 3 and 4.
    """
    validate_problem(target, starts)
    validate_scales(target, starts)
    if are_several(depth):
        return for_each_depth(lambda each: _escape_of(target, each, starts), depth)["escape_time"]
    return _escape_of(target, validate_depth(depth), starts)["escape_time"]


def _passage_of(target: Target, depth: int, starts: StartingPoints, share: float) -> xr.Dataset:
    times = np.concatenate(
        [
            _passage_times(target, depth, starts[first : first + _TOGETHER], share)
            for first in range(0, len(starts), _TOGETHER)
        ]
        or [np.empty(0)]
    )
    return _over_starts("first_passage", times, "time at which the excess falls to its share")


def _passage_times(target: Target, depth: int, starts: StartingPoints, share: float) -> np.ndarray:
    """Return the times of a few starts, from a bracket of a decade by Chandrupatla's method."""

    def log_excess(which: np.ndarray, times: np.ndarray) -> np.ndarray:
        options: dict[str, Any] = {"variables": ["excess"], "on_failure": "nan"}
        result = solve(target, depth, starts[which], times, **options)
        with np.errstate(divide="ignore"):
            return np.log(result["excess"].values)

    level, after = np.full((2, len(starts)), np.nan)
    before = np.full(len(starts), np.nan)
    which = np.arange(len(starts))
    for grid in _grids(target, depth):
        found = log_excess(which, grid)
        level[which] = found[:, 0] + np.log(share)
        passed = found <= level[which, None]
        at = passed.argmax(axis=1)
        some = passed.any(axis=1)
        before[which], after[which] = grid[np.maximum(at - 1, 0)], np.where(some, grid[at], np.inf)
        after[which[np.isnan(found).any(axis=1)]] = np.nan
        which = which[~some]

    def above(times: np.ndarray, which: np.ndarray) -> np.ndarray:
        moments, position = np.unique(times, return_inverse=True)
        here = log_excess(which, moments)[np.arange(len(which)), position]
        # A zero excess has no logarithm, but a side.
        return np.maximum(here - level[which], -1e3)

    which = np.flatnonzero(np.isfinite(after) & (after > 0))
    if which.size:
        bracket = before[which], after[which]
        tolerances = {"xrtol": 2 * float(np.finfo(float).eps)}
        found = elementwise.find_root(above, bracket, args=(which,), tolerances=tolerances)
        # Where rounding has moved the root out of the bracket it is an end of it.
        ends = np.where(np.abs(found.f_bracket[0]) < np.abs(found.f_bracket[1]), *bracket)
        after[which] = np.where(found.success, found.x, ends)
    return after


def _grids(target: Target, depth: int) -> list[np.ndarray]:
    """Return time 0 and decades that nearly all starts need, then all that `solve` takes."""
    log_unit = -(2 - 2 / depth) * np.log10(target.singular_values[0])
    last = np.floor(min(np.log10(LATEST), 300 + log_unit))
    exponents = np.arange(_FIRST_DECADE, last + 1)
    soon = exponents[exponents <= log_unit + _SOON]
    return [np.append(0.0, 10.0**each) for each in (soon, exponents)]


def _escape_of(target: Target, depth: int, starts: StartingPoints) -> xr.Dataset:
    ends = limits(target, starts)
    value, tau = ends["value"].values, ends["escape_tau"].values
    times = np.zeros(len(starts))
    for limit in np.unique(value[tau > 0]):
        which = np.flatnonzero((value == limit) & (tau > 0))
        some = starts[which]
        rates, amplitudes = modes(target, some, float(limit))
        passage = follow(rates, amplitudes, float(limit), some.s, depth, tau[which, None])
        times[which] = passage.time[:, 0]
    return _over_starts("escape_time", times, "time from which the modes of the limit lead")


def _over_starts(name: str, times: np.ndarray, long_name: str) -> xr.Dataset:
    attributes = {
        "long_name": long_name,
        "units": "1",
        "missing_data": "infinite beyond the largest time, missing where not resolved",
    }
    return xr.Dataset({name: ("start", times, attributes)})
