"""Starts of wide linear networks, reduced to the few directions in which they learn.

What is trained is W_L ... W_1 between inputs of d and outputs of d_y numbers (docs/steps.md,
section 8). Gradients lie in the span of what the start makes of inputs and outputs, so all other
directions of a layer of width m can be left out: exactly for orthogonal layers and residual
networks; for Gaussian layers as far as the directions that the start couples to these in `BLOCKS`
steps. The reduced layers are drawn from their own law, in which m is a parameter.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

#: Blocks of directions that are kept of a Gaussian layer.
BLOCKS = 4


class Network(NamedTuple):
    """Layers in the order in which inputs pass them, and a factor of their product."""

    layers: list[np.ndarray]
    trained: tuple[bool, ...]
    factor: float


def gaussian(width: int, d: int, d_y: int, rng: np.random.Generator) -> Network:
    """Three Gaussian layers."""
    sizes = [d, d_y] * BLOCKS  # of the directions among inputs of the middle layer
    into, out = sizes[:BLOCKS], sizes[1 : BLOCKS + 1]
    middle = _block_tridiagonal(width, into, out, rng)
    first, last = np.zeros((sum(into), d)), np.zeros((d_y, sum(out)))
    first[:d] = _triangle(width, d, rng)
    last[:, :d_y] = _triangle(width, d_y, rng).T
    return Network([first, middle, last], (True, True, True), 1 / width)


def orthogonal(width: int, d: int, d_y: int, rng: np.random.Generator) -> Network:
    """Three layers with orthogonal rows or columns of length √m."""
    size = d + d_y
    first, last = np.eye(size, d), _frame(width, d, d_y, rng).T
    scale = np.sqrt(width)
    return Network([scale * first, scale * np.eye(size), scale * last], (True,) * 3, 1 / width)


def residual(width: int, d: int, d_y: int, rng: np.random.Generator) -> Network:
    """Three residual layers I + W that begin at W = 0, between fixed Gaussian maps."""
    size = d + d_y
    first = np.zeros((size, d))
    first[:d] = _triangle(width, d, rng)
    last = (_frame(width, d, d_y, rng) @ _triangle(width, d_y, rng)).T
    layers = [first, *(np.eye(size) for _ in range(3)), last]
    return Network(layers, (False, True, True, True, False), width**-0.5)


STARTS: dict[str, Callable[[int, int, int, np.random.Generator], Network]] = {
    "gaussian": gaussian,
    "orthogonal": orthogonal,
    "residual": residual,
}


def _triangle(rows: int, columns: int, rng: np.random.Generator) -> np.ndarray:
    """Return the triangular factor R of a Gaussian matrix, by Bartlett's decomposition."""
    freedom = rows - np.arange(columns)
    upper = np.triu(rng.standard_normal((columns, columns)), 1)
    return upper + np.diag(np.sqrt(rng.chisquare(freedom)))


def _frame(width: int, d: int, d_y: int, rng: np.random.Generator) -> np.ndarray:
    """Return d_y uniform orthonormal vectors of length m, (d + d_y, d_y).

    Their first d coordinates are those along d given directions, the others those along as many
    orthonormal ones as it takes.
    """
    above = rng.standard_normal((d, d_y))
    below = _triangle(width - d, d_y, rng)
    stacked = np.vstack([above, below])
    return stacked @ np.linalg.inv(np.linalg.cholesky(stacked.T @ stacked)).T


def _block_tridiagonal(
    width: int, into: list[int], out: list[int], rng: np.random.Generator
) -> np.ndarray:
    """Return a Gaussian matrix in the bases that its blocks of directions make.

    Each block among the outputs is what it adds to those before from the last block among the
    inputs, and conversely by its transpose.
    """
    columns, rows = np.cumsum([0, *into]), np.cumsum([0, *out])
    matrix = np.zeros((rows[-1], columns[-1]))
    for i, (width_in, width_out) in enumerate(zip(into, out, strict=True)):
        at = slice(rows[i], rows[i + 1]), slice(columns[i], columns[i + 1])
        matrix[at] = rng.standard_normal((width_out, width_in))
        if i + 1 < len(into):
            below = slice(rows[i + 1], rows[i + 2])
            matrix[below, at[1]] = _triangle(width - rows[i + 1], width_in, rng)
            right = slice(columns[i + 1], columns[i + 2])
            matrix[at[0], right] = _triangle(width - columns[i + 1], width_out, rng).T
    return matrix
