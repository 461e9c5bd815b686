"""What width buys on the digits (docs/two_layers.md, section 3)."""

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from companion import style

_EXACT: style.Look = {"color": "black", "linestyle": "-", "linewidth": 0.9}
_DESCENT: style.Look = {
    "color": style.COLORS["vermilion"],
    "linestyle": "none",
    "marker": "o",
    "markerfacecolor": "white",
    "markersize": 2.8,
}
_BEST: style.Look = {"color": style.COLORS["blue"], "linestyle": (0, (4, 1.2)), "linewidth": 0.9}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select what is drawn; time 0 is left out, since the axis is logarithmic.

    Returns ``loss`` (width, time), ``descent_loss`` (width, mark), ``long_loss`` (width, long_mark)
    after the last mark, ``best_loss`` (width), and the largest over the widths of ``distance``
    (step) and ``extrapolated`` (halved_step).
    """
    rates = ["rate", "predicted_rate", "zero_loss", "long_step"]
    drawn = measured.drop_vars(rates).sel(time=measured["time"] > 0)
    worst = {
        name: measured[name].max("width", keep_attrs=True) for name in ("distance", "extrapolated")
    }
    later = measured["long_mark"] > measured["mark"].max()
    return drawn.assign(worst).sel(long_mark=later.values)


def draw(data: xr.Dataset) -> Figure:
    """Draw losses over time, final losses over the width, and distances over the step."""
    with style.applied():
        figure = style.new_figure(2.5)
        losses, final, steps = figure.subplots(1, 3, width_ratios=(1.5, 1, 1))
        _draw_losses(losses, data)
        _draw_final(final, data)
        _draw_distances(steps, data)
        style.legend_above(figure, losses)
    return figure


def _draw_losses(axes: Axes, data: xr.Dataset) -> None:
    axes.plot(data["time"], data["loss"].values.T, **_EXACT)
    axes.plot(data["mark"], data["descent_loss"].values.T, **_DESCENT, markevery=3)
    axes.plot(data["long_mark"], data["long_loss"].values.T, **_DESCENT, markevery=3)
    axes.plot([], [], label="exact", **_EXACT)
    axes.plot([], [], label="gradient descent", **_DESCENT)
    axes.plot([], [], label="best of rank $h$", **_BEST)
    axes.set(xscale="log", xlim=(float(data["time"][0]), float(data["time"][-1])))
    axes.set(xlabel="time $t$", ylabel="loss $L$")
    levels: dict[float, list[str]] = {}
    for width, loss in zip(data["width"].values, data["best_loss"].values, strict=True):
        levels.setdefault(float(loss), []).append(str(width))
    for k, (loss, names) in enumerate(levels.items()):
        place: style.Look = {"transform": axes.get_yaxis_transform(), "ha": "left", "va": "center"}
        axes.text(1.03, loss, ", ".join(names) if k else f"$h = {', '.join(names)}$", **place)


def _draw_final(axes: Axes, data: xr.Dataset) -> None:
    axes.plot(data["width"], data["best_loss"], **_BEST)
    axes.plot(data["width"], data["long_loss"].values[:, -1], **_DESCENT)
    axes.set(xlabel="width $h$", ylabel="final loss")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_distances(axes: Axes, data: xr.Dataset) -> None:
    laws = (
        ("distance", "step", 1, r"$\propto \eta$"),
        ("extrapolated", "halved_step", 2, r"extrapolated, $\propto \eta^2$"),
    )
    for name, step, order, label in laws:
        steps, away = data[step].values, data[name].values
        axes.plot(steps, away, **_DESCENT)
        axes.plot(steps, away[-1] * (steps / steps[-1]) ** order, **_EXACT)
        place: style.Look = {"textcoords": "offset points", "ha": "left", "va": "top"}
        axes.annotate(label, (steps[-1], away[-1]), xytext=(8, 0), **place)
    axes.set(xscale="log", yscale="log", xlabel=r"step $\eta$", ylabel=r"distance$\,/\,\sigma_1$")
    style.draw_logarithms(axes, "x", 1)
    style.draw_logarithms(axes, "y", 1)
    axes.margins(y=0.12)
