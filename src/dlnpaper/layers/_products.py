"""Products of the layers of a deep linear network, and the gradient of the loss."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np


def end_to_end(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return W_N ... W_1 of one state, (d_y, d_x), or of many, (T, d_y, d_x)."""
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return product


def imbalances(layers: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return ``W_{j+1}ᵀ W_{j+1} − W_j W_jᵀ`` of all adjacent layers."""
    return [upper.mT @ upper - lower @ lower.mT for lower, upper in pairwise(layers)]


def descent_directions(
    matrix: np.ndarray, layers: Sequence[np.ndarray]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return W = W_N ... W_1 and the negative gradient of ½‖W − Z‖² in every layer, flat.

    ``matrix`` is Z, (d_y, d_x), and ``layers`` are W_1, ..., W_N.
    """
    below = [layers[0]]  # W_j ... W_1
    for layer in layers[1:]:
        below.append(layer @ below[-1])
    pulled = matrix - below[-1]  # (W_N ... W_{j+1})ᵀ (Z − W)
    directions = []
    for j in range(len(layers) - 1, -1, -1):
        directions.append((pulled @ below[j - 1].T if j else pulled).ravel())
        pulled = layers[j].T @ pulled
    return below[-1], directions[::-1]


def unpacking(shapes: Sequence[tuple[int, ...]]) -> Callable[[np.ndarray], list[np.ndarray]]:
    """Return the function that cuts a flat state, (n,) or (T, n), into layers of these shapes."""
    ends = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
    pieces = list(zip(ends[:-1], ends[1:], shapes, strict=True))
    return lambda y: [y[..., lo:hi].reshape(*y.shape[:-1], *shape) for lo, hi, shape in pieces]
