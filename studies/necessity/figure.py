"""Four examples that show why each assumption is made (docs/theory.md, section 8)."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from companion.ensembles import select, starts_of, target_of
from dlnpaper.one_neuron._limits import limits
from studies.necessity.measure import collapse_law

#: Range of s in the panel of the collapse.
COLLAPSE_RANGE = (1e-10, 3.0)

# Of the panels that show no depth and no limit.
_LOOKS: list[style.Look] = [
    {"color": "black", "linestyle": "-"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.5)), "marker": "s"},
    {"color": style.COLORS["vermilion"], "linestyle": "-.", "marker": "^"},
    {"color": style.COLORS["green"], "linestyle": ":", "marker": "D"},
]
_WHITE: style.Look = {"markerfacecolor": "white"}


def data(
    starts: xr.Dataset,
    trajectories: xr.Dataset,
    tied_starts: xr.Dataset,
    tied_trajectories: xr.Dataset,
    unbalanced: xr.Dataset,
    *,
    drawn_depth: int,
) -> xr.Dataset:
    """Select what the figure draws.

    The inputs are those of `studies.necessity.table`. All panels are drawn for one N > 2, and the
    collapse for two layers as well.

    Returns
    -------
    xarray.Dataset
        Collapse: ``log_s`` and ``log_law`` (collapse, time), and ``collapse_depth`` and
        ``null_part`` (collapse). Saddle: ``alignment`` (start, time), ``alpha_1`` (start). Tie:
        the first two entries of the singular vectors, ``a`` and ``b`` (tied, time, entry) and of
        the ``limit`` (tied, entry). Unbalanced: ``s``, ``imbalance`` (factor, unbalanced_time) and
        ``predicted_s`` (unbalanced_time). ``singular_values`` (mode) are those of the target that
        is not tied.
    """
    without_null = [(starts, trajectories, depth) for depth in (2, drawn_depth)]
    entries = {"left": slice(2), "right": slice(2)}
    visits = select(trajectories, ["saddle", "near"]).sel(depth=drawn_depth, drop=True)
    leaving = starts_of(select(starts, ["saddle", "near"]))
    tied = select(tied_trajectories, ["sampled"]).sel(depth=drawn_depth, drop=True).isel(entries)
    limit = limits(target_of(tied_starts), starts_of(select(tied_starts, ["sampled"])))
    drawn = xr.Dataset(
        {
            **_collapses([*without_null, (tied_starts, tied_trajectories, drawn_depth)]),
            "alignment": visits["alignment"],
            "alpha_1": variable(
                "start", leaving.alpha(target_of(starts))[:, 0], "alpha_1 at the start"
            ),
            "a": tied["a"].rename(start="tied", left="entry"),
            "b": tied["b"].rename(start="tied", right="entry"),
            "limit": limit["a"].isel(left=slice(2)).rename(start="tied", left="entry"),
            "singular_values": starts["singular_values"],
        },
        coords={"time": trajectories["time"]},
        attrs={"drawn_depth": drawn_depth},
    )
    runs = unbalanced.sel(depth=drawn_depth, drop=True).rename(time="unbalanced_time")
    return drawn.assign(runs[["s", "imbalance", "predicted_s"]])


def draw(data: xr.Dataset) -> Figure:
    """Draw one panel for each example; the last has the conserved quantity below."""
    with style.applied():
        figure = style.new_figure(4.9)
        grid = figure.add_gridspec(3, 2, height_ratios=[3, 2.1, 1.2])
        _draw_collapse(figure.add_subplot(grid[0, 0]), data)
        _draw_saddle(figure.add_subplot(grid[0, 1]), data)
        _draw_tie(figure.add_subplot(grid[1:, 0]), data)
        upper = figure.add_subplot(grid[1, 1])
        _draw_unbalanced(upper, figure.add_subplot(grid[2, 1], sharex=upper), data)
    return figure


def _collapses(
    cases: Sequence[tuple[xr.Dataset, xr.Dataset, int]],
) -> dict[str, xr.Variable]:
    """Return log s of the starts that end at the origin, and the logarithm of its law.

    Only the last case has a null part.
    """
    log_s, log_law = [], []
    for starts, trajectories, depth in cases:
        path = select(trajectories, ["origin"]).sel(depth=depth).isel(start=0)
        law = collapse_law(starts, depth, path["time"].values)
        log_s.append(path["log_s"].values)
        log_law.append(law.log_prefactor - law.decay)
    depths = [depth for *_, depth in cases]
    return {
        "log_s": variable(("collapse", "time"), log_s, "log s"),
        "log_law": variable(("collapse", "time"), log_law, "log of its law"),
        "collapse_depth": variable("collapse", depths, "number of layers"),
        "null_part": variable("collapse", [False, False, True], "whether rho > 0"),
    }


def _draw_collapse(axes: Axes, data: xr.Dataset) -> None:
    time = data["time"].values
    for k in range(data.sizes["collapse"]):
        one = data.isel(collapse=k)
        depth, null_part = int(one["collapse_depth"]), bool(one["null_part"])
        look = style.depth_look(depth) | ({} if null_part else _WHITE)
        s, law = np.exp(one["log_s"].values), np.exp(one["log_law"].values)
        axes.plot(time, np.where(time > 0.3, law, np.nan), **style.line_of(look))
        shown = np.flatnonzero((time > 0) & (s > COLLAPSE_RANGE[0]))
        shown = shown[:: max(1, len(shown) // 14)]
        axes.plot(time[shown], s[shown], **style.marks_of(look))
        part = r"$\rho > 0$" if null_part else r"$\rho = 0$"
        axes.plot([], [], label=rf"$N = {depth}$, {part}", **look)
    axes.set(xscale="log", yscale="log", ylim=COLLAPSE_RANGE)
    style.draw_logarithms(axes, "x", 2)
    style.draw_logarithms(axes, "y", 2)
    axes.set(xlabel="time $t$", ylabel="singular value $s$")
    axes.set_title(r"(1) $b = -a$: the rank collapses")
    axes.legend(loc="lower right", handlelength=2.4)


def _draw_saddle(axes: Axes, data: xr.Dataset) -> None:
    last = 1.5 * _leaving_time(data)
    shown = data.isel(time=(data["time"] <= last).values)
    near = cycle(style.NEAR_SADDLE)
    for start in range(data.sizes["start"]):
        one = shown.isel(start=start)
        alpha_1 = float(one["alpha_1"])
        look = next(near) if alpha_1 else style.line_of(style.LIMITS["saddle_2"])
        value = style.scientific(alpha_1, 2) if alpha_1 else "0"
        axes.plot(one["time"], one["alignment"], label=rf"$\alpha_1 = {value}$", **look)
    _draw_levels(axes, data)
    axes.set(xlabel="time $t$", ylabel=r"alignment $c = u^\top Z v$", xlim=(0, last))
    axes.set_title(r"(2) $\alpha_1 = 0 \neq \alpha_2$: $c$ grows, to a saddle")
    axes.legend(loc="lower right")


def _leaving_time(data: xr.Dataset) -> float:
    """Return the last time at which a start leaves the saddle."""
    middle = float(data["singular_values"][:2].mean())
    leaving = data["alignment"].values[1:] > middle
    return float(data["time"].values[leaving.argmax(axis=1)].max())


def _draw_levels(axes: Axes, data: xr.Dataset) -> None:
    levels = data["singular_values"].values[:2]
    style.draw_levels(axes, levels)
    # Beside the axes.
    place: dict[str, Any] = {
        "xytext": (3, 0),
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
    }
    for k, level in enumerate(levels, start=1):
        axes.annotate(rf"$\sigma_{k}$", (1, level), va="center", color="0.35", **place)


def _draw_tie(axes: Axes, data: xr.Dataset) -> None:
    angle = np.linspace(0, 2 * np.pi, 181)
    axes.plot(np.cos(angle), np.sin(angle), color="0.75", linewidth=2.5, zorder=0)
    for name, symbol, look in (("a", "u", _LOOKS[1]), ("b", "v", _LOOKS[2])):
        for path in data[name].values:
            axes.plot(*path.T, **style.line_of(look))
            axes.plot(*path[0], **style.marks_of(look, **_WHITE))
            _draw_arrow(axes, path, look["color"])
        axes.plot([], [], label=f"${symbol}$", **look, **_WHITE)
    limit = data["limit"].values
    axes.plot(*limit.T, "o", color="black", markersize=4.5, label="limit")
    axes.plot([], [], color="0.75", linewidth=2.5, label="minimizers")
    axes.set(aspect="equal", xlabel="$a_1$ and $b_1$", ylabel="$a_2$ and $b_2$")
    axes.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    axes.set_title(r"(3) $\sigma_1 = \sigma_2$: the start selects a minimizer")
    axes.set_ylim(-1.15, 1.75)  # Room for the legend.
    axes.legend(loc="upper center", ncols=2)


def _draw_arrow(axes: Axes, path: np.ndarray, color: str) -> None:
    """Draw the head of an arrow half way along a path, if that is long enough."""
    length = np.insert(np.cumsum(np.hypot(*np.diff(path, axis=0).T)), 0, 0.0)
    if length[-1] < 0.15:
        return
    x, y = (np.interp([0.5 * length[-1], 0.6 * length[-1]], length, path[:, k]) for k in (0, 1))
    arrow = {"arrowstyle": "-|>,head_width=0.26,head_length=0.52", "color": color, "linewidth": 0}
    axes.annotate("", (x[1], y[1]), (x[0], y[0]), arrowprops=arrow | {"shrinkA": 0, "shrinkB": 0})


def _draw_unbalanced(upper: Axes, lower: Axes, data: xr.Dataset) -> None:
    time = data["unbalanced_time"].values
    upper.plot(time, data["predicted_s"], label="balanced", **_LOOKS[0])
    step = max(1, len(time) // 20)
    for k, look in zip(range(data.sizes["factor"]), cycle(_LOOKS[1:])):
        one, marks = data.isel(factor=k), _WHITE | {"markevery": (k * step // 3, step)}
        label = rf"$W_1 \times {float(one['factor']):g}$"
        upper.plot(time, one["s"], label=label, **look, **marks)
        lower.plot(time, one["imbalance"], **look, **marks)
    _draw_levels(upper, data)
    upper.set_ylabel("singular value $s$")
    upper.tick_params(labelbottom=False)
    upper.set_title("(4) not balanced: the same $W(0)$ ends elsewhere")
    upper.legend(loc="lower right", ncols=2, columnspacing=1.0)
    lower.set(xlabel="time $t$", ylabel="imbalance", xlim=(0, float(time[-1])))
    lower.set_yscale("log")
    lower.margins(y=0.25)
