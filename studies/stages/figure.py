"""A trajectory through its three stages, and how long they take in an ensemble (section 6)."""

from itertools import pairwise

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable

# Shares of the ensemble at which the lengths of the stages are read off.
_SHARES = np.geomspace(1.0, 1e-3, 61)
# Edges of the bins of |α_1|, and the quantiles of t_1 in each.
_ALPHA_EDGES = np.geomspace(1e-2, 1.6, 13)
_QUANTILES = {"low": 0.05, "median": 0.5, "high": 0.95}

_SHADES = ("0.82", "0.92", "white")
# A stage is named if it takes up this part of the times at least.
_LEAST_NAMED = 0.12
_NAMES = ("stage 1\n$c < 0$", "stage 2\n$c < \\sigma_1/2$", "stage 3\nlinear convergence")


def data(measured: xr.Dataset, trajectories: xr.Dataset, *, drawn_depth: int) -> xr.Dataset:
    """Select what the figure draws.

    The ``trajectories`` hold ``s``, ``alignment`` and ``excess`` (depth, start, time) of the
    example, which is drawn at one depth.

    Returns of the example ``s``, ``alignment``, ``excess`` and the ``law`` of the excess
    (time), the scalars ``example_t_0`` and ``example_t_1`` and the attribute ``example_depth``. Of
    the ensemble: ``t_0`` and ``t_1`` (depth, share), the times after which this share of the starts
    is still in stage 1, and not yet in stage 3; and quantiles of t_1 among starts of similar |α_1|,
    ``t_1_low``, ``t_1_median`` and ``t_1_high`` (depth, alpha).
    """
    at_depth = trajectories.sel(depth=drawn_depth, drop=True).isel(start=0)
    example = measured.sel(depth=drawn_depth, drop=True)
    log_law = float(example["log_prefactor"]) - float(example["rate"]) * at_depth["time"].values
    drawn = at_depth[["s", "alignment", "excess", "singular_values"]].assign(
        law=variable("time", np.exp(log_law), "law of the excess"),
        example_t_0=example["example_t_0"],
        example_t_1=example["example_t_1"],
        t_0=_still_there(measured["t_0"]),
        t_1=_still_there(measured["t_1"]),
    )
    drawn.update(_by_alpha(measured["t_1"], np.abs(measured["alpha_1"].values)))
    drawn = drawn.assign_coords(
        depth=measured["depth"],
        share=variable("share", _SHARES, "share of the starts"),
        alpha=variable(
            "alpha", np.sqrt(_ALPHA_EDGES[1:] * _ALPHA_EDGES[:-1]), "absolute value of a_1 + b_1"
        ),
    )
    return drawn.assign_attrs(example_depth=drawn_depth)


def draw(data: xr.Dataset) -> Figure:
    """Draw the example on the left and the ensemble on the right."""
    with style.applied():
        figure = style.new_figure(4.0)
        (values, shares), (excess, by_alpha) = figure.subplots(2, 2, width_ratios=(1.15, 1))
        _draw_values(values, data)
        _draw_excess(excess, data)
        _draw_shares(shares, data)
        _draw_by_alpha(by_alpha, data)
        figure.align_ylabels()
    return figure


def _still_there(ends: xr.DataArray) -> xr.Variable:
    """Return the times after which a share of the starts has not come to the end of a stage."""
    times = np.quantile(ends.values, 1 - _SHARES, axis=1).T
    return xr.Variable(("depth", "share"), times, ends.attrs)


def _by_alpha(ends: xr.DataArray, alpha: np.ndarray) -> dict[str, xr.Variable]:
    """Return quantiles of the ends in bins of |α_1|."""
    bins = [(low <= alpha) & (alpha < high) for low, high in pairwise(_ALPHA_EDGES)]
    # No start, no quantile: the curve has a gap there.
    nothing = np.full((ends.sizes["depth"], 1), np.nan)
    columns = [ends.values[:, chosen] if chosen.any() else nothing for chosen in bins]
    attrs = {**ends.attrs, "missing_data": "no start has such an alpha_1"}
    quantiles = {}
    for name, level in _QUANTILES.items():
        values = np.array([np.quantile(column, level, axis=1) for column in columns]).T
        quantiles[f"t_1_{name}"] = xr.Variable(("depth", "alpha"), values, attrs)
    return quantiles


def _draw_values(axes: Axes, data: xr.Dataset) -> None:
    """Draw s and the alignment, and name the stages."""
    largest = float(data["singular_values"].max())
    edges = _shade_stages(axes, data)
    axes.plot(data["time"], data["alignment"], color="black", label="alignment $c$")
    dashes: style.Look = {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.2))}
    axes.plot(data["time"], data["s"], label="singular value $s$", **dashes)
    levels = (0.0, largest / 2, largest)
    # In front of the shades.
    style.draw_levels(axes, levels, color="0.5", zorder=0.5)
    axes.set_yticks(levels, ["0", r"$\sigma_1/2$", r"$\sigma_1$"])
    axes.set_ylim(None, 1.55 * largest)
    for (low, high), name in zip(pairwise(edges), _NAMES, strict=True):
        if high - low > _LEAST_NAMED * edges[-1]:
            axes.text((low + high) / 2, 1.52 * largest, name, ha="center", va="top")
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.3))
    axes.set(xlabel="time $t$", ylabel="$c$ and $s$")


def _draw_excess(axes: Axes, data: xr.Dataset) -> None:
    _shade_stages(axes, data)
    axes.plot(data["time"], data["excess"], color="black", label="excess loss")
    dashes: style.Look = {"color": style.COLORS["vermilion"], "linestyle": (0, (4, 1.2))}
    axes.plot(data["time"], data["law"], label="its law in stage 3", **dashes)
    values = data["excess"].values
    axes.set(yscale="log", ylim=(values[-1] / 3, 10 * values[0]))
    axes.set(xlabel="time $t$", ylabel="excess loss")
    axes.legend(loc="lower left")


def _shade_stages(axes: Axes, data: xr.Dataset) -> np.ndarray:
    """Shade the stages and return where they begin and end."""
    last = float(data["time"][-1])
    edges = np.array([0.0, float(data["example_t_0"]), float(data["example_t_1"]), last])
    for (low, high), shade in zip(pairwise(edges), _SHADES, strict=True):
        axes.axvspan(low, high, color=shade, linewidth=0, zorder=0)
    axes.set_xlim(0, last)
    return edges


def _draw_shares(axes: Axes, data: xr.Dataset) -> None:
    for depth in np.sort(data["depth"]):
        at, line = data.sel(depth=depth), style.line_of(style.depth_look(int(depth)))
        axes.plot(at["t_0"], at["share"], linewidth=0.8, **line)
        axes.plot(at["t_1"], at["share"], linewidth=1.8, label=f"$N = {depth}$", **line)
    axes.set(xscale="log", yscale="log", xlim=(1e-2, None), ylim=(_SHARES[-1], 1.3))
    style.draw_logarithms(axes, "x", 1)
    style.draw_logarithms(axes, "y", 1)
    axes.set(xlabel="time $t$", ylabel="share of the starts")
    axes.legend(loc="lower left", title="thin: in stage 1\nthick: in stage 1 or 2")


def _draw_by_alpha(axes: Axes, data: xr.Dataset) -> None:
    for depth in np.sort(data["depth"]):
        at, look = data.sel(depth=depth), style.depth_look(int(depth))
        # On a logarithmic axis a band that reaches down to zero would fill the panel.
        at = at.isel(alpha=(at["t_1_low"] > 0).values)
        shade = {"color": look["color"], "alpha": 0.2, "linewidth": 0}
        axes.fill_between(at["alpha"], at["t_1_low"], at["t_1_high"], **shade)
        axes.plot(at["alpha"], at["t_1_median"], label=f"$N = {depth}$", **look)
    axes.set(xscale="log", yscale="log")
    style.draw_logarithms(axes, "x", 1)
    style.draw_logarithms(axes, "y", 1)
    axes.set(xlabel=r"$|\alpha_1|$ at the start", ylabel=r"end $t_1$ of stage 2")
    axes.legend(loc="upper right")
