"""Gradient flow of any deep linear network, by SciPy's solvers."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import validate_times, validate_weight_decay
from dlnpaper._integration import (
    MOST_WEIGHTS,
    IntegrationError,
    Method,
    System,
    run,
    validate_solver,
)
from dlnpaper._target import Target, validate_target
from dlnpaper.layers._arguments import validate_layers, validate_second_moment
from dlnpaper.layers._paths import OBSERVED, assemble, norms, observe
from dlnpaper.layers._products import descent_directions, imbalances, packed, unpacking


def integrate(
    target: Target,
    layers: Sequence[ArrayLike],
    times: ArrayLike,
    *,
    weight_decay: float = 0.0,
    second_moment: ArrayLike | None = None,
    method: Method = "LSODA",
    rtol: float = 1e-10,
    atol: float | None = None,
) -> xr.Dataset:
    """Integrate gradient flow of layers of any widths, which need not be balanced.

    With W = W_N ... W_1 every layer follows the negative gradient of ::

        ½ tr((W − Z) Σ (W − Z)ᵀ) + ½ μ Σ_j ‖W_j‖²

    where Z is the target's matrix, Σ the second moment of the inputs and μ the weight decay. The
    matrices are the state: nothing is assumed of them, and no closed form is used.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x). With a ``second_moment`` its matrix is that of least squares,
        ``Z = Y Xᵀ Σ⁻¹``.
    layers : sequence of array_like
        W_1, ..., W_N with N ≥ 2, ``W_j`` of shape (d_j, d_{j-1}) for one network, or
        (M, d_j, d_{j-1}) for M of them; d_0 = d_x and d_N = d_y. In the coordinates of the target's
        matrix.
    times : array_like, (T,)
        Output times, increasing from at least 0, dimensionless.
    weight_decay : float
        μ, finite and at least 0.
    second_moment : array_like, (d_x, d_x), optional
        Σ, symmetric and positive semidefinite: ``X Xᵀ`` of inputs X (d_x, n), or ``X Xᵀ/n`` for the
        loss per sample. Default: the identity, for whitened inputs.
    method, rtol : str, float
        As in `dlnpaper.integrate`.
    atol : float, optional
        Absolute tolerance of every weight; default ``rtol`` times the norm of the largest layer at
        the start.

    Returns
    -------
    xarray.Dataset
        For every network, a ``start``, in the coordinates of the target's matrix and with Frobenius
        norms; layers are counted from 1:

        end_to_end (start, time, row, column)
            W.
        loss (start, time)
            ``½ tr((W − Z) Σ (W − Z)ᵀ)`` plus the offset of the target, without the penalty.
        layer_1, ..., layer_N (start, time, ...)
            The weights. The last two dimensions are ``row`` for outputs, ``column`` for inputs and
            ``hidden_1`` to ``hidden_{N-1}`` between.
        distance (start, layer, time), norm (start, layer, time)
            ``‖W_j(t) − W_j(0)‖`` and ``‖W_j(t)‖``.
        imbalance (start, pair, time), drift (start, pair, time)
            Norm of ``C_j = W_{j+1}ᵀ W_{j+1} − W_j W_jᵀ``, and ``‖C_j(t) − e^{−2μt} C_j(0)‖``, which
            the flow keeps at zero (docs/theory.md, section 1).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.
    IntegrationError
        If the solver fails, as in `dlnpaper.integrate`; it names the start.

    Examples
    --------
    >>> target = Target([2.0], shape=(1, 1))
    >>> path = integrate(target, [[[0.5]], [[1.0]]], [0.0, 20.0])
    >>> path.end_to_end.values.ravel().round(8).tolist()
    [0.5, 2.0]
    """
    validate_target(target)
    times, stacks = validate_times(times), validate_layers(layers, target.shape, MOST_WEIGHTS)
    weight_decay = validate_weight_decay(weight_decay)
    moment = validate_second_moment(second_moment, target.shape[1])
    rtol, atol = validate_solver(method, rtol, atol)
    networks = list(zip(*stacks, strict=True))
    paths = []
    for i, network in enumerate(networks):
        system = _system(target, network, moment, weight_decay)
        what = f"start {i} of the flow of the layers"
        paths.append(system.read(run(system, times, method, rtol, atol, what)))
    shrunk = np.exp(-2 * weight_decay * times)[:, None, None]
    with np.errstate(over="ignore", invalid="ignore"):
        observed = [
            observe(target, network, path, moment) | {"drift": _drift(network, path, shrunk)}
            for network, path in zip(networks, paths, strict=True)
        ]
    values = {name: np.stack([each[name] for each in observed]) for name in _VARIABLES}
    for name, array in values.items():
        if not np.isfinite(array).all():
            raise IntegrationError(f"{name} must be finite, got an overflow; rescale the layers")
    weights = [np.stack(layer) for layer in zip(*paths, strict=True)]
    attrs = {"method": f"{method} flow of the layers", "rtol": rtol, "weight_decay": weight_decay}
    axis = xr.Variable("time", times, {"long_name": "gradient flow time", "units": "1"})
    return assemble(axis, values, _VARIABLES, weights, attrs)


_VARIABLES = {
    **OBSERVED,
    "drift": (
        ("pair",),
        "distance of the imbalance of two adjacent layers to what the flow makes of its start",
    ),
}


def _system(
    target: Target,
    network: Sequence[np.ndarray],
    second_moment: np.ndarray | None,
    weight_decay: float,
) -> System:
    """Return the flow of W_1, ..., W_N; ``read`` gives the layers, each (T, d_j, d_{j-1})."""
    unpack = unpacking([layer.shape for layer in network])
    matrix = target.matrix

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        layers = unpack(y)
        return packed(descent_directions(matrix, layers, second_moment, weight_decay)[1])

    initial = packed(network)
    largest = max(float(np.linalg.norm(layer)) for layer in network)
    # W = 0 is stationary, and any tolerance serves.
    return System(rhs, initial, np.full(initial.size, largest or 1.0), unpack)


def _drift(
    network: Sequence[np.ndarray], path: Sequence[np.ndarray], shrunk: np.ndarray
) -> np.ndarray:
    """Return how far imbalances are, (N - 1, T), from ``shrunk``, e^{−2μt}, times their starts."""
    return norms(imbalances(path), less=[shrunk * matrix for matrix in imbalances(network)])
