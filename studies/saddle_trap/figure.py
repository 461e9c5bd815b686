"""A start that ends in a saddle, as solvers see it in two coordinate systems."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from dlnpaper._decomposition import EPS

_PREDICTED: style.Look = {
    "color": "0.3",
    "linewidth": 0.9,
    "linestyle": (0, (4, 1.2)),
    "label": r"$2^{-53} e^{(\sigma_1 - \sigma_k)\tau}$ and where it is 1",
}
_TITLES = {"singular": "singular coordinates", "rotated": "rotated basis"}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select the first start at the largest depth, at the finest tolerance.

    Returns ``s`` and ``tau`` (coordinates, run, time); ``alpha_1`` (run, time), the absolute value
    of a_1 + b_1 in the rotated basis; the closed form in singular coordinates, ``exact_s`` and
    ``exact_tau`` (time); the scalars ``limit`` and ``predicted_tau``; ``singular_values`` (mode).
    """
    case = measured.isel(depth=-1, start=0)
    runs = case.isel(run=(case["rtol"] == case["rtol"].where(case["rtol"] > 0).min()).values)
    exact = case.isel(run=0, drop=True).sel(coordinates="singular", drop=True)
    return runs[["s", "tau", "limit", "singular_values", "predicted_tau"]].assign(
        alpha_1=runs["alpha_1"].sel(coordinates="rotated", drop=True),
        exact_s=exact["s"],
        exact_tau=exact["tau"],
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw s in both coordinates, and what grows in the rotated ones."""
    with style.applied():
        figure = style.new_figure(2.75)
        *of_s, of_alpha = figure.subplots(1, 3, sharex=True)
        for axes, (coordinates, title) in zip(of_s, _TITLES.items(), strict=True):
            _draw_s(axes, data, coordinates)
            axes.set_title(f"$s$, {title}")
        of_s[1].tick_params(labelleft=False)
        of_alpha.set_title(rf"$|\alpha_1|$, {_TITLES['rotated']}")
        _draw_alpha(of_alpha, data)
        of_s[1].set_xlabel(r"time $\tau$ of the directions")
        of_alpha.set_xlim(0, data["tau"].isel(time=-1).min())
        style.legend_above(figure, of_s[1], ncols=4, columnspacing=1.2)
    return figure


def _draw_s(axes: Axes, data: xr.Dataset, coordinates: str) -> None:
    sigma = data["singular_values"].values
    style.draw_levels(axes, sigma)
    exact = style.line_of(style.METHODS["closed form"])
    axes.plot(data["exact_tau"], data["exact_s"], linewidth=4, label="closed form", **exact)
    _draw_runs(axes, data.sel(coordinates=coordinates), "s")
    if coordinates == "rotated":
        axes.axvline(data["predicted_tau"].item(), **_PREDICTED)
    axes.set_ylim(0, 1.08 * sigma[0])
    axes.set_yticks([0, *sigma[::-1]], ["0", *(rf"$\sigma_{k}$" for k in range(len(sigma), 0, -1))])
    _name_level(axes, "true limit", data["limit"].item())
    if coordinates == "rotated":
        _name_level(axes, "wrong limit", sigma[0])


def _name_level(axes: Axes, name: str, level: float) -> None:
    """Name a level below it, at its end."""
    place: style.Look = {
        "xytext": (0, -5),
        "textcoords": "offset points",
        "ha": "right",
        "va": "top",
    }
    axes.annotate(name, (1, level), xycoords=("axes fraction", "data"), fontsize=8, **place)


def _draw_alpha(axes: Axes, data: xr.Dataset) -> None:
    """Draw the growth of rounding, and the line of the predicted growth until it reaches 1."""
    rate = data["singular_values"].values[0] - data["limit"].item()
    tau = np.array([0.0, data["predicted_tau"].item()])
    _draw_runs(axes, data.sel(coordinates="rotated"), "alpha_1")
    axes.plot(tau, EPS / 2 * np.exp(rate * tau), **_PREDICTED)
    axes.axvline(tau[-1], **_PREDICTED)
    axes.set_yscale("log")
    style.draw_logarithms(axes, "y", 4)


def _draw_runs(axes: Axes, data: xr.Dataset, name: str) -> None:
    """Draw one line for each solver, with markers at times of its own so that they do not meet."""
    count, step = data.sizes["run"], max(1, data.sizes["time"] // 2)
    for k, solver in enumerate(data["solver"].values):
        run = data.isel(run=k)
        look = style.METHODS[solver] | {"markevery": ((k + 1) * step // (count + 1), step)}
        axes.plot(run["tau"], run[name], linewidth=0.8, label=solver, **look)
