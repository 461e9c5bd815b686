"""Over-parameterized networks against their Gram matrix (docs/steps.md, section 8)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from studies.gram_descent import SHARE
from studies.overparameterized.table import MOVEMENT_POWERS

TITLES = {
    "gaussian": "Gaussian layers",
    "orthogonal": "orthogonal layers",
    "residual": "residual layers",
    "relu": "ReLU, two layers",
}
MARKERS = {"gaussian": "o", "orthogonal": "s", "residual": "^", "relu": "D"}

#: Of the residual, where lines of the predicted slope are drawn.
BELOW = 0.02


def data(measured: xr.Dataset, *, condition: float) -> xr.Dataset:
    """Return what the figure draws: all runs, and the paths that were kept.

    Widths are compared at the condition number ``condition``.
    """
    names = ["gap", "gram_condition", "movement", "residual", "steps"]
    names += ["path_start", "path_method", "path_gap"]
    return measured[names].assign_attrs(condition=condition)


def draw(data: xr.Dataset) -> Figure:
    """Draw residuals above; the part that a step removes and how far H moves below."""
    with style.applied():
        figure = style.new_figure(4.3)
        above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.25)).ravel()
        panels = above.subplots(1, len(TITLES), sharey=True)
        for axes, start in zip(panels, TITLES, strict=True):
            _draw_paths(axes, data, start)
        panels[0].set(ylabel="residual / start")
        rates, movements = below.subplots(1, 2)
        _draw_rates(rates, data)
        _draw_movements(movements, data)
        _explain_methods(figure, panels[0])
    return figure


def _draw_paths(axes: Axes, data: xr.Dataset, start: str) -> None:
    """Draw residuals, and beside them in gray what H at the start predicts for their slope."""
    for i in np.flatnonzero(data["path_start"].values == start):
        path = data.isel(path=i)
        steps, residual = path["steps"].values, path["residual"].values
        look = style.DESCENT[str(path["path_method"].item())]
        axes.semilogy(steps, residual, **style.line_of(look))
        along = steps[len(steps) // 3 :]
        slope = np.log1p(-float(path["path_gap"]))
        law = residual[-1] * np.exp(slope * (along - steps[-1]))
        axes.semilogy(along, BELOW * law, color="0.6", linewidth=0.7)
    axes.set(xlabel="step", ylim=(1e-11, 3))
    axes.set_title(TITLES[start])
    style.draw_logarithms(axes, "y", 3)


def _draw_rates(axes: Axes, data: xr.Dataset) -> None:
    condition = data["gram_condition"].values
    line = np.geomspace(condition.min() / 1.2, condition.max() * 1.2, 50)
    largest = _at_largest_width(data)
    # Both methods with momentum have one law: their marks lie within each other.
    for (method, look), size in zip(style.DESCENT.items(), (3.4, 6.0, 3.4), strict=True):
        law = 1 / line if method == "gradient_descent" else SHARE / np.sqrt(line)
        axes.loglog(line, law, **style.line_of(look))
        for start, marker in MARKERS.items():
            chosen = largest & (data["method"].values == method) & (data["start"].values == start)
            marks = style.marks_of(look, marker=marker, markerfacecolor="none", markeredgewidth=0.7)
            axes.plot(condition[chosen], data["gap"].values[chosen], **marks, markersize=size)
    axes.set(
        xlabel=r"condition number $\kappa$ of $H$ at the start", ylabel=r"$1 -$ factor in a step"
    )


def _draw_movements(axes: Axes, data: xr.Dataset) -> None:
    scanned = data.attrs["condition"]
    for start, marker in MARKERS.items():
        chosen = (data["start"].values == start) & (data["condition"].values == scanned)
        chosen &= data["method"].values == "gradient_descent"
        width, moved = data["width"].values[chosen], data["movement"].values[chosen]
        marks = style.marks_of({"color": "black", "marker": marker}, markerfacecolor="none")
        axes.loglog(width, moved, **marks, markeredgewidth=0.7, label=TITLES[start])
        power = MOVEMENT_POWERS[start]
        level = np.exp(np.mean(np.log(moved / width**power)))
        axes.plot(width, level * width**power, color="0.6", linewidth=0.7, zorder=0)
    axes.set(xlabel="width $m$", ylabel=r"$\|H - H_0\| \,/\, \|H_0\|$")
    axes.legend(loc="lower left")


def _at_largest_width(data: xr.Dataset) -> np.ndarray:
    """Return which runs have the largest width of their start."""
    starts, widths = data["start"].values, data["width"].values
    largest = {start: widths[starts == start].max() for start in np.unique(starts)}
    return widths == np.array([largest[start] for start in starts])


def _explain_methods(figure: Figure, axes: Axes) -> None:
    for method, look in style.DESCENT.items():
        axes.plot([], [], label=style.DESCENT_NAMES[method], **style.line_of(look))
    style.legend_above(figure, axes)
