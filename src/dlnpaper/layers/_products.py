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
    matrix: np.ndarray,
    layers: Sequence[np.ndarray],
    second_moment: np.ndarray | None = None,
    weight_decay: float = 0.0,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return W = W_N ... W_1, and the negative gradient of the loss in every layer.

    Layers are matrices, (d_j, d_{j-1}), or stacks of them, (M, d_j, d_{j-1}). The loss is
    regularized, ½ tr((W − Z) Σ (W − Z)ᵀ) + ½ μ Σ_j ‖W_j‖²: ``matrix`` is Z, (d_y, d_x),
    ``second_moment`` is Σ, (d_x, d_x), the identity if left out, and ``weight_decay`` is μ.
    """
    below = [layers[0]]  # W_j ... W_1
    for layer in layers[1:]:
        below.append(layer @ below[-1])
    pulled = matrix - below[-1]  # (W_N ... W_{j+1})ᵀ (Z − W) Σ
    if second_moment is not None:
        pulled = pulled @ second_moment
    directions = []
    for j in range(len(layers) - 1, -1, -1):
        direction = pulled @ below[j - 1].mT if j else pulled
        if weight_decay:
            direction = direction - weight_decay * layers[j]
        directions.append(direction)
        pulled = layers[j].mT @ pulled
    return below[-1], directions[::-1]


def packed(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the entries of layers as one flat state, (n,)."""
    return np.concatenate([layer.ravel() for layer in layers])


def unpacking(shapes: Sequence[tuple[int, ...]]) -> Callable[[np.ndarray], list[np.ndarray]]:
    """Return the function that cuts a flat state, (n,) or (T, n), into layers of these shapes."""
    ends = np.cumsum([0, *(rows * columns for rows, columns in shapes)])
    pieces = list(zip(ends[:-1], ends[1:], shapes, strict=True))
    return lambda y: [y[..., lo:hi].reshape(*y.shape[:-1], *shape) for lo, hi, shape in pieces]
