"""Where every starting direction leads when d_y = d_x = 2 (docs/theory.md, section 4)."""

from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from companion import style
from companion.datasets import flag_names, flagged, variable
from companion.ensembles import select, starts_of, target_of
from dlnpaper.one_neuron._limits import limits

#: Both axes show one turn from here on, in radians, so that no attractor lies on the frame.
FIRST_ANGLE = -np.pi / 2

#: What a starting direction leads to: the flag meanings of ``destination``.
DESTINATIONS = ("origin", "saddle", "plus", "minus")

# Both orientations are one matrix, so one color. Cells on the curves stay white: the curves
# themselves are drawn on top, exactly.
_CELLS = {"origin": "white", "saddle": "white", "plus": "0.9", "minus": "0.9"}
_ARROW = {"arrowstyle": "-|>,head_width=0.13,head_length=0.26", "color": "0.3", "linewidth": 0.3}
_LINE: style.Look = {"color": "0.6", "linewidth": 0.5}
_CURVES = {
    kind: {**style.line_of(style.LIMITS[kind]), "linewidth": 2} for kind in ("saddle", "origin")
}

# Directions that stand still, in quarter turns, under the limit at which they are.
_STATIONARY = {
    "global_minimizer": [(0, 0), (2, 2)],
    "saddle": [(1, 1), (-1, -1), (-1, 3), (3, -1), (3, 3)],
    "origin": [(1, -1), (-1, 1), (1, 3), (3, 1), (0, 2), (2, 0)],
}
# What a label says, and the quarter turn of v beside which it stands.
_LABELS = {
    "global_minimizer": (2, "global minimizer\n$\\sigma_1 u_1 v_1^\\top$\nfrom all other starts"),
    "origin": (1, "origin, $W = 0$\nfrom $\\alpha_1 = \\alpha_2 = 0$"),
    "saddle": (-1, "saddle $\\sigma_2 u_2 v_2^\\top$\nfrom $\\alpha_1 = 0 \\neq \\alpha_2$"),
}


def data(starts: xr.Dataset, trajectories: xr.Dataset) -> xr.Dataset:
    """Find the limits of a grid of directions, and the flow lines through them.

    The starts of the family ``directions`` are a grid over both angles, the trajectories are the
    flow lines. They are the same curves at every depth, so the first is drawn; and since the flow
    of the directions runs backwards where v turns into -v, each also gives the line that leads to
    its mirror image.

    Returns angles ``theta`` of u from u_1 and ``phi`` of v from v_1 in radians; the flag variable
    ``destination`` (theta, phi); ``line_theta`` and ``line_phi`` (line, time); and the exact curves
    where α_1 = 0, ``saddle_phi`` and ``origin_phi`` (theta).
    """
    starts = select(starts, ["directions"])
    ends = limits(target_of(starts), starts_of(starts))
    theta, phi = _angle(starts["a"].values), _angle(starts["b"].values)
    # The same angle comes out alike to rounding only.
    _, first, rows = np.unique(theta.round(12), return_index=True, return_inverse=True)
    axis = theta[first]
    _, columns = np.unique(phi.round(12), return_inverse=True)
    destination = np.zeros((len(axis), len(axis)), np.int8)
    destination[rows, columns] = _destination(ends)
    line_theta, line_phi = _both_ways(trajectories.isel(depth=0))
    flags = flagged("what the starting direction leads to", DESTINATIONS)
    angles = partial(variable, units="radian")
    to_saddle, to_origin = _turned(np.pi - axis), _turned(axis - np.pi)
    return xr.Dataset(
        {
            "destination": (("theta", "phi"), destination, flags),
            "line_theta": angles(("line", "time"), line_theta, "theta along a flow line"),
            "line_phi": angles(("line", "time"), line_phi, "phi along a flow line"),
            "saddle_phi": angles("theta", to_saddle, "phi that leads to the saddle"),
            "origin_phi": angles("theta", to_origin, "phi that leads to the origin"),
        },
        coords={
            "theta": angles("theta", axis, "angle of u from u_1"),
            "phi": angles("phi", axis, "angle of v from v_1"),
        },
    )


def draw(data: xr.Dataset) -> Figure:
    """Draw the map from what `data` selected."""
    with style.applied():
        figure = style.new_figure(3.75)
        axes = figure.subplots()
        cells = data["destination"].pad(theta=(0, 1), phi=(0, 1), mode="wrap")
        edges = np.append(data["theta"], data["theta"][0] + 2 * np.pi)
        axes.pcolormesh(
            edges,
            edges,
            cells.T,
            cmap=ListedColormap([_CELLS[name] for name in DESTINATIONS]),
            vmin=-0.5,
            vmax=len(DESTINATIONS) - 0.5,
            shading="nearest",
            rasterized=True,
        )
        for theta, phi in zip(data["line_theta"].values, data["line_phi"].values, strict=True):
            _draw_flow_line(axes, theta, phi)
        for name, look in _CURVES.items():
            axes.plot(*_broken(data["theta"].values, data[f"{name}_phi"].values), **look)
        for kind, turns in _STATIONARY.items():
            look = style.marks_of(style.LIMITS[kind], clip_on=False, zorder=4, markersize=5.5)
            axes.plot(*(np.pi / 2 * np.transpose(turns)), **look)
        style.draw_torus(axes)
        axes.set_xlabel(r"angle $\theta$ of $u$ from $u_1$ (rad)")
        axes.set_ylabel(r"angle $\varphi$ of $v$ from $v_1$ (rad)")
        _name_limits(axes)
    return figure


def _angle(vectors: np.ndarray) -> np.ndarray:
    return _turned(np.arctan2(vectors[..., 1], vectors[..., 0]))


def _turned(angle: np.ndarray) -> np.ndarray:
    """Return angles modulo one turn, from `FIRST_ANGLE` on; rounding below it counts as on it."""
    turned = (angle - FIRST_ANGLE) % (2 * np.pi)
    return np.where(2 * np.pi - turned < 1e-12, 0.0, turned) + FIRST_ANGLE


def _both_ways(lines: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return angles along the lines, then along their mirror images, in the flow's direction."""
    theta, phi = _angle(lines["a"].values), _angle(lines["b"].values)
    return (
        np.concatenate([theta, theta[:, ::-1]]),
        np.concatenate([phi, _turned(phi[:, ::-1] + np.pi)]),
    )


def _destination(limits: xr.Dataset) -> np.ndarray:
    """Tell the two orientations ±(u_1, v_1) of the global minimizer apart."""
    reached = flag_names(limits["kind"])
    orientation = np.where(limits["a"].values[:, 0] > 0, "plus", "minus")
    reached = np.where(reached == "global_minimizer", orientation, reached)
    return np.array([DESTINATIONS.index(name) for name in reached], np.int8)


def _draw_flow_line(axes: Axes, theta: np.ndarray, phi: np.ndarray) -> None:
    """Draw one line, broken where it leaves the map, with an arrow half way along it."""
    axes.plot(*_broken(theta, phi), **_LINE)
    steps = np.hypot(np.diff(theta), np.diff(phi))
    steps[steps > np.pi] = 0.0
    length = np.cumsum(steps)
    middle = int(np.searchsorted(length, length[-1] / 2))
    if length[-1] > 0.4 and steps[middle] > 0:
        axes.annotate(
            "",
            xytext=(theta[middle], phi[middle]),
            xy=(theta[middle + 1], phi[middle + 1]),
            arrowprops=_ARROW,
        )


def _broken(theta: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Break a line on the torus where it leaves the map, so that it is not drawn across."""
    jumps = np.flatnonzero(np.hypot(np.diff(theta), np.diff(phi)) > np.pi) + 1
    return np.insert(theta, jumps, np.nan), np.insert(phi, jumps, np.nan)


def _name_limits(axes: Axes) -> None:
    """Name each limit beside the map, where its curve or a line from its mark meets the frame."""
    for kind, (quarter, label) in _LABELS.items():
        phi, color = quarter * np.pi / 2, style.LIMITS[kind]["color"]
        if kind == "global_minimizer":
            axes.plot([np.pi, 3 * np.pi / 2], [phi, phi], color=color, linewidth=0.8)
        axes.annotate(
            label,
            (1, phi),
            xycoords=("axes fraction", "data"),
            xytext=(7, 0),
            textcoords="offset points",
            color=color,
            fontsize=8,
            linespacing=1.4,
            va="bottom" if kind == "saddle" else "center",
        )
