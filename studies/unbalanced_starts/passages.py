"""When networks of Gaussian layers pass one percent of their excess (docs/scaling.md, section 7).

The first hidden layer has the one neuron: W = p rᵀ, with the row rᵀ = W_1 and the column
p = W_N ... W_2.
"""

from collections.abc import Sequence

import numpy as np
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from dlnpaper._target import Target
from dlnpaper.layers._products import descent_directions, packed, unpacking
from dlnpaper.one_neuron._passage import first_passage
from dlnpaper.one_neuron._starting_points import StartingPoints
from dlnpaper.two_layers._closed_form import solve
from dlnpaper.two_layers._starts import Starts

#: The excess to be passed, in units of that at the start.
SHARE = 0.01

#: Of integrations; the time of a passage inherits no more than a hundred times that.
RTOL = 1e-8

#: Decades around the balanced time in which a passage is looked for, and times in each.
_DECADES, _PER_DECADE = (-2, 2), 300


def balanced_starts(layers: Sequence[np.ndarray]) -> StartingPoints:
    """Return the balanced starts with the W(0) of these layers."""
    first, upper = factors(layers)
    lengths = [np.linalg.norm(each, axis=1, keepdims=True) for each in (upper, first)]
    return StartingPoints(upper / lengths[0], first / lengths[1], (lengths[0] * lengths[1])[:, 0])


def factors(layers: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return r, (M, d_x), and p, (M, d_y)."""
    upper = layers[1]
    for layer in layers[2:]:
        upper = layer @ upper
    return layers[0][:, 0, :], upper[:, :, 0]


def balanced_times(target: Target, depth: int, layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the times of passage from the balanced starts with the same W(0)."""
    return first_passage(target, depth, balanced_starts(layers), excess=SHARE).values


def exact_times(target: Target, layers: Sequence[np.ndarray], near: np.ndarray) -> np.ndarray:
    """Return the times of passage of two layers, by their exact solution; inf where it is late."""
    times = _grid(near.min(), near.max())
    starts = Starts.from_layers(target, layers)
    excess = solve(target, starts, times, variables=["excess"])["excess"].values
    return np.array([_crossing(times, each) for each in excess])


def integrated_times(target: Target, layers: Sequence[np.ndarray], near: np.ndarray) -> np.ndarray:
    """Return when integrated layers pass the level, above the global minimum; inf if they do not.

    They are given a thousand times as long as ``near``.
    """
    return np.array(
        [
            _integrated_time(target, [layer[i] for layer in layers], 1e3 * each)
            for i, each in enumerate(near)
        ]
    )


def _integrated_time(target: Target, network: list[np.ndarray], last: float) -> float:
    matrix, unpack = target.matrix, unpacking([layer.shape for layer in network])
    least = float(np.sum(target.singular_values[1:] ** 2)) / 2

    def excess(y: np.ndarray) -> float:
        product, *others = unpack(y)
        for layer in others:
            product = layer @ product
        return float(np.sum((product - matrix) ** 2)) / 2 - least

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        return packed(descent_directions(matrix, unpack(y), None, 0.0)[1])

    initial = packed(network)
    level = SHARE * excess(initial)

    def passed(_: float, y: np.ndarray) -> float:
        return excess(y) - level

    passed.terminal = True  # type: ignore[attr-defined]
    options = {"method": "LSODA", "rtol": RTOL, "atol": RTOL * np.abs(initial).max()}
    found = solve_ivp(rhs, (0.0, last), initial, events=passed, **options)
    return float(found.t_events[0][0]) if found.status == 1 else np.inf


def frozen_times(target: Target, layers: Sequence[np.ndarray], near: np.ndarray) -> np.ndarray:
    """Return the times of passage if the kernel of the upper layers stayed what it is at the start.

    Then p learns κ times as fast as in two layers, κ being an eigenvalue of that kernel; and
    (κ^(1/4) r, κ^(-1/4) p) are two layers, on the clock √κ t.
    """
    first, upper = factors(layers)
    kernel = _kernel(layers[1:])
    root = kernel**0.25
    two = [(root[:, None] * first)[:, None, :], (upper / root[:, None])[:, :, None]]
    return exact_times(target, two, near * root**2) / root**2


def _kernel(upper: Sequence[np.ndarray]) -> np.ndarray:
    """Return κ, (M,), the mean eigenvalue of the tangent kernel of W_N ... W_2."""
    below = [np.ones((len(upper[0]), 1, 1))]
    for layer in upper[:-1]:
        below.append(layer @ below[-1])
    total, above = np.zeros(len(upper[0])), np.eye(upper[-1].shape[1])
    for layer, state in zip(upper[::-1], below[::-1], strict=True):
        total += (above**2).sum(axis=(-2, -1)) * (state**2).sum(axis=(1, 2))
        above = above @ layer
    return total / upper[-1].shape[1]


def _grid(low: float, high: float) -> np.ndarray:
    """Return time 0, and times in geometric steps from far below ``low`` to far above ``high``."""
    first, last = np.log10(low) + _DECADES[0], np.log10(high) + _DECADES[1]
    return np.append(0.0, np.logspace(first, last, int((last - first) * _PER_DECADE)))


def _crossing(times: np.ndarray, excess: np.ndarray) -> float:
    """Return when a falling excess passes its share, by a cubic in log-log; inf if it does not."""
    below = excess <= SHARE * excess[0]
    if not below.any():
        return np.inf
    at = int(below.argmax())
    if at < 2:
        return float(times[at])
    some = slice(max(at - 3, 1), at + 3)
    level = np.log(SHARE * excess[0])
    x, y = np.log(times[some]), np.log(np.maximum(excess[some], 1e-3 * SHARE * excess[0]))
    roots = CubicSpline(x, y).solve(level, extrapolate=False)
    inside = roots[(roots >= np.log(times[at - 1])) & (roots <= np.log(times[at]))]
    return float(np.exp(inside[0])) if inside.size else float(times[at])
