"""How trajectories come to their limits, against the laws (docs/theory.md, section 5)."""

from itertools import zip_longest

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from companion import style

#: What is drawn of the quantities of `dlnpaper.rates`: its name, and how its marks are filled.
DRAWN_QUANTITIES: dict[str, tuple[str, style.Look]] = {
    "directions": ("directions", {}),
    "excess": ("excess loss", {"markerfacecolor": "white"}),
    "s_gap": (
        r"$\vert s - \sigma_k\vert$",
        {"fillstyle": "bottom", "markerfacecoloralt": "white"},
    ),
}

#: Below this nothing is drawn.
SMALLEST = 1e-12

_MARKS = 48  # In a panel, along its line.
_LEFT = -2.0  # Where the axis of -log of the law begins.

_NAMES = {
    "driven": r"generic directions, $2g < N\sigma_k$",
    "free": r"fast directions, $2g > N\sigma_k$",
    "exact": r"exact directions, $g = \infty$",
}
_SYMBOLS = {"directions": "$u$, $v$", "excess": "$L$", "s_gap": "$s$"}
# The rates, with ν for σ_k^(1 - 2/N).
_RATES = {
    "driven": {"directions": "g", "excess": "2g", "s_gap": "2g"},
    "free": {"directions": "g", "excess": r"\min(2g, 2N\sigma_k)", "s_gap": r"N\sigma_k"},
    "exact": {"excess": r"2N\sigma_k", "s_gap": r"N\sigma_k"},
}


def first_starts(measured: xr.Dataset) -> xr.Dataset:
    """Return the first start of each limit and case of the laws, the case being of the first depth.

    What `companion.rate_measurement.measure` returned has ``row`` in place of ``start`` then, all
    rows of a limit together, and as ``case`` (row) the cases at all depths, each once.
    """
    cases = measured["case"].transpose("start", "depth").values
    kinds = pd.DataFrame({"limit": measured["limit"].values, "case": cases[:, 0]})
    first = kinds.drop_duplicates().sort_values("limit", kind="stable").index.to_numpy()
    names = [" ".join(dict.fromkeys(row)) for row in cases[first]]
    case = xr.Variable("row", names, measured["case"].attrs)
    return measured.isel(start=first).rename(start="row").assign(case=case)


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
    """Draw one panel for each case: all distances of all its limits and depths, on one line."""
    found = data["case"].values
    cases = [*(name for name in _NAMES if name in found), *sorted({*found} - {*_NAMES})]
    with style.applied():
        figure = style.new_figure(3.0)
        panels = figure.subplots(1, len(cases), sharex=True, sharey=True, squeeze=False)[0]
        for axes, case in zip(panels, cases, strict=True):
            axes.set_title(_NAMES.get(case, case))
            _draw_case(axes, data.isel(row=(data["case"] == case).values), case)
        panels[0].set(yscale="log", ylim=(SMALLEST, 30), xlim=(_LEFT, -np.log(SMALLEST)))
        style.draw_logarithms(panels[0], "y", 3)
        panels[0].set_ylabel("distance from the limit")
        figure.supxlabel(r"scaled time $\lambda t - \ln P$", fontsize=8)
        _add_legend(figure, data["depth"].values)
    return figure


def _draw_case(axes: Axes, data: xr.Dataset, case: str) -> None:
    """Draw the common line, and on it marks of every distance in turn."""
    ends = np.array([_LEFT, -np.log(SMALLEST)])
    axes.plot(ends, np.exp(-ends), color="0.4", linewidth=0.8, zorder=1)
    laws = data.stack(law=("row", "quantity", "depth"), create_index=False)
    laws = laws.isel(law=np.isfinite(laws["predicted_prefactor"].values))
    count = laws.sizes["law"]
    for k in range(count):
        one = laws.isel(law=k)
        scaled = one["predicted"].item() * one["time"] - np.log(one["predicted_prefactor"].item())
        wanted = ends[0] + (ends[1] - ends[0]) * np.arange(k + 0.5, _MARKS, count) / _MARKS
        at = np.unique(np.abs(scaled.values[:, None] - wanted).argmin(axis=0))
        at = at[at > 0]
        look = style.depth_look(int(one["depth"])) | DRAWN_QUANTITIES[one["quantity"].item()][1]
        axes.plot(scaled[at], one["distance"][at], **style.marks_of(look, markeredgewidth=0.7))
    axes.text(0.04, 0.03, _law_text(laws, case), linespacing=1.5, transform=axes.transAxes)


def _law_text(laws: xr.Dataset, case: str) -> str:
    """Return the rates of a case, and how well the measured ones agree with them."""
    rates = [
        rf"{_SYMBOLS[quantity]}: $\lambda = {_RATES[case][quantity]}\,\nu$"
        for quantity in DRAWN_QUANTITIES
        if quantity in _RATES.get(case, {})
    ]
    error = float(abs(laws["measured"] / laws["predicted"] - 1).max(skipna=False))
    within = [f"all $\\lambda$ within ${style.scientific(error)}$"] if np.isfinite(error) else []
    return "\n".join([*rates, *within])


def mark_shifts(depths: np.ndarray) -> list[tuple[int, float]]:
    """Return each depth with the part of a step by which its marks are shifted from the others'."""
    return [(int(depth), (i + 1) / (len(depths) + 1)) for i, depth in enumerate(depths)]


def depth_handles(depths: np.ndarray, law: str) -> list[Line2D]:
    """Return what a legend shows for the marks of the depths and for the line of the law."""
    handles = [
        Line2D([], [], label=f"$N = {depth}$", **style.marks_of(style.depth_look(int(depth))))
        for depth in depths
    ]
    return [*handles, Line2D([], [], color="0.4", linewidth=0.8, label=law)]


def _add_legend(figure: Figure, depths: np.ndarray) -> None:
    """Name depths above the panels, and below them the fills of the quantities and the line."""
    look: style.Look = {"color": "black", "marker": "o", "linestyle": "none"}
    fills = [Line2D([], [], label=name, **look | fill) for name, fill in DRAWN_QUANTITIES.values()]
    *marks, line = depth_handles(depths, r"law $P e^{-\lambda t}$")
    below = [*fills, line]
    nothing = Line2D([], [], linestyle="none", label=" ")
    columns = zip_longest(marks, below, fillvalue=nothing)  # A legend fills its columns in turn.
    handles = [handle for column in columns for handle in column]
    figure.legend(handles=handles, loc="outside upper center", ncols=max(len(marks), len(below)))
