"""Depth pays where coefficients stand out of the noise (docs/weight_decay.md, section 8)."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from companion import style
from companion.datasets import variable

#: For estimators that are no networks.
_OTHERS: dict[str, style.Look] = {
    "hard": {"color": "0.8", "linestyle": "-", "linewidth": 3, "zorder": 0},
    "oracle": {"color": "0.5", "linestyle": (0, (1, 2)), "linewidth": 1.1},
    "linear": {"color": "0.5", "linestyle": (0, (6, 2)), "linewidth": 0.9},
    "minimax": {"color": "0.5", "linestyle": "-", "linewidth": 0.6, "zorder": 0},
}


def data(
    measured: xr.Dataset, *, size: int, nonzero: int, drawn_values: Sequence[float]
) -> xr.Dataset:
    """Select what the figure draws.

    Returns the global minimizer's ``risk``, and what was ``simulated`` with its ``standard_error``
    (depth, value) over the sparse sequences, and (depth, n) over the others, there with the prefix
    ``besov_`` and over the oracle's; in the same way ``hard``, ``oracle`` and ``linear``; the
    ``large_start`` risk (depth, value); ``drawn_values``; and ``minimax``, 2k ln(n/k).
    """
    networks = measured.isel(estimator=np.flatnonzero(measured["name"] == "global_minimizer"))
    flows = measured.isel(estimator=np.flatnonzero(measured["name"] == "large_start"))
    text = "value of the coefficients in the second panel"
    drawn = {"drawn_values": variable("drawn", list(drawn_values), text)}
    for prefix, sequence, axis in (("", "sparse", "value"), ("besov_", "besov", "n")):
        here = np.flatnonzero(measured["sequence"] == sequence)
        at = measured["at"].values[here]
        unit = measured["risk"].values[measured["name"] == "oracle", here] if prefix else 1.0
        drawn[axis] = variable(axis, at, measured["at"].attrs["long_name"])
        for name in ("risk", "simulated", "standard_error"):
            values = networks[name].values[:, here] / unit
            attributes = measured[name].attrs
            drawn[prefix + name] = xr.Variable(("depth", axis), values, attributes)
        for name in ("hard", "oracle", "linear"):
            values = measured["risk"].values[measured["name"] == name, here] / unit
            drawn[prefix + name] = variable(axis, values, f"risk of the estimator {name}")
        if not prefix:
            values = flows["risk"].values[:, here]
            drawn["large_start"] = variable(("depth", axis), values, "risk from large starts")
    return xr.Dataset(
        drawn,
        coords={"depth": variable("depth", networks["depth"].values, "number of layers")},
        attrs={"minimax": 2 * nonzero * np.log(size / nonzero)},
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw risks against the value of the coefficients, the depth, and the number of samples."""
    with style.applied():
        figure = style.new_figure(2.6)
        values, depths, sizes = figure.subplots(1, 3, width_ratios=(1.2, 1, 1))
        _draw_values(values, data)
        _draw_depths(depths, data)
        _draw_sizes(sizes, data)
        handles, labels = values.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=5)
    return figure


def _draw_networks(axes: Axes, data: xr.Dataset, axis: str, prefix: str) -> None:
    """Draw exact risks as lines and simulated ones as marks with their standard errors."""
    for depth in data["depth"].values:
        at, look = data.sel(depth=depth), style.depth_look(int(depth))
        hollow = look | {"markerfacecolor": "white", "markeredgewidth": 0.7}
        axes.plot(data[axis], at[f"{prefix}risk"], **style.line_of(look))
        simulated, error = at[f"{prefix}simulated"], at[f"{prefix}standard_error"]
        axes.errorbar(data[axis], simulated, error, **style.marks_of(hollow), elinewidth=0.7)
        axes.plot([], [], label=f"$N = {depth}$", **hollow)


def _draw_values(axes: Axes, data: xr.Dataset) -> None:
    _draw_networks(axes, data, "value", "")
    for name, label in (("hard", r"$N \to \infty$, hard"), ("oracle", "oracle")):
        axes.plot(data["value"], data[name], **_OTHERS[name], label=label)
    axes.axhline(data.attrs["minimax"], **_OTHERS["minimax"], label=r"minimax, $2k\,\ln(n/k)$")
    axes.plot([], [], **_OTHERS["linear"], label="linear")
    axes.set(xlabel=r"value of the nonzero coefficients", ylabel="risk at the best decay")
    axes.set(xlim=(0, float(data["value"].max()) * 1.03), ylim=(0, 1.08 * data.attrs["minimax"]))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title("sparse sequences")


def _draw_depths(axes: Axes, data: xr.Dataset) -> None:
    """Draw the risk against depth, with hard thresholding where the depth is infinite."""
    names = [*(str(depth) for depth in data["depth"].values), r"$\infty$"]
    place = np.arange(len(names))
    for value, look in zip(data["drawn_values"].values, style.OTHERS, strict=False):
        at = data.sel(value=value)
        risk = [*at["risk"].values, float(at["hard"])]
        axes.plot(place, risk, **style.line_of(look))
        axes.errorbar(place[:-1], at["simulated"], at["standard_error"], **style.marks_of(look))
        axes.plot(place[:-1], at["large_start"], color=look["color"], linewidth=0.6)
        axes.annotate(f"{value:g}", (place[-1], risk[-1]), (4, 0), **_BESIDE)
    axes.set_xticks(place, names)
    axes.set(xlabel="depth $N$", ylim=(0, 1.08 * data.attrs["minimax"]), xlim=(-0.2, None))
    axes.set_title("by value, against depth")


_BESIDE: style.Look = {"textcoords": "offset points", "va": "center", "annotation_clip": False}


def _draw_sizes(axes: Axes, data: xr.Dataset) -> None:
    _draw_networks(axes, data, "n", "besov_")
    for name in ("hard", "linear", "oracle"):
        axes.plot(data["n"], data[f"besov_{name}"], **_OTHERS[name])
    axes.set(xscale="log", xlabel="number $n$ of samples", ylabel="risk over the oracle's")
    axes.xaxis.set_major_locator(LogLocator(10, numticks=9))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(ylim=(0.8, None))
    axes.set_title("Besov-like sequences")
