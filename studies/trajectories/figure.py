"""Trajectories to each kind of limit (docs/theory.md, sections 3 and 4)."""

from itertools import cycle

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import flag_names, variable
from companion.ensembles import family_names, select

_LABELS = {
    "global_minimizer": "global minimizer",
    "saddle_2": r"saddle of $\sigma_2$",
    "saddle_3": r"saddle of $\sigma_3$",
    "origin": "origin",
}


def data(starts: xr.Dataset, trajectories: xr.Dataset) -> xr.Dataset:
    """Select what the figure draws.

    Returns ``s`` (depth, start, time); ``family`` and ``alpha_1`` (start), one start in each of
    ``global_minimizer``, ``saddle_2``, ``saddle_3`` and ``origin``, and those of ``near_saddle``;
    ``singular_values`` (mode). Of the latter starts, over ``visit``: ``alpha`` and, for each depth,
    ``arrival`` and ``departure``, the first times at which the alignment exceeds the middle between
    σ_3 and σ_2, and between σ_2 and σ_1. ``dwell_slope`` (depth) is the predicted slope of the
    dwell, the time between the two, over ln(1/α_1): α_1 grows by the factor exp((σ_1 - σ_2) τ), and
    at the saddle τ has the speed σ_2^(1 - 2/N).
    """
    starts = select(starts, family_names(trajectories))
    alpha_1 = starts["a"].isel(left=0) + starts["b"].isel(right=0)
    near = flag_names(trajectories["family"]) == "near_saddle"
    sigma = np.append(trajectories["singular_values"].values, 0.0)
    alignment = trajectories["alignment"].isel(start=near)
    growth = (sigma[0] - sigma[1]) * sigma[1] ** (1 - 2 / trajectories["depth"].values)
    slope = np.divide(1.0, growth, out=np.full(len(growth), np.nan), where=growth > 0)
    times = {
        name: variable(
            ("depth", "visit"),
            _first_times(alignment, level),
            f"time of {name}",
            missing_data="not reached within the times",
        )
        for name, level in (("arrival", sigma[1:3].mean()), ("departure", sigma[:2].mean()))
    }
    drawn = trajectories[["s", "family", "singular_values"]]
    return drawn.assign(
        alpha_1=alpha_1.assign_attrs(long_name="a_1 + b_1 at the start", units="1"),
        alpha=variable("visit", alpha_1.values[near], "a_1 + b_1 at the start"),
        dwell_slope=variable(
            "depth",
            slope,
            "predicted slope of the dwell",
            missing_data="the target has no saddle of σ_2",
        ),
    ).assign(times)


def draw(data: xr.Dataset) -> Figure:
    """Draw s at the depth in the middle on the left, and the dwell at every depth on the right."""
    depths = data["depth"].values
    with style.applied():
        figure = style.new_figure(2.7)
        of_s, dwell = figure.subplots(1, 2, width_ratios=(1.75, 1))
        _draw_s(of_s, data.sel(depth=depths[len(depths) // 2]))
        for depth in depths:
            _draw_dwell(dwell, data.sel(depth=depth), style.depth_look(int(depth)))
        dwell.set(
            xlabel=r"$\ln(1/|\alpha_1|)$ at the start", ylabel=r"dwell at the saddle of $\sigma_2$"
        )
        dwell.set_ylim(0, None)
        if dwell.lines:  # some start visits the saddle and leaves it
            dwell.legend(loc="upper left")
    return figure


def _first_times(alignment: xr.DataArray, level: float) -> np.ndarray:
    """Return when the alignment first exceeds a level, between the times by interpolation."""
    time = alignment["time"].values
    values = alignment.transpose("depth", "start", "time").values
    found = np.full(values.shape[:2], np.nan)
    for at in np.ndindex(found.shape):
        above = values[at] > level
        if above.any() and not above[0]:
            after = int(above.argmax())
            pair = slice(after - 1, after + 1)
            found[at] = np.interp(level, values[at][pair], time[pair])
    return found


def _draw_s(axes: Axes, data: xr.Dataset) -> None:
    sigma = np.append(data["singular_values"].values, 0.0)
    left = data["departure"].values[np.isfinite(data["departure"].values)]
    last = 1.25 * left.max() if left.size else float(data["time"][-1])
    shown = data.isel(time=(data["time"] <= last).values)
    near, others = cycle(style.NEAR_SADDLE), cycle(style.OTHERS)
    families = flag_names(data["family"])
    own = {family: next(others) for family in families if family not in (*_LABELS, "near_saddle")}
    for start, family in enumerate(families):
        one = shown.isel(start=start)
        if family in _LABELS:
            axes.plot(one["time"], one["s"], zorder=2.5, **style.line_of(style.LIMITS[family]))
        else:
            look = style.line_of(own[family]) if family in own else next(near)
            axes.plot(one["time"], one["s"], zorder=3, **look)
    for family, look in own.items():
        axes.plot([], [], label=family.replace("_", " "), **style.line_of(look))
    if own:
        axes.legend(loc="lower right")
    for family, level in zip(_LABELS, [*sigma[:3], 0.0], strict=False):
        if family in families:
            _name_limit(axes, float(level), family)
    # The longest dwell is marked on top, below the level of the saddle.
    lengths = (data["departure"] - data["arrival"]).values
    step = 0.7 * (sigma[1] - sigma[2:].max(initial=0.0)) / (len(lengths) or 1)
    for place, visit in enumerate(np.argsort(-lengths, kind="stable"), start=1):
        _mark_dwell(axes, data.isel(visit=visit), sigma[1] - place * step)
    style.draw_levels(axes, [0.0, *sigma[:-1]])
    ticks = [rf"$\sigma_{k}$" for k in range(1, len(sigma))]
    axes.set_yticks([0, *sigma[:-1]], ["0", *ticks])
    axes.set(xlabel="time $t$", ylabel="singular value $s$", xlim=(0, shown["time"].values[-1]))


def _name_limit(axes: Axes, s: float, family: str) -> None:
    """Name a limit at the end of its level, above it."""
    place: style.Look = {"xytext": (0, 2.5), "textcoords": "offset points", "ha": "right"}
    color = style.LIMITS[family]["color"]
    axes.annotate(_LABELS[family], (1, s), xycoords=("axes fraction", "data"), color=color, **place)


def _mark_dwell(axes: Axes, visit: xr.Dataset, height: float) -> None:
    """Draw a bar from the arrival of a start to its departure, and name its α_1."""
    arrival, departure = float(visit["arrival"]), float(visit["departure"])
    if not departure > arrival:
        return
    look = {"arrowstyle": "|-|,widthA=0.2,widthB=0.2", "shrinkA": 0, "shrinkB": 0}
    look |= {"linewidth": 0.7, "color": "0.25"}
    axes.annotate("", (arrival, height), (departure, height), arrowprops=look)
    axes.annotate(
        rf"$\alpha_1 = {style.scientific(float(visit['alpha']), 2)}$",
        (departure, height),
        (4, 0),
        textcoords="offset points",
        va="center",
    )


def _draw_dwell(axes: Axes, data: xr.Dataset, look: style.Look) -> None:
    """Draw the dwell as marks, and through that of the least α_1 a line of the predicted slope."""
    dwell = (data["departure"] - data["arrival"]).values
    reached = np.isfinite(dwell)
    if not reached.any():
        return
    distance, dwell = -np.log(np.abs(data["alpha"].values[reached])), dwell[reached]
    axes.plot(distance, dwell, **style.marks_of(look))
    furthest, slope = int(distance.argmax()), float(data["dwell_slope"])
    beginning = distance[furthest] - dwell[furthest] / slope
    ends = np.array([beginning, 1.08 * distance[furthest]])
    line = slope * (ends - beginning)
    axes.plot(ends, line, **style.line_of(look))
    axes.plot([], [], label=f"$N = {int(data['depth'])}$", **look)
