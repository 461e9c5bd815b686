"""Error of integrated flows against their tolerance, by the closed form."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style

_BESIDE: style.Look = {
    "textcoords": "offset points",
    "va": "center",
    "color": "0.35",
    "annotation_clip": False,
}


def data(measured: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return the ``largest`` error (run, depth) over the starts.

    The error of a start is the largest of its errors of s, a and b.
    """
    errors = xr.concat(measured, dim="depth")
    worst = errors[["s", "a", "b"]].to_array("quantity").max("quantity")
    largest = worst.max("start").assign_attrs(long_name="largest error", units="1")
    return xr.Dataset({"largest": largest}).transpose("run", "depth")


def draw(data: xr.Dataset) -> Figure:
    """Draw, for each method, the range of the largest errors over all depths and both flows."""
    with style.applied():
        figure = style.new_figure(2.7)
        axes = figure.subplots()
        for method in dict.fromkeys(data["method"].values):
            _draw_errors(axes, data.sel(run=data["method"] == method), method)
        ends = np.array([data["rtol"].min(), data["rtol"].max()])
        axes.plot(ends, ends, color="0.35", linewidth=0.8, zorder=0)
        axes.annotate("error = tolerance", (ends[1], ends[1]), (6, 0), **_BESIDE)
        axes.set(xscale="log", yscale="log")
        axes.set(xlabel="relative tolerance of a step", ylabel="largest error of $s$, $u$ and $v$")
        style.draw_logarithms(axes, "x", 2)
        style.draw_logarithms(axes, "y", 3)
        axes.legend(loc="upper left")
    return figure


def _draw_errors(axes: Axes, runs: xr.Dataset, method: str) -> None:
    """Draw a line through the worst case, and bars from the best one up to it."""
    rtol = np.unique(runs["rtol"])
    largest = [runs["largest"].values[(runs["rtol"] == each).values] for each in rtol]
    worst, best = np.max(largest, axis=(1, 2)), np.min(largest, axis=(1, 2))
    look = style.METHODS[method]
    axes.vlines(rtol, best, worst, color=look["color"], linewidth=0.8, zorder=0)
    axes.plot(rtol, worst, label=method, **look)
