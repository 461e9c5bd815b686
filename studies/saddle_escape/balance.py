"""The exact identity of the imbalance, and how far floats violate it (docs/steps.md, 7.1)."""

import numpy as np

from dlnpaper._descent import DescentMethod
from dlnpaper._target import Target
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._starting_points import StartingPoints


def identity_error(
    target: Target,
    depth: int,
    starts: StartingPoints,
    method: DescentMethod,
    step: float,
    momentum: float,
    steps: int,
) -> float:
    """Return by how much the imbalance of neighboring layers violates its identity at most.

    The identity says what a step adds, from weights, increments and gradients; the violation is
    given over the largest squared norm of a layer.
    """
    momentum = 0.0 if method == "gradient_descent" else momentum
    path = descend(
        target,
        depth,
        starts,
        step=step,
        steps=steps,
        method=method,
        momentum=momentum,
        variables=["last", "first", "inner"],
    )
    weights = path["first"].values, path["inner"].values[..., None], path["last"].values
    moves = tuple(np.diff(each, axis=1, prepend=each[:, :1]) for each in weights)
    found = np.diff(_differences(weights, depth), axis=1)
    before = np.concatenate([0 * found[:, :1], found[:, :-1]], axis=1)
    made = _differences(moves, depth)
    if method == "heavy_ball":
        added = made[:, 1:] + momentum * made[:, :-1]
    else:
        ahead = tuple(w + momentum * v for w, v in zip(weights, moves, strict=True))
        pulls = _differences(_gradients(target, depth, *ahead), depth)
        added = momentum * (1 + momentum) * made[:, :-1] + step**2 * pulls[:, :-1]
    largest = max(float((each**2).sum(axis=-1).max()) for each in weights)
    return float(np.abs(found - momentum * before - added).max()) / largest


def _differences(weights, depth):
    """Return the differences of neighboring layers' squared norms, (M, T, 2), or (M, T, 1)."""
    first, inner, last = ((each**2).sum(axis=-1) for each in weights)
    pairs = [last - first] if depth == 2 else [inner - first, last - inner]
    return np.stack(pairs, axis=-1)


def _gradients(target, depth, y, z, x):
    """Return the gradients of the first, an inner, and the last layer's factor."""
    r, sigma = target.rank, target.singular_values
    m = z ** (depth - 2)
    to_x, to_y = np.zeros_like(x), np.zeros_like(y)
    to_x[..., :r], to_y[..., :r] = sigma * y[..., :r], sigma * x[..., :r]
    squares_x, squares_y = ((each**2).sum(axis=-1, keepdims=True) for each in (x, y))
    moved = m * squares_x * squares_y - (x * to_x).sum(axis=-1, keepdims=True)
    return m * (m * squares_x * y - to_y), m / z * moved, m * (m * squares_y * x - to_x)
