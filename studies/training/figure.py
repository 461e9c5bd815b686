"""Trained networks beside the exact trajectory (docs/steps.md, section 9)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from studies.training.table import EXPONENTS

LOOKS: dict[str, style.Look] = {
    "sgd": style.DESCENT["gradient_descent"],
    "momentum": style.DESCENT["heavy_ball"],
    "adam": style.OTHERS[2],
    "independent": style.OTHERS[0],
    "reshuffled": style.OTHERS[3],
}
NAMES = {
    "sgd": "SGD, all samples",
    "momentum": "with momentum",
    "adam": "Adam",
    "independent": "SGD, batches",
    "reshuffled": "reshuffled",
}
_HOLLOW: style.Look = {"markerfacecolor": "none", "markeredgewidth": 0.7}
_EXACT: style.Look = {"color": "0.7", "linewidth": 2.2}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select what is drawn; of the runs, ``strayed`` (draw, count) is the mean."""
    drawn = ["path_loss", "exact_loss", "to_minimizer", "exact_to_minimizer"]
    drawn += ["distance", "off_curve", "learning_rate"]
    strayed = measured["strayed"].mean("run", keep_attrs=True)
    return measured[drawn].assign(strayed=strayed)


def draw(data: xr.Dataset) -> Figure:
    """Draw losses, ends from a saddle's stable set, and distances over the learning rate."""
    with style.applied():
        figure = style.new_figure(2.5)
        losses, ends, distances = figure.subplots(1, 3)
        _draw_losses(losses, data)
        _draw_ends(ends, data)
        _draw_distances(distances, data)
        for name in NAMES:
            distances.plot([], [], label=NAMES[name], **LOOKS[name], **_HOLLOW)
        distances.plot([], [], label="exact", **_EXACT)
        style.legend_above(figure, distances)
    return figure


def _draw_losses(axes: Axes, data: xr.Dataset) -> None:
    axes.plot(data["exact_time"], data["exact_loss"], **_EXACT)
    for place, name in enumerate(NAMES):
        loss = data["path_loss"].sel(kind=name)
        look = LOOKS[name] if name == "adam" else style.marks_of(LOOKS[name])
        axes.plot(data["path_time"], loss, **look, **_HOLLOW, markevery=(place, len(NAMES)))
    axes.set(xlabel=r"time $\eta k / (1 - \beta)$", ylabel="loss")
    axes.set(xlim=(0, float(data["path_time"][-1])))


def _draw_ends(axes: Axes, data: xr.Dataset) -> None:
    saddle = data.sel(start="saddle")
    axes.plot(data["long_time"], saddle["exact_to_minimizer"], **_EXACT)
    for name in data["followed"].values:
        away = saddle["to_minimizer"].sel(followed=name)
        axes.plot(data["long_time"], away, **LOOKS[name], **_HOLLOW, markevery=10, linewidth=0.8)
    axes.set(xlabel=r"time $\eta k$", ylabel=r"distance from the minimizer, over $\sigma_1$")
    axes.set(xlim=(0, float(data["long_time"][-1])), ylim=(0, None))


def _draw_distances(axes: Axes, data: xr.Dataset) -> None:
    sampled, rates = data.sel(start="sampled"), data["learning_rate"]
    marks = {name: sampled["distance"].sel(optimizer=name) for name in ("sgd", "momentum")}
    marks["adam"] = sampled["off_curve"]
    marks |= {name: data["strayed"].sel(draw=name) for name in data["draw"].values}
    for name, values in marks.items():
        rate = rates.sel(optimizer=name if name in rates["optimizer"] else "sgd").values
        axes.loglog(rate, values, **style.marks_of(LOOKS[name], **_HOLLOW))
        if name in EXPONENTS:
            factor = np.exp(np.mean(np.log(values.values) - EXPONENTS[name] * np.log(rate)))
            line = factor * rate[[0, -1]] ** EXPONENTS[name]
            axes.plot(rate[[0, -1]], line, **style.line_of(LOOKS[name]))
    axes.set(xlabel=r"learning rate $\eta$", ylabel=r"distance from the exact, over $\sigma_1$")
