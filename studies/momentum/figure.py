"""Rates and numbers of steps against the condition number (docs/steps.md, section 5)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from studies.momentum.laws import LAWS, steps_law

LINE_POINTS = 61

LOOKS = style.DESCENT | {"usual_nesterov": style.OTHERS[0]}
NAMES = style.DESCENT_NAMES | {"usual_nesterov": r"Nesterov, $\eta = 1/\lambda_{\mathrm{max}}$"}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Return what was measured, and ``gap_law`` and ``steps_law`` (tuning, line) over ``line``."""
    conditions = measured["condition"].values
    line = np.geomspace(conditions.min() / 1.2, conditions.max() * 1.2, LINE_POINTS)
    gaps = [law(line) for law in LAWS.values()]
    steps = [[steps_law(tuning, each) for each in line] for tuning in LAWS]
    return measured[["rate", "steps"]].assign(
        line=variable("line", line, "condition number"),
        gap_law=variable(("tuning", "line"), gaps, "1 less the predicted factor in a step"),
        steps_law=variable(("tuning", "line"), steps, "predicted number of steps"),
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw 1 − rate on the left, and the number of steps on the right."""
    with style.applied():
        figure = style.new_figure(2.6)
        rates, steps = figure.subplots(1, 2)
        _draw(rates, data, data["gap_law"], 1 - data["rate"])
        _draw(steps, data, data["steps_law"], data["steps"])
        rates.set(ylabel="$1 -$ factor in a step")
        steps.set(ylabel="steps until $10^{-8}$ of the error is left")
        style.legend_above(figure, rates)
    return figure


def _draw(axes: Axes, data: xr.Dataset, laws: xr.DataArray, measured: xr.DataArray) -> None:
    for tuning in LAWS:
        look = LOOKS[tuning]
        axes.loglog(data["line"], laws.sel(tuning=tuning), **style.line_of(look))
        for depth in data["depth"].values:
            marks = measured.sel(tuning=tuning, depth=depth)
            hollow = style.marks_of(look, markerfacecolor="none", markeredgewidth=0.7)
            axes.plot(data["condition"], marks, **hollow)
        axes.plot([], [], label=NAMES[tuning], **look, markerfacecolor="none", markeredgewidth=0.7)
    axes.set(xlabel=r"condition number $\kappa = N / (1 - \gamma)$")
    axes.set(xlim=(float(data["line"][0]), float(data["line"][-1])))
