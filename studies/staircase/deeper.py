"""The steps of networks of any depth from the same end-to-end matrix."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from dlnpaper.two_layers._closed_form import solve
from dlnpaper.two_layers._starts import Starts
from studies.staircase.steps import RISE, by_mode, crossings, growing_parts, rise_law

__all__ = ["balanced_layers", "steps_at_depth"]

#: So many times find the steps of a network, and so many resolve each one, for a multiple of its
#: rise on either side.
_COARSE, _FINE, _AROUND = 2000, 101, 1.5

_RTOL = 1e-8

_Path = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def steps_at_depth(target: Target, starts: Starts, depth: int) -> xr.Dataset:
    """Measure the steps of networks that begin at the end-to-end matrices of two-layer starts.

    Layers are balanced and as wide as those of the starts. Two are solved, more are integrated.

    Returns ``deep_time`` and ``deep_rise`` (deep_scale, mode), when a singular value is half its
    limit and how long it takes between the shares `RISE`; ``deep_loss`` (deep_scale), at the last
    time; and of the last start ``path_time`` and ``path_share`` (mode, point), how each singular
    value rises, as a share of its limit.
    """
    last = _last_times(target, starts, depth)
    followed = [
        _steps(target, _path(target, starts, k, depth), last[k], depth) for k in range(len(starts))
    ]
    before, half, after = np.moveaxis(np.array([each[0] for each in followed]), -1, 0)
    _, loss, times, shares = zip(*followed, strict=True)
    half_name, rise_name = "time at which a value is half its limit", "time that its rise takes"
    rank, path = target.rank, "along a step of the last start"
    return xr.Dataset(
        {
            "deep_time": by_mode("deep_scale", half, rank, half_name),
            "deep_rise": by_mode("deep_scale", after - before, rank, rise_name),
            "deep_loss": variable("deep_scale", list(loss), "loss at the last time"),
            "path_time": variable(("mode", "point"), times[-1], f"time {path}"),
            "path_share": variable(("mode", "point"), shares[-1], f"share of its limit {path}"),
        }
    )


def balanced_layers(matrix: np.ndarray, width: int, depth: int) -> list[np.ndarray]:
    """Return balanced layers of one hidden width whose product is a matrix of no larger rank."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    kept = min(width, len(values))
    root = np.zeros((width, width))
    root[range(kept), range(kept)] = values[:kept] ** (1 / depth)
    return [root[:, :kept] @ right[:kept], *[root] * (depth - 2), left[:, :kept] @ root[:kept]]


def _last_times(target: Target, starts: Starts, depth: int) -> np.ndarray:
    """Return times, (M,), by which a scalar network would have made the last step long ago."""
    sizes = growing_parts(target, starts)
    sigma = target.singular_values[: sizes.shape[1]]
    power = 1 - 2 / depth
    # What ds/dt = N s^(2-2/N) σ takes from s = P_ii²/2 to σ.
    shares = sizes**2 / (2 * sigma)
    wait = -np.log(shares) / 2 if depth == 2 else (shares**-power - 1) / (depth * power)
    return (3 * (wait + 10) / sigma ** (1 + power)).max(axis=1)


def _path(target: Target, starts: Starts, k: int, depth: int) -> _Path:
    """Return a function of times: singular values (modes, T) in units of σ, and the loss (T,)."""

    def followed(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if depth == 2:
            path = solve(target, starts[[k]], times, variables=["end_to_end", "loss"])
        else:
            layers = balanced_layers(starts.second[k] @ starts.first[k], starts.hidden, depth)
            path = integrate(target, layers, times, rtol=_RTOL)
        values = np.linalg.svd(path["end_to_end"].values[0], compute_uv=False).T
        modes = min(starts.hidden, target.rank)
        return values[:modes] / target.singular_values[:modes, None], path["loss"].values[0]

    return followed


def _steps(target: Target, path: _Path, last: float, depth: int) -> tuple[np.ndarray, ...]:
    """Return crossings (modes, 3), the last loss, and times and shares (modes, points) around."""
    slowest = rise_law(depth) / target.singular_values[0] ** (2 - 2 / depth)
    times = np.append(0.0, np.geomspace(slowest / 10, last, _COARSE))
    shares, loss = path(times)
    half = np.nan_to_num(crossings(times, shares, [0.5]), nan=last)
    rise = rise_law(depth) / target.singular_values[: len(half), None] ** (2 - 2 / depth)
    windows = (half + rise * np.linspace(-_AROUND, _AROUND, _FINE)).clip(0.0, last)
    times = np.unique(np.append(0.0, windows))
    shares, _ = path(times)
    around = [
        np.interp(window, times, share) for window, share in zip(windows, shares, strict=True)
    ]
    return crossings(times, shares, [RISE[0], 0.5, RISE[1]]), loss[-1], windows, np.array(around)
