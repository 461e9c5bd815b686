"""Pictures of a target, of where its trajectories end, and of the way there.

Every function draws into the ``ax`` that it is given, or into a new figure, and returns the axes.
They need Matplotlib, the extra ``plot``, which is imported on the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from dlnpaper._checks import shown
from dlnpaper._target import Target, validate_target
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID = 61  # points a side, where the flow of the directions is evaluated
# Both axes of the map show one turn from here on, so that no limit lies on the frame.
_FIRST = -np.pi / 2
_COLORS = {"saddle": "#0072B2", "origin": "#D55E00"}
_DASHES = {"saddle": "-", "origin": (0, (4, 1.2))}
_DEPTHS = ("-", (0, (5, 1.5)), (0, (1, 1)), "-.")
_MOST_LABELS = 8
_LINES = {"depth", "start", "time"}  # dimensions of what is drawn against time
_WHITE = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


def limit_map(target: Target, *, ax: Axes | None = None) -> Axes:
    """Draw where every starting direction of a 2 × 2 target leads, with the flow of the directions.

    The axes are the angles of u from u_1 and of v from v_1. Neither the magnitude of a start nor
    the depth matters. Almost all starts end at the global minimizer; lines mark those that do not.

    Parameters
    ----------
    target : Target
        Of shape (2, 2).
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the target does not have this shape.
    ModuleNotFoundError
        If no ``ax`` is given and Matplotlib is not installed.

    References
    ----------
    docs/theory.md, section 4.
    """
    validate_target(target)
    if target.shape != (2, 2):
        raise ValueError(
            f"target must have shape (2, 2) for a map over two angles, got {target.shape}; draw "
            "trajectories for other shapes"
        )
    ax = _axes(ax)
    theta = np.linspace(_FIRST, _FIRST + 2 * np.pi, _GRID)
    ax.streamplot(
        theta,
        theta,
        *_velocities(target, *np.meshgrid(theta, theta)),
        color="0.6",
        linewidth=0.5,
        arrowsize=0.6,
        density=1.1,
    )
    half, whole = _FIRST + np.pi, _FIRST + 2 * np.pi
    # b = -a: every α vanishes.
    _draw_line(ax, (_FIRST, half), (half, whole), "origin", 0.25)
    _draw_line(ax, (half, whole), (_FIRST, half), "origin", 0.25)
    # b_1 = -a_1: α_1 vanishes, which matters unless σ_1 is a tie.
    on = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=1.0)
    kind = limits(target, on)["kind_name"].item()
    if kind != "global_minimizer":
        _draw_line(ax, (_FIRST, whole), (whole, _FIRST), kind, 0.375)
    _draw_limits(ax, kind)
    ticks = np.arange(-1, 4) * np.pi / 2
    names = ["−π/2", "0", "π/2", "π", "3π/2"]
    ax.set(xlabel="angle of $u$ from $u_1$", ylabel="angle of $v$ from $v_1$", aspect="equal")
    ax.set_xticks(ticks, names)
    ax.set_yticks(ticks, names)
    ax.set(xlim=(_FIRST, whole), ylim=(_FIRST, whole))
    return ax


def trajectories(exact: xr.Dataset, variable: str = "s", *, ax: Axes | None = None) -> Axes:
    """Draw a variable of trajectories against time, one line for each start and depth.

    For ``s`` and ``alignment`` thin lines mark the singular values of the target, at which they can
    end; ``excess`` has a logarithmic axis.

    Parameters
    ----------
    exact : xarray.Dataset
        From `dlnpaper.solve` or `dlnpaper.integrate`.
    variable : str
        One that has a number for each start and time.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If there is no such variable.
    ModuleNotFoundError
        If no ``ax`` is given and Matplotlib is not installed.
    """
    values = _validate_lines(exact, variable)
    ax = _axes(ax)
    if variable in ("s", "alignment"):
        for i, sigma in enumerate(exact["singular_values"].values, start=1):
            ax.axhline(sigma, color="0.75", linewidth=0.6, zorder=0)
            side = ax.get_yaxis_transform()
            ax.text(1.01, sigma, rf"$\sigma_{{{i}}}$", transform=side, va="center", color="0.4")
    for i, starts in enumerate(values.transpose("start", "depth", "time")):
        for j, line in enumerate(starts):
            label = f"start {i}" if values.sizes["start"] > 1 else ""
            if values.sizes["depth"] > 1:
                label = f"{label}, $N = {int(line['depth'])}$".removeprefix(", ")
            dashes = _DEPTHS[j % len(_DEPTHS)]
            ax.plot(values["time"], line, color=f"C{i % 10}", linestyle=dashes, label=label)
    lines = values.sizes["start"] * values.sizes["depth"]
    if 1 < lines <= _MOST_LABELS:
        ax.legend(frameon=False)
    ax.set(xlabel="time $t$", ylabel=values.attrs["long_name"])
    if variable == "excess":
        ax.set_yscale("log")
    return ax


def spectrum(target: Target, *, ax: Axes | None = None) -> Axes:
    """Draw the singular values of a target; empty marks are null directions.

    Parameters
    ----------
    target : Target
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModuleNotFoundError
        If no ``ax`` is given and Matplotlib is not installed.
    """
    validate_target(target)
    ax = _axes(ax)
    index = np.arange(1, min(target.shape) + 1)
    values = np.pad(target.singular_values, (0, len(index) - target.rank))
    ax.vlines(index, 0, values, color="0.75", linewidth=0.8)
    positive = values > 0
    ax.plot(index[positive], values[positive], "o", color="black")
    ax.plot(index[~positive], values[~positive], "o", color="black", fillstyle="none")
    ax.set(xlabel="index $i$", ylabel=r"singular value $\sigma_i$")
    ax.set_ylim(bottom=0 if positive.all() else None)
    ax.locator_params(axis="x", integer=True)
    return ax


def _axes(ax: Axes | None) -> Axes:
    """Return the axes that are given, or those of a new figure."""
    if ax is not None:
        if not hasattr(ax, "streamplot"):
            raise TypeError(
                f"ax must be Axes of Matplotlib, got {shown(ax)}; leave it out for a new figure"
            )
        return ax
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "matplotlib must be installed to draw, got no such package; install dlnpaper[plot]"
        ) from error
    return pyplot.subplots(layout="constrained")[1]


def _velocities(
    target: Target, theta: np.ndarray, phi: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives of both angles in τ (docs/theory.md, section 3.1)."""
    one, two = np.pad(target.singular_values, (0, 2 - target.rank))
    return (
        two * np.cos(theta) * np.sin(phi) - one * np.sin(theta) * np.cos(phi),
        two * np.sin(theta) * np.cos(phi) - one * np.cos(theta) * np.sin(phi),
    )


def _draw_line(
    ax: Axes, theta: tuple[float, float], phi: tuple[float, float], kind: str, at: float
) -> None:
    """Draw a line of starts that end elsewhere, and write where, at a share of its length."""
    ax.plot(theta, phi, color=_COLORS[kind], linestyle=_DASHES[kind], linewidth=1.6)
    slope = np.sign((phi[1] - phi[0]) / (theta[1] - theta[0]))
    x, y = (low + at * (high - low) for low, high in (theta, phi))
    ax.text(
        x,
        y,
        f"to the {kind}",
        color=_COLORS[kind],
        rotation=45 * slope,
        ha="center",
        va="center",
        bbox=_WHITE,
    )


def _draw_limits(ax: Axes, kind: str) -> None:
    """Mark and name the directions of the limits: those of one matrix look the same."""
    whole = _FIRST + 2 * np.pi
    if kind == "global_minimizer":  # a tie: all u = v, up to the rotation of the singular vectors
        ax.plot([_FIRST, whole], [_FIRST, whole], color="black", linewidth=2.5)
        ax.text(0.3, 0.0, "global minimizers", ha="left", va="center", bbox=_WHITE)
    else:
        ax.plot([0, np.pi], [0, np.pi], "o", color="black", markersize=7)
        ax.text(0, -0.22, "global minimizer", ha="center", va="top", bbox=_WHITE)
    if kind == "saddle":
        edges = [_FIRST, whole]
        ax.plot(
            [np.pi / 2, *edges, *edges],
            [np.pi / 2, *edges, *edges[::-1]],
            "s",
            color=_COLORS["saddle"],
            markerfacecolor="white",
            clip_on=False,
        )


def _validate_lines(exact: xr.Dataset, variable: str) -> xr.DataArray:
    """Return a variable over depth, start and time, or raise."""
    remedy = "give a result of solve or integrate"
    if not isinstance(exact, xr.Dataset):
        raise TypeError(f"exact must be a Dataset, got {shown(exact)}; {remedy}")
    fits = [name for name in exact if {"start", "time"} <= set(exact[name].dims) <= _LINES]
    if variable not in fits:
        raise ValueError(
            f"variable must have a number for each start and time, got {shown(variable)}; choose "
            f"from {', '.join(map(str, fits))}"
            if fits
            else f"exact must hold variables over start and time, got none; {remedy}"
        )
    values = exact[variable]
    return values if "depth" in values.dims else values.expand_dims("depth")
