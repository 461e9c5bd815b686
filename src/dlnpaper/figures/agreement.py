"""Error of integrated flows against their tolerance, by the closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnpaper.figures import style

_FLOWS = {"induced": "induced flow", "layers": "flow of the layers"}
_LOOKS: dict[str, dict[str, Any]] = {
    "LSODA": {"color": "black", "marker": "o"},
    "DOP853": {"color": style.COLORS["vermilion"], "marker": "^", "linestyle": (0, (4, 1.2))},
    "RK45": {"color": style.COLORS["blue"], "marker": "s", "linestyle": "-."},
    "Radau": {"color": style.COLORS["green"], "marker": "D", "linestyle": ":"},
}


def numbers(errors: xr.Dataset) -> xr.Dataset:
    """Select what the figure draws.

    Parameters
    ----------
    errors : xarray.Dataset
        ``s``, ``a`` and ``b`` (run, depth, start); coordinates ``flow``, ``method`` and ``rtol``
        (run).

    Returns
    -------
    xarray.Dataset
        ``largest`` and ``median`` (run, depth) over the starts of the largest of the three errors.
    """
    worst = errors[["s", "a", "b"]].to_array("quantity").max("quantity")
    return xr.Dataset(
        {
            "largest": worst.max("start").assign_attrs(long_name="largest error", units="1"),
            "median": worst.median("start").assign_attrs(long_name="median error", units="1"),
        }
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw one row for each flow and one column for each depth."""
    depths = numbers["depth"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 4.3)
        grid = figure.subplots(len(_FLOWS), len(depths), sharex=True, sharey=True, squeeze=False)
        for row, flow in zip(grid, _FLOWS, strict=True):
            for axes, depth in zip(row, depths, strict=True):
                chosen = numbers.sel(depth=depth).isel(run=(numbers["flow"] == flow).values)
                _draw_errors(axes, chosen)
        for axes, depth in zip(grid[0], depths, strict=True):
            axes.set_title(f"$N = {depth}$")
        for axes, label in zip(grid[:, 0], _FLOWS.values(), strict=True):
            axes.set_ylabel(f"error of the {label}")
        figure.supxlabel("relative tolerance of a step", fontsize=9)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside upper center", ncols=len(handles), columnspacing=1.2
        )
    return figure


def _draw_errors(axes: Axes, numbers: xr.Dataset) -> None:
    ends = np.array([numbers["rtol"].min(), numbers["rtol"].max()])
    axes.plot(ends, ends, color="0.6", linewidth=0.8, label="error = tolerance", zorder=0)
    for method, look in _LOOKS.items():
        runs = numbers.isel(run=(numbers["method"] == method).values)
        axes.plot(runs["rtol"], runs["largest"], linewidth=1.0, label=method, **look)
        hollow = {**look, "linestyle": "none", "markerfacecolor": "white"}
        axes.plot(runs["rtol"], runs["median"], zorder=1, **hollow)
    axes.plot([], [], "o", color="0.4", markerfacecolor="white", label="median over the starts")
    axes.set(xscale="log", yscale="log")
    axes.set_xticks([1e-12, 1e-8, 1e-4])
    axes.minorticks_off()
