"""Trained weights, hidden states and their scaling with depth (docs/scaling.md, section 3)."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from studies.residual_scaling import starts

#: Of starts without noise, and of those with noise in the order of the settings.
LOOKS: dict[str, style.Look] = {
    "zero": {"color": style.COLORS["black"], "linestyle": "-", "marker": "o"},
    "smooth": {"color": style.COLORS["green"], "linestyle": (0, (4, 1, 1, 1)), "marker": "D"},
}
NOISY: tuple[style.Look, ...] = (
    {"color": style.COLORS["vermilion"], "linestyle": (0, (1, 1)), "marker": "^"},
    {"color": style.COLORS["purple"], "linestyle": (0, (4, 1, 1, 1, 1, 1)), "marker": "v"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.2)), "marker": "s"},
)


def data(measured: xr.Dataset) -> xr.Dataset:
    """Return means over draws of exact limits, their laws, and one trained network of each start.

    The law of a quantity is its power through the mean at the largest depth. That of the weights,
    times L, is the limit of section 3 for starts without noise.
    """
    flow = measured["value"].sel(network="flow", quantity=["size", "variation"]).mean("draw")
    powers = [
        [starts.exponent(q, s) or 0.0 for s in flow["start"].values]
        for q in flow["quantity"].values
    ]
    power = xr.DataArray(powers, dims=("quantity", "start"))
    last = flow.isel(depth=-1, drop=True)
    laws = (last * (flow["depth"] / flow["depth"][-1]) ** power).transpose(*flow.dims)
    count = measured.sizes["layer"]
    x = np.arange(1, count + 1) / count
    ends = float(np.log(measured["target"]))
    limits = np.stack([np.full(count, ends), ends + starts.profile(x)])
    layers = measured[["weights", "hidden"]]
    return layers.assign_coords(quantity=flow["quantity"], depth=flow["depth"]).assign(
        place_of_layer=variable("layer", x, "l/L"),
        limit=variable(("start_without_noise", "layer"), limits, "limit of L times the weight"),
        straight=variable("layer", ends * x, "log h from zero"),
        quantity_mean=variable(flow.dims, flow.values, "mean over the draws"),
        quantity_law=variable(flow.dims, laws.values, "power law"),
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw weights and hidden states over the layers, and two quantities over depth."""
    with style.applied():
        figure = style.new_figure(4.4)
        (weights, hidden), (size, variation) = figure.subplots(2, 2)
        _draw_layers(weights, hidden, data)
        _draw_quantity(size, data, "size")
        _draw_quantity(variation, data, "variation")
        size.set(ylabel=r"root mean square of $w_l$")
        variation.set(ylabel=r"quadratic variation")
        style.legend_above(figure, size)
    return figure


def _look(data: xr.Dataset, name: str) -> style.Look:
    noisy = [each for each in data["start"].values if starts.is_noise(each)]
    return LOOKS[name] if name in LOOKS else NOISY[noisy.index(name)]


def _label(name: str) -> str:
    if not starts.is_noise(name):
        return name
    power = starts.beta_of(name)
    return rf"noise $L^{{-{power:g}}}$"


def _draw_layers(weights: Axes, hidden: Axes, data: xr.Dataset) -> None:
    x, count = data["place_of_layer"].values, data.sizes["layer"]
    for name in map(str, data["start"].values):
        look, one = _look(data, name), data.sel(start=name)
        hidden.plot(x, one["hidden"], linewidth=0.9, **style.line_of(look))
        if name in LOOKS or starts.beta_of(name) == 1:
            every = max(count // (20 if name in LOOKS else 100), 1)
            marks = style.marks_of(look, markersize=2.2, markerfacecolor="none", zorder=1)
            weights.plot(x[::every], count * one["weights"][::every], **marks, markeredgewidth=0.6)
    for name, limit in zip(LOOKS, data["limit"].values, strict=True):
        weights.plot(x, limit, **style.line_of(LOOKS[name]))
    weights.set(xlabel="$l / L$", ylabel="$L\\, w_l$", xlim=(0, 1))
    hidden.set(xlabel="$l / L$", ylabel=r"$\log (h_l / h_0)$", xlim=(0, 1))


def _draw_quantity(axes: Axes, data: xr.Dataset, quantity: str) -> None:
    depths = data["depth"].values
    for name in map(str, data["start"].values):
        at = data.sel(start=name, quantity=quantity)
        look = _look(data, name)
        hollow = style.marks_of(look, markerfacecolor="none", markeredgewidth=0.7)
        axes.plot([], [], label=_label(name), **look, markerfacecolor="none", markeredgewidth=0.7)
        if not at["quantity_mean"].values.all():  # the zero start has no variation
            continue
        axes.loglog(depths, at["quantity_law"], **style.line_of(look))
        axes.loglog(depths, at["quantity_mean"], **hollow)
    axes.set(xlabel="depth $L$")
    for which, step in (("x", 1), ("y", 2 if quantity == "size" else 3)):
        style.draw_logarithms(axes, which, step)
