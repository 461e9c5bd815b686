"""What an imbalance does to one hidden neuron (docs/two_layers.md, sections 4 and 5)."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from dlnpaper._target import Target
from studies.imbalance.first_mode import FirstMode

#: Points on lines over λ.
LINE_POINTS = 201

_TICKS = (-512, -128, -32, -8, -2, 0, 2, 8, 32, 128, 512)

#: Below this nothing is drawn of what vanishes.
SMALLEST = 1e-6

# By λ, in the order in which they are drawn.
_LOOKS: list[style.Look] = [
    {"color": style.COLORS["black"], "linestyle": "-", "marker": "o"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.2)), "marker": "s"},
    {"color": style.COLORS["vermilion"], "linestyle": "-.", "marker": "^"},
    {"color": style.COLORS["green"], "linestyle": (0, (1, 1)), "marker": "D"},
]
_FAST, _SLOW = _LOOKS[2], _LOOKS[1]
_PATH: style.Look = {"color": "0.55", "linewidth": 0.7}
_HOLLOW: style.Look = {"markerfacecolor": "white"}


def data(
    measured: xr.Dataset, *, target: dict, drawn: Sequence[float], plane_imbalance: float
) -> xr.Dataset:
    """Select what the figure draws.

    Returns
    -------
    xarray.Dataset
        Loss: ``loss`` and ``exact_loss`` (drawn, time), and the levels ``lazy_loss`` and
        ``final_loss``. Rates: ``slow_rate`` (imbalance) and ``fast_rate`` (large_imbalance),
        and the laws ``slow_law`` and ``fast_law`` (line). Stable sets: ``tilt`` (imbalance)
        and ``tilt_law`` (line) in degrees; at one λ ``w_1``, ``w_2`` (aside, point) and
        ``integrated_w_1``, ``integrated_w_2`` (aside, mark), and ``end`` (layer). Weights that are
        left: ``null_time``, ``product``, ``smaller``, ``larger`` and their ``exact_…``
        (null_point).
    """
    losses = measured[["loss", "exact_loss"]].sel(imbalance=list(drawn))
    plane = measured[["w_1", "w_2", "integrated_w_1", "integrated_w_2"]]
    names = ("product", "smaller", "larger")
    null = measured[["null_time", *names, *(f"exact_{name}" for name in names)]]
    large = measured["fast_rate"].isel(imbalance=np.flatnonzero(measured["is_large"]))
    return xr.merge(
        [
            losses.rename(imbalance="drawn"),
            measured[["slow_rate", "tilt"]],
            large.rename(imbalance="large_imbalance"),
            plane.sel(imbalance=plane_imbalance, drop=True),
            null.sel(null_imbalance=plane_imbalance, drop=True),
            _laws(Target(**target), measured["imbalance"].values, plane_imbalance),
        ],
        combine_attrs="drop_conflicts",
    ).assign(
        lazy_loss=measured["lazy_loss"].isel(imbalance=-1, drop=True),
        final_loss=measured["exact_loss"].isel(imbalance=-1, time=-1, drop=True),
        plane_imbalance=variable((), plane_imbalance, "imbalance of the stable set drawn"),
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw both time scales above, the tilted stable sets and the weights that are left below."""
    with style.applied():
        figure = style.new_figure(4.2)
        above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.1, 1))[:, 0]
        scales = above.subplots(1, 2, width_ratios=(1.4, 1))
        for draw_panel, axes in zip((_draw_loss, _draw_rates), scales, strict=True):
            draw_panel(axes, data)
        panels = (_draw_plane, _draw_tilt, _draw_null)
        for draw_panel, axes in zip(panels, below.subplots(1, 3), strict=True):
            draw_panel(axes, data)
    return figure


def _draw_loss(axes: Axes, data: xr.Dataset) -> None:
    """Draw the loss at some λ as lines, and the integrated one as marks."""
    time = data["time"].values
    levels = {"lazy": data["lazy_loss"].item(), "rich": data["final_loss"].item()}
    style.draw_levels(axes, levels.values())
    for k, value in enumerate(data["drawn"].values):
        of_value, look = data.isel(drawn=k), _LOOKS[k] | _HOLLOW
        axes.plot(time[1:], of_value["exact_loss"][1:], **style.line_of(look))
        # Marks of different curves stand at different times.
        shown = slice(1 + 4 * k, None, 4 * len(data["drawn"]))
        axes.plot(time[shown], of_value["loss"][shown], **style.marks_of(look))
        axes.plot([], [], label=rf"$\lambda = {value:g}$", **look)
    place: style.Look = {"textcoords": "offset points", "fontsize": 8}
    for name, level in levels.items():
        axes.annotate(f"{name} loss", (time[1], level), xytext=(0, -8), **place)
    axes.set(xscale="log", ylim=(0, None), xlabel="time $t$", ylabel="loss $L$")
    axes.set_title("lazy at first, rich in the end")
    axes.legend(loc="upper right", bbox_to_anchor=(1, 1.02))


def _draw_rates(axes: Axes, data: xr.Dataset) -> None:
    """Draw both rates against λ, laws as lines and measurements as marks."""
    for look, name, label in (
        (_FAST, "fast", r"fast, $|\lambda|$"),
        (_SLOW, "slow", r"slow, $m_1 - m_2$"),
    ):
        law = data[f"{name}_law"].where(data[f"{name}_law"] > 0)
        axes.plot(data["line"], law, **style.line_of(look))
        rate = data[f"{name}_rate"]
        axes.plot(rate[rate.dims[0]], rate, **style.marks_of(look | _HOLLOW))
        axes.plot([], [], label=label, **(look | _HOLLOW))
    axes.set(yscale="log", ylabel="rate", ylim=(0.7 * float(data["slow_law"].min()), 200))
    _lay_out_imbalances(axes, data)
    axes.set_title("two rates")
    axes.legend(loc="upper center", ncols=2, columnspacing=1.0)


def _draw_plane(axes: Axes, data: xr.Dataset) -> None:
    """Draw trajectories around the stable set, and their mirror images, at one λ."""
    end = data["end"].values
    across = 1.3 * np.linalg.norm(end) * np.array([-end[1], end[0]]) / np.linalg.norm(end)
    saddle = style.LIMITS["saddle"]
    axes.plot(*np.outer(across, [-1, 1]), **style.line_of(saddle), linewidth=1.6)
    axes.plot([-2, 2], [2, -2], color="0.75", linewidth=0.5, linestyle=(0, (4, 2)), zorder=0)
    for sign in (1, -1):
        axes.plot(sign * data["w_1"].T, sign * data["w_2"].T, **_PATH)
        look = style.marks_of({"color": "0.3", "marker": "."}, markersize=2.6)
        marks = data.isel(mark=slice(None, None, 2))
        axes.plot(sign * marks["integrated_w_1"].T, sign * marks["integrated_w_2"].T, **look)
        minimizer = style.marks_of(style.LIMITS["global_minimizer"], markersize=5.5, zorder=4)
        axes.plot(*(sign * end), **minimizer)
    axes.plot(0, 0, **style.marks_of(saddle, markersize=5.5, zorder=4))
    reach = 1.25 * np.abs(end).max()
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    place: style.Look = {"textcoords": "offset points", "ha": "right", "va": "center"}
    axes.annotate("global\nminimizer", (end[0], end[1]), xytext=(-7, 0), **place)
    axes.set(xlabel="$w_1$ of mode 1", ylabel="$w_2$ of mode 1")
    axes.set_title(rf"saddle's stable set, $\lambda = {float(data['plane_imbalance']):g}$")


def _draw_tilt(axes: Axes, data: xr.Dataset) -> None:
    """Draw the angle of the stable set against λ."""
    saddle = style.LIMITS["saddle"]
    axes.plot(data["line"], data["tilt_law"], label=r"$90° + \varphi_1$", **style.line_of(saddle))
    marks = style.marks_of(saddle | _HOLLOW)
    axes.plot(data["imbalance"], data["tilt"], label="integrated", **marks)
    axes.set(ylim=(85, 185), yticks=[90, 135, 180], ylabel="angle of the stable set (°)")
    _lay_out_imbalances(axes, data)
    axes.set_title("its tilt")
    axes.legend(loc="upper left")


def _draw_null(axes: Axes, data: xr.Dataset) -> None:
    """Draw the norms of W and of both layers where W vanishes."""
    larger, smaller = ("w_2", "w_1") if data["plane_imbalance"] > 0 else ("w_1", "w_2")
    names = {
        "larger": rf"$\|{larger}\|^2$",
        "smaller": rf"$\|{smaller}\|^2$",
        "product": r"$\|W\|$",
    }
    time = data["null_time"].values
    for look, (name, label) in zip(_LOOKS, names.items(), strict=False):
        look = look | _HOLLOW
        axes.plot(time, data[f"exact_{name}"], **style.line_of(look))
        axes.plot(time[2::5], data[name][2::5], **style.marks_of(look))
        axes.plot([], [], label=label, **look)
    axes.set(yscale="log", ylim=(SMALLEST, None), xlabel="time $t$", ylabel="norms")
    style.draw_logarithms(axes, "y", 2)
    axes.set_title(rf"$W$ vanishes, ${larger}$ does not")
    axes.legend(loc="upper right", bbox_to_anchor=(1.02, 0.86))


def _lay_out_imbalances(axes: Axes, data: xr.Dataset) -> None:
    """Lay out an axis of λ of either sign, linear around zero."""
    widest = float(np.abs(data["imbalance"]).max())
    axes.set_xscale("symlog", linthresh=2, linscale=0.6)
    axes.set(xlim=(-1.2 * widest, 1.2 * widest), xlabel=r"imbalance $\lambda$")
    axes.set_xticks([value for value in _TICKS if abs(value) <= widest])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.minorticks_off()


def _laws(target: Target, imbalances: np.ndarray, plane_imbalance: float) -> xr.Dataset:
    widest = np.abs(imbalances).max()
    half = np.concatenate([[0.0], np.geomspace(1e-2, widest, LINE_POINTS // 2)])
    line = np.concatenate([-half[:0:-1], half])
    modes = [FirstMode.of(target, value) for value in line]
    slow = [mode.rate - mode.next_rate for mode in modes]
    end = FirstMode.of(target, plane_imbalance).end
    return xr.Dataset(
        {
            "slow_law": variable("line", slow, "m_1 - m_2"),
            "fast_law": variable("line", np.abs(line), "size of the imbalance"),
            "tilt_law": variable(
                "line", [90 + np.rad2deg(mode.angle) for mode in modes], "angle", units="degree"
            ),
            "end": variable("layer", end, "weights of the first mode at the global minimizer"),
        },
        coords={"line": variable("line", line, "imbalance of the layers")},
    )
