"""Linear residual networks of matrices, as deep linear networks whose layers are I + W_l."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper import layers
from dlnpaper._checks import validate_array
from dlnpaper._descent import DescentMethod
from dlnpaper._integration import Method
from dlnpaper._target import Target, validate_target


def integrate(
    target: Target,
    weights: ArrayLike,
    times: ArrayLike,
    *,
    second_moment: ArrayLike | None = None,
    method: Method = "LSODA",
    rtol: float = 1e-10,
    atol: float | None = None,
) -> xr.Dataset:
    """Integrate gradient flow of linear residual networks, ``(I + W_L) ... (I + W_1)``.

    Parameters
    ----------
    target : Target
        Of shape (d, d).
    weights : array_like, (M, L, d, d) or (L, d, d)
        W_1, ..., W_L at the start of M networks with L ≥ 2 layers, or of one. In the coordinates of
        the target's matrix.
    times, second_moment, method, rtol, atol
        As in `dlnpaper.layers.integrate`.

    Returns
    -------
    xarray.Dataset
        weights (start, time, layer, row, column)
            W_l, to an absolute rounding error of 1e-16; layers are counted from 1.
        end_to_end, loss, distance, imbalance, drift
            As of `dlnpaper.layers.integrate`; the imbalance is that of the matrices I + W_l.

    Raises
    ------
    TypeError, ValueError, IntegrationError
        As `dlnpaper.layers.integrate`.

    References
    ----------
    docs/scaling.md, section 4.
    """
    path = layers.integrate(
        target,
        _layers(target, weights),
        times,
        second_moment=second_moment,
        method=method,
        rtol=rtol,
        atol=atol,
    )
    return _residual(path)


def descend(
    target: Target,
    weights: ArrayLike,
    *,
    step: float,
    steps: int,
    method: DescentMethod = "gradient_descent",
    momentum: float = 0.0,
    second_moment: ArrayLike | None = None,
    every: int = 1,
) -> xr.Dataset:
    """Descend with finite steps from linear residual networks, ``(I + W_L) ... (I + W_1)``.

    Parameters
    ----------
    target : Target
        Of shape (d, d).
    weights : array_like, (M, L, d, d) or (L, d, d)
        As in `integrate`.
    step, steps, method, momentum, second_moment, every
        As in `dlnpaper.layers.descend`.

    Returns
    -------
    xarray.Dataset
        As of `integrate`, with ``step`` in place of ``time`` and without ``drift``; ``diverged``
        and ``diverged_at`` as of `dlnpaper.layers.descend`.

    Raises
    ------
    TypeError, ValueError
        As `dlnpaper.layers.descend`.

    References
    ----------
    docs/scaling.md, section 4.
    """
    path = layers.descend(
        target,
        _layers(target, weights),
        step=step,
        steps=steps,
        method=method,
        momentum=momentum,
        second_moment=second_moment,
        every=every,
    )
    return _residual(path)


def _layers(target: Target, weights: ArrayLike) -> list[np.ndarray]:
    """Return the matrices I + W_1, ..., I + W_L, each (M, d, d), or raise."""
    validate_target(target)
    array = validate_array("weights", weights, None)
    array = array[None] if array.ndim == 3 else array
    d = target.shape[0]
    if target.shape != (d, d):
        raise ValueError(
            "target must be square, since residual layers keep the width, got shape "
            f"{target.shape}; pad it with zeros"
        )
    if array.ndim != 4 or array.shape[2:] != (d, d) or array.shape[1] < 2 or not len(array):
        raise ValueError(
            f"weights must have shape (L, {d}, {d}), or (M, L, {d}, {d}) for M networks, with at "
            f"least 2 layers for a target of shape {target.shape}, got shape {np.shape(weights)}; "
            "reshape them"
        )
    return list(np.moveaxis(array + np.eye(d), 1, 0))


def _residual(path: xr.Dataset) -> xr.Dataset:
    """Return a path of layers I + W_l with all W_l in one variable."""
    names = [f"layer_{number}" for number in path["layer"].values]
    along = path["layer_1"].dims[1]
    stacked = np.stack([path[name].values for name in names], axis=2)
    stacked -= np.eye(stacked.shape[-1])
    dims = ("start", along, "layer", "row", "column")
    attrs = {"long_name": "residual weights of a layer", "units": "1"}
    return path.drop_vars([*names, "norm"]).assign(weights=(dims, stacked, attrs))
