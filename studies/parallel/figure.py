"""A function with heterogeneous smoothness, recovered by parallel networks of several depths."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from dlnpaper.one_neuron._shrinkage import shrinkage

#: Points of a line, and the largest coefficient that is drawn, over the threshold.
LINE_POINTS, LARGEST = 801, 2.4


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select what the figure draws.

    Returns ``observed`` (coefficient), ``trained`` and ``kept`` (depth, coefficient) over the
    threshold; the rules ``large_start`` and ``global_minimizer`` (depth, line) at ``line``; and
    the functions ``truth`` and ``noisy`` (sample) and, of the least and the largest depth,
    ``recovered`` (shown, sample) with its ``mean_squared_error`` and number of ``layers`` (shown).
    """
    unit, depths = measured.attrs["threshold"], measured["depth"].values
    line = np.linspace(-LARGEST, LARGEST, LINE_POINTS)
    decays = measured["weight_decay"].values
    rules = {
        rule: np.array(
            [
                shrinkage(unit * line, int(n), float(decay), rule=rule) / unit
                for n, decay in zip(depths, decays, strict=True)
            ]
        )
        for rule in ("large_start", "global_minimizer")
    }
    ends = [int(depths.argmin()), int(depths.argmax())]
    shown = measured["recovered"].isel(depth=ends).rename(depth="shown").drop_vars("shown")
    error = ((shown - measured["truth"]) ** 2).mean("sample")
    drawn = {
        rule: variable(("depth", "line"), values, f"coefficient by the rule {rule}")
        for rule, values in rules.items()
    }
    for name in ("observed", "trained"):
        drawn[name] = (measured[name] / unit).variable
        drawn[name].attrs = measured[name].attrs | {"comment": "over the threshold"}
    drawn |= {
        "line": variable("line", line, "coefficient of the samples over the threshold"),
        "recovered": shown.variable,
        "mean_squared_error": variable("shown", error, "mean squared error of the function"),
        "layers": variable("shown", depths[ends], "number of layers"),
    }
    return measured[["kept", "truth", "noisy"]].assign(drawn)


def draw(data: xr.Dataset) -> Figure:
    """Draw coefficients on the left, and functions on the right."""
    with style.applied():
        figure = style.new_figure(2.9)
        grid = figure.add_gridspec(3, 2, width_ratios=(1, 1.15))
        _draw_coefficients(figure.add_subplot(grid[:, 0]), data)
        first = figure.add_subplot(grid[0, 1])
        lower = [figure.add_subplot(grid[row, 1], sharex=first, sharey=first) for row in (1, 2)]
        _draw_functions([first, *lower], data)
    return figure


def _draw_coefficients(axes: Axes, data: xr.Dataset) -> None:
    """Draw both rules, and what training leaves of the coefficients."""
    line = data["line"]
    for depth in data["depth"].values:
        at, look = data.sel(depth=depth), style.depth_look(int(depth))
        kept = at["kept"].values.astype(bool)
        hollow = look | {"markerfacecolor": "white", "markeredgewidth": 0.7}
        only_local = at["large_start"].where(at["global_minimizer"] == 0)
        axes.plot(line, only_local, color=look["color"], linewidth=0.5)
        axes.plot(line, at["global_minimizer"].where(np.abs(line) > 1), **style.line_of(look))
        for which, marks in ((kept, look), (~kept, hollow)):
            axes.plot(data["observed"][which], at["trained"][which], **style.marks_of(marks))
        axes.plot([], [], label=f"$N = {depth}$", **look)
    for edge in (-1, 1):
        axes.axvline(edge, color="0.75", linewidth=0.6, zorder=0)
    axes.set(xlim=(-LARGEST, LARGEST), ylim=(-LARGEST, LARGEST))
    axes.set(xlabel=r"coefficient of the samples, over $\sigma_g$")
    axes.set(ylabel=r"trained coefficient, over $\sigma_g$")
    axes.legend(loc="upper left")


def _draw_functions(panels: list[Axes], data: xr.Dataset) -> None:
    x = np.arange(1, data.sizes["sample"] + 1) / data.sizes["sample"]
    for axes in panels:
        axes.plot(x, data["truth"], color="0.7", linewidth=1.6, zorder=0)
    panels[0].plot(x, data["noisy"], color="black", marker=".", markersize=1.5, linestyle="none")
    panels[0].set_title("noisy samples")
    for axes, k in zip(panels[1:], range(data.sizes["shown"]), strict=True):
        at = data.isel(shown=k)
        look = style.line_of(style.depth_look(int(at["layers"]))) | {"linestyle": "-"}
        axes.plot(x, at["recovered"], linewidth=0.8, **look)
        error = float(at["mean_squared_error"])
        axes.set_title(f"$N = {int(at['layers'])}$: mean squared error {error:.2f}")
    for axes in panels[:-1]:
        axes.tick_params(labelbottom=False)
    panels[-1].set(xlabel="$x$", xlim=(0, 1))
    panels[1].set_ylabel("function, over the noise")
