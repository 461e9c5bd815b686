"""How trajectories come to the origin, against the three laws (docs/theory.md, section 5.4)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.approach import depth_handles, first_starts, mark_shifts

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
    """Draw one panel for each case, s with its law."""
    with style.applied():
        figure = style.new_figure(2.75)
        panels = figure.subplots(1, data.sizes["row"], sharex=True, sharey=True, squeeze=False)[0]
        for row, axes in enumerate(panels):
            drawn = data.isel(row=row)
            case = str(drawn["case"].item())
            axes.set_title(_NAMES[case])
            _draw_magnitude(axes, drawn)
            corner = {"ha": "right", "va": "top", "transform": axes.transAxes}
            axes.text(1, 1, "\n".join([_LAWS[case], *_errors(drawn)]), linespacing=1.5, **corner)
            axes.set_xlabel("time $t$")
        panels[0].set(xscale="log", yscale="log", xlim=(FIRST, LAST), ylim=(SMALLEST, 30))
        panels[0].set_ylabel("singular value $s$")
        style.draw_logarithms(panels[0], "x", 2)
        style.draw_logarithms(panels[0], "y", 4)
        handles = depth_handles(data["depth"].values, "law")
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def _draw_magnitude(axes: Axes, drawn: xr.Dataset) -> None:
    times = np.geomspace(FIRST, LAST, 300)
    for depth, shift in mark_shifts(drawn["depth"].values):
        of_depth = drawn.sel(depth=depth)
        look, at = style.depth_look(depth), _mark_times(of_depth, shift)
        axes.plot(times, _law(of_depth, times), color=look["color"], linewidth=0.8, zorder=1)
        axes.plot(at, of_depth["s"].sel(time=at), **style.marks_of(look))


def _errors(drawn: xr.Dataset) -> list[str]:
    """Return how well rates and prefactors agree with the laws, at the worst depth."""
    errors = [
        float(abs(drawn[f"measured{what}"] / drawn[f"predicted{what}"] - 1).max(skipna=False))
        for what in ("", "_prefactor")
    ]
    if not np.isfinite(errors).all():
        return []
    rate, prefactor = (f"${style.scientific(error)}$" for error in errors)
    return [f"rates within {rate},", f"prefactors within {prefactor}"]


def _mark_times(of_depth: xr.Dataset, shift: float) -> np.ndarray:
    """Return times spread evenly along the logarithm of time, while s is in the picture."""
    seen = (of_depth["time"] >= FIRST) & (of_depth["s"] > SMALLEST)
    times = of_depth["time"].values[seen]
    if not len(times):
        return times
    last = np.log(min(times[-1], LAST) / FIRST)
    at = (np.arange(_MARKS) + shift) / _MARKS * last
    return times[np.abs(np.log(times / FIRST)[:, None] - at).argmin(axis=0)]


def _law(of_depth: xr.Dataset, times: np.ndarray) -> np.ndarray:
    rate = of_depth["predicted"].item()
    decay = rate * (times if of_depth["law"].item() == "exponential" else np.log(times))
    return np.exp(np.log(of_depth["predicted_prefactor"].item()) - decay)
