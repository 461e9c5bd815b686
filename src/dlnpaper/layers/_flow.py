"""Gradient flow of given layers, balanced or not."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import validate_times
from dlnpaper._integration import Method, System, run, validate_solver
from dlnpaper._target import Target
from dlnpaper.layers._balanced import validate_chain
from dlnpaper.layers._products import descent_directions, end_to_end, imbalances, unpacking


def integrate_layers(
    target: Target,
    layers: Sequence[ArrayLike],
    times: ArrayLike,
    *,
    method: Method = "LSODA",
    rtol: float = 1e-10,
    atol: float | None = None,
) -> xr.Dataset:
    """Integrate gradient flow of layers that need be neither balanced nor of rank one.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x).
    layers : sequence of array_like
        W_1, ..., W_N, with ``W_j`` of shape (d_j, d_{j-1}), d_0 = d_x and d_N = d_y, in the
        coordinates of the target's matrix.
    times : array_like, (T,)
        Output times, increasing from at least 0, dimensionless.
    method, rtol : str, float
        As in `dlnpaper.integrate`.
    atol : float, optional
        Absolute tolerance of every weight; default ``rtol`` times the norm of the largest layer.

    Returns
    -------
    xarray.Dataset
        With the coordinate ``time``, layers counted from 1 and Frobenius norms:

        end_to_end (time, left, right), loss (time)
            W = W_N ... W_1 in the coordinates of the target's matrix, and its loss.
        distance (layer, time), norm (layer, time)
            ``‖W_j(t) − W_j(0)‖`` and ``‖W_j(t)‖``.
        imbalance (pair, time), drift (pair, time)
            Norm of ``C_j = W_{j+1}ᵀ W_{j+1} − W_j W_jᵀ``, and ``‖C_j(t) − C_j(0)‖``, which the
            flow keeps at zero (docs/theory.md, section 1).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.
    IntegrationError
        If the solver fails, as in `dlnpaper.integrate`.
    """
    times, matrices = validate_times(times), validate_chain(layers, target.shape)
    rtol, atol = validate_solver(method, rtol, atol)
    system = _system(target, matrices)
    path = system.read(run(system, times, method, rtol, atol, "the flow of the given layers"))
    product, conserved = end_to_end(path), imbalances(path)
    loss = np.linalg.norm(product - target.matrix, axis=(1, 2)) ** 2 / 2 + target.loss_offset
    drift = _norms(conserved, less=imbalances(matrices))
    by_layer, by_pair = ("layer", "time"), ("pair", "time")
    variables: dict[str, tuple[tuple[str, ...], np.ndarray, str]] = {
        "end_to_end": (("time", "left", "right"), product, "end-to-end matrix"),
        "loss": (("time",), loss, "quadratic loss"),
        "distance": (by_layer, _norms(path, less=matrices), "distance of a layer to its start"),
        "norm": (by_layer, _norms(path), "norm of a layer"),
        "imbalance": (by_pair, _norms(conserved), "imbalance of two adjacent layers"),
        "drift": (by_pair, drift, "distance of the imbalance of two adjacent layers to its start"),
    }
    return xr.Dataset(
        {
            name: (dims, values, {"long_name": long_name, "units": "1"})
            for name, (dims, values, long_name) in variables.items()
        },
        coords={
            "time": ("time", times, {"long_name": "gradient flow time", "units": "1"}),
            "layer": ("layer", np.arange(1, len(path) + 1), _numbered("number of the layer")),
            "pair": (
                "pair",
                np.arange(1, len(path)),
                _numbered("number of the pair's lower layer"),
            ),
        },
        attrs={"method": f"{method} flow of given layers", "rtol": rtol},
    )


def _system(target: Target, weights: Sequence[np.ndarray]) -> System:
    """Return the flow of W_1, ..., W_N; ``read`` gives the layers, each (T, d_j, d_{j-1})."""
    unpack = unpacking([layer.shape for layer in weights])

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        return np.concatenate(descent_directions(target.matrix, unpack(y))[1])

    initial = np.concatenate([layer.ravel() for layer in weights])
    largest = max(float(np.linalg.norm(layer)) for layer in weights)
    return System(rhs, initial, np.full(initial.size, largest), unpack)


def _numbered(long_name: str) -> dict[str, str]:
    return {"long_name": long_name, "units": "1"}


def _norms(paths: Sequence[np.ndarray], less: Sequence[np.ndarray] | None = None) -> np.ndarray:
    """Return the norms over time of paths of matrices, (paths, T), after subtracting others."""
    if less is not None:
        paths = [path - matrix for path, matrix in zip(paths, less, strict=True)]
    return np.array([np.linalg.norm(path, axis=(1, 2)) for path in paths])
