"""Networks on a real data set: its singular values, and the loss over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from dlnpaper.figures import style
from dlnpaper.studies.regression import rank_one_loss

_LOOKS: dict[str, dict[str, Any]] = {
    "loss": {"label": "closed form, ensemble", "color": "0.8", "linewidth": 0.5},
    "exact_loss": {"label": "closed form", "color": "black"},
    "loss_of_layers": {
        "label": "flow of the layers",
        "color": style.COLORS["vermilion"],
        "linestyle": "none",
        "marker": "o",
        "markerfacecolor": "white",
        "markersize": 3.5,
        "markevery": (1, 3),  # the first would be cut by the frame
    },
}


def numbers(
    data: xr.Dataset, ensemble: xr.Dataset, compared: xr.Dataset, witness: xr.Dataset
) -> xr.Dataset:
    """Select what the figure draws.

    Parameters
    ----------
    data : xarray.Dataset
        ``singular_values`` (mode), and what `dlnpaper.studies.regression.rank_one_loss` needs.
    ensemble, compared : xarray.Dataset
        ``loss`` (depth, start, time) in closed form: of all starts, and of those of ``witness``.
    witness : xarray.Dataset
        ``loss`` (depth, start, time) from the flow of the layers.

    Returns
    -------
    xarray.Dataset
        ``singular_values`` (mode); ``loss`` (depth, start, time) of the ensemble; of the compared
        starts ``exact_loss`` and ``loss_of_layers`` (depth, compared, time); the scalar ``best``
        loss of a matrix of rank one. Time 0 is left out: the axis is logarithmic.
    """
    ensemble, compared, witness = (
        dataset.isel(time=dataset["time"] > 0) for dataset in (ensemble, compared, witness)
    )
    return xr.Dataset(
        {
            "singular_values": data["singular_values"],
            "loss": ensemble["loss"],
            "exact_loss": compared["loss"].rename(start="compared"),
            "loss_of_layers": witness["loss"].rename(start="compared"),
            "best": (
                (),
                rank_one_loss(data),
                {"long_name": "least loss of rank one", "units": "1"},
            ),
        }
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw the singular values, and one panel of losses for each depth."""
    depths = numbers["depth"].values
    with style.applied():
        figure = style.new_figure(style.TEXT_WIDTH, 3.0)
        of_values, *of_loss = figure.subplots(
            1, 1 + len(depths), width_ratios=[0.8, *([1] * len(depths))]
        )
        _draw_singular_values(of_values, numbers["singular_values"].values)
        for axes, depth in zip(of_loss, depths, strict=True):
            _draw_losses(axes, numbers.sel(depth=depth))
            axes.set_title(f"$N = {depth}$")
            axes.set_xlabel("time $t$")
            axes.sharey(of_loss[0])
        of_loss[0].set_ylabel("loss")
        handles, labels = of_loss[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(handles))
    return figure


def _draw_singular_values(axes: Axes, values: np.ndarray) -> None:
    modes = np.arange(1, len(values) + 1)
    axes.vlines(modes, 0, values, color="0.6", linewidth=0.8)
    axes.plot(modes, values, "o", color="black")
    axes.set(xlabel="mode $i$", ylabel=r"singular value $\sigma_i$", ylim=(0, None))
    axes.xaxis.set_major_locator(MultipleLocator(2, offset=1))


def _draw_losses(axes: Axes, numbers: xr.Dataset) -> None:
    times = numbers["time"].values
    for name, look in _LOOKS.items():
        for k, loss in enumerate(numbers[name].values):
            axes.plot(times, loss, **look | ({"label": ""} if k else {}))
    axes.axhline(
        numbers["best"].item(),
        color=style.COLORS["blue"],
        linestyle=(0, (4, 1.2)),
        linewidth=0.9,
        label="best rank one",
    )
    axes.set_xscale("log")
    axes.set_xlim(times[0], times[-1])
