"""Paths of layers, by the flow or by steps: what is returned of them, and in which layout."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from dlnpaper._target import Target
from dlnpaper.layers._products import end_to_end, imbalances

#: Dimensions, without that of time or steps, and long name of what `observe` returns.
OBSERVED = {
    "end_to_end": (("row", "column"), "end-to-end matrix"),
    "loss": ((), "quadratic loss"),
    "distance": (("layer",), "distance of a layer to its start"),
    "norm": (("layer",), "norm of a layer"),
    "imbalance": (("pair",), "imbalance of two adjacent layers"),
}


def observe(
    target: Target,
    network: Sequence[np.ndarray],
    path: Sequence[np.ndarray],
    second_moment: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Return the values of `OBSERVED` of one network over its T states, (T, d_j, d_{j-1}) each.

    ``network`` is its start. Time is the first axis of the end-to-end matrix, and the last of all
    else.
    """
    product = end_to_end(path)
    residual = product - target.matrix
    if second_moment is None:
        squares = np.linalg.norm(residual, axis=(1, 2)) ** 2
    else:
        squares = (residual @ second_moment * residual).sum(axis=(1, 2))
    return {
        "end_to_end": product,
        "loss": squares / 2 + target.loss_offset,
        "distance": norms(path, less=network),
        "norm": norms(path),
        "imbalance": norms(imbalances(path)),
    }


def norms(paths: Sequence[np.ndarray], less: Sequence[np.ndarray] | None = None) -> np.ndarray:
    """Return the norms over time of paths of matrices, (paths, T), after subtracting others."""
    if less is not None:
        paths = [path - other for path, other in zip(paths, less, strict=True)]
    return np.array([np.linalg.norm(path, axis=(1, 2)) for path in paths])


def assemble(
    axis: xr.Variable,
    values: Mapping[str, np.ndarray],
    about: Mapping[str, tuple[Sequence[str], str]],
    weights: Sequence[np.ndarray],
    attrs: Mapping[str, object],
) -> xr.Dataset:
    """Return values of M networks, and their weights, (M, T, d_j, d_{j-1}) each, over an axis.

    ``about`` gives dimensions and long names, as `OBSERVED`.
    """
    numbers, along = np.arange(1, len(weights) + 1), str(axis.dims[0])
    sides = ["column", *(f"hidden_{j}" for j in numbers[:-1]), "row"]
    variables = {}
    for name, (dims, long_name) in about.items():
        is_matrix = len(dims) == 2
        order = ("start", along, *dims) if is_matrix else ("start", *dims, along)
        variables[name] = _variable(order, values[name], long_name)
    for j, layer in zip(numbers, weights, strict=True):
        order = ("start", along, sides[j], sides[j - 1])
        variables[f"layer_{j}"] = _variable(order, layer, f"weights of layer {j}")
    coords = {
        along: axis,
        "layer": _variable("layer", numbers, "number of the layer"),
        "pair": _variable("pair", numbers[:-1], "number of the pair's lower layer"),
    }
    return xr.Dataset(variables, coords, attrs)


def _variable(dims: str | Sequence[str], values: np.ndarray, long_name: str) -> xr.Variable:
    return xr.Variable(dims, values, {"long_name": long_name, "units": "1"})
