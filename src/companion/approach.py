"""How trajectories come to their limits, against the laws (docs/theory.md, section 5)."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from companion import style

#: What is drawn of the quantities of `dlnpaper.rates`, and how it is named.
DRAWN_QUANTITIES = {
    "directions": r"$(\Vert a - a_\infty\Vert^2 + \Vert b - b_\infty\Vert^2)^{1/2}$",
    "excess": r"excess loss $L - L_\infty$",
    "s_gap": r"$\vert s - \sigma_{k}\vert$",
}

#: Below this nothing is drawn.
SMALLEST = 1e-12

_MARKS = 7  # along each line

_NAMES = {"driven": "generic directions", "exact": "exact directions"}
_RATES = {
    ("driven", "directions"): r"$\lambda = g\,\sigma_k^{1 - 2/N}$",
    ("driven", "excess"): r"$\lambda = 2g\,\sigma_k^{1 - 2/N}$",
    ("driven", "s_gap"): r"$\lambda = 2g\,\sigma_k^{1 - 2/N}$",
    ("exact", "excess"): r"$\lambda = 2N\sigma_k^{2 - 2/N}$",
    ("exact", "s_gap"): r"$\lambda = N\sigma_k^{2 - 2/N}$",
}


def first_starts(measured: xr.Dataset) -> xr.Dataset:
    """Return the first start of each limit with generic and with exact directions.

    At the origin the cases with and without a null component take their place. What
    `companion.rate_measurement.measure` returned has ``row`` in place of ``start`` then, all rows
    of a limit together, and the ``case`` at the first depth.
    """
    case = measured["case"].isel(depth=0, drop=True)
    # How a finite gap compares with N σ_k depends on the depth.
    directions = case.where(~case.isin(["resonant", "free"]), "driven")
    kinds = pd.DataFrame({"limit": measured["limit"].values, "directions": directions.values})
    first = kinds.drop_duplicates().sort_values("limit", kind="stable").index
    return measured.assign(case=case).isel(start=first.to_numpy()).rename(start="row")


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select the distances that the figure draws, and their exponential laws.

    From what `companion.rate_measurement.measure` returns, with limits of rank one: ``distance``
    (row, quantity, depth, time); ``predicted`` and ``measured`` rates and the
    ``predicted_prefactor`` (row, quantity, depth); ``limit`` and ``case`` (row).
    """
    drawn = first_starts(measured).sel(quantity=list(DRAWN_QUANTITIES))
    for name in ("predicted", "predicted_prefactor", "measured"):
        drawn[name] = drawn[name].where(drawn["law"] == "exponential")
    names = ["distance", "predicted", "predicted_prefactor", "measured", "limit", "case"]
    return drawn[names].transpose("row", "quantity", "depth", "time")


def draw(data: xr.Dataset) -> Figure:
    """Draw one row for each limit and case and one column for each quantity."""
    rows = data.sizes["row"]
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 0.75 + 1.65 * rows)
        grid = figure.subplots(
            rows, len(DRAWN_QUANTITIES), sharex="row", sharey="row", squeeze=False
        )
        for row, axes_of_row in enumerate(grid):
            drawn = data.isel(row=row)
            axes_of_row[0].set_ylabel(_row_label(drawn))
            axes_of_row[0].set_yscale("log")
            axes_of_row[0].set_xlim(0, _end(drawn))
            for axes, quantity in zip(axes_of_row, DRAWN_QUANTITIES, strict=True):
                _draw_quantity(axes, drawn.sel(quantity=quantity))
            axes_of_row[0].set_ylim(SMALLEST, 10 * float(drawn["distance"].max()))
        for axes, label in zip(grid[0], DRAWN_QUANTITIES.values(), strict=True):
            axes.set_title(label)
        for axes in grid[-1]:
            axes.set_xlabel("time $t$")
        figure.align_ylabels(grid[:, 0])
        add_legend(figure, data["depth"].values, r"predicted, $P e^{-\lambda t}$")
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
    for depth, shift in mark_shifts(drawn["depth"].values):
        look = style.depth_look(depth)
        of_depth = drawn.sel(depth=depth)
        distance = of_depth["distance"].where(of_depth["time"] <= end, 0.0)
        seen = distance["time"].values[distance.values > SMALLEST]
        at = (np.arange(_MARKS) + shift) / _MARKS * seen[-1]
        marks = distance.sel(time=at, method="nearest")
        axes.plot(marks["time"], marks, **look | {"linestyle": "none"})
        times = np.array([0.0, end])
        law = np.log(of_depth["predicted_prefactor"].item()) - of_depth["predicted"].item() * times
        axes.plot(times, np.exp(law), color=look["color"], linewidth=0.8, zorder=1)
    error = abs(drawn["measured"] / drawn["predicted"] - 1).max(skipna=False)
    words = [_RATES.get((str(drawn["case"].item()), str(drawn["quantity"].item())))]
    words += [f"within {power_of_ten(float(error))}"] if np.isfinite(error) else []
    text = "\n".join(filter(None, words))
    axes.text(1, 1, text, ha="right", va="top", fontsize=8, transform=axes.transAxes)


def mark_shifts(depths: np.ndarray) -> list[tuple[int, float]]:
    """Return each depth with the part of a step by which its marks are shifted from the others'."""
    return [(int(depth), (i + 1) / (len(depths) + 1)) for i, depth in enumerate(depths)]


def power_of_ten(value: float) -> str:
    """Return a number to one digit as the text of a figure."""
    digits, exponent = f"{value:.0e}".split("e")
    return rf"${digits}\times 10^{{{int(exponent)}}}$"


def add_legend(figure: Figure, depths: np.ndarray, law: str) -> None:
    """Name the marks of the depths and the lines of the law above the panels."""
    handles = []
    for depth in depths:
        look = style.depth_look(int(depth)) | {"linestyle": "none"}
        handles.append(Line2D([], [], label=f"$N = {depth}$", **look))
    handles.append(Line2D([], [], color="0.4", linewidth=0.8, label=law))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
