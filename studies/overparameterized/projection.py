"""A dense network of three layers, and its projection on the directions in which it learns."""

import numpy as np
from scipy.linalg import orth

from studies.overparameterized.starts import BLOCKS, Network


def dense(start: str, width: int, d: int, d_y: int, rng: np.random.Generator) -> Network:
    """Return layers with all their weights, from the start of this name in `STARTS`."""
    if start == "residual":
        first, last = rng.standard_normal((width, d)), rng.standard_normal((d_y, width))
        layers = [first, *(np.eye(width) for _ in range(3)), last]
        return Network(layers, (False, True, True, True, False), width**-0.5)
    layers = [rng.standard_normal(shape) for shape in ((width, d), (width, width), (d_y, width))]
    if start == "orthogonal":
        layers = [np.sqrt(width) * _orthogonal(layer) for layer in layers]
    return Network(layers, (True, True, True), 1 / width)


def projected(network: Network) -> Network:
    """Return a dense network in the directions that its gradients reach in `BLOCKS` steps.

    Where the layers between are orthogonal or the identity, further steps reach no other.
    """
    first, middle, *others, last = network.layers
    into, out = [first], [last.T]
    for _ in range(BLOCKS - 1):
        into, out = [*into, middle.T @ out[-1]], [*out, middle @ into[-1]]
    before, after = (orth(np.hstack(each), rcond=1e-10) for each in (into, out))
    inner = [after.T @ middle @ before, *(after.T @ layer @ after for layer in others)]
    return network._replace(layers=[before.T @ first, *inner, last @ after])


def _orthogonal(matrix: np.ndarray) -> np.ndarray:
    """Return a matrix with orthonormal rows or columns, uniform for a Gaussian one."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right
