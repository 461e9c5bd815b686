"""How tight the bounds of the stages are (docs/theory.md, section 6)."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure

from companion import style

#: The bounded quantities drawn, a row of panels each: label, and decades of the axis.
QUANTITIES = {
    "t_0": (r"observed length $t_0$ of stage 1", (-3, 4)),
    "t_1": (r"observed end $t_1$ of stage 2", (-3, 4)),
    "inverse_s": (r"observed largest $1/s$", (-1, 6)),
}

# Decades of the ratio. Starts outside the axes are in the cells at the edge.
_RATIO = (-6, 1)
_CELLS = ListedColormap(mpl.colormaps["Blues"](np.linspace(0.25, 1.0, 256)))


def data(measured: Sequence[xr.Dataset]) -> xr.Dataset:
    """Sum up what the figure draws, over several targets at the same depths.

    Returns, over the targets, the sums ``count`` (depth, quantity, observed, ratio), ``violations``
    (depth, quantity) and ``starts`` (depth), and the greatest ``ratio_largest`` (depth, quantity);
    and the edges of the bins, ``observed_edges`` and ``ratio_edges``, in log10.
    """
    names = ["count", "starts", "violations", "ratio_largest"]
    stacked = xr.concat([one[names] for one in measured], dim="target")
    stacked = stacked.sel(quantity=list(QUANTITIES))
    summed = stacked.drop_vars("ratio_largest").sum("target", keep_attrs=True)
    return summed.assign(
        ratio_largest=stacked["ratio_largest"].max("target", keep_attrs=True),
        observed_edges=measured[0]["observed_edges"],
        ratio_edges=measured[0]["ratio_edges"],
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw a row of panels for each quantity and a column for each depth."""
    depths = data["depth"].values
    with style.applied():
        figure = style.new_figure(4.7)
        grid = figure.subplots(len(QUANTITIES), len(depths), sharex="row", sharey=True)
        scale = LogNorm(1, float(data["count"].max()))
        for row, (name, (label, decades)) in zip(grid, QUANTITIES.items(), strict=True):
            for axes, depth in zip(row, depths, strict=True):
                panel = data.sel(depth=depth, quantity=name)
                mesh = _draw_panel(axes, panel, decades, scale)
            row[len(depths) // 2].set_xlabel(label)
        for axes, depth in zip(grid[0], depths, strict=True):
            axes.set_title(f"$N = {depth}$")
        for axes in grid[:, 0]:
            axes.set_ylabel("observed / bound")
        bar = figure.colorbar(mesh, ax=grid, aspect=40, pad=0.015)
        bar.set_label("number of starts in a cell")
    return figure


def _draw_panel(
    axes: Axes, panel: xr.Dataset, decades: tuple[int, int], scale: LogNorm
) -> QuadMesh:
    cells, observed = _clipped(panel["count"].values, panel["observed_edges"].values, decades)
    cells, ratio = _clipped(cells.T, panel["ratio_edges"].values, _RATIO)
    look: style.Look = {"norm": scale, "cmap": _CELLS, "rasterized": True}
    mesh = axes.pcolormesh(10**observed, 10**ratio, np.ma.masked_equal(cells, 0), **look)
    axes.axhspan(1, 10 ** _RATIO[1], color="0.9", linewidth=0, zorder=0)
    axes.axhline(1, color=style.COLORS["vermilion"])
    axes.set(xscale="log", yscale="log")
    axes.set(xlim=[10.0**end for end in decades], ylim=[10.0**end for end in _RATIO])
    axes.set_yticks(10.0 ** np.arange(-6, 1, 2), [r"$\leq 10^{-6}$", "$10^{-4}$", "$10^{-2}$", "1"])
    axes.text(0.5, 0.925, _verdict(panel), transform=axes.transAxes, ha="center", va="center")
    return mesh


def _verdict(panel: xr.Dataset) -> str:
    """Return how many starts are beyond the bound, or else the ratio of the one closest to it."""
    if beyond := int(panel["violations"]):
        return f"{beyond:,} of {int(panel['starts']):,} beyond the bound"
    # Rounded down: only a ratio of one is shown as 1.
    return f"tightest ratio {np.floor(float(panel['ratio_largest']) * 1e4) / 1e4:g}"


def _clipped(
    count: np.ndarray, edges: np.ndarray, decades: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Cut the first axis to some decades, adding what lies beyond to the bins at the ends."""
    first, last = np.searchsorted(edges, decades)
    inner = count[first:last].copy()
    inner[0] += count[:first].sum(axis=0)
    inner[-1] += count[last:].sum(axis=0)
    return inner, edges[first : last + 1]
