"""How long sampled starts stay with other modes than the first (docs/theory.md, section 4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dlnpaper.figures import style
from dlnpaper.studies.escape import escape_law, tail_shares

_LOOKS = (("o", "blue"), ("s", "orange"), ("^", "green"), ("D", "vermilion"))
_SPACING = 0.75
# A share of fewer starts is all error bar.
_FEWEST = 10


def numbers(ensembles: Sequence[xr.Dataset]) -> xr.Dataset:
    """Take the measured shares that the figure draws.

    Parameters
    ----------
    ensembles : sequence of xarray.Dataset
        From `dlnpaper.studies.survey.survey`, with ``escape_tau``, for targets of rank two or more.

    Returns
    -------
    xarray.Dataset
        Over ``point``: ``x``, ``share``, its interval ``low`` and ``high``, ``predicted``, and the
        number of the ``ensemble``, as long as ten starts are left; over ``ensemble_number``:
        ``dimension`` and ``ratio`` σ_2/σ_1.
    """
    texts = {
        "x": "time of the linear flow times the gap of the singular values",
        "share": "share of the starts that the first mode does not lead by then",
        "low": "lower end of the share's 95 % interval",
        "high": "upper end of the share's 95 % interval",
        "predicted": "share predicted for late times",
    }
    columns: dict[str, list[np.ndarray]] = {name: [] for name in (*texts, "ensemble")}
    for k, reduced in enumerate(ensembles):
        # Ensembles are drawn at points of their own, so that their marks do not cover each other.
        first = _SPACING * (k + 1) / len(ensembles)
        shares = tail_shares(reduced, np.arange(first, 40, _SPACING))
        shares = shares[shares["value"] * shares["starts"] >= _FEWEST]
        for name in texts:
            columns[name].append(shares["value" if name == "share" else name].to_numpy())
        columns["ensemble"].append(np.full(len(shares), k, np.int8))
    sigma = [reduced["singular_values"].values for reduced in ensembles]
    variables = {
        name: ("point", np.concatenate(columns[name]), {"long_name": text, "units": "1"})
        for name, text in texts.items()
    }
    return xr.Dataset(
        {
            **variables,
            "ensemble": (
                "point",
                np.concatenate(columns["ensemble"]),
                {"long_name": "which ensemble", "units": "1"},
            ),
            "dimension": (
                "ensemble_number",
                [int(reduced.attrs["shape"][0]) for reduced in ensembles],
                {"long_name": "dimension d_y = d_x", "units": "1"},
            ),
            "ratio": (
                "ensemble_number",
                [values[1] / values[0] for values in sigma],
                {"long_name": "sigma_2 / sigma_1", "units": "1"},
            ),
        }
    )


def draw(numbers: xr.Dataset) -> Figure:
    """Draw the shares of every ensemble and the law that they share."""
    x = np.linspace(0, float(numbers["x"].max()) + 0.5, 400)
    with style.applied():
        figure = style.new_figure(style.COLUMN_WIDTH, 2.6)
        axes = figure.subplots()
        axes.plot(x, escape_law(x), color="black", label=r"$\frac{2}{\pi}\,\arctan e^{-x}$")
        for k, (marker, color) in zip(numbers["ensemble_number"].values, _LOOKS, strict=False):
            one = numbers.isel(point=np.flatnonzero(numbers["ensemble"] == k))
            share = one["share"].values
            dimension, ratio = int(numbers["dimension"][k]), float(numbers["ratio"][k])
            axes.errorbar(
                one["x"],
                share,
                yerr=np.array([share - one["low"], one["high"] - share]),
                linestyle="none",
                marker=marker,
                markerfacecolor="white",
                color=style.COLORS[color],
                elinewidth=0.8,
                label=rf"$d = {dimension}$, $\sigma_2/\sigma_1 = {ratio:.2g}$",
            )
        axes.set_yscale("log")
        axes.set_xlim(0, x[-1])
        axes.set_xlabel(r"$x = (\sigma_1 - \sigma_2)\,\tau$")
        axes.set_ylabel("share of starts not yet led by\nthe first mode")
        axes.legend(loc="upper right")
    return figure
