"""How trajectories come to the origin, against the three laws (docs/theory.md, section 5.4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dlnpaper.figures import style
from dlnpaper.figures.approach import LOOKS, depth_handles, power_of_ten
from dlnpaper.studies.rate_table import measure

#: The times that are drawn; the laws are measured over all times.
FIRST, LAST = 1e-1, 1e9

#: Below this nothing is drawn.
SMALLEST = 1e-16

_MISSING = "its window was not reached"
_MARKS = 10  # along each line
_NAMES = {
    "no_null_component": r"no null component, $\rho = 0$",
    "null_component": r"with a null component, $\rho > 0$",
}
_LAWS = {
    "no_null_component": r"$N = 2$: $s \simeq \mathrm{const} \cdot e^{-2\sigma_j t}$"
    "\n"
    r"$N \geq 3$: $s \simeq ((N - 2)\,\sigma_j t)^{-N/(N - 2)}$",
    "null_component": r"$s \simeq (2(N - 1)\,t)^{-N/(2(N - 1))}$",
}


def numbers(starts: Sequence[xr.Dataset], trajectories: Sequence[xr.Dataset]) -> xr.Dataset:
    """Take the first start of each study, its magnitude, and the law of that.

    Parameters
    ----------
    starts : sequence of xarray.Dataset
        Starts as `dlnpaper.ensembles.generate` returns them, with the origin as their limit.
    trajectories : sequence of xarray.Dataset
        Their ``s``, ``excess``, ``a`` and ``b``, at the same depths and times in all studies; see
        `dlnpaper.studies.rate_table.measure`.

    Returns
    -------
    xarray.Dataset
        ``s`` (study, depth, time); ``law``, ``predicted`` and ``measured`` rate or exponent,
        ``predicted_prefactor`` and ``measured_prefactor`` (study, depth); ``case`` (study).
    """
    return xr.concat(
        [_first(*study) for study in zip(starts, trajectories, strict=True)], dim="study"
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw a column for each study: s with its law, and below it the ratio of the two."""
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 4.6)
        grid = figure.subplots(
            2,
            numbers.sizes["study"],
            sharex=True,
            sharey="row",
            height_ratios=[1.6, 1],
            squeeze=False,
        )
        for study, (magnitude, ratio) in enumerate(grid.T):
            drawn = numbers.isel(study=study)
            case = str(drawn["case"].item())
            magnitude.set_title(_NAMES[case])
            _draw_magnitude(magnitude, drawn)
            corner = {"ha": "right", "va": "top", "transform": magnitude.transAxes}
            magnitude.text(1, 1, _LAWS[case], linespacing=1.6, **corner)
            _draw_ratio(ratio, drawn)
            ratio.set_xlabel("time $t$")
        grid[0, 0].set(xscale="log", yscale="log", xlim=(FIRST, LAST), ylim=(SMALLEST, 10))
        grid[0, 0].set_ylabel("singular value $s$")
        grid[1, 0].set(ylim=(-0.1, 1.9), ylabel="ratio of $s$ to its law")
        figure.align_ylabels(grid[:, 0])
        law = Line2D([], [], color="0.4", linewidth=0.8, label="predicted")
        handles = [*depth_handles(numbers["depth"].values), law]
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def _first(starts: xr.Dataset, trajectories: xr.Dataset) -> xr.Dataset:
    table = measure(starts, trajectories, quantities=["s_gap"])
    table = table[table["start"] == 0].set_index("depth")

    def column(name: str, long_name: str) -> tuple:
        attrs = {"long_name": long_name, "units": "1", "missing_data": _MISSING}
        return "depth", table[name].to_numpy(float), attrs

    return xr.Dataset(
        {
            "s": trajectories["s"].isel(start=0),
            "law": ("depth", table["law"].to_numpy(str), {"long_name": "law of the decay"}),
            "predicted": column("predicted", "predicted rate or exponent"),
            "measured": column("measured", "measured rate or exponent"),
            "predicted_prefactor": column("predicted_prefactor", "predicted prefactor"),
            "measured_prefactor": column("measured_prefactor", "measured prefactor"),
            "case": ((), table["case"].iloc[0], {"long_name": "case of the laws"}),
        }
    )


def _draw_magnitude(axes: Axes, drawn: xr.Dataset) -> None:
    times = np.geomspace(FIRST, LAST, 300)
    for position, (depth, look) in enumerate(zip(drawn["depth"].values, cycle(LOOKS))):
        of_depth = drawn.sel(depth=depth)
        axes.plot(times, _law(of_depth, times), color=look["color"], linewidth=0.8, zorder=1)
        s = of_depth["s"].where((of_depth["time"] >= FIRST) & (of_depth["s"] > SMALLEST), drop=True)
        _draw_marks(axes, s["time"].values, s.values, position, look)


def _draw_ratio(axes: Axes, drawn: xr.Dataset) -> None:
    axes.axhline(1.0, color="0.4", linewidth=0.8, zorder=1)
    for position, (depth, look) in enumerate(zip(drawn["depth"].values, cycle(LOOKS))):
        of_depth = drawn.sel(depth=depth)
        s = of_depth["s"].where((of_depth["time"] >= FIRST) & (of_depth["s"] > SMALLEST), drop=True)
        times = s["time"].values
        _draw_marks(axes, times, s.values / _law(of_depth, times), position, look)
    errors = [
        abs(drawn[f"measured{what}"] / drawn[f"predicted{what}"] - 1).max(skipna=False)
        for what in ("", "_prefactor")
    ]
    if np.isfinite(errors).all():
        rate, prefactor = (power_of_ten(float(error)) for error in errors)
        text = f"rates within {rate}, prefactors within {prefactor}"
        axes.text(1, 1, text, ha="right", va="top", fontsize=8, transform=axes.transAxes)


def _draw_marks(
    axes: Axes, times: np.ndarray, values: np.ndarray, position: int, look: dict
) -> None:
    """Draw marks evenly along the logarithm of time, each depth's at times of its own."""
    last = np.log(min(times[-1], LAST) / FIRST)
    at = (np.arange(_MARKS) + (position + 1) / (len(LOOKS) + 1)) / _MARKS * last
    nearest = np.abs(np.log(times / FIRST)[:, None] - at).argmin(axis=0)
    axes.plot(times[nearest], values[nearest], linestyle="none", **look)


def _law(of_depth: xr.Dataset, times: np.ndarray) -> np.ndarray:
    rate = of_depth["predicted"].item()
    decay = rate * (times if of_depth["law"].item() == "exponential" else np.log(times))
    return np.exp(np.log(of_depth["predicted_prefactor"].item()) - decay)
