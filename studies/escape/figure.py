"""How long sampled starts stay with other modes than the first (docs/theory.md, section 4)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from companion import style
from companion.datasets import variable
from companion.survey.table import tail_shares
from dlnpaper.one_neuron._escape import escape_law

_SPACING = 0.75
# A share of fewer starts is all error bar.
_FEWEST = 10

_LONG_NAMES = {
    "x": "time of the linear flow times the gap of the singular values",
    "share": "share of the starts that the first mode does not lead by then",
    "low": "lower end of the share's 95 % interval",
    "high": "upper end of the share's 95 % interval",
    "predicted": "share predicted for late times",
    "ensemble": "which ensemble",
}


def data(ensemble: xr.Dataset, sweep: Sequence[xr.Dataset]) -> xr.Dataset:
    """Take the measured shares that the figure draws.

    The ``ensemble`` is of `companion.survey.measure.survey`, with ``escape_tau``, for a target of
    rank two or more; the ``sweep`` holds the same over ``ratio``. Of it the first and the last are
    drawn, at the ratio in the middle.

    Returns, over ``point``: ``x``, ``share``, its interval ``low`` and ``high``, ``predicted``, and
    the number of the ``ensemble``, as long as ten starts are left; over ``ensemble_number``:
    ``dimension`` and ``ratio`` σ_2/σ_1.
    """
    ensembles = [ensemble]
    ensembles += [one.isel(ratio=one.sizes["ratio"] // 2) for one in (sweep[0], sweep[-1])]
    tables = []
    for k, reduced in enumerate(ensembles):
        # Ensembles are drawn at points of their own, so that their marks do not cover each other.
        first = _SPACING * (k + 1) / len(ensembles)
        shares = tail_shares(reduced, np.arange(first, 40, _SPACING)).assign(ensemble=k)
        tables.append(shares[shares["value"] * shares["starts"] >= _FEWEST])
    table = pd.concat(tables, ignore_index=True).rename(columns={"value": "share"})
    sigma = [reduced["singular_values"].values for reduced in ensembles]
    dimensions = [int(reduced.attrs["shape"][0]) for reduced in ensembles]
    ratios = [values[1] / values[0] for values in sigma]
    points = {
        name: variable("point", table[name].to_numpy(), text) for name, text in _LONG_NAMES.items()
    }
    return xr.Dataset(
        points
        | {
            "dimension": variable("ensemble_number", dimensions, "dimension d_y = d_x"),
            "ratio": variable("ensemble_number", ratios, "sigma_2 / sigma_1"),
        }
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw the shares of every ensemble and the law that they share."""
    x = np.linspace(0, float(data["x"].max()) + 0.5, 400)
    with style.applied():
        figure = style.new_figure(2.7)
        axes = figure.subplots()
        axes.plot(x, escape_law(x), color="black", label=r"$(2/\pi) \arctan e^{-x}$")
        for k, look in zip(range(data.sizes["ensemble_number"]), style.OTHERS, strict=False):
            one = data.isel(point=np.flatnonzero(data["ensemble"] == k))
            share, (dimension, ratio) = (
                one["share"].values,
                (data["dimension"][k], data["ratio"][k]),
            )
            axes.errorbar(
                one["x"],
                share,
                yerr=np.array([share - one["low"], one["high"] - share]),
                elinewidth=0.8,
                label=rf"$d = {int(dimension)}$, $\sigma_2/\sigma_1 = {float(ratio):.2g}$",
                **style.marks_of(look, markerfacecolor="white"),
            )
        axes.set_yscale("log")
        axes.set_xlim(0, x[-1])
        axes.set_xlabel(r"$x = (\sigma_1 - \sigma_2)\,\tau$")
        axes.set_ylabel("share of starts not yet led by the first mode")
        axes.legend(loc="upper right")
    return figure
