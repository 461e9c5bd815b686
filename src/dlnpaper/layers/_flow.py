"""Gradient flow of any deep linear network, by SciPy's solvers."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    SIGMA_RANGE,
    shown,
    validate_array,
    validate_times,
    validate_weight_decay,
)
from dlnpaper._integration import (
    MOST_WEIGHTS,
    IntegrationError,
    Method,
    System,
    run,
    validate_solver,
)
from dlnpaper._target import Target, validate_target
from dlnpaper.layers._balanced import validate_chain
from dlnpaper.layers._products import descent_directions, end_to_end, imbalances, unpacking

#: A computed second moment is symmetric, and its zero eigenvalues are zero, to rounding.
ROUNDING = 1e-12


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
    times, stacks = validate_times(times), _validate_layers(layers, target.shape)
    weight_decay = validate_weight_decay(weight_decay)
    moment = _validate_second_moment(second_moment, target.shape[1])
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
            _observe(target, network, path, moment, shrunk)
            for network, path in zip(networks, paths, strict=True)
        ]
    values = {name: np.stack([each[name] for each in observed]) for name in _VARIABLES}
    for name, array in values.items():
        if not np.isfinite(array).all():
            raise IntegrationError(f"{name} must be finite, got an overflow; rescale the layers")
    weights = [np.stack(layer) for layer in zip(*paths, strict=True)]
    attrs = {"method": f"{method} flow of the layers", "rtol": rtol, "weight_decay": weight_decay}
    return _assemble(times, values, weights, attrs)


_VARIABLES = {
    "end_to_end": (("start", "time", "row", "column"), "end-to-end matrix"),
    "loss": (("start", "time"), "quadratic loss"),
    "distance": (("start", "layer", "time"), "distance of a layer to its start"),
    "norm": (("start", "layer", "time"), "norm of a layer"),
    "imbalance": (("start", "pair", "time"), "imbalance of two adjacent layers"),
    "drift": (
        ("start", "pair", "time"),
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
        return np.concatenate(descent_directions(matrix, layers, second_moment, weight_decay)[1])

    initial = np.concatenate([layer.ravel() for layer in network])
    largest = max(float(np.linalg.norm(layer)) for layer in network)
    # W = 0 is stationary, and any tolerance serves.
    return System(rhs, initial, np.full(initial.size, largest or 1.0), unpack)


def _observe(
    target: Target,
    network: Sequence[np.ndarray],
    path: Sequence[np.ndarray],
    second_moment: np.ndarray | None,
    shrunk: np.ndarray,
) -> dict[str, np.ndarray]:
    """Return the values of `_VARIABLES` for one network; ``shrunk`` is e^{−2μt}, (T, 1, 1)."""
    product, conserved = end_to_end(path), imbalances(path)
    residual = product - target.matrix
    if second_moment is None:
        squares = np.linalg.norm(residual, axis=(1, 2)) ** 2
    else:
        squares = (residual @ second_moment * residual).sum(axis=(1, 2))
    expected = [shrunk * matrix for matrix in imbalances(network)]
    return {
        "end_to_end": product,
        "loss": squares / 2 + target.loss_offset,
        "distance": _norms(path, less=network),
        "norm": _norms(path),
        "imbalance": _norms(conserved),
        "drift": _norms(conserved, less=expected),
    }


def _norms(paths: Sequence[np.ndarray], less: Sequence[np.ndarray] | None = None) -> np.ndarray:
    """Return the norms over time of paths of matrices, (paths, T), after subtracting others."""
    if less is not None:
        paths = [path - other for path, other in zip(paths, less, strict=True)]
    return np.array([np.linalg.norm(path, axis=(1, 2)) for path in paths])


def _assemble(
    times: np.ndarray,
    values: dict[str, np.ndarray],
    weights: Sequence[np.ndarray],
    attrs: dict[str, object],
) -> xr.Dataset:
    """Return the dataset of `integrate`; the weights are (M, T, d_j, d_{j-1}) each."""
    numbers = np.arange(1, len(weights) + 1)
    sides = ["column", *(f"hidden_{j}" for j in numbers[:-1]), "row"]
    named: dict[str, tuple[Sequence[str], np.ndarray, str]] = {
        name: (dims, values[name], long_name) for name, (dims, long_name) in _VARIABLES.items()
    }
    for j, layer in zip(numbers, weights, strict=True):
        dims = ("start", "time", sides[j], sides[j - 1])
        named[f"layer_{j}"] = (dims, layer, f"weights of layer {j}")
    axes: dict[str, tuple[Sequence[str], np.ndarray, str]] = {
        "time": (("time",), times, "gradient flow time"),
        "layer": (("layer",), numbers, "number of the layer"),
        "pair": (("pair",), numbers[:-1], "number of the pair's lower layer"),
    }
    return xr.Dataset(
        {name: _variable(*about) for name, about in named.items()},
        coords={name: _variable(*about) for name, about in axes.items()},
        attrs=attrs,
    )


def _variable(dims: Sequence[str], values: np.ndarray, long_name: str) -> xr.Variable:
    return xr.Variable(dims, values, {"long_name": long_name, "units": "1"})


def _validate_layers(layers: Sequence[ArrayLike], shape: tuple[int, int]) -> list[np.ndarray]:
    """Return the layers of M networks, each (M, d_j, d_{j-1}), as new float arrays, or raise."""
    if not np.iterable(layers):
        raise TypeError(f"layers must be a list of matrices, got {shown(layers)}; give W_1 to W_N")
    stacks = list(_validate_stacks(layers))
    # All networks have the same shapes, so the first one chains for all.
    validate_chain([stack[0] for stack in stacks], shape)
    weights = sum(stack[0].size for stack in stacks)
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"layers must have at most {MOST_WEIGHTS} weights to integrate, got {weights}; "
            "reduce their widths or number"
        )
    return stacks


def _validate_stacks(layers: Sequence[ArrayLike]) -> Iterator[np.ndarray]:
    """Yield every layer as (M, d_j, d_{j-1}), finite and of one M, or raise."""
    count = None
    for j, layer in enumerate(layers):
        stack = validate_array(f"layers[{j}]", layer, None)
        given = stack.shape
        if len(given) not in (2, 3) or 0 in given:
            raise ValueError(
                f"layers[{j}] must have shape (out, in), or (M, out, in) for M networks, with at "
                f"least one of each, got shape {given}; reshape it"
            )
        stack = stack if len(given) == 3 else stack[None]
        largest = float(np.abs(stack).max())
        if largest > SIGMA_RANGE[1]:
            raise ValueError(
                f"layers[{j}] must have entries up to {SIGMA_RANGE[1]:g}, got {largest:g}; "
                "change the unit"
            )
        count = count or len(stack)
        if len(stack) != count:
            raise ValueError(
                f"layers[{j}] must hold one matrix for each of the {count} networks of layers[0], "
                f"got shape {given}; stack as many"
            )
        yield stack


def _validate_second_moment(moment: ArrayLike | None, d_x: int) -> np.ndarray | None:
    """Return Σ as a new float array, or raise unless it is a second moment of d_x inputs."""
    if moment is None:
        return None
    moment = validate_array("second_moment", moment, 2)
    if moment.shape != (d_x, d_x):
        raise ValueError(
            f"second_moment must have shape {(d_x, d_x)} for {d_x} inputs, got shape "
            f"{moment.shape}; give X Xᵀ with one sample a column"
        )
    allowed = ROUNDING * np.abs(moment).max()
    skew = float(np.abs(moment - moment.T).max())
    if skew > allowed:
        raise ValueError(
            f"second_moment must be symmetric, got entries that differ by {skew:.3g} from those "
            "across the diagonal; give X Xᵀ"
        )
    least = float(np.linalg.eigvalsh(moment)[0])
    if least < -d_x * allowed:
        raise ValueError(
            f"second_moment must be positive semidefinite, got an eigenvalue of {least:.3g}; "
            "give X Xᵀ"
        )
    return moment
