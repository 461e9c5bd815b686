"""One start with scalars larger than balanced ends, with a smaller one, and unbalanced ends."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from companion.ensembles import select, starts_of, target_of

#: Of the two kinds of weights, in the lower panels.
_WEIGHTS: dict[str, style.Look] = {
    "first": {"color": style.COLORS["black"], "linestyle": "-", "marker": "o"},
    "inner": {"color": style.COLORS["vermilion"], "linestyle": (0, (4, 1.2)), "marker": "^"},
}
_WHITE: style.Look = {"markerfacecolor": "white"}
_MARKS = 24  # of an integrated trajectory


def data(
    starts: xr.Dataset,
    measured: xr.Dataset,
    *,
    ratios: Sequence[float],
    drawn_depth: int,
    drawn_until: float,
) -> xr.Dataset:
    """Select the start on the stable set of the saddle σ_2 whose alignment is the least.

    Returns ``s``, ``first`` and ``inner`` (case, time), and ``integrated_...`` the same, as
    `studies.inner_imbalance.measure` does; the ``ratio`` (case), NaN for unbalanced ends; and
    ``singular_values`` (mode).
    """
    target, points = target_of(starts), starts_of(select(starts, ["saddle_2"]))
    r = target.rank
    least = int(np.argmin((points.a[:, :r] * points.b[:, :r]) @ target.singular_values))
    one = select(measured, ["saddle_2"]).isel(start=least).sel(depth=drawn_depth, drop=True)
    names = [f"{kind}{name}" for kind in ("", "integrated_") for name in ("s", "first", "inner")]
    drawn = one[[*names, "singular_values"]].isel(time=(one["time"] <= drawn_until).values)
    ratio = variable(
        "case",
        [*ratios, np.nan],
        "ratio of each scalar to the one before",
        missing_data="not defined where the ends are not balanced",
    )
    return drawn.assign(ratio=ratio).assign_attrs(drawn_depth=drawn_depth)


def draw(data: xr.Dataset) -> Figure:
    """Draw s above and the weights below: larger scalars to the left, smaller ones to the right."""
    ratio = data["ratio"].values
    looks = [look for look, _ in zip(cycle(style.OTHERS), ratio)]
    smaller = ratio < 1
    titles = ("no scalar is smaller than the ends", "a scalar is smaller than the ends")
    with style.applied():
        figure = style.new_figure(3.5)
        grid = figure.subplots(2, 2, sharex=True, sharey="row", height_ratios=(1.25, 1))
        for (upper, lower), shown, title in zip(grid.T, (~smaller, smaller), titles, strict=True):
            for case in np.flatnonzero(shown):
                _draw_s(upper, data.isel(case=case), looks[case])
            # Of the scalars that differ most from the ends.
            distance = np.where(shown, np.abs(np.log(ratio)), np.nan)
            _draw_weights(lower, data.isel(case=int(np.nanargmax(distance))))
            upper.set_title(title)
            upper.legend(loc="center right", bbox_to_anchor=(1, 0.757), labelspacing=0.25)
            lower.set_xlabel("time $t$")
        _lay_out(grid, data)
    return figure


def _draw_s(axes: Axes, data: xr.Dataset, look: style.Look) -> None:
    """Draw s of one case: the exact chain as a line, if its ends are balanced, and the layers."""
    ratio = float(data["ratio"])
    name = "ends unbalanced" if np.isnan(ratio) else f"ratio {ratio:g}"
    _draw(axes, data, "s", look)
    axes.plot([], [], label=name, **(style.marks_of(look) if np.isnan(ratio) else look), **_WHITE)


def _draw_weights(axes: Axes, data: xr.Dataset) -> None:
    """Draw the norm of the ends and the last scalar between them."""
    depth = data.attrs["drawn_depth"]
    names = {"first": rf"$\Vert W_1 \Vert = \Vert W_{depth} \Vert$", "inner": f"$z_{depth - 1}$"}
    last = {name: float(data[name][-1]) for name in names}
    for name, label in names.items():
        _draw(axes, data, name, _WEIGHTS[name])
        above = last[name] == max(last.values())
        place: style.Look = {"xytext": (0, 5 if above else -5), "textcoords": "offset points"}
        place |= {"ha": "right", "va": "bottom" if above else "top", "fontsize": 8}
        axes.annotate(label, (1, last[name]), xycoords=("axes fraction", "data"), **place)
    axes.set_title(f"weights, ratio {float(data['ratio']):g}")


def _draw(axes: Axes, data: xr.Dataset, name: str, look: style.Look) -> None:
    axes.plot(data["time"], data[name], **style.line_of(look))
    step = max(1, data.sizes["time"] // _MARKS)
    marked = data.isel(time=slice(None, None, step))
    axes.plot(marked["time"], marked[f"integrated_{name}"], **style.marks_of(look, **_WHITE))


def _lay_out(grid: np.ndarray, data: xr.Dataset) -> None:
    """Name the axes, and the levels at which s can end."""
    sigma = data["singular_values"].values
    for upper, lower in grid.T:
        style.draw_levels(upper, [0.0, *sigma])
        style.draw_levels(lower, [0.0])
    levels = [0.0, *sigma[::-1]]
    names = ["0", *(rf"$\sigma_{k}$" for k in range(len(sigma), 0, -1))]
    grid[0, 0].set_yticks(levels, names)
    grid[0, 0].set(ylabel="singular value $s$", ylim=(-0.05 * sigma[0], 1.1 * sigma[0]))
    grid[0, 0].set_xlim(0, float(data["time"][-1]))
    grid[1, 0].set_ylabel("weight")
    grid[1, 0].margins(y=0.22)
