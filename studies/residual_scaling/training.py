"""Residual networks trained by steps: chains, with and without noise, and matrices."""

from collections.abc import Callable

import numpy as np

from dlnpaper._target import Target
from dlnpaper.residual import _matrices

#: What the matrices learn: no start makes it commute with their weights, nor with its transpose.
MATRIX = ((1.5, 0.6), (-0.4, 0.8))


def descend(
    starts: np.ndarray, step: float, steps: int, targets: Callable[[], np.ndarray | float]
) -> np.ndarray:
    """Return chains (draw, layer) after gradient descent, with a target for each step."""
    factors = 1 + starts
    for _ in range(steps):
        product = np.exp(np.log(factors).sum(axis=1))
        factors -= (step * product * (product - targets()))[:, None] / factors
    return factors - 1


def descend_matrices(starts: np.ndarray, step: float, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return matrices (draw, layer, row, column) after gradient descent, and losses (draw,)."""
    target = Target.from_matrix(np.array(MATRIX))
    path = _matrices.descend(target, starts, step=step, steps=steps, every=steps)
    return path["weights"].values[:, -1], path["loss"].values[:, -1]


def spread_law(start: np.ndarray, theta: float, step: float, target: float) -> np.ndarray:
    """Return by how much a step shifts the square of each layer beyond what all share.

    To first order in the step (docs/scaling.md, section 4), by Gauss-Legendre quadrature.
    """
    nodes, weights = np.polynomial.legendre.leggauss(40)
    shifts, squares = theta * (nodes + 1) / 2, (1 + start) ** 2
    products = np.exp(np.log(squares[:, None] + shifts).sum(axis=0) / 2)
    integrand = products * (target - products) / (squares[:, None] + shifts)
    integrals: np.ndarray = integrand @ weights * theta / 2
    return step / 2 * integrals
