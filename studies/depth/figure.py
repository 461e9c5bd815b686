"""Depth slows the start, and speeds the end if σ_1 > 1 (docs/theory.md, sections 5.3 and 5.5)."""

from fractions import Fraction

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from companion import style

_MARKS_EVERY = 4


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select what the figure draws.

    Depth two must be among the depths.

    Returns ``plateau_time`` and ``plateau_law`` (depth, start) with ``s`` (start); ``end_rate`` and
    ``end_rate_predicted`` (sigma, depth), both relative to the prediction at depth two.
    """
    shallow = measured["end_rate_predicted"].sel(depth=2, drop=True)
    drawn = measured[["s", "plateau_time", "plateau_law"]]
    for name in ("end_rate", "end_rate_predicted"):
        attributes = measured[name].attrs | {"comment": "relative to the prediction at depth two"}
        drawn[name] = (measured[name] / shallow).assign_attrs(attributes)
    return drawn


def draw(data: xr.Dataset) -> Figure:
    """Draw plateau times on the left and rates on the right."""
    with style.applied():
        figure = style.new_figure(2.4)
        plateau, end = figure.subplots(1, 2, width_ratios=(1.25, 1))
        _draw_plateau(plateau, data)
        _draw_end(end, data)
    return figure


def _draw_plateau(axes: Axes, data: xr.Dataset) -> None:
    for depth in data["depth"].values:
        at, look = data.sel(depth=depth), style.depth_look(int(depth))
        marks = at.isel(start=slice(None, None, _MARKS_EVERY))
        axes.plot(at["s"], at["plateau_law"], **style.line_of(look))
        axes.plot(marks["s"], marks["plateau_time"], **style.marks_of(look))
        axes.plot([], [], label=f"$N = {depth}$: {_law_name(int(depth))}", **look)
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel=r"singular value $s_0$ of the start", ylabel=r"time until $s = \sigma_1/2$")
    style.draw_logarithms(axes, "x", 6)
    style.draw_logarithms(axes, "y", 4)
    axes.legend(loc="upper right")


def _law_name(depth: int) -> str:
    if depth == 2:
        return r"$\ln(1/s_0)$"
    exponent = 1 - Fraction(2, depth)
    return f"$s_0^{{-{exponent.numerator}/{exponent.denominator}}}$"


def _draw_end(axes: Axes, data: xr.Dataset) -> None:
    for sigma, look in zip(data["sigma"].values, style.OTHERS, strict=False):
        at = data.sel(sigma=sigma)
        axes.plot(at["depth"], at["end_rate_predicted"], **style.line_of(look))
        axes.plot(at["depth"], at["end_rate"], **style.marks_of(look))
        axes.plot([], [], label=rf"$\sigma_1 = {sigma:g}$", **look)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="depth $N$", ylabel="final rate relative to $N = 2$")
    axes.legend(loc="upper left")
