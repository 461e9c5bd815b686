"""Trajectories to each kind of limit (docs/theory.md, sections 3 and 4)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import flag_names
from companion.ensembles import family_names, select

#: Below this the excess is drawn no further: the axis would only show how it goes on falling.
SMALLEST_EXCESS = 1e-14

_ROWS = {
    "s": r"singular value $s$",
    "alignment": r"alignment $c = u^\top Z v$",
    "excess": r"excess loss $L - L_\infty$",
}
_LABELS = {
    "global_minimizer": "global minimizer",
    "saddle_2": r"saddle $\sigma_2$: $\alpha_1 = 0$",
    "saddle_3": r"saddle $\sigma_3$: $\alpha_1 = \alpha_2 = 0$",
    "origin": r"origin: all $\alpha_i = 0$",
}


def data(starts: xr.Dataset, trajectories: xr.Dataset) -> xr.Dataset:
    """Select what the figure draws.

    Returns ``s``, ``alignment`` and ``excess`` (depth, start, time); ``family`` and ``alpha_1``
    (start), one start in each of ``global_minimizer``, ``saddle_2``, ``saddle_3`` and ``origin``,
    and those of ``near_saddle``; ``singular_values`` (mode).
    """
    starts = select(starts, family_names(trajectories))
    alpha_1 = starts["a"].isel(left=0) + starts["b"].isel(right=0)
    drawn = trajectories[[*_ROWS, "family", "singular_values"]]
    return drawn.assign(alpha_1=alpha_1.assign_attrs(long_name="a_1 + b_1 at the start", units="1"))


def draw(data: xr.Dataset) -> Figure:
    """Draw one row for each quantity and one column for each depth."""
    looks = _looks(data)
    depths = data["depth"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 5.9)
        grid = figure.subplots(len(_ROWS), len(depths), sharex=True, sharey="row", squeeze=False)
        for axes_of_depth, depth in zip(grid.T, depths, strict=True):
            axes_of_depth[0].set_title(f"$N = {depth}$")
            axes_of_depth[-1].set_xlabel("time $t$")
            for axes, quantity in zip(axes_of_depth, _ROWS, strict=True):
                _draw_quantity(axes, data[quantity].sel(depth=depth), looks)
                if quantity != "excess":
                    style.draw_levels(axes, [0.0, *data["singular_values"].values])
        for axes, label in zip(grid[:, 0], _ROWS.values(), strict=True):
            axes.set_ylabel(label)
        figure.align_ylabels(grid[:, 0])
        grid[-1, 0].set_yscale("log")
        grid[-1, 0].set_ylim(SMALLEST_EXCESS, None)
        grid[0, 0].set_xlim(0, float(data["time"][-1]))
        style.legend_above(figure, grid[0, 0], ncols=4)
    return figure


def _looks(data: xr.Dataset) -> list[style.Look]:
    """Return how the line of every start looks, its label included."""
    near = iter(style.NEAR_SADDLE)
    looks: list[style.Look] = []
    for family, alpha_1 in zip(flag_names(data["family"]), data["alpha_1"].values, strict=True):
        if family in _LABELS:
            looks.append({"label": _LABELS[family], **style.LIMITS[family]})
        else:
            label = rf"$\alpha_1 = 10^{{{round(np.log10(alpha_1))}}}$, visits the saddle $\sigma_2$"
            looks.append({"label": label, **next(near)})
    return looks


def _draw_quantity(axes: Axes, values: xr.DataArray, looks: list[style.Look]) -> None:
    """Draw one line for each start, with markers at times of its own so that they do not meet."""
    step = values.sizes["time"] // 6
    for line, (row, look) in enumerate(zip(values.values, looks, strict=True)):
        first = (line + 1) * step // (len(looks) + 1)
        axes.plot(values["time"], row, markevery=(first, step), **look)
