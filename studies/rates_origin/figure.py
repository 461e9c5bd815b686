"""How trajectories come to the origin, against the three laws (docs/theory.md, section 5.4)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.approach import add_legend, first_starts, mark_shifts, power_of_ten

#: The times that are drawn; the laws are measured over all times.
FIRST, LAST = 1e-1, 1e9

#: Below this nothing is drawn.
SMALLEST = 1e-16

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


def data(measured: xr.Dataset) -> xr.Dataset:
    """Select the magnitudes that the figure draws, and their laws.

    Returns ``s`` (row, depth, time); ``law``, ``predicted`` and ``measured`` rate or exponent,
    ``predicted_prefactor`` and ``measured_prefactor`` (row, depth); ``case`` (row).
    """
    drawn = first_starts(measured).sel(quantity="s_gap", drop=True).rename(distance="s")
    drawn["s"].attrs["long_name"] = "singular value"
    laws = ["law", "predicted", "measured", "predicted_prefactor", "measured_prefactor"]
    return drawn[["s", *laws, "case"]].transpose("row", "depth", "time")


def draw(data: xr.Dataset) -> Figure:
    """Draw a column for each case: s with its law, and below it the ratio of the two."""
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 4.6)
        shape = 2, data.sizes["row"]
        grid = figure.subplots(
            *shape, sharex=True, sharey="row", height_ratios=[1.6, 1], squeeze=False
        )
        for row, (magnitude, ratio) in enumerate(grid.T):
            drawn = data.isel(row=row)
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
        add_legend(figure, data["depth"].values, "predicted")
    return figure


def _draw_magnitude(axes: Axes, drawn: xr.Dataset) -> None:
    times = np.geomspace(FIRST, LAST, 300)
    for depth, shift in mark_shifts(drawn["depth"].values):
        of_depth = drawn.sel(depth=depth)
        look, at = style.depth_look(depth), _mark_times(of_depth, shift)
        axes.plot(times, _law(of_depth, times), color=look["color"], linewidth=0.8, zorder=1)
        axes.plot(at, of_depth["s"].sel(time=at), **style.marks_of(look))


def _draw_ratio(axes: Axes, drawn: xr.Dataset) -> None:
    axes.axhline(1.0, color="0.4", linewidth=0.8, zorder=1)
    for depth, shift in mark_shifts(drawn["depth"].values):
        of_depth = drawn.sel(depth=depth)
        at = _mark_times(of_depth, shift)
        ratio = of_depth["s"].sel(time=at) / _law(of_depth, at)
        axes.plot(at, ratio, **style.marks_of(style.depth_look(depth)))
    errors = [
        abs(drawn[f"measured{what}"] / drawn[f"predicted{what}"] - 1).max(skipna=False)
        for what in ("", "_prefactor")
    ]
    if np.isfinite(errors).all():
        rate, prefactor = (power_of_ten(float(error)) for error in errors)
        text = f"rates within {rate}, prefactors within {prefactor}"
        axes.text(1, 1, text, ha="right", va="top", fontsize=8, transform=axes.transAxes)


def _mark_times(of_depth: xr.Dataset, shift: float) -> np.ndarray:
    """Return times spread evenly along the logarithm of time, while s is in the picture."""
    seen = (of_depth["time"] >= FIRST) & (of_depth["s"] > SMALLEST)
    times = of_depth["time"].values[seen]
    last = np.log(min(times[-1], LAST) / FIRST)
    at = (np.arange(_MARKS) + shift) / _MARKS * last
    return times[np.abs(np.log(times / FIRST)[:, None] - at).argmin(axis=0)]


def _law(of_depth: xr.Dataset, times: np.ndarray) -> np.ndarray:
    rate = of_depth["predicted"].item()
    decay = rate * (times if of_depth["law"].item() == "exponential" else np.log(times))
    return np.exp(np.log(of_depth["predicted_prefactor"].item()) - decay)
