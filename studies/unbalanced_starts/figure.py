"""How far Gaussian layers stray from the balanced theory (docs/scaling.md, section 7)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from dlnpaper.analysis._intervals import binomial_interval
from studies.unbalanced_starts.table import CONFIDENCE, off

_GRAYS = ("0.0", "0.35", "0.55", "0.7", "0.8")
_DASHES = ("-", (0, (5, 1.2)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 2)))
_TICKS = tuple(digit * 10.0**power for power in range(-3, 6) for digit in (1, 3))
_DODGE = 1.3  # between depths
_PAIRS = {"inner": "inner layers", "neuron": "at the one neuron"}


def data(measured: xr.Dataset) -> xr.Dataset:
    """Return the measured times and imbalances, and the shares of times that differ.

    ``exact_off`` (small_scale) and ``off`` (case), each with ``_low`` and ``_high``, the ends of
    their intervals.
    """
    shares = {}
    pairs = {
        "exact_off": ("small_scale", measured["exact_time"] / measured["exact_balanced"]),
        "off": ("case", measured["time"] / measured["balanced"]),
    }
    for name, (dim, ratio) in pairs.items():
        hits, total = off(ratio.values).sum(axis=1), ratio.shape[1]
        ends = zip(("low", "high"), binomial_interval(hits, total, CONFIDENCE), strict=True)
        shares[name] = variable(dim, hits / total, "share of times that differ by a tenth")
        shares |= {
            f"{name}_{end}": variable(dim, each, "end of its interval") for end, each in ends
        }
    names = ["exact_time", "exact_balanced", "time", "frozen", "found_imbalance", "imbalance_law"]
    return measured[names].assign(shares)


def draw(data: xr.Dataset) -> Figure:
    """Draw ratios of times, shares that differ, times of wide networks, and imbalances."""
    with style.applied():
        figure = style.new_figure(4.0)
        (ratios, shares), (wide, apart) = figure.subplots(2, 2)
        _draw_ratios(ratios, data)
        _draw_shares(shares, data)
        _draw_wide(wide, data)
        _draw_imbalances(apart, data)
    return figure


def _draw_ratios(axes: Axes, data: xr.Dataset) -> None:
    ratios = np.sort((data["exact_time"] / data["exact_balanced"]).values, axis=1)
    ranks = (np.arange(ratios.shape[1]) + 0.5) / ratios.shape[1]
    for i, scale in enumerate(data["small_scale"].values):
        look: style.Look = {"color": _GRAYS[i % 5], "linestyle": _DASHES[i % 5]}
        axes.plot(ratios[i], ranks, **look, label=_power(scale))
    axes.set(xscale="log", xlabel="time over balanced time", ylabel="share of starts", ylim=(0, 1))
    axes.set_title("two layers")
    axes.set_xlim(0.3, 10)
    axes.set_xticks([0.3, 1, 3, 10], ["0.3", "1", "3", "10"])
    axes.minorticks_off()
    axes.legend(title="scale", loc="lower right")


def _draw_shares(axes: Axes, data: xr.Dataset) -> None:
    least, scale = int(data["width"].min()), data["small_scale"]
    _draw_bars(axes, scale.values, 2, [data[f"exact_off{end}"].values for end in _ENDS])
    for depth in np.unique(data["depth"]):
        some = data.isel(case=((data["depth"] == depth) & (data["width"] == least)).values)
        values = [some[f"off{end}"].values for end in _ENDS]
        _draw_bars(axes, some["scale"].values, int(depth), values)
    axes.set(xscale="log", ylim=(0, 1), xlabel="scale of the layers")
    axes.set_title("times off by more than a tenth")
    axes.legend(loc="lower left")


_ENDS = ("", "_low", "_high")


def _draw_bars(axes: Axes, scales: np.ndarray, depth: int, ends: list[np.ndarray]) -> None:
    share, low, high = ends
    bars: style.Look = {"yerr": [share - low, high - share], "capsize": 2, "elinewidth": 0.8}
    look = style.marks_of(style.depth_look(depth), markerfacecolor="white")
    axes.errorbar(scales * _DODGE ** (depth - 2), share, **look, **bars, label=f"$N = {depth}$")


def _draw_wide(axes: Axes, data: xr.Dataset) -> None:
    depth = int(data["depth"].min())
    some = data.isel(
        case=((data["depth"] == depth) & (data["scale"] == data["scale"].max())).values
    )
    ends = []
    for i, width in enumerate(some["width"].values):
        at, look = some.isel(case=i), style.OTHERS[i % len(style.OTHERS)]
        good = np.isfinite(at["frozen"].values)
        marks = style.marks_of(look, markerfacecolor="none", label=f"width {width}")
        axes.loglog(at["frozen"].values[good], at["time"].values[good], **marks)
        drawn = np.append(at["frozen"].values[good], at["time"].values[good])
        ends += [drawn.min(), drawn.max()]
    line = [min(ends) / 1.5, max(ends) * 1.5]
    axes.plot(line, line, color="0.0", linewidth=0.8, label="equal")
    axes.set(
        xlabel="time with the first kernel", ylabel="time to one percent", xlim=line, ylim=line
    )
    ticks = [tick for tick in _TICKS if line[0] <= tick <= line[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_title(f"$N = {depth}$: the wider, the closer")
    axes.legend(loc="upper left", handletextpad=0.2)


def _draw_imbalances(axes: Axes, data: xr.Dataset) -> None:
    for i, (pair, name) in enumerate(_PAIRS.items()):
        at, look = data.sel(pair=pair), style.OTHERS[2 + i]
        axes.plot(data["wide_width"], at["imbalance_law"], **style.line_of(look))
        axes.plot(data["wide_width"], at["found_imbalance"], **style.marks_of(look))
        axes.plot([], [], label=name, **look)
    axes.set(xscale="log", ylim=(0, 1.05), xlabel="width", ylabel="relative imbalance, squared")
    axes.set_xticks(data["wide_width"].values, [f"{each}" for each in data["wide_width"].values])
    axes.minorticks_off()
    axes.set_title("never balanced")
    axes.legend(loc="lower right")


def _power(value: float) -> str:
    return "1" if value == 1 else f"${style.scientific(value)}$"
