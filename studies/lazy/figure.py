"""The distance from initialization, lazy and rich (docs/theory.md, section 7)."""

from collections.abc import Iterable
from itertools import cycle

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.ensembles import family_names, select, starts_of, target_of
from dlnpaper.one_neuron._distance import distance_from_initialization
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Magnitudes at which the lines are computed, between the measured ones.
LINE_POINTS = 241

#: Distances below which a start is lazy, D ≪ 1, and above which it is rich, in the shades.
LAZY, RICH = 0.1, 1.0

#: Below this the excess is drawn no further: the axis would only show how it goes on falling.
SMALLEST_EXCESS = 1e-14


def data(
    starts: xr.Dataset, measured: xr.Dataset, trajectories: xr.Dataset, *, drawn_depth: int
) -> xr.Dataset:
    """Select what the figure draws.

    Parameters
    ----------
    starts, measured : xarray.Dataset
        Families of starts, each with one pair of directions and the same magnitudes.
    trajectories : xarray.Dataset
        ``excess`` (depth, start, time) and ``family`` (start) of all starts of some families.
    drawn_depth : int
        Number of layers of the second and third panels.

    Returns ``measured`` (depth, family, scale) at magnitudes ``s`` (scale), and the law
    ``predicted`` (depth, family, line_scale) at ``line_s`` (line_scale); ``angle`` (family); and of
    the solved starts with the least and the furthest distance at this depth the ``excess`` (case,
    time), ``case_distance``, ``case_s`` and ``case_angle`` (case).
    """
    target = target_of(starts)
    families = [starts_of(select(starts, [name])) for name in family_names(starts)]
    s = families[0].s
    line_s = np.geomspace(s[0], s[-1], LINE_POINTS)
    lines = [
        [distance_from_initialization(target, n, _rescaled(family, line_s)) for family in families]
        for n in measured["depth"].values
    ]
    solved = select(measured, family_names(trajectories)).sel(depth=drawn_depth)
    cases = [int(pick(solved["predicted"].values)) for pick in (np.argmin, np.argmax)]
    extremes = solved.isel(start=cases).rename(start="case")
    followed = trajectories["excess"].sel(depth=drawn_depth, drop=True).isel(start=cases)
    by_family = measured["measured"].values.reshape(-1, len(families), len(s))
    distance = measured["predicted"].attrs
    return xr.Dataset(
        {
            "measured": (("depth", "family", "scale"), by_family, distance),
            "predicted": (("depth", "family", "line_scale"), np.array(lines), distance),
            "s": ("scale", s, starts["s"].attrs),
            "line_s": ("line_scale", line_s, starts["s"].attrs),
            "angle": ("family", measured["angle"].values[:: len(s)], measured["angle"].attrs),
            "excess": followed.rename(start="case"),
            "case_distance": extremes["predicted"].variable,
            "case_s": extremes["s"].variable,
            "case_angle": extremes["angle"].variable,
            "singular_values": starts["singular_values"],
        },
        coords={"depth": measured["depth"]},
        attrs={"drawn_depth": drawn_depth},
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw the distance against the magnitude of the start, and both regimes over time."""
    depth = data.attrs["drawn_depth"]
    angles = data["angle"].values
    looks = dict(zip(angles, cycle(style.OTHERS)))
    with style.applied():
        figure = style.new_figure(2.35)
        by_depth, by_angle, in_time = figure.subplots(1, 3, width_ratios=(1.1, 1, 1))
        widest = data.isel(family=int(angles.argmax()))
        for n in data["depth"].values:
            _draw_distance(by_depth, widest.sel(depth=n), rf"$N = {n}$", style.depth_look(int(n)))
        by_depth.set_title(rf"{angles.max():.0f}° off the minimizer")
        by_depth.set_ylabel("distance $D$ from initialization")
        for k, (angle, look) in enumerate(looks.items()):
            of_angle = data.sel(depth=depth).isel(family=k)
            _draw_distance(by_angle, of_angle, rf"{angle:.0f}°", look)
        by_angle.set_title(rf"$N = {depth}$, by angle")
        by_angle.sharey(by_depth)
        by_angle.tick_params(labelleft=False)
        by_depth.set_ylim(5e-3, 2 * float(data["predicted"].max()))
        for axes in (by_depth, by_angle):
            _shade_zones(axes)
        by_depth.legend(loc="lower left", bbox_to_anchor=(0, 0.18))
        by_angle.legend(loc="lower left", bbox_to_anchor=(0, 0.18))
        _draw_excess(in_time, data, [looks[angle] for angle in data["case_angle"].values])
        _mark_cases(by_angle, data)
        in_time.set_title(rf"$N = {depth}$, both converge")
    return figure


def _shade_zones(axes: Axes) -> None:
    """Shade and name the zones of lazy and of rich starts."""
    low, high = axes.get_ylim()
    axes.axhspan(low, LAZY, color="0.88", linewidth=0, zorder=-1)
    axes.axhspan(RICH, high, color="0.95", linewidth=0, zorder=-1)
    place: style.Look = {"transform": axes.transAxes, "fontsize": 8}
    axes.text(0.97, 0.97, r"rich, $D \gg 1$", ha="right", va="top", **place)
    axes.text(0.03, 0.03, r"lazy, $D \ll 1$", **place)


def _mark_cases(axes: Axes, data: xr.Dataset) -> None:
    """Put a ring around the two starts whose excess is drawn."""
    s = data["case_s"] / float(data["singular_values"][0])
    ring: style.Look = {"marker": "o", "markersize": 8, "markerfacecolor": "none", "color": "black"}
    axes.plot(s, data["case_distance"], linestyle="none", markeredgewidth=0.8, **ring)


def _rescaled(family: StartingPoints, s: np.ndarray) -> StartingPoints:
    """Return the directions of a family's first start at other magnitudes."""
    a, b = (np.repeat(vectors[:1], len(s), axis=0) for vectors in (family.a, family.b))
    return StartingPoints(a, b, s)


def _draw_distance(axes: Axes, data: xr.Dataset, label: str, look: style.Look) -> None:
    """Draw the law as a line and the integrated layers as marks."""
    largest = float(data["singular_values"][0])
    hollow = look | {"markerfacecolor": "white"}
    axes.plot(data["line_s"] / largest, data["predicted"], **style.line_of(look))
    axes.plot(data["s"] / largest, data["measured"], **style.marks_of(hollow))
    axes.plot([], [], label=label, **hollow)
    axes.set(xscale="log", yscale="log", xlabel=r"start $s_0/\sigma_1$")
    style.draw_logarithms(axes, "x", 2)
    style.draw_logarithms(axes, "y", 1)


def _draw_excess(axes: Axes, data: xr.Dataset, looks: Iterable[style.Look]) -> None:
    for case, (name, look) in enumerate(zip(("lazy", "rich"), looks, strict=True)):
        start = data.isel(case=case)
        shown = start["excess"].where(start["excess"] >= SMALLEST_EXCESS)
        label = f"{name}, $D = {float(start['case_distance']):.2g}$"
        axes.plot(data["time"], shown, label=label, **style.line_of(look))
    axes.set(xlabel="time $t$", ylabel=r"excess loss $L - L_\infty$", yscale="log", xlim=(0, None))
    axes.set_ylim(SMALLEST_EXCESS, 1e4 * float(data["excess"].max()))
    style.draw_logarithms(axes, "y", 4)
    axes.legend(loc="upper right")
