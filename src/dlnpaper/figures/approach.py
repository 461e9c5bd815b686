"""How trajectories come to a limit of rank one, against its laws (docs/theory.md, section 5)."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.figures import style
from dlnpaper.studies.distances import distances
from dlnpaper.studies.rate_table import measure

#: What is drawn, of `dlnpaper.rates.QUANTITIES`, and how it is named.
QUANTITIES = {
    "directions": r"$(\Vert a - a_\infty\Vert^2 + \Vert b - b_\infty\Vert^2)^{1/2}$",
    "excess": r"excess loss $L - L_\infty$",
    "s_gap": r"$\vert s - \sigma_{k}\vert$",
}

#: Below this nothing is drawn.
SMALLEST = 1e-12

_MISSING = "there is no such law, or its window was not reached"
_MARKS = 7  # along each line

#: How a depth looks, in the order of the depths.
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "black", "marker": "o"},
    {"color": style.COLORS["blue"], "marker": "s"},
    {"color": style.COLORS["vermilion"], "marker": "^"},
    {"color": style.COLORS["green"], "marker": "D"},
    {"color": style.COLORS["orange"], "marker": "v"},
    {"color": style.COLORS["purple"], "marker": "P"},
)

_NAMES = {"driven": "generic directions", "exact": "exact directions"}
_RATES = {
    ("driven", "directions"): r"$\lambda = g\,\sigma_k^{1 - 2/N}$",
    ("driven", "excess"): r"$\lambda = 2g\,\sigma_k^{1 - 2/N}$",
    ("driven", "s_gap"): r"$\lambda = 2g\,\sigma_k^{1 - 2/N}$",
    ("exact", "excess"): r"$\lambda = 2N\sigma_k^{2 - 2/N}$",
    ("exact", "s_gap"): r"$\lambda = N\sigma_k^{2 - 2/N}$",
}


def numbers(starts: xr.Dataset, trajectories: xr.Dataset) -> xr.Dataset:
    """Take the first start of each limit and case, its distances from the limit, and their laws.

    Parameters
    ----------
    starts : xarray.Dataset
        Starts as `dlnpaper.ensembles.generate` returns them, with limits of rank one.
    trajectories : xarray.Dataset
        Their ``s``, ``excess``, ``a`` and ``b`` at some depths; see
        `dlnpaper.studies.rate_table.measure`.

    Returns
    -------
    xarray.Dataset
        ``distance`` (row, quantity, depth, time), ``predicted`` and ``measured`` rates and the
        ``predicted_prefactor`` (row, quantity, depth), ``limit`` and ``case`` (row) in the words of
        `measure`.
    """
    table = measure(starts, trajectories, quantities=list(QUANTITIES))
    first = table.drop_duplicates(["limit", "case"])[["limit", "case", "start"]]
    first = first.sort_values("limit", kind="stable")
    away = distances(target_of(starts), starts_of(starts), trajectories)["distance"]
    away = away.sel(quantity=list(QUANTITIES)).isel(start=first["start"].to_numpy())
    away = away.rename(start="row").transpose("row", "quantity", "depth", "time")
    keys = ["start", "quantity", "depth"]
    wanted = [first["start"], list(QUANTITIES), away["depth"].values]
    laws = table.set_index(keys).reindex(pd.MultiIndex.from_product(wanted, names=keys))

    def column(name: str, long_name: str) -> tuple:
        dims = ("row", "quantity", "depth")
        values = laws[name].where(laws["law"] == "exponential").to_numpy(float)
        attrs = {"long_name": long_name, "units": "1", "missing_data": _MISSING}
        return dims, values.reshape(away.shape[:3]), attrs

    return xr.Dataset(
        {
            "distance": away.assign_attrs(long_name="distance from the limit", units="1"),
            "predicted": column("predicted", "predicted rate"),
            "predicted_prefactor": column("predicted_prefactor", "predicted prefactor"),
            "measured": column("measured", "measured rate"),
            "limit": ("row", first["limit"].to_numpy(str), {"long_name": "kind of the limit"}),
            "case": ("row", first["case"].to_numpy(str), {"long_name": "case of the laws"}),
        }
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw one row for each limit and case and one column for each quantity."""
    rows = numbers.sizes["row"]
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 0.75 + 1.65 * rows)
        grid = figure.subplots(rows, len(QUANTITIES), sharex="row", sharey="row", squeeze=False)
        for row, axes_of_row in enumerate(grid):
            drawn = numbers.isel(row=row)
            axes_of_row[0].set_ylabel(_row_label(drawn))
            axes_of_row[0].set_yscale("log")
            axes_of_row[0].set_xlim(0, _end(drawn))
            for axes, quantity in zip(axes_of_row, QUANTITIES, strict=True):
                _draw_quantity(axes, drawn.sel(quantity=quantity))
            axes_of_row[0].set_ylim(SMALLEST, 10 * float(drawn["distance"].max()))
        for axes, label in zip(grid[0], QUANTITIES.values(), strict=True):
            axes.set_title(label)
        for axes in grid[-1]:
            axes.set_xlabel("time $t$")
        figure.align_ylabels(grid[:, 0])
        law = Line2D([], [], color="0.4", linewidth=0.8, label=r"predicted, $P e^{-\lambda t}$")
        handles = [*depth_handles(numbers["depth"].values), law]
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def _row_label(drawn: xr.Dataset) -> str:
    limit, case = str(drawn["limit"].item()), str(drawn["case"].item())
    name = limit.replace("_", " ")
    if limit.startswith("saddle"):
        name = rf"saddle $\sigma_{limit.removeprefix('saddle_')}$"
    return f"{name},\n{_NAMES.get(case, case)}"


def _end(drawn: xr.Dataset) -> float:
    """Return when the slowest law of the excess or of s has fallen out of the picture."""
    laws = drawn.sel(quantity=["excess", "s_gap"])
    times = np.log(laws["predicted_prefactor"] / SMALLEST) / laws["predicted"]
    return float(times.max())


def _draw_quantity(axes: Axes, drawn: xr.Dataset) -> None:
    """Draw one predicted line and some marks of the trajectory for each depth."""
    if not drawn["distance"].any():
        axes.text(0.5, 0.5, "zero from the start on", ha="center", transform=axes.transAxes)
        return
    end = axes.get_xlim()[1]
    for position, (depth, look) in enumerate(zip(drawn["depth"].values, cycle(LOOKS))):
        of_depth = drawn.sel(depth=depth)
        distance = of_depth["distance"].where(of_depth["time"] <= end, 0.0)
        seen = distance["time"].values[distance.values > SMALLEST]
        at = (np.arange(_MARKS) + (position + 1) / (len(LOOKS) + 1)) / _MARKS * seen[-1]
        marks = distance.sel(time=at, method="nearest")
        axes.plot(marks["time"], marks, linestyle="none", **look)
        times = np.array([0.0, end])
        law = np.log(of_depth["predicted_prefactor"].item()) - of_depth["predicted"].item() * times
        axes.plot(times, np.exp(law), color=look["color"], linewidth=0.8, zorder=1)
    error = abs(drawn["measured"] / drawn["predicted"] - 1).max(skipna=False)
    words = [_RATES.get((str(drawn["case"].item()), str(drawn["quantity"].item())))]
    words += [f"within {power_of_ten(float(error))}"] if np.isfinite(error) else []
    text = "\n".join(filter(None, words))
    axes.text(1, 1, text, ha="right", va="top", fontsize=8, transform=axes.transAxes)


def power_of_ten(value: float) -> str:
    """Return a number to one digit as the text of a figure."""
    digits, exponent = f"{value:.0e}".split("e")
    return rf"${digits}\times 10^{{{int(exponent)}}}$"


def depth_handles(depths: np.ndarray) -> list[Line2D]:
    """Return the entries of a legend that tell the marks of the depths apart."""
    return [
        Line2D([], [], linestyle="none", label=f"$N = {depth}$", **look)
        for depth, look in zip(depths, cycle(LOOKS))
    ]
