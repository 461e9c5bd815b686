"""Training losses of ReLU networks on real data (docs/steps.md, section 8)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style

#: Of the loss, where lines of the predicted slope are drawn.
BELOW = 1e-3


def data(measured: xr.Dataset) -> xr.Dataset:
    """Return the paths of the largest width, and the part that a step of them should remove."""
    widest = measured.isel(width=measured["width"].argmax("width"), drop=True)
    return widest[["loss", "loss_step", "start_gap", "condition", "samples", "features"]]


def draw(data: xr.Dataset) -> Figure:
    """Draw one panel for each data set."""
    with style.applied():
        figure = style.new_figure(3.5)
        panels = figure.subplots(2, 3, sharey=True)
        for axes, dataset in zip(panels.flat, data["dataset"].values, strict=True):
            _draw(axes, data.sel(dataset=dataset))
        for axes in panels[:, 0]:
            axes.set(ylabel="loss / start")
        for axes in panels[1]:
            axes.set(xlabel="step")
        style.legend_above(figure, panels[0, 0])
    return figure


def _draw(axes: Axes, data: xr.Dataset) -> None:
    """Draw losses, and below them in gray the slopes that H at the start predicts."""
    for method, look in style.DESCENT.items():
        path = data.sel({"method": method})
        steps, loss = path["loss_step"].values, path["loss"].values
        label = style.DESCENT_NAMES[method]
        axes.semilogy(steps, loss, **style.line_of(look), label=label)
        along = steps[len(steps) // 3 :]
        slope = 2 * np.log1p(-float(path["start_gap"]))
        law = BELOW * loss[-1] * np.exp(slope * (along - steps[-1]))
        axes.semilogy(along, law, color="0.6", linewidth=0.7)
    axes.set(ylim=(1e-21, 10))
    name = str(data["dataset"].item()).replace("_", " ")
    axes.set_title(rf"{name}, $\kappa = {float(data['condition']):.0f}$")
    style.draw_logarithms(axes, "y", 5)
