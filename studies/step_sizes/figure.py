"""Finite steps against the flow and about the edge of stability (docs/steps.md, 4 and 6)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from studies.step_sizes.cycles import doubling, two_cycle

#: Points of the drawn two-cycle, and of the steps that are marked.
CURVE, MARKS = 81, 12

SIDES = {"below": style.OTHERS[1], "above": style.OTHERS[0]}


def data(measured: xr.Dataset, *, drawn_depth: int, margin: float) -> xr.Dataset:
    """Return what is drawn of one depth.

    ``distance`` and ``predicted_distance`` (method, share); ``orbit`` (ratio, point), and the
    predicted two-cycle ``cycle`` (curve, branch) of s/σ_1 at ``cycle_ratio`` (curve), up to where
    it loses its stability; ``departure`` (side, mark), distances at the steps ``mark``, and
    ``departure_law`` (side, number), distances that grow or shrink as the curvature tells, and
    ``cycle_departure`` (branch), the distances on the two-cycle above the edge.
    """
    one = measured.sel(depth=drawn_depth, drop=True)
    ratios = 1 + (doubling(drawn_depth) - 1) * np.linspace(1e-6, 1, CURVE) ** 2
    cycle = np.array([two_cycle(drawn_depth, ratio) for ratio in ratios]) ** drawn_depth
    factors = [abs(1 - 2 * ratio) for ratio in (1 - margin, 1 + margin)]
    number, away = one["number"].values, one["departure"]
    law = away.isel(number=0).values[:, None] * np.power.outer(factors, number)
    reached = np.abs(np.array(two_cycle(drawn_depth, 1 + margin)) ** drawn_depth - 1)
    every = len(number) // MARKS
    marks = away.isel(number=slice(None, None, every)).rename(number="mark")
    return one[["distance", "predicted_distance", "orbit"]].assign(
        number=one["number"].variable,
        side=one["side"].variable,
        departure=marks.variable,
        mark=marks["mark"].variable,
        departure_law=variable(("side", "number"), law, "distance by the curvature"),
        cycle_departure=variable("branch", reached, "distance on the two-cycle"),
        cycle_ratio=variable("curve", ratios, "step over the largest stable one"),
        cycle=variable(("curve", "branch"), cycle, "singular value over its limit on a two-cycle"),
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw distances to the flow, both sides of the edge, and what follows beyond it."""
    with style.applied():
        figure = style.new_figure(2.4)
        flow, edge, orbits = figure.subplots(1, 3)
        _draw_flow(flow, data)
        _draw_edge(edge, data)
        _draw_orbits(orbits, data)
        style.legend_above(figure, flow)
    return figure


def _draw_flow(axes: Axes, data: xr.Dataset) -> None:
    for method in data["method"].values:
        look, one = style.DESCENT[method], data.sel({"method": method})
        axes.loglog(data["share"], one["predicted_distance"], **style.line_of(look))
        hollow: style.Look = {"markerfacecolor": "none", "markeredgewidth": 0.7}
        axes.plot(data["share"], one["distance"], **style.marks_of(look, **hollow))
        axes.plot([], [], label=style.DESCENT_NAMES[method], **look, **hollow)
    axes.set(xlabel=r"step $\eta\, /\, [(1 - \beta)^2 \eta_{\mathrm{max}}]$")
    style.draw_logarithms(axes, "x", 1)
    axes.set(ylabel=r"distance to the flow $/\, \sigma_1$")


def _draw_edge(axes: Axes, data: xr.Dataset) -> None:
    style.draw_levels(axes, data["cycle_departure"].values)
    for side, look in SIDES.items():
        one = data.sel(side=side)
        axes.semilogy(data["number"], one["departure_law"], **style.line_of(look))
        axes.plot(data["mark"], one["departure"], **style.marks_of(look), clip_on=False)
    axes.set(xlabel="number of steps", ylabel=r"$\|W - \sigma_1 u_1 v_1^\top\|\, /\, \sigma_1$")
    place: style.Look = {"transform": axes.transAxes, "ha": "right"}
    axes.text(0.98, 0.75, r"$\eta > \eta_{\mathrm{max}}$", va="top", **place)
    axes.text(0.98, 0.32, r"$\eta < \eta_{\mathrm{max}}$", va="bottom", **place)
    axes.set(ylim=(float(data["departure"].min()) / 3, 1), xlim=(0, float(data["number"][-1])))


def _draw_orbits(axes: Axes, data: xr.Dataset) -> None:
    ratios = np.broadcast_to(data["ratio"].values[:, None], data["orbit"].shape)
    dots: style.Look = {"linestyle": "none", "marker": ".", "markersize": 2.4}
    axes.plot(ratios.ravel(), data["orbit"].values.ravel(), color=style.COLORS["orange"], **dots)
    line = style.line_of(style.DESCENT["gradient_descent"]) | {"linewidth": 0.7}
    axes.plot([float(data["ratio"][0]), 1.0], [1.0, 1.0], **line)
    axes.plot(data["cycle_ratio"], data["cycle"].values, **line)
    axes.set(xlabel=r"step $\eta\, /\, \eta_{\mathrm{max}}$", ylabel=r"late $s / \sigma_1$")
    axes.set(xlim=(float(data["ratio"][0]), float(data["ratio"][-1])), ylim=(0, None))
