"""Four examples that show why each assumption is made (docs/theory.md, section 8)."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.ensembles import select, starts_of, target_of
from dlnpaper.one_neuron._laws import LAW_KINDS
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._rates import rates

#: Range of s in the panel of the collapse.
COLLAPSE_RANGE = (1e-10, 3.0)

_LINES: list[dict[str, Any]] = [
    {"color": "black", "linestyle": "-"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.5))},
    {"color": style.COLORS["vermilion"], "linestyle": "-."},
    {"color": style.COLORS["green"], "linestyle": ":"},
]
_MARKERS = ("o", "s", "^", "D")


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

    Parameters
    ----------
    starts, trajectories, tied_starts, tied_trajectories, unbalanced : xarray.Dataset
        As `studies.necessity.table` takes them.
    drawn_depth : int
        Number of layers N > 2 of all panels; the collapse is drawn for two layers as well.

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
    collapses = [
        _collapse(starts, trajectories, 2),
        _collapse(starts, trajectories, drawn_depth),
        _collapse(tied_starts, tied_trajectories, drawn_depth),
    ]
    leaving = starts_of(select(starts, ["saddle", "near"]))
    visits = select(trajectories, ["saddle", "near"]).sel(depth=drawn_depth)
    tied_points = starts_of(select(tied_starts, ["sampled"]))
    tied = select(tied_trajectories, ["sampled"]).sel(depth=drawn_depth)
    limit = limits(target_of(tied_starts), tied_points)
    runs = unbalanced.sel(depth=drawn_depth).rename(time="unbalanced_time")
    return xr.Dataset(
        {
            "log_s": (
                ("collapse", "time"),
                [log_s for log_s, _ in collapses],
                _text("log s"),
            ),
            "log_law": (
                ("collapse", "time"),
                [law for _, law in collapses],
                _text("log of its law"),
            ),
            "collapse_depth": (
                "collapse",
                [2, drawn_depth, drawn_depth],
                _text("number of layers"),
            ),
            "null_part": ("collapse", [False, False, True], _text("whether rho > 0")),
            "alignment": (("start", "time"), visits["alignment"].values, visits["alignment"].attrs),
            "alpha_1": (
                "start",
                leaving.alpha(target_of(starts))[:, 0],
                _text("alpha_1 at the start"),
            ),
            "a": (("tied", "time", "entry"), tied["a"].values[..., :2], tied["a"].attrs),
            "b": (("tied", "time", "entry"), tied["b"].values[..., :2], tied["b"].attrs),
            "limit": (("tied", "entry"), limit["a"].values[:, :2], limit["a"].attrs),
            "s": runs["s"],
            "imbalance": runs["imbalance"],
            "predicted_s": runs["predicted_s"],
            "singular_values": starts["singular_values"],
        },
        coords={"time": trajectories["time"]},
        attrs={"drawn_depth": drawn_depth},
    ).drop_vars("depth", errors="ignore")


def draw(data: xr.Dataset) -> Figure:
    """Draw one panel for each example; the last has the conserved quantity below."""
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 5.4)
        grid = figure.add_gridspec(3, 2, height_ratios=[3, 2, 1.1])
        _draw_collapse(figure.add_subplot(grid[0, 0]), data)
        _draw_saddle(figure.add_subplot(grid[0, 1]), data)
        _draw_tie(figure.add_subplot(grid[1:, 0]), data)
        upper = figure.add_subplot(grid[1, 1])
        _draw_unbalanced(upper, figure.add_subplot(grid[2, 1], sharex=upper), data)
    return figure


def _text(long_name: str) -> dict[str, str]:
    return {"long_name": long_name, "units": "1"}


def _collapse(
    starts: xr.Dataset, trajectories: xr.Dataset, depth: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return log s of the start that ends at the origin, and the logarithm of its law."""
    start = starts_of(select(starts, ["origin"]))[0]
    path = select(trajectories, ["origin"]).sel(depth=depth).isel(start=0)
    law = rates(target_of(starts), depth, start).isel(start=0).sel(quantity="s_gap")
    time = path["time"].values
    exponential = LAW_KINDS[int(law["kind"])] == "exponential"
    # The power laws have no value at time 0: the first positive time stands for it.
    decay = (
        law["rate"].item() * time
        if exponential
        else law["exponent"].item() * np.log(np.maximum(time, time[1]))
    )
    return path["log_s"].values, law["log_prefactor"].item() - decay


def _draw_collapse(axes: Axes, data: xr.Dataset) -> None:
    time = data["time"].values
    for k, (look, marker) in enumerate(zip(_LINES[:3], _MARKERS, strict=False)):
        one = data.isel(collapse=k)
        s, law = np.exp(one["log_s"].values), np.exp(one["log_law"].values)
        axes.plot(time, np.where(time > 0.3, law, np.nan), **look)
        shown = np.flatnonzero((time > 0) & (s > COLLAPSE_RANGE[0]))
        shown = shown[:: max(1, len(shown) // 14)]
        axes.plot(time[shown], s[shown], marker, color=look["color"], markerfacecolor="white")
        part = r"$\rho > 0$" if one["null_part"] else r"$\rho = 0$"
        label = rf"$N = {int(one['collapse_depth'])}$, {part}"
        axes.plot([], [], marker=marker, markerfacecolor="white", label=label, **look)
    axes.set(xscale="log", yscale="log", ylim=COLLAPSE_RANGE)
    axes.set(xlabel="time $t$", ylabel="singular value $s$")
    axes.set_title(r"(1) $b = -a$: the rank collapses")
    axes.legend(loc="lower right", handlelength=2)


def _draw_saddle(axes: Axes, data: xr.Dataset) -> None:
    time = data["time"].values
    last = 1.5 * _leaving_time(data)
    shown = time <= last
    for look, start in zip(_LINES, range(data.sizes["start"]), strict=True):
        one = data.isel(start=start)
        alpha_1 = float(one["alpha_1"])
        value = rf"10^{{{round(np.log10(alpha_1))}}}" if alpha_1 else "0"
        axes.plot(time[shown], one["alignment"][shown], label=rf"$\alpha_1 = {value}$", **look)
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
    for k, level in enumerate(data["singular_values"].values[:2], start=1):
        axes.axhline(level, color="0.75", linewidth=0.5, zorder=0)
        axes.annotate(
            rf"$\sigma_{k}$",
            (1, level),
            (3, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            color="0.35",
        )


def _draw_tie(axes: Axes, data: xr.Dataset) -> None:
    angle = np.linspace(0, 2 * np.pi, 181)
    axes.plot(np.cos(angle), np.sin(angle), color="0.6", linewidth=2.5, zorder=0)
    lines: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("a", "u", _LINES[1], "s"),
        ("b", "v", _LINES[2], "^"),
    )
    for name, symbol, look, marker in lines:
        for path in data[name].values:
            axes.plot(*path.T, **look)
            axes.plot(*path[0], marker, color=look["color"], markerfacecolor="white")
        axes.plot([], [], marker=marker, markerfacecolor="white", label=f"${symbol}$", **look)
    limit = data["limit"].values
    axes.plot(*limit.T, "o", color="black", markersize=5, label="limit")
    axes.plot([], [], color="0.6", linewidth=2.5, label="minimizers")
    axes.set(aspect="equal", xlabel="$a_1$ and $b_1$", ylabel="$a_2$ and $b_2$")
    axes.set_xticks([-1, 0, 1])
    axes.set_yticks([-1, 0, 1])
    axes.set_title(r"(3) $\sigma_1 = \sigma_2$: the start selects a minimizer")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _draw_unbalanced(upper: Axes, lower: Axes, data: xr.Dataset) -> None:
    time = data["unbalanced_time"].values
    upper.plot(time, data["predicted_s"], label="balanced", **_LINES[0])
    step = max(1, len(time) // 20)
    for k, (look, marker) in enumerate(zip(_LINES[1:], _MARKERS[1:], strict=True)):
        one = data.isel(factor=k)
        label = rf"$W_1 \times {float(one['factor']):g}$"
        shape: dict[str, Any] = {
            "marker": marker,
            "markerfacecolor": "white",
            "markevery": (k * step // 3, step),
        }
        upper.plot(time, one["s"], label=label, **shape, **look)
        lower.plot(time, one["imbalance"], **shape, **look)
    _draw_levels(upper, data)
    upper.set_ylabel("singular value $s$")
    upper.tick_params(labelbottom=False)
    upper.set_title("(4) not balanced: the same $W(0)$ ends elsewhere")
    upper.legend(loc="lower right", ncols=2)
    lower.set(xlabel="time $t$", ylabel="imbalance", xlim=(0, float(time[-1])))
    lower.set_yscale("log")
    lower.margins(y=0.25)
