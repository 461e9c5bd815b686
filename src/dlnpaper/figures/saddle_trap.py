"""A start that ends in a saddle, as solvers see it in two coordinate systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnpaper.decomposition import EPS
from dlnpaper.figures import style

_LOOKS: dict[str, dict[str, Any]] = {
    "LSODA": {"color": "black", "marker": "o"},
    "RK45": {"color": style.COLORS["blue"], "marker": "s"},
    "Radau": {"color": style.COLORS["green"], "marker": "D"},
    "DOP853": {"color": style.COLORS["vermilion"], "marker": "^"},
    "BDF": {"color": style.COLORS["purple"], "marker": "v"},
}
_PREDICTED: dict[str, Any] = {
    "color": "0.3",
    "linewidth": 0.9,
    "linestyle": (0, (4, 1.2)),
    "label": r"$2^{-53} e^{(\sigma_1 - \sigma_k)\tau}$, and where it is 1",
}
_TITLES = {"singular": "singular coordinates", "rotated": "rotated basis"}


def numbers(followed: xr.Dataset, departures: xr.Dataset) -> xr.Dataset:
    """Select what the figure draws: the first start at the largest depth, at the finest tolerance.

    Parameters
    ----------
    followed : xarray.Dataset
        ``s`` and ``tau`` (coordinates, run, depth, start, time), ``a`` (..., left) and ``b`` (...,
        right), ``limit`` (start), ``singular_values`` (mode); the closed form is the first run,
        the others have the coordinates ``solver`` and ``rtol``.
    departures : xarray.Dataset
        ``predicted_tau`` (start) of the same starts.

    Returns
    -------
    xarray.Dataset
        ``s`` and ``tau`` (coordinates, run, time); ``alpha_1`` (run, time), the absolute value of
        a_1 + b_1 in the rotated basis; the closed form in singular coordinates, ``exact_s`` and
        ``exact_tau`` (time); the scalars ``limit`` and ``predicted_tau``.
    """
    case = followed.isel(depth=-1, start=0)
    finest = case["rtol"].where(case["rtol"] > 0).min()
    runs = case.isel(run=(case["rtol"] == finest).values)
    exact = case.isel(run=0).sel(coordinates="singular").drop_vars(["solver", "rtol"])
    turned = runs.sel(coordinates="rotated", drop=True)
    alpha_1 = abs(turned["a"].isel(left=0) + turned["b"].isel(right=0))
    return runs[["s", "tau", "limit", "singular_values"]].assign(
        alpha_1=alpha_1.assign_attrs(long_name="absolute value of a_1 + b_1", units="1"),
        exact_s=exact["s"].drop_vars("coordinates"),
        exact_tau=exact["tau"].drop_vars("coordinates"),
        predicted_tau=departures["predicted_tau"].isel(start=0),
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw s in both coordinates, and what grows in the rotated ones."""
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 3.0)
        *of_s, of_alpha = figure.subplots(1, 3, sharex=True)
        for axes, (coordinates, title) in zip(of_s, _TITLES.items(), strict=True):
            _draw_s(axes, numbers, coordinates)
            axes.set_title(title)
        of_s[0].set_ylabel("singular value $s$")
        of_alpha.set_title(_TITLES["rotated"])
        _draw_alpha(of_alpha, numbers)
        for axes in (*of_s, of_alpha):
            axes.set_xlabel(r"time $\tau$ of the directions")
        of_alpha.set_xlim(0, numbers["tau"].isel(time=-1).min())
        handles, labels = of_s[1].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure


def _draw_s(axes: Axes, numbers: xr.Dataset, coordinates: str) -> None:
    sigma = numbers["singular_values"].values
    for level in sigma:
        axes.axhline(level, color="0.75", linewidth=0.5, zorder=0)
    axes.plot(
        numbers["exact_tau"], numbers["exact_s"], color="0.6", linewidth=4, label="closed form"
    )
    _draw_runs(axes, numbers.sel(coordinates=coordinates), "s")
    if coordinates == "rotated":
        axes.axvline(numbers["predicted_tau"].item(), **_PREDICTED)
    axes.set_ylim(0, 1.08 * sigma[0])
    axes.set_yticks([0, *sigma[::-1]])


def _draw_alpha(axes: Axes, numbers: xr.Dataset) -> None:
    """Draw the growth of rounding, and the line of the predicted growth until it reaches 1."""
    rate = numbers["singular_values"].values[0] - numbers["limit"].item()
    tau = np.array([0.0, numbers["predicted_tau"].item()])
    _draw_runs(axes, numbers.sel(coordinates="rotated"), "alpha_1")
    axes.plot(tau, EPS / 2 * np.exp(rate * tau), **_PREDICTED)
    axes.axvline(tau[-1], **_PREDICTED)
    axes.set_yscale("log")
    axes.set_ylabel(r"$|\alpha_1|$")


def _draw_runs(axes: Axes, numbers: xr.Dataset, name: str) -> None:
    count = numbers.sizes["run"]
    step = numbers.sizes["time"] // 2
    for k in range(count):
        run = numbers.isel(run=k)
        solver = run["solver"].item()
        axes.plot(
            run["tau"],
            run[name],
            markevery=((k + 1) * step // (count + 1), step),
            linewidth=0.8,
            label=solver,
            **_LOOKS[solver],
        )
