"""Fates by magnitude and direction, and the share of collapse (docs/weight_decay.md, section 4)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import flag_names
from dlnpaper.analysis._intervals import binomial_interval

_LOOKS = {
    "minimizer": style.LIMITS["global_minimizer"],
    "saddle": style.LIMITS["saddle"],
    "collapse": style.LIMITS["origin"],
}
_SHADE = "0.88"
_COLUMNS = 2  # of maps
_ASIDE = 1.09  # factor between weight decays at which marks of different depths are drawn


def data(measured: xr.Dataset, *, weight_decay: float, share_s: float) -> xr.Dataset:
    """Select what is drawn; of the starts beside the boundary nothing is."""
    drawn = flag_names(measured["family"]) != "beside"
    return measured.isel(start=drawn).assign_attrs(drawn_decay=weight_decay, share_s=share_s)


def draw(data: xr.Dataset) -> Figure:
    """Draw a map for each depth, and the share of collapse against the weight decay."""
    depths = [int(depth) for depth in data["depth"].values]
    rows = -(-len(depths) // _COLUMNS)
    with style.applied():
        figure = style.new_figure(1.5 * rows + 0.3)
        grid = figure.add_gridspec(rows, _COLUMNS + 1, width_ratios=[1] * _COLUMNS + [1.25])
        maps: list[Axes] = []
        for k, depth in enumerate(depths):
            shared: style.Look = {"sharex": maps[0], "sharey": maps[0]} if maps else {}
            maps.append(figure.add_subplot(grid[k // _COLUMNS, k % _COLUMNS], **shared))
            _draw_map(maps[k], data.sel(depth=depth))
            maps[k].set_title(f"$N = {depth}$")
            first, lowest = k % _COLUMNS == 0, k + _COLUMNS >= len(depths)
            maps[k].tick_params(labelleft=first, labelbottom=lowest)
            maps[k].set_ylabel("start $s_0$" if first else "")
            maps[k].set_xlabel("mean angle of $u$ and $v$" if lowest else "")
        _draw_shares(figure.add_subplot(grid[:, -1]), data)
    return figure


def _draw_map(axes: Axes, data: xr.Dataset) -> None:
    """Draw integrated fates as marks over the exact region of collapse."""
    of_map = flag_names(data["family"]) == "map"
    angle, s = data["angle"].values[of_map], data["s"].values[of_map]
    low, high = s.min() / 2, s.max() * 2
    edge, line_angle = data["boundary"].values, data["line_angle"].values
    if np.isfinite(edge).any():
        # Where there is no boundary, every start collapses.
        axes.fill_between(line_angle, low, np.nan_to_num(edge, nan=high), color=_SHADE, linewidth=0)
        axes.plot(line_angle, edge, color="black")
    reached = flag_names(data["reached"])[of_map]
    for name, look in _LOOKS.items():
        here = reached == name
        if here.any():  # nothing, not clipped, would count as a mark in the figure's corner
            axes.plot(angle[here], s[here], clip_on=False, **style.marks_of(look, zorder=3))
    axes.set(yscale="log", ylim=(low, high), xlim=(0, 90), xticks=[0, 45, 90])
    axes.xaxis.set_major_formatter("{x:.0f}°")
    style.draw_logarithms(axes, "y", 1)


def _draw_shares(axes: Axes, data: xr.Dataset) -> None:
    """Draw the exact share of collapse as lines, that of integrated starts as marks."""
    family = flag_names(data["family"])
    depths = data["depth"].values
    for k, depth in enumerate(depths):
        look, of_depth = style.depth_look(int(depth)), data.sel(depth=depth)
        axes.plot(data["line_decay"], of_depth["line_share"], **style.line_of(look))
        collapsed = flag_names(of_depth["reached"]) == "collapse"
        for mu in data["decay"].values:
            here = (family == "random") & (data["weight_decay"].values == mu)
            count, total = int(collapsed[here].sum()), int(here.sum())
            low, high = binomial_interval(count, total, 0.95)
            bars = [[count / total - low], [high - count / total]]
            hollow = style.marks_of(look, markerfacecolor="white", elinewidth=0.6)
            # Side by side, since their bars would hide each other.
            place = mu * _ASIDE ** (k - (len(depths) - 1) / 2)
            axes.errorbar([place], [count / total], np.maximum(bars, 0.0), **hollow)
        axes.plot([], [], label=f"$N = {depth}$", **look | {"markerfacecolor": "white"})
    axes.set(xscale="log", xlabel=r"weight decay $\mu$", ylabel="share of collapse")
    axes.set_ylim(-0.04, 1.04)
    axes.set_title(f"random directions, $s_0 = {data.attrs['share_s']:g}$")
    axes.legend(loc="upper left")
