"""Which starts each theory covers, and what share of all (docs/theory.md, section 7)."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from companion import style
from companion.datasets import variable
from dlnpaper.one_neuron._guarantees import GUARANTEES, exact_coverage, overlap_thresholds
from studies.coverage.measure import choose_omega, coverage_target

#: Shares below this are not drawn.
SMALLEST_SHARE = 1e-6

#: Values of γ at which the lines are computed, and angles of the slices along each axis.
LINE_POINTS = 31
SLICE_ANGLES = 181

_EARLIER = ("restricted_union", "restricted_set", "deficiency_margin")
_LOOKS: dict[str, style.Look] = {
    "global_minimizer_convergent": {"color": "black", "linestyle": "-", "marker": "o"},
    "restricted_union": {"color": style.COLORS["sky"], "linestyle": (0, (5, 1.5)), "marker": "s"},
    "restricted_set": {"color": style.COLORS["blue"], "linestyle": "-.", "marker": "^"},
    "deficiency_margin": {"color": style.COLORS["vermilion"], "linestyle": ":", "marker": "D"},
}
# Their labels in the legend, from top to bottom; ω is that of the settings.
_LABELS = {
    "global_minimizer_convergent": "this theory",
    "deficiency_margin": "Arora et al. (2019):\nonly for rank one",
    "restricted_union": "Eftekhari (2020):\nany $\\omega > \\gamma$",
    "restricted_set": "Eftekhari (2020):\n$\\omega = \\gamma + {fraction:g}\\,(1 - \\gamma)$",
}
_FILLS: dict[str, dict[str, Any]] = {
    "global_minimizer_convergent": {"facecolor": "#F3F3F3"},
    "restricted_union": {"facecolor": "#CFE6F5"},
    "restricted_set": {"facecolor": "#7FB6DC"},
    "deficiency_margin": {"facecolor": "none", "hatch": "//////"},
}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Add the exact shares along lines, and the sets in the slices.

    Returns ``measured``; the exact shares ``over_dimension`` (target, line_dimension, guarantee) of
    the targets of rank one and two, and ``over_ratio`` (ratio_dimension, line_ratio, guarantee) of
    the dimensions that are measured over γ; and the ``threshold`` (target, earlier) above which a_1
    b_1 is in an earlier theory's set, for the slices.
    """
    s, fraction, ratio = (measured.attrs[name] for name in ("s", "omega_fraction", "drawn_ratio"))
    dimension, gamma = measured["dimension"], measured["ratio"]
    dimensions = list(range(int(dimension.min()), int(dimension.max()) + 1))
    ratio_dimensions = np.unique(dimension[(gamma > 0) & (gamma != ratio)])
    ratios, drawn_ratios = np.linspace(0, float(gamma.max()), LINE_POINTS), [0.0, ratio]

    def shares(dimension: int, gamma: float) -> np.ndarray:
        target = coverage_target(int(dimension), float(gamma))
        return exact_coverage(target, s, choose_omega(float(gamma), fraction))["share"].values

    thresholds = [
        overlap_thresholds(coverage_target(2, gamma), s, choose_omega(gamma, fraction))
        for gamma in drawn_ratios
    ]
    return measured.assign(
        over_dimension=variable(
            ("target", "line_dimension", "guarantee"),
            [[shares(d, gamma) for d in dimensions] for gamma in drawn_ratios],
            "exact share of the starts",
        ),
        over_ratio=variable(
            ("ratio_dimension", "line_ratio", "guarantee"),
            [[shares(d, gamma) for gamma in ratios] for d in ratio_dimensions],
            "exact share of the starts",
        ),
        threshold=variable(
            ("target", "earlier"),
            [[part[name] for name in _EARLIER] for part in thresholds],
            "least a_1 b_1 in the set",
        ),
    ).assign_coords(
        target_ratio=("target", drawn_ratios, gamma.attrs),
        line_dimension=("line_dimension", dimensions, dimension.attrs),
        ratio_dimension=("ratio_dimension", ratio_dimensions, dimension.attrs),
        line_ratio=("line_ratio", ratios, gamma.attrs),
        earlier=("earlier", list(_EARLIER), measured["guarantee"].attrs),
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw the sets in slices above, and below the shares against dimension and against γ."""
    with style.applied():
        figure = style.new_figure(4.1)
        grid = figure.subplots(2, 3)
        for column, name in enumerate(("rank one", "rank two")):
            of_target = data.isel(target=column)
            ratio = float(of_target["target_ratio"])
            _draw_slice(grid[0, column], of_target["threshold"])
            grid[0, column].set_title(f"{name}, $\\gamma = {ratio:g}$" if ratio else name)
            _draw_over_dimension(grid[1, column], of_target)
        _draw_over_ratio(grid[1, 2], data)
        for axes in grid[1]:
            axes.set(yscale="log", ylim=(SMALLEST_SHARE, 2))
            style.draw_logarithms(axes, "y", 2)
        for axes in (grid[0, 1], *grid[1, 1:]):
            axes.tick_params(labelleft=False)
        grid[1, 0].set_ylabel("share of starts covered")
        grid[0, 0].set_ylabel(r"angle $\varphi$ of $v$ from $v_1$")
        _draw_legend(grid[0, 2], data.attrs["omega_fraction"])
    return figure


def _draw_slice(axes: Axes, thresholds: xr.DataArray) -> None:
    """Draw the sets on the torus of both angles: all starts of magnitude s in two dimensions."""
    angles = np.linspace(-np.pi / 2, 3 * np.pi / 2, SLICE_ANGLES)
    plane = angles, angles, np.outer(np.cos(angles), np.cos(angles))
    axes.set_facecolor(_FILLS["global_minimizer_convergent"]["facecolor"])
    for name in _EARLIER:
        threshold, fill = float(thresholds.sel(earlier=name)), _FILLS[name]
        color = _LOOKS[name]["color"]
        if threshold >= 1:
            continue
        if "hatch" in fill:
            hatched = axes.contourf(*plane, [threshold, 2], colors="none", hatches=[fill["hatch"]])
            hatched.set(edgecolor=color, linewidth=0)
        else:
            axes.contourf(*plane, [threshold, 2], colors=[fill["facecolor"]])
        axes.contour(*plane, [threshold], colors=[color], linewidths=1)
    for branch in (np.pi - angles, np.pi + angles, angles - np.pi):
        axes.plot(angles, branch, color="black", linewidth=1.3)
    style.draw_torus(axes)
    axes.set_xlabel(r"angle $\theta$ of $u$ from $u_1$")


def _draw_over_dimension(axes: Axes, data: xr.Dataset) -> None:
    cases = data.isel(case=(data["ratio"] == data["target_ratio"]).values)
    for name in GUARANTEES:
        line = data["over_dimension"].sel(guarantee=name)
        _draw_shares(axes, line, cases["dimension"], cases.sel(guarantee=name), "white")
    axes.set(xscale="log", xlabel="dimension $d$")
    ticks = [d for d in (2, 4, 8, 16, 32, 64) if d <= data["dimension"].max()]
    axes.set_xticks(ticks, [str(d) for d in ticks])
    axes.minorticks_off()


def _draw_over_ratio(axes: Axes, data: xr.Dataset) -> None:
    dimensions = data["ratio_dimension"].values
    for dimension in dimensions:
        cases = data.isel(case=(data["dimension"] == dimension).values)
        for name in ("global_minimizer_convergent", "restricted_union", "deficiency_margin"):
            line = data["over_ratio"].sel(ratio_dimension=dimension, guarantee=name)
            fill = "white" if dimension == dimensions[0] else _LOOKS[name]["color"]
            _draw_shares(axes, line, cases["ratio"], cases.sel(guarantee=name), fill)
        line = data["over_ratio"].sel(ratio_dimension=dimension, guarantee="restricted_union")
        _name_dimension(axes, line)
    axes.set_xlabel(r"$\gamma = \sigma_2/\sigma_1$")


def _name_dimension(axes: Axes, line: xr.DataArray) -> None:
    """Write the dimension below the middle of a line."""
    at = line.size // 2
    place = float(line["line_ratio"][at]), float(line[at])
    text = f"$d = {int(line['ratio_dimension'])}$"
    axes.annotate(text, place, (-3, -9), textcoords="offset points", ha="right")


def _draw_shares(
    axes: Axes, line: xr.DataArray, at: xr.DataArray, cases: xr.Dataset, fill: str
) -> None:
    """Draw the exact shares, and those sampled that are not zero with their intervals."""
    look, least = _LOOKS[line["guarantee"].item()], SMALLEST_SHARE / 10
    axes.plot(line[line.dims[0]], line.where(line >= least), **style.line_of(look))
    some = (cases["share"] > 0).values
    seen = cases.isel(case=some)
    below = seen["share"] - np.maximum(seen["low"], least)
    axes.errorbar(
        at[some],
        seen["share"],
        np.array([below, seen["high"] - seen["share"]]),
        elinewidth=0.7,
        **style.marks_of(look, markerfacecolor=fill),
    )


def _draw_legend(axes: Axes, omega_fraction: float) -> None:
    """Explain fills, lines and marks at once: each line lies on its fill."""
    axes.set_axis_off()
    handles: list[Any] = []
    for name in _LABELS:
        fill = Patch(edgecolor=_LOOKS[name]["color"], linewidth=0, **_FILLS[name])
        handles.append((fill, Line2D([], [], markerfacecolor="white", **_LOOKS[name])))
    handles.append(Line2D([], [], color="black"))
    labels = [label.format(fraction=omega_fraction) for label in _LABELS.values()]
    labels.append(r"$\alpha_1 = 0$: in no set")
    axes.legend(handles, labels, loc="center", labelspacing=1.1, handlelength=3, handleheight=1.4)
