"""Singular values that rise one by one from small starts (docs/two_layers.md, section 6)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from studies.staircase.steps import rise_curve

#: Losses are drawn down to this one, in units of σ_r².
SMALLEST_LOSS = 0.02

#: Shares of its limit at which the rise of a scalar network is drawn.
SHARES = np.append(np.geomspace(0.005, 0.5, 40), 1 - np.geomspace(0.5, 0.002, 40)[1:])

#: Of the points along a step, those that are marked.
_MARKS_EVERY = 10

_EXACT: style.Look = {"color": "black", "linestyle": "-"}
_LAYERS: style.Look = {
    "color": style.COLORS["vermilion"],
    "linestyle": "none",
    "marker": "o",
    "markerfacecolor": "white",
    "markersize": 3.2,
}
_LAW: style.Look = {"color": "0.6", "linestyle": (0, (4, 1.2)), "linewidth": 0.8}


def data(measured: xr.Dataset, *, drawn_scale: float) -> xr.Dataset:
    """Select what is drawn.

    Returns ``sigma`` (mode); of the drawn scale ``loss`` (width, time) and ``integrated_loss``
    (width, mark) of all widths, and of the largest ``singular_values`` (mode, time),
    ``integrated_values`` (mode, mark) and ``law`` (mode), the predicted times; at all scales
    ``step_time`` and ``step_law`` (scale, mode) of the largest. Of all depths, from one W(0):
    ``deep_time`` (depth, mode); ``path_time`` and ``path_value`` (depth, mode, point), measured;
    and ``curve_time`` (depth, mode, share), when a scalar network that makes the same step at the
    same time has the value ``curve_value`` (mode, share).
    """
    widest = measured.sel(width=measured["width"].max(), drop=True)
    sigma, depths = measured["sigma"].values, measured["depth"].values.tolist()
    times = measured["deep_time"].isel(deep_scale=-1, drop=True)
    rises = [rise_curve(n, SHARES) / sigma[:, None] ** (2 - 2 / n) for n in depths]
    curves, marked = ("depth", "mode", "share"), slice(None, None, _MARKS_EVERY)
    names = ["singular_values", "integrated_values", "step_time", "step_law"]
    path = measured[["path_time", "path_share"]].isel(point=marked)
    drawn = widest[names].assign(
        sigma=measured["sigma"].variable,
        loss=measured["loss"],
        integrated_loss=measured["integrated_loss"],
        law=widest["step_law"].sel(scale=drawn_scale, drop=True),
        deep_time=times,
        path_time=path["path_time"],
        path_value=(path["path_share"] * measured["sigma"]).assign_attrs(path["path_share"].attrs),
        curve_time=variable(
            curves,
            times.values[..., None] + rises,
            "time by the scalar flow",
            missing_data="no such step",
        ),
        curve_value=variable(("mode", "share"), sigma[:, None] * SHARES, "singular value"),
    )
    return drawn.isel(time=measured["time"].values > 0, mark=measured["mark"].values > 0)


def draw(data: xr.Dataset) -> Figure:
    """Draw singular values and losses over time, the times of the steps, and deeper networks."""
    with style.applied():
        figure = style.new_figure(4.3)
        (values, losses), (scales, depths) = figure.subplots(2, 2)
        _draw_values(values, data)
        _draw_losses(losses, data)
        _draw_times(scales, data)
        _draw_depths(depths, data)
        style.legend_above(figure, values)
    return figure


def _draw_values(axes: Axes, data: xr.Dataset) -> None:
    for time in data["law"].values:
        axes.axvline(time, **_LAW)
    axes.plot(data["time"], data["singular_values"].values.T, **_EXACT)
    axes.plot(data["mark"], data["integrated_values"].values.T, **_LAYERS)
    axes.plot([], [], label="exact", **_EXACT)
    axes.plot([], [], label="integrated layers", **_LAYERS)
    axes.plot([], [], label="predicted times", **_LAW)
    _label_values(axes, data)
    axes.set(xscale="log", xlim=(float(data["time"][0]), float(data["time"][-1])))
    axes.set(xlabel="time $t$", ylabel="singular values of $W$")


def _label_values(axes: Axes, data: xr.Dataset) -> None:
    """Name the singular values of the target at the right of a panel."""
    style.draw_levels(axes, data["sigma"].values)
    for mode, sigma in enumerate(data["sigma"].values, start=1):
        place: style.Look = {"transform": axes.get_yaxis_transform(), "ha": "left", "va": "center"}
        axes.text(1.02, sigma, rf"$\sigma_{mode}$", **place)


def _draw_losses(axes: Axes, data: xr.Dataset) -> None:
    sigma = data["sigma"].values
    place: style.Look = {"transform": axes.get_yaxis_transform(), "ha": "left"}
    axes.plot(data["time"], data["loss"].values.T, **_EXACT)
    axes.plot(data["mark"], data["integrated_loss"].values.T, **_LAYERS)
    least = SMALLEST_LOSS * sigma[-1] ** 2
    for width in data["width"].values[data["width"].values < len(sigma)]:
        left = np.sum(sigma[width:] ** 2) / 2
        axes.text(1.02, left, rf"$h = {width}$", va="center", **place)
    if data["width"].max() >= len(sigma):
        axes.text(1.02, least, rf"$h \geq {len(sigma)}$", va="bottom", **place)
    axes.set(xscale="log", xlim=(float(data["time"][0]), float(data["time"][-1])))
    axes.set(yscale="log", ylim=(least, float(data["loss"].max()) * 1.5))
    axes.set(xlabel="time $t$", ylabel="loss $L$")


def _draw_times(axes: Axes, data: xr.Dataset) -> None:
    inverse = 1 / data["scale"]
    for mode in range(data.sizes["mode"]):
        one = data.isel(mode=mode)
        axes.plot(inverse, one["step_law"], **_LAW)
        axes.plot(inverse, one["step_time"], **style.marks_of(_EXACT, marker="o"))
        axes.annotate(
            rf"$i = {mode + 1}$",
            (float(inverse.max()), float(one["step_law"].max())),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set(
        xscale="log", xlabel="1/scale of the layers at the start", ylabel="time $t_i$ of step $i$"
    )
    style.draw_logarithms(axes, "x", 2)


def _draw_depths(axes: Axes, data: xr.Dataset) -> None:
    for depth in data["depth"].values:
        one, look = data.sel(depth=depth), style.depth_look(int(depth))
        unit = float(one["deep_time"][0])
        for mode in range(data.sizes["mode"]):
            step = one.isel(mode=mode)
            axes.plot(step["curve_time"] / unit, step["curve_value"], **style.line_of(look))
            marks = style.marks_of(look, markerfacecolor="white", markersize=3)
            axes.plot(step["path_time"] / unit, step["path_value"], **marks)
        axes.plot([], [], label=f"$N = {depth}$", **look | {"markerfacecolor": "white"})
    _label_values(axes, data)
    axes.set(xscale="log", xlim=(0.4, None), xlabel="time $t/t_1$, first step at 1")
    axes.set(ylabel="singular values of $W$")
    style.draw_logarithms(axes, "x", 1)
    axes.legend(loc="upper right")
