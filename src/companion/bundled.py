"""Data sets that come with an installed package, and the targets that they give."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import validate_array
from dlnpaper._target import Target


def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Load inputs (features, n) and one-hot outputs (classes, n) of the data set "digits".

    Raises
    ------
    ValueError
        If there is no such data set.
    """
    if name != "digits":
        raise ValueError(f"data must name a bundled data set, got {name!r}; choose digits")
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.data.T, one_hot(digits.target)


def data_target(name: str) -> tuple[Target, xr.Dataset]:
    """Return the target of a bundled data set and its whitened data, see `whitened_data`."""
    return whitened_data(*load(name))


def one_hot(labels: ArrayLike) -> np.ndarray:
    """Return one row per class and one column per label, counted from 0; 1 where they meet."""
    labels = np.asarray(labels)
    return (np.arange(labels.max() + 1)[:, None] == labels).astype(float)


def whitened_data(inputs: ArrayLike, outputs: ArrayLike) -> tuple[Target, xr.Dataset]:
    """Center inputs and outputs, and whiten the inputs.

    Without centering, the largest singular value of the target would mostly be the mean of the
    outputs. Centered one-hot outputs sum to zero, so the target has one rank less than classes.

    Parameters
    ----------
    inputs : array_like, (features, n)
        One sample a column.
    outputs : array_like, (d_y, n)

    Returns
    -------
    target : Target
        Of ``Target.from_data`` on the centered data, whose errors are raised.
    data : xarray.Dataset
        In the target's singular coordinates, the whitened ``inputs`` (right, sample) and the
        centered ``outputs`` (left, sample); ``singular_values`` (mode); attributes ``features``,
        ``loss_offset``, and by the relative ``tolerance`` the ``dropped_directions`` of the inputs
        and the ``dropped_singular_values`` of the target.
    """
    inputs = _centered(validate_array("inputs", inputs, 2))
    outputs = _centered(validate_array("outputs", outputs, 2))
    target = Target.from_data(inputs, outputs)
    whitened = target.right.T @ (np.asarray(target.whitening) @ inputs)

    def described(dims, values, long_name):
        return dims, values, {"long_name": long_name, "units": "1"}

    data = xr.Dataset(
        {
            "inputs": described(
                ("right", "sample"), whitened, "whitened inputs in target coordinates"
            ),
            "outputs": described(
                ("left", "sample"),
                target.left.T @ outputs,
                "centered outputs in target coordinates",
            ),
            "singular_values": described(
                "mode", target.singular_values, "singular values of the target"
            ),
        },
        attrs={
            "features": len(inputs),
            "loss_offset": target.loss_offset,
            "dropped_directions": target.dropped.data_directions,
            "dropped_singular_values": target.dropped.singular_values,
            "tolerance": target.dropped.tolerance,
        },
    )
    return target, data


def _centered(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=1, keepdims=True)
