"""Error of integrated flows against their tolerance, by the closed form."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style

_FLOWS = {"induced": "induced flow", "layers": "flow of the layers"}


def data(measured: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return the ``largest`` and the ``median`` error (run, depth) over the starts.

    The error of a start is the largest of its errors of s, a and b.
    """
    errors = xr.concat(measured, dim="depth")
    worst = errors[["s", "a", "b"]].to_array("quantity").max("quantity")
    drawn = {
        "largest": worst.max("start").assign_attrs(long_name="largest error", units="1"),
        "median": worst.median("start").assign_attrs(long_name="median error", units="1"),
    }
    return xr.Dataset(drawn).transpose("run", "depth")


def draw(data: xr.Dataset) -> Figure:
    """Draw one row for each flow and one column for each depth."""
    depths = data["depth"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 4.3)
        grid = figure.subplots(len(_FLOWS), len(depths), sharex=True, sharey=True, squeeze=False)
        for row, (flow, label) in zip(grid, _FLOWS.items(), strict=True):
            row[0].set_ylabel(f"error of the {label}")
            for axes, depth in zip(row, depths, strict=True):
                _draw_errors(axes, data.sel(depth=depth, run=data["flow"] == flow))
        for axes, depth in zip(grid[0], depths, strict=True):
            axes.set_title(f"$N = {depth}$")
        figure.supxlabel("relative tolerance of a step", fontsize=9)
        style.legend_above(figure, grid[0, 0], columnspacing=1.2)
    return figure


def _draw_errors(axes: Axes, data: xr.Dataset) -> None:
    ends = np.array([data["rtol"].min(), data["rtol"].max()])
    axes.plot(ends, ends, color="0.6", linewidth=0.8, label="error = tolerance", zorder=0)
    for method in dict.fromkeys(data["method"].values):
        look, runs = style.METHODS[method], data.sel(run=data["method"] == method)
        axes.plot(runs["rtol"], runs["largest"], linewidth=1.0, label=method, **look)
        hollow = style.marks_of(look, markerfacecolor="white", zorder=1)
        axes.plot(runs["rtol"], runs["median"], **hollow)
    axes.plot([], [], "o", color="0.4", markerfacecolor="white", label="median over the starts")
    axes.set(xscale="log", yscale="log")
    axes.set_xticks([1e-12, 1e-8, 1e-4])
    axes.minorticks_off()
