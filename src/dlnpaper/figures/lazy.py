"""How far the weights travel, from the lazy regime to the rich one (docs/theory.md, section 7)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlnpaper.ensembles import select, starts_of, target_of
from dlnpaper.figures import style
from dlnpaper.starting_points import StartingPoints
from dlnpaper.studies.travel import travel

#: Magnitudes at which the lines are computed, between the measured ones.
LINE_POINTS = 241

#: Below this the excess is drawn no further: the axis would only show how it goes on falling.
SMALLEST_EXCESS = 1e-14

_LOOKS: list[dict[str, Any]] = [
    {"color": "black", "linestyle": "-", "marker": "o"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.5)), "marker": "s"},
    {"color": style.COLORS["vermilion"], "linestyle": "-.", "marker": "^"},
    {"color": style.COLORS["green"], "linestyle": ":", "marker": "D"},
]


def numbers(
    starts: xr.Dataset, travels: xr.Dataset, trajectories: xr.Dataset, depth: int
) -> xr.Dataset:
    """Select what the figure draws.

    Parameters
    ----------
    starts : xarray.Dataset
        Families of starts, each with one pair of directions and many magnitudes.
    travels : xarray.Dataset
        Of the same starts, as `dlnpaper.studies.travel.compare_travel` returns it.
    trajectories : xarray.Dataset
        ``excess`` (depth, start, time) and ``family`` (start) of some of these families, all of
        their starts.
    depth : int
        Number of layers of the second and third panels.

    Returns
    -------
    xarray.Dataset
        ``measured`` (depth, family, scale) at magnitudes ``s`` (scale), and the law ``predicted``
        (depth, family, line_scale) at ``line_s`` (line_scale); ``angle`` (family); and of the
        solved starts with the least and the furthest travel at this depth the ``excess``
        (case, time), ``case_travel``, ``case_s`` and ``case_angle`` (case).
    """
    target = target_of(starts)
    names = starts["family"].attrs["flag_meanings"].split()
    families = [starts_of(select(starts, [name])) for name in names]
    s = families[0].s
    line_s = np.geomspace(s[0], s[-1], LINE_POINTS)
    depths = travels["depth"].values
    lines = [[travel(target, n, _rescaled(family, line_s)) for family in families] for n in depths]
    shape = (len(depths), len(families), len(s))
    solved = select(travels, [names[flag] for flag in np.unique(trajectories["family"])])
    moved = solved["predicted"].sel(depth=depth)
    cases = [int(pick(moved.values)) for pick in (np.argmin, np.argmax)]
    excess = trajectories["excess"].sel(depth=depth)
    angle = travels["angle"].values.reshape(shape[1:])[:, 0]
    described = travels["predicted"].attrs
    return xr.Dataset(
        {
            "measured": (
                ("depth", "family", "scale"),
                travels["measured"].values.reshape(shape),
                described,
            ),
            "predicted": (("depth", "family", "line_scale"), np.array(lines), described),
            "s": ("scale", s, starts["s"].attrs),
            "line_s": ("line_scale", line_s, starts["s"].attrs),
            "angle": ("family", angle, travels["angle"].attrs),
            "excess": (("case", "time"), excess.values[cases], excess.attrs),
            "case_travel": ("case", moved.values[cases], described),
            "case_s": ("case", solved["s"].values[cases], starts["s"].attrs),
            "case_angle": ("case", solved["angle"].values[cases], travels["angle"].attrs),
            "singular_values": starts["singular_values"],
        },
        coords={"depth": travels["depth"], "time": trajectories["time"]},
        attrs={"drawn_depth": depth},
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw the travel against the start's magnitude by depth and by angle, and the two regimes."""
    depth = numbers.attrs["drawn_depth"]
    angles = numbers["angle"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 2.6)
        by_depth, by_angle, in_time = figure.subplots(1, 3)
        by_angle.sharey(by_depth)
        widest = numbers.isel(family=int(angles.argmax()))
        _draw_travel(by_depth, widest, "depth", [rf"$N = {n}$" for n in numbers["depth"].values])
        by_depth.set_title(rf"{angles.max():.0f}° off the minimizer")
        by_depth.set_ylabel(r"distance to $W_j(0)$ over $\Vert W_j(0)\Vert$")
        labels = [rf"${angle:.0f}$°" for angle in angles]
        _draw_travel(by_angle, numbers.sel(depth=depth), "family", labels)
        by_angle.set_ylim(5e-3, None)
        by_angle.set_title(rf"$N = {depth}$, by angle")
        _draw_excess(in_time, numbers)
        in_time.set_title(rf"$N = {depth}$, both converge")
    return figure


def _rescaled(family: StartingPoints, s: np.ndarray) -> StartingPoints:
    """Return the directions of a family's first start at other magnitudes."""
    return StartingPoints(
        np.repeat(family.a[:1], len(s), axis=0), np.repeat(family.b[:1], len(s), axis=0), s
    )


def _draw_travel(axes: Axes, numbers: xr.Dataset, dim: str, labels: list[str]) -> None:
    """Draw the laws as lines and the integrated layers as marks, one look for each of ``dim``."""
    largest = float(numbers["singular_values"][0])
    for k, (label, look) in enumerate(zip(labels, _LOOKS, strict=False)):
        one = numbers.isel({dim: k})
        line = {key: look[key] for key in ("color", "linestyle")}
        axes.plot(numbers["line_s"] / largest, one["predicted"], **line)
        axes.plot(
            numbers["s"] / largest,
            one["measured"],
            linestyle="none",
            color=look["color"],
            marker=look["marker"],
            markerfacecolor="white",
        )
        axes.plot([], [], label=label, markerfacecolor="white", **look)
    axes.set(xscale="log", yscale="log", xlabel=r"start $s_0/\sigma_1$")
    axes.legend(loc="upper right", handlelength=3)


def _draw_excess(axes: Axes, numbers: xr.Dataset) -> None:
    for case, (name, look) in enumerate(zip(("lazy", "rich"), _LOOKS[1::-1], strict=True)):
        start = numbers.isel(case=case)
        drawn = start["excess"].values >= SMALLEST_EXCESS
        axes.plot(
            numbers["time"][drawn],
            start["excess"][drawn],
            label=f"{name}: distance {float(start['case_travel']):.2g}",
            color=look["color"],
            linestyle=look["linestyle"],
        )
    axes.set(xlabel="time $t$", ylabel=r"excess loss $L - L_\infty$", yscale="log", xlim=(0, None))
    # Room for the legend above the plateau.
    axes.set_ylim(SMALLEST_EXCESS, 1e5 * float(numbers["excess"].max()))
    axes.legend(loc="upper right")
