"""From soft to hard thresholding as networks get deeper (docs/weight_decay.md, section 3)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from companion import style
from companion.datasets import variable
from dlnpaper.one_neuron._equal_thresholds import decay_of_threshold
from dlnpaper.one_neuron._shrinkage import shrinkage, thresholds

#: Points of a line, and how far it goes beyond the largest measured mode.
LINE_POINTS, MARGIN = 601, 1.08


def data(measured: xr.Dataset, *, drawn_depth: int) -> xr.Dataset:
    """Select what the figure draws; σ_g is one.

    Returns the rule ``rule`` (depth, line) over ``line``, and the trained ``lower`` (depth, value),
    the end of the lower loss, and ``wide`` (value) over ``value``; at the drawn depth the
    stationary points ``branch`` at ``branch_value`` (point), and ``s`` (origin, value); over
    ``every_depth`` the predicted ``sigma_collapse_law`` and ``s_global_law``, and over ``depth``
    what was measured of them.
    """
    depths, decays = measured["depth"].values, measured["weight_decay"]
    line = np.linspace(0.0, MARGIN * float(measured["value"].max()), LINE_POINTS)
    rule = [shrinkage(line, int(n), float(decays.sel(depth=n))) for n in depths]
    lower = measured["s"].isel(origin=measured["loss"].argmin("origin")).drop_vars("origin")
    branch = line[1:]
    pull = float(decays.sel(depth=drawn_depth)) * branch ** -(1 - 2 / drawn_depth)
    every = np.arange(2, max(depths) + 1)
    laws = [thresholds(int(n), decay_of_threshold(int(n), 1.0)) for n in every]
    names = ["sigma_collapse", "s_global"]
    drawn = {
        "rule": variable(("depth", "line"), rule, "what the rule makes of a mode"),
        "lower": lower.assign_attrs(long_name="overlap with the mode at the end of the lower loss"),
        "wide": measured["wide_s"].isel(neurons=-1),
        "s": measured["s"].sel(depth=drawn_depth, drop=True),
        "branch": variable("point", branch, "stationary s at the drawn depth"),
        "branch_value": variable("point", branch + pull, "mode of which it is stationary"),
        "line": variable("line", line, "singular value of the mode over σ_g"),
        "every_depth": variable("every_depth", every, "number of layers"),
    }
    for name in names:
        law, attributes = [float(each[name]) for each in laws], laws[0][name].attrs
        drawn[f"{name}_law"] = xr.Variable("every_depth", law, attributes)
    return measured[names].assign(drawn).assign_attrs(drawn_depth=drawn_depth)


def draw(data: xr.Dataset) -> Figure:
    """Draw the rules of all depths, the stationary points of one depth, and the thresholds."""
    with style.applied():
        figure = style.new_figure(2.35)
        rules, branches, laws = figure.subplots(1, 3, width_ratios=(1.15, 1.15, 1))
        _draw_rules(rules, data)
        _draw_branches(branches, data)
        _draw_laws(laws, data)
    return figure


def _draw_rules(axes: Axes, data: xr.Dataset) -> None:
    line = data["line"]
    hard = line.where(line >= 1)
    axes.plot(line, hard, color="0.8", linewidth=3, zorder=0, label=r"$N \to \infty$, hard")
    for depth in data["depth"].values:
        at, look = data.sel(depth=depth), style.depth_look(int(depth))
        hollow = look | {"markerfacecolor": "white", "markeredgewidth": 0.7}
        axes.plot(line, at["rule"].where(at["rule"] > 0), **style.line_of(look))
        axes.plot(data["value"], at["lower"], **style.marks_of(hollow))
        axes.plot([], [], label=f"$N = {depth}$", **hollow)
    wide: style.Look = {"color": "black", "marker": "+", "markersize": 7, "linestyle": "none"}
    axes.plot(data["value"], data["wide"], **wide, label="wide")
    axes.plot([0, 1], [0, 0], color="0.5", linewidth=0.8, zorder=0)
    axes.set(xlabel=r"mode $\sigma / \sigma_g$", ylabel=r"trained $s / \sigma_g$")
    axes.set(xlim=(0, line[-1]), ylim=(-0.06 * line[-1], line[-1]))
    axes.set_title("lower of both minima")
    axes.legend(loc="upper left")


def _draw_branches(axes: Axes, data: xr.Dataset) -> None:
    """Draw stable and unstable stationary points, thresholds, and the ends of both starts."""
    depth, value, s = data.attrs["drawn_depth"], data["branch_value"], data["branch"]
    last = float(data["line"][-1])
    fold = int(np.argmin(value.values))
    look = style.line_of(style.depth_look(depth))
    axes.plot(value[fold:], s[fold:], **look | {"linestyle": "-"})
    axes.plot(value[: fold + 1], s[: fold + 1], **look | {"linestyle": (0, (3, 1.5))})
    axes.plot([0, last], [0, 0], **look | {"linestyle": "-"})
    marks: style.Look = {"linestyle": "none", "markeredgewidth": 0.8, "color": "black"}
    axes.plot(data["value"], data["s"].sel(origin="large"), marker="o", **marks, label="from large")
    small = {**marks, "markersize": 5.5, "markerfacecolor": "none", "marker": "s"}
    axes.plot(data["value"], data["s"].sel(origin="small"), **small, label="from small")
    for edge, name, side in ((float(value[fold]), "c", "right"), (1.0, "g", "left")):
        axes.axvline(edge, color="0.75", linewidth=0.6, zorder=0)
        shift = {"right": -0.03, "left": 0.03}[side]
        axes.text(edge + shift, 0.97 * last, rf"$\sigma_{name}$", ha=side, va="top", fontsize=8)
    axes.set(xlabel=r"mode $\sigma / \sigma_g$", ylabel=r"stationary $s / \sigma_g$")
    axes.set(xlim=(0, last), ylim=(-0.06 * last, last))
    axes.set_title(f"$N = {depth}$: minima and saddles")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, 0.88), handletextpad=0.1)


def _draw_laws(axes: Axes, data: xr.Dataset) -> None:
    """Draw both thresholds and the height of the jump against the depth."""
    looks = dict(zip(("sigma_collapse", "s_global"), style.OTHERS[1:3], strict=True))
    names = {"sigma_collapse": r"$\sigma_c/\sigma_g$", "s_global": r"jump $s_g/\sigma_g$"}
    for name, look in looks.items():
        axes.plot(data["every_depth"], data[f"{name}_law"], **style.line_of(look))
        axes.plot(data["depth"], data[name], **style.marks_of(look, markersize=4.5))
        axes.plot([], [], label=names[name], **look)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="depth $N$", ylabel=r"in units of $\sigma_g$", ylim=(0, 1.04))
    axes.set_title("thresholds")
    axes.legend(loc="lower right")
