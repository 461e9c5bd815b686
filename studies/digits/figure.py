"""Networks on a real data set: their loss over time, and the u and v that one of them learns."""

import math
from string import ascii_uppercase

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from companion import style

_CLOSED_FORM: style.Look = {"color": "black", "linewidth": 1.0}
_LAYERS: style.Look = {
    "color": style.COLORS["vermilion"],
    "linestyle": "none",
    "marker": "o",
    "markerfacecolor": "white",
    "markersize": 3.2,
    "markevery": (1, 3),  # the first would be cut by the frame
}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select what is drawn; time 0 is left out of the curves, since the axis is logarithmic.

    Returns, in closed form, ``fine_loss`` (depth, start, fine_time) of the ensemble and
    ``fine_exact_loss`` (depth, compared, fine_time) of the compared starts; of these also
    ``loss_of_layers`` (depth, compared, time); the scalar ``best``, the least loss of a matrix of
    rank one; and the snapshots of `studies.digits.measure.snapshots`.
    """
    curves = ["fine_loss", "fine_exact_loss", "loss_of_layers"]
    drawn = measured[[*curves, "snapshot_time", "snapshot_loss", "u", "v_pattern"]]
    best = measured["loss_of_best_rank_one"]
    later = {name: (measured[name] > 0).values for name in ("time", "fine_time")}
    return drawn.assign(best=best).isel(later)


def draw(data: xr.Dataset) -> Figure:
    """Draw one panel of losses for each depth, and below them u and v as images."""
    depths = data["depth"].values
    with style.applied():
        figure = style.new_figure(4.0)
        grid = figure.add_gridspec(2, 1, height_ratios=(1.75, 1))
        above, below = (figure.add_subfigure(grid[row]) for row in (0, 1))
        panels = above.subplots(1, len(depths), sharex=True, sharey=True, squeeze=False)[0]
        for axes, depth in zip(panels, depths, strict=True):
            _draw_losses(axes, data.sel(depth=depth))
            axes.set_title(f"$N = {depth}$")
            axes.set_xlabel("time $t$")
        panels[0].set_ylabel("loss $L$")
        _mark_snapshots(panels[-1], data)
        handles, labels = panels[0].get_legend_handles_labels()
        above.legend(handles, labels, loc="outside upper center", ncols=len(handles))
        _draw_images(below, data)
    return figure


def _draw_losses(axes: Axes, data: xr.Dataset) -> None:
    times = data["fine_time"].values
    axes.plot(times, data["fine_loss"].values.T, color="0.75", linewidth=0.3)
    axes.plot(times, data["fine_exact_loss"].values.T, **_CLOSED_FORM)
    axes.plot(data["time"], data["loss_of_layers"].values.T, **_LAYERS)
    axes.plot([], [], color="0.75", linewidth=0.6, label="ensemble")
    axes.plot([], [], label="closed form", **_CLOSED_FORM)
    axes.plot([], [], label="flow of the layers", **_LAYERS)
    best: style.Look = {"color": style.COLORS["blue"], "linestyle": (0, (4, 1.2)), "linewidth": 0.9}
    axes.axhline(data["best"].item(), label="best of rank one", **best)
    axes.set(xscale="log", xlim=(times[0], times[-1]))


def _mark_snapshots(axes: Axes, data: xr.Dataset) -> None:
    """Mark the times of the images by letters."""
    times = np.maximum(data["snapshot_time"].values, data["fine_time"].values[0])
    for letter, time, loss in zip(
        ascii_uppercase, times, data["snapshot_loss"].values, strict=False
    ):
        axes.plot(time, loss, "o", color="black", markersize=4, clip_on=False, zorder=4)
        place: style.Look = {
            "xytext": (4, 3),
            "textcoords": "offset points",
            "zorder": 4,
            "ha": "left",
        }
        axes.annotate(letter, (time, loss), fontweight="bold", **place)


def _draw_images(figure: SubFigure, data: xr.Dataset) -> None:
    """Draw v as an image and u as a row of classes, each from black, negative, to white."""
    side = math.isqrt(data.sizes["feature"])
    grid = figure.subplots(2, data.sizes["snapshot"], height_ratios=(5, 1))
    for k, (letter, column) in enumerate(zip(ascii_uppercase, grid.T, strict=False)):
        one = data.isel(snapshot=k)
        images = one["v_pattern"].values.reshape(side, side), one["u"].values[None]
        for axes, image in zip(column, images, strict=True):
            largest = np.abs(image).max()
            axes.imshow(image, cmap="gray", vmin=-largest, vmax=largest)
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(True)
        column[0].set_title(f"{letter}: $t = {float(one['snapshot_time']):.2g}$")
        column[1].set_xticks(range(one.sizes["output"]))
        column[1].tick_params(length=0)
    for axes, name in zip(grid[:, 0], ("$v$", "$u$"), strict=True):
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
