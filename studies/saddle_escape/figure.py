"""Steps leave the saddles in which the flow ends, at times that a law predicts."""

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from studies.saddle_escape.table import unstable_rate

_MARKS = 14  # of an imbalance over time
_GRAYS = ("0.0", "0.35", "0.55", "0.7", "0.8")
_DASHES = ("-", (0, (5, 1.2)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)))


def data(measured: xr.Dataset, *, drawn_depth: int) -> xr.Dataset:
    """Select what is drawn; of starts, the first one of the first saddle.

    Returns ``excess`` (effective_step, time) and ``flow_excess`` (time); ``leaving`` and
    ``leaving_law`` (depth, effective_step) by gradient descent; the largest ``error`` of the law at
    the drawn depth in e-folds, (descent, effective_step); and ``imbalance`` (descent, time) with
    ``imbalance_law`` (time).
    """
    sigma = measured["singular_values"].values
    saddles = measured["saddle"].values
    rates = [unstable_rate(sigma, drawn_depth, int(k)) for k in saddles]
    deep = measured.sel(depth=drawn_depth)
    late = deep["leaving"] - deep["leaving_law"]
    error = abs(late * xr.DataArray(rates, dims="saddle")).max(["saddle", "start"])
    about = {"long_name": "largest error of the law, in e-folds", "units": "1"}
    names = ["excess", "flow_excess", "imbalance", "imbalance_law"]
    one = measured.isel(descent=0, saddle=0, start=0, drop=True)
    drawn = measured[names].assign(
        leaving=one["leaving"], leaving_law=one["leaving_law"], error=error.assign_attrs(about)
    )
    keep = [*drawn.dims, "singular_values"]
    drawn = drawn.drop_vars([name for name in drawn.coords if name not in keep])
    level = float(sigma[0] ** 2 - sigma[saddles[0] - 1] ** 2) / 2
    return drawn.assign_attrs(drawn_depth=drawn_depth, saddle=int(saddles[0]), level=level)


def draw(data: xr.Dataset) -> Figure:
    """Draw losses over time, times of leaving, the error of their law, and the imbalance."""
    with style.applied():
        figure = style.new_figure(3.9)
        (paths, times), (made, errors) = figure.subplots(2, 2)
        _draw_paths(paths, data)
        _draw_times(times, data)
        _draw_imbalance(made, data)
        _draw_errors(errors, data)
    return figure


def _draw_paths(axes: Axes, data: xr.Dataset) -> None:
    style.draw_levels(axes, [0.0, data.attrs["level"]])
    axes.plot(data["time"], data["flow_excess"], color="0.75", linewidth=3, label="flow")
    for i, step in enumerate(data["effective_step"].values):
        look: style.Look = {"color": _GRAYS[i % 5], "linestyle": _DASHES[i % 5]}
        axes.plot(data["time"], data["excess"].sel(effective_step=step), **look, label=_power(step))
    axes.set(xlabel="time $t$", ylabel="excess loss", xlim=(0, float(data["time"][-1])))
    axes.set_title(f"$N = {data.attrs['drawn_depth']}$: steps leave, the flow stays")
    axes.legend(title=r"effective step $\hat\eta$", loc="upper right", ncols=2)


def _draw_times(axes: Axes, data: xr.Dataset) -> None:
    for depth in data["depth"].values:
        at, look = data.sel(depth=depth), style.depth_look(int(depth))
        axes.plot(data["effective_step"], at["leaving_law"], **style.line_of(look))
        axes.plot(data["effective_step"], at["leaving"], **style.marks_of(look))
        axes.plot([], [], label=f"$N = {depth}$", **look)
    axes.set(xscale="log", xlabel=r"effective step $\hat\eta$", ylabel="time of leaving $t$")
    axes.set_title("how long they stay")
    axes.legend(loc="upper right")


def _draw_imbalance(axes: Axes, data: xr.Dataset) -> None:
    axes.plot(data["time"], data["imbalance_law"], color="0.6", linewidth=1.6, label="law")
    every = max(1, data.sizes["time"] // _MARKS)
    for i, (name, look) in enumerate(style.DESCENT.items()):
        marked = data.sel(descent=name).isel(time=slice(i * every // 3, None, every))
        marks = style.marks_of(look, markerfacecolor="white", label=style.DESCENT_NAMES[name])
        axes.plot(marked["time"], marked["imbalance"], **marks)
    axes.set(xlabel="time $t$", ylabel=r"$(\Vert x \Vert^2 - \Vert y \Vert^2) / \hat\eta$")
    axes.set_title(f"imbalance at $\\hat\\eta =$ {_power(float(data['effective_step'][-2]))}")
    axes.set_xlim(0, float(data["time"][-1]))
    axes.legend(loc="center right")


def _draw_errors(axes: Axes, data: xr.Dataset) -> None:
    steps = data["effective_step"].values
    for name, look in style.DESCENT.items():
        label = style.DESCENT_NAMES[name]
        axes.plot(steps, data["error"].sel(descent=name), **style.marks_of(look), label=label)
    anchor = float(data["error"].max("descent")[0])
    axes.plot(steps, anchor * steps / steps[0], color="0.6", linewidth=0.9, label="slope 1")
    axes.set(xscale="log", yscale="log", xlabel=r"effective step $\hat\eta$")
    axes.set(ylabel="error of the law (e-folds)")
    axes.set_title("all methods, all starts")
    axes.legend(loc="upper left")


def _power(step: float) -> str:
    digits, exponent = f"{step:.0e}".split("e")
    times = "" if digits == "1" else rf"{digits} \times "
    return rf"${times}10^{{{int(exponent)}}}$"
