"""Networks on a real data set: its singular values, and the loss over time."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from companion import style

_LOOKS: dict[str, style.Look] = {
    "loss": {"label": "closed form, ensemble", "color": "0.85", "linewidth": 0.5},
    "exact_loss": {"label": "closed form", **style.line_of(style.METHODS["closed form"])},
    "loss_of_layers": {
        "label": "flow of the layers",
        "color": style.COLORS["vermilion"],
        "linestyle": "none",
        "marker": "o",
        "markerfacecolor": "white",
        "markersize": 3.5,
        "markevery": (1, 3),  # the first would be cut by the frame
    },
}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select what is drawn; time 0 is left out, since the axis is logarithmic.

    Returns ``singular_values`` (mode); ``loss`` (depth, start, time) of the ensemble; of the
    compared starts ``exact_loss`` and ``loss_of_layers`` (depth, compared, time); and the scalar
    ``best``, the least loss of a matrix of rank one.
    """
    drawn = measured[["singular_values", "loss", "exact_loss", "loss_of_layers"]]
    best = measured["loss_of_best_rank_one"]
    return drawn.assign(best=best).isel(time=measured["time"] > 0)


def draw(data: xr.Dataset) -> Figure:
    """Draw the singular values, and one panel of losses for each depth."""
    depths = data["depth"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 3.0)
        of_values, *of_loss = figure.subplots(
            1, 1 + len(depths), width_ratios=[0.8, *([1] * len(depths))]
        )
        _draw_singular_values(of_values, data["singular_values"].values)
        for axes, depth in zip(of_loss, depths, strict=True):
            _draw_losses(axes, data.sel(depth=depth))
            axes.set_title(f"$N = {depth}$")
            axes.set_xlabel("time $t$")
            axes.sharey(of_loss[0])
        of_loss[0].set_ylabel("loss")
        style.legend_above(figure, of_loss[0])
    return figure


def _draw_singular_values(axes: Axes, values: np.ndarray) -> None:
    modes = np.arange(1, len(values) + 1)
    axes.vlines(modes, 0, values, color="0.6", linewidth=0.8)
    axes.plot(modes, values, "o", color="black")
    axes.set(xlabel="mode $i$", ylabel=r"singular value $\sigma_i$", ylim=(0, None))
    axes.xaxis.set_major_locator(MultipleLocator(2, offset=1))


def _draw_losses(axes: Axes, data: xr.Dataset) -> None:
    times = data["time"].values
    for name, look in _LOOKS.items():
        for k, loss in enumerate(data[name].values):
            axes.plot(times, loss, **look | ({"label": ""} if k else {}))
    best: style.Look = {"color": style.COLORS["blue"], "linestyle": (0, (4, 1.2)), "linewidth": 0.9}
    axes.axhline(data["best"].item(), label="best rank one", **best)
    axes.set(xscale="log", xlim=(times[0], times[-1]))
