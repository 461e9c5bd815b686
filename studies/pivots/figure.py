"""Predicted and reached patterns of modes, and thresholds (docs/two_layers.md, section 4)."""

from itertools import combinations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from companion import style
from companion.datasets import variable

#: Side of a square that stands for a mode, in points, and the distance of two.
_SIDE, _STEP = 3.6, 5.2

# By weight decay, in the order in which they are drawn.
_LOOKS: list[style.Look] = [
    {"color": style.COLORS["black"], "linestyle": "-", "marker": "o"},
    {"color": style.COLORS["blue"], "linestyle": (0, (5, 1.2)), "marker": "s"},
    {"color": style.COLORS["vermilion"], "linestyle": "-.", "marker": "^"},
    {"color": style.COLORS["green"], "linestyle": (0, (1, 1)), "marker": "D"},
]


def data(measured: xr.Dataset) -> xr.Dataset:
    """Count the starts by predicted and reached pattern, and select the limits of decayed weights.

    Returns
    -------
    xarray.Dataset
        ``pattern`` (pattern, mode), 1 for modes in it, by their number; ``count`` (predicted,
        reached), and ``undecided`` (predicted). For each ``weight_decay`` (decay) of balanced
        layers with the target of the first case: ``sigma`` (mode), and ``end`` (decay, mode), the
        mode's singular value at the end of an integration that is farthest from the predicted one,
        of all starts in whose limit it is, or of all if it must vanish.
    """
    rank = measured.sizes["mode"]
    patterns = [
        [int(k in modes) for k in range(rank)]
        for size in range(rank + 1)
        for modes in combinations(range(rank), size)
    ]
    numbers = {tuple(pattern): k for k, pattern in enumerate(patterns)}
    count = np.zeros((len(patterns), len(patterns)), int)
    undecided = np.zeros(len(patterns), int)
    for predicted, reached, decided in zip(
        *(measured[name].values for name in ("predicted", "reached", "decided")), strict=True
    ):
        if decided:
            count[numbers[tuple(predicted)], numbers[tuple(reached)]] += 1
        else:
            undecided[numbers[tuple(predicted)]] += 1
    return xr.Dataset(
        {
            "pattern": variable(("pattern", "mode"), patterns, "whether the pattern has the mode"),
            "count": variable(("predicted_pattern", "reached_pattern"), count, "number of starts"),
            "undecided": variable("predicted_pattern", undecided, "number of starts in no pattern"),
        }
    ).merge(_thresholds(measured))


def draw(data: xr.Dataset) -> Figure:
    """Draw the confusion matrix, and the thresholds beside it."""
    with style.applied():
        figure = style.new_figure(3.3)
        matrix, thresholds = figure.subplots(1, 2, width_ratios=(1.55, 1))
        _draw_matrix(matrix, data)
        _draw_thresholds(thresholds, data)
    return figure


def _thresholds(measured: xr.Dataset) -> xr.Dataset:
    sigma = measured["singular_values"].values
    same = (sigma == sigma[0]).all(axis=1) & (measured["imbalance"].values == 0)
    decays = np.unique(measured["weight_decay"].values[same])
    number, found = measured["case"].values, []
    for decay in decays:
        law = np.maximum(sigma[0] - decay, 0.0)
        here = (same & (measured["weight_decay"].values == decay))[number]
        counts = here[:, None] & ((measured["predicted"].values == 1) | (law == 0))
        off = np.where(counts, np.abs(measured["value"].values - law), -1.0)
        farthest = off.argmax(axis=0)
        found.append(measured["value"].values[farthest, np.arange(len(law))])
    return xr.Dataset(
        {
            "sigma": variable("mode", sigma[0], "singular values of the target"),
            "end": variable(("decay", "mode"), found, "singular value at the end"),
            "weight_decay": variable("decay", decays, "weight decay"),
        }
    )


def _draw_matrix(axes: Axes, data: xr.Dataset) -> None:
    """Write the counts, with a dot for a zero, and name rows and columns by squares."""
    patterns, count = data["pattern"].values, data["count"].values
    size = len(patterns)
    axes.plot(*np.nonzero(count.T == 0), ".", color="0.8", markersize=1.2)
    for row, column in zip(*np.nonzero(count), strict=True):
        color = "0.85" if row == column else style.COLORS["vermilion"]
        axes.axvspan(column - 0.5, column + 0.5, *_share(size, row), linewidth=0, facecolor=color)
        axes.text(column, row, f"{count[row, column]}", ha="center", va="center")
    edges = np.flatnonzero(np.diff(patterns.sum(axis=1))) + 0.5
    for edge in edges:
        axes.axvline(edge, color="0.8", linewidth=0.5, zorder=0)
        axes.axhline(edge, color="0.8", linewidth=0.5, zorder=0)
    axes.set(xlim=(-0.5, size - 0.5), ylim=(size - 0.5, -0.5), aspect="equal")
    axes.set(xticks=range(size), yticks=range(size))
    axes.tick_params(length=0, labelcolor="none", pad=_STEP * patterns.shape[1])
    axes.spines[:].set_visible(True)
    if undecided := int(data["undecided"].sum()):
        axes.set_title(f"and {undecided} undecided")
    for number, pattern in enumerate(patterns):
        _draw_squares(axes, number, pattern)
    axes.set(
        xlabel="modes in the limit that the layers reach", ylabel="modes in the predicted limit"
    )


def _share(size: int, row: int) -> tuple[float, float]:
    """Return which part of the height of the matrix a row takes, from below."""
    return 1 - (row + 1) / size, 1 - row / size


def _draw_squares(axes: Axes, number: int, pattern: np.ndarray) -> None:
    """Draw the modes of a pattern before its row, from left, and below its column, from above."""
    below, before = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    inches = axes.figure.dpi_scale_trans
    for k, chosen in enumerate(pattern):
        look: style.Look = {
            "marker": "s",
            "markersize": _SIDE,
            "markeredgewidth": 0.5,
            "markeredgecolor": "0.4",
            "markerfacecolor": "black" if chosen else "white",
            "clip_on": False,
        }
        down = ScaledTranslation(0, -_STEP * (k + 1) / 72, inches)
        left = ScaledTranslation(-_STEP * (len(pattern) - k) / 72, 0, inches)
        axes.plot(number, 0, transform=below + down, **look)
        axes.plot(0, number, transform=before + left, **look)


def _draw_thresholds(axes: Axes, data: xr.Dataset) -> None:
    """Draw the singular values of chosen modes in the limit against those of the target."""
    sigma = data["sigma"].values
    line = np.linspace(0.0, 1.1 * sigma[0], 56)
    for look, decay, end in zip(
        _LOOKS, data["weight_decay"].values, data["end"].values, strict=False
    ):
        axes.plot(line, np.maximum(line - decay, 0.0), **style.line_of(look))
        axes.plot(sigma, end, **style.marks_of(look), markerfacecolor="white")
        label = rf"$\mu = {decay:g}$"
        axes.plot([], [], label=label, **look, markerfacecolor="white")
    axes.set(xlabel=r"$\sigma_i$ of the target", ylabel="singular value in the limit")
    axes.set(xlim=(0, line[-1]), ylim=(-0.1, line[-1]), aspect="equal")
    axes.set_title("chosen modes, weight decay")
    axes.legend(loc="upper left")
