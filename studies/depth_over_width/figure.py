"""Depth over width sets what random starts look like (docs/scaling.md, section 6)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from companion import style
from companion.datasets import variable
from studies.depth_over_width.laws import interpolated

LINE_POINTS = 201
#: The widths, and the ratios and widths of starts, are drawn in turn like this.
LOOKS = (style.DEPTHS[2], style.DEPTHS[3], style.DEPTHS[4], style.DEPTHS[5], style.DEPTHS[6])


def data(measured: xr.Dataset) -> xr.Dataset:
    """Return what was sampled, and the distribution ``law`` (ratio, line) of log q on ``line``."""
    width = int(measured["width"].min())
    log_q = measured["log_q"].values
    line = np.linspace(log_q.min() - 0.5, log_q.max() + 0.5, LINE_POINTS)
    laws = [
        interpolated(np.full(round(ratio * width), width))(line)
        for ratio in measured["ratio"].values
    ]
    names = ["log_variance", "log_q", "share", "time", "time_law"]
    return measured[names].assign(
        line=variable("line", line, "log q"),
        law=variable(("ratio", "line"), laws, "exact distribution function of log q"),
        smallest=variable((), width, "smallest width"),
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw variances, distributions of outputs, and distributions of training times."""
    with style.applied():
        figure = style.new_figure(2.5)
        variances, outputs, times = figure.subplots(1, 3)
        _draw_variances(variances, data)
        _draw_outputs(outputs, data)
        _draw_times(times, data)
    return figure


def _draw_variances(axes: Axes, data: xr.Dataset) -> None:
    ratio = data["ratio"].values
    axes.loglog(ratio, 2 * ratio, color="0.6", linewidth=0.9, label="2 depth / width")
    for i, width in enumerate(data["width"].values):
        marks = style.marks_of(LOOKS[i], markerfacecolor="none", markeredgewidth=0.7)
        axes.plot(ratio, data["log_variance"].sel(width=width), **marks, label=f"width {width}")
    axes.set(xlabel="depth / width", ylabel=r"variance of $\ln q$")
    _label_plainly(axes.xaxis, ratio)
    _label_plainly(axes.yaxis, 2 * ratio)
    axes.legend(loc="upper left")


def _draw_outputs(axes: Axes, data: xr.Dataset) -> None:
    for i, ratio in enumerate(data["ratio"].values):
        at, look = data.sel(ratio=ratio), LOOKS[i % len(LOOKS)]
        axes.plot(data["line"], at["law"], **style.line_of(look))
        few = slice(5, None, 15)
        marks = style.marks_of(look, markersize=2.6, markerfacecolor="none", markeredgewidth=0.6)
        axes.plot(at["log_q"][few], data["share"][few], **marks)
        axes.plot([], [], label=f"{ratio:g}", **look, markersize=2.6, markerfacecolor="none")
    axes.set(xlabel=r"$\ln q$", ylabel="share of starts", ylim=(0, 1))
    axes.set(xlim=(-7, 3))
    axes.legend(loc="upper left", title="depth / width")


def _draw_times(axes: Axes, data: xr.Dataset) -> None:
    for i, width in enumerate(data["start_width"].values):
        at, look = data.sel(start_width=width), LOOKS[i % len(LOOKS)]
        axes.semilogx(at["time_law"], data["share"], **style.line_of(look))
        few = slice(5, None, 15)
        marks = style.marks_of(look, markersize=2.6, markerfacecolor="none", markeredgewidth=0.6)
        axes.plot(at["time"][few], data["share"][few], **marks)
        axes.plot([], [], label=f"width {width}", **look, markersize=2.6, markerfacecolor="none")
    axes.set(xlabel="$T$ / median", ylim=(0, 1))
    _label_plainly(axes.xaxis, np.array([0.25, 0.5, 1.0, 2.0, 4.0]))
    axes.legend(loc="lower right")


def _label_plainly(axis: Axis, ticks: np.ndarray) -> None:
    """Put plain numbers at these ticks of a logarithmic axis, and nothing between them."""
    axis.set_ticks(ticks, [f"{each:g}" for each in ticks])
    axis.set_minor_locator(NullLocator())
