"""The distance from initialization, lazy and rich (docs/theory.md, section 7)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.ensembles import select, starts_of, target_of
from dlnpaper.one_neuron._distance import distance_from_initialization
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Magnitudes at which the lines are computed, between the measured ones.
LINE_POINTS = 241

#: Below this the excess is drawn no further: the axis would only show how it goes on falling.
SMALLEST_EXCESS = 1e-14

#: How the angles of the middle panel look, and the two starts of the last.
_LOOKS: list[dict[str, Any]] = [
    {"color": "black", "linestyle": "-", "marker": "o"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.5)), "marker": "s"},
    {"color": style.COLORS["vermilion"], "linestyle": "-.", "marker": "^"},
    {"color": style.COLORS["green"], "linestyle": ":", "marker": "D"},
]


def data(
    starts: xr.Dataset, measured: xr.Dataset, trajectories: xr.Dataset, *, drawn_depth: int
) -> xr.Dataset:
    """Select what the figure draws.

    Parameters
    ----------
    starts : xarray.Dataset
        Families of starts, each with one pair of directions and many magnitudes.
    measured : xarray.Dataset
        Of the same starts, as `studies.lazy.measure` returns it.
    trajectories : xarray.Dataset
        ``excess`` (depth, start, time) and ``family`` (start) of some of these families, all of
        their starts.
    drawn_depth : int
        Number of layers of the second and third panels.

    Returns
    -------
    xarray.Dataset
        ``measured`` (depth, family, scale) at magnitudes ``s`` (scale), and the law ``predicted``
        (depth, family, line_scale) at ``line_s`` (line_scale); ``angle`` (family); and of the
        solved starts with the least and the furthest distance at this depth the ``excess``
        (case, time), ``case_distance``, ``case_s`` and ``case_angle`` (case).
    """
    target = target_of(starts)
    names = starts["family"].attrs["flag_meanings"].split()
    families = [starts_of(select(starts, [name])) for name in names]
    s = families[0].s
    line_s = np.geomspace(s[0], s[-1], LINE_POINTS)
    depths = measured["depth"].values
    lines = [
        [distance_from_initialization(target, n, _rescaled(family, line_s)) for family in families]
        for n in depths
    ]
    shape = (len(depths), len(families), len(s))
    solved = select(measured, [names[flag] for flag in np.unique(trajectories["family"])])
    moved = solved["predicted"].sel(depth=drawn_depth)
    cases = [int(pick(moved.values)) for pick in (np.argmin, np.argmax)]
    excess = trajectories["excess"].sel(depth=drawn_depth)
    angle = measured["angle"].values.reshape(shape[1:])[:, 0]
    described = measured["predicted"].attrs
    return xr.Dataset(
        {
            "measured": (
                ("depth", "family", "scale"),
                measured["measured"].values.reshape(shape),
                described,
            ),
            "predicted": (("depth", "family", "line_scale"), np.array(lines), described),
            "s": ("scale", s, starts["s"].attrs),
            "line_s": ("line_scale", line_s, starts["s"].attrs),
            "angle": ("family", angle, measured["angle"].attrs),
            "excess": (("case", "time"), excess.values[cases], excess.attrs),
            "case_distance": ("case", moved.values[cases], described),
            "case_s": ("case", solved["s"].values[cases], starts["s"].attrs),
            "case_angle": ("case", solved["angle"].values[cases], measured["angle"].attrs),
            "singular_values": starts["singular_values"],
        },
        coords={"depth": measured["depth"], "time": trajectories["time"]},
        attrs={"drawn_depth": drawn_depth},
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw the distance against the magnitude of the start, and both regimes over time."""
    depth = data.attrs["drawn_depth"]
    angles = data["angle"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 2.6)
        by_depth, by_angle, in_time = figure.subplots(1, 3)
        by_angle.sharey(by_depth)
        widest = data.isel(family=int(angles.argmax()))
        depths = data["depth"].values
        looks = [style.depth_look(int(n)) for n in depths]
        _draw_distance(by_depth, widest, "depth", [rf"$N = {n}$" for n in depths], looks)
        by_depth.set_title(rf"{angles.max():.0f}° off the minimizer")
        by_depth.set_ylabel(r"distance to $W_j(0)$ over $\Vert W_j(0)\Vert$")
        labels = [rf"${angle:.0f}$°" for angle in angles]
        _draw_distance(by_angle, data.sel(depth=depth), "family", labels, _LOOKS)
        by_angle.set_ylim(5e-3, None)
        by_angle.set_title(rf"$N = {depth}$, by angle")
        _draw_excess(in_time, data)
        in_time.set_title(rf"$N = {depth}$, both converge")
    return figure


def _rescaled(family: StartingPoints, s: np.ndarray) -> StartingPoints:
    """Return the directions of a family's first start at other magnitudes."""
    return StartingPoints(
        np.repeat(family.a[:1], len(s), axis=0), np.repeat(family.b[:1], len(s), axis=0), s
    )


def _draw_distance(
    axes: Axes, data: xr.Dataset, dim: str, labels: list[str], looks: list[dict[str, Any]]
) -> None:
    """Draw the laws as lines and the integrated layers as marks, one look for each of ``dim``."""
    largest = float(data["singular_values"][0])
    for k, (label, look) in enumerate(zip(labels, looks, strict=False)):
        one = data.isel({dim: k})
        line = {key: look[key] for key in ("color", "linestyle")}
        axes.plot(data["line_s"] / largest, one["predicted"], **line)
        axes.plot(
            data["s"] / largest,
            one["measured"],
            linestyle="none",
            color=look["color"],
            marker=look["marker"],
            markerfacecolor="white",
        )
        axes.plot([], [], label=label, markerfacecolor="white", **look)
    axes.set(xscale="log", yscale="log", xlabel=r"start $s_0/\sigma_1$")
    axes.legend(loc="upper right", handlelength=3)


def _draw_excess(axes: Axes, data: xr.Dataset) -> None:
    for case, (name, look) in enumerate(zip(("lazy", "rich"), _LOOKS[1::-1], strict=True)):
        start = data.isel(case=case)
        drawn = start["excess"].values >= SMALLEST_EXCESS
        axes.plot(
            data["time"][drawn],
            start["excess"][drawn],
            label=f"{name}: distance {float(start['case_distance']):.2g}",
            color=look["color"],
            linestyle=look["linestyle"],
        )
    axes.set(xlabel="time $t$", ylabel=r"excess loss $L - L_\infty$", yscale="log", xlim=(0, None))
    # Room for the legend above the plateau.
    axes.set_ylim(SMALLEST_EXCESS, 1e5 * float(data["excess"].max()))
    axes.legend(loc="upper right")
