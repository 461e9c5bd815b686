"""Networks trained on a data set: its target, and the loss on the data themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper.arguments import validate_array
from dlnpaper.schema import Field, Schema
from dlnpaper.target import Target

#: What a file of whitened data holds (`dlnpaper.storage`).
DATA = Schema(
    "dlnpaper whitened data",
    version=1,
    required={
        "inputs": Field(("right", "sample")),
        "outputs": Field(("left", "sample")),
        "singular_values": Field(("mode",)),
    },
)


def one_hot(labels: ArrayLike) -> np.ndarray:
    """Return one row per class and one column per label, 1 where they meet, (classes, k).

    Parameters
    ----------
    labels : array_like of int, (k,)
        From 0 on.
    """
    labels = np.asarray(labels)
    return (np.arange(labels.max() + 1)[:, None] == labels).astype(float)


def whitened_data(inputs: ArrayLike, outputs: ArrayLike) -> tuple[Target, xr.Dataset]:
    """Center inputs and outputs, and whiten the inputs.

    Centering makes the network fit ``y ≈ ȳ + W S⁻¹Pᵀ (x − x̄)``: without it the largest singular
    value of the target would mostly say that the outputs have a mean. Centered one-hot outputs sum
    to zero, so the target has one rank less than there are classes.

    Parameters
    ----------
    inputs : array_like, (features, k)
        One sample a column.
    outputs : array_like, (d_y, k)

    Returns
    -------
    target : Target
        Of ``Target.from_data`` on the centered data.
    data : xarray.Dataset
        In the target's singular coordinates, the whitened ``inputs`` (right, sample) and the
        centered ``outputs`` (left, sample); ``singular_values`` (mode); attributes ``features``,
        ``loss_offset``, and by the relative ``tolerance`` the ``dropped_directions`` of the inputs
        and the ``dropped_singular_values`` of the target.

    Raises
    ------
    ValueError
        As ``Target.from_data``.
    """
    inputs = _centered(validate_array("inputs", inputs, 2))
    outputs = _centered(validate_array("outputs", outputs, 2))
    target = Target.from_data(inputs, outputs)
    whitened = np.asarray(target.whitening) @ inputs
    data = xr.Dataset(
        {
            "inputs": (
                ("right", "sample"),
                target.right.T @ whitened,
                {"long_name": "whitened inputs in target coordinates", "units": "1"},
            ),
            "outputs": (
                ("left", "sample"),
                target.left.T @ outputs,
                {"long_name": "centered outputs in target coordinates", "units": "1"},
            ),
            "singular_values": (
                "mode",
                target.singular_values,
                {"long_name": "singular values of the target", "units": "1"},
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


def loss_on_data(data: xr.Dataset, trajectories: xr.Dataset) -> xr.DataArray:
    """Evaluate ``½‖Y − s a bᵀ X‖²`` on the data, sample by sample.

    Parameters
    ----------
    data : xarray.Dataset
        As `whitened_data` returns it.
    trajectories : xarray.Dataset
        ``s`` (...), ``a`` (..., left) and ``b`` (..., right).

    Returns
    -------
    xarray.DataArray
        The loss, (...): the one of docs/theory.md, section 1, computed without Z.
    """
    inputs, outputs = data["inputs"].values, data["outputs"].values
    s, a, b = (trajectories[name].values for name in ("s", "a", "b"))
    projected = b @ inputs
    loss = np.empty(s.shape)
    for index in np.ndindex(s.shape):
        residual = outputs - s[index] * np.outer(a[index], projected[index])
        loss[index] = 0.5 * np.sum(residual**2)
    return trajectories["s"].copy(data=loss).assign_attrs(long_name="quadratic loss on the data")


def rank_one_loss(data: xr.Dataset) -> float:
    """Return the least loss of any end-to-end matrix of rank one (Eckart–Young)."""
    unfitted = data["singular_values"].values[1:]
    return data.attrs["loss_offset"] + 0.5 * float(np.sum(unfitted**2))


def deviations(data: xr.Dataset, exact: xr.Dataset, witness: xr.Dataset) -> xr.Dataset:
    """Compare the closed form with an integration of the same starts.

    Parameters
    ----------
    data : xarray.Dataset
        As `whitened_data` returns it.
    exact, witness : xarray.Dataset
        ``s`` and ``loss`` (depth, start, time), ``a`` (..., left) and ``b`` (..., right).

    Returns
    -------
    xarray.Dataset
        The largest deviations at each depth: ``s`` relative to its value, ``a`` and ``b`` absolute,
        ``loss`` relative to that of W = 0, and ``loss_on_data``, the same between the closed form's
        loss and that of the witness's end-to-end matrix on the data.
    """
    scale = 0.5 * float(np.sum(data["outputs"].values ** 2))
    differences = {
        "s": witness["s"] / exact["s"] - 1,
        "a": witness["a"] - exact["a"],
        "b": witness["b"] - exact["b"],
        "loss": (witness["loss"] - exact["loss"]) / scale,
        "loss_on_data": (loss_on_data(data, witness) - exact["loss"]) / scale,
    }
    return xr.Dataset(
        {
            name: abs(values).max(set(values.dims) - {"depth"})
            for name, values in differences.items()
        }
    )


def regression(data: xr.Dataset, exact: xr.Dataset, witness: xr.Dataset) -> pd.DataFrame:
    """Tabulate what a data set is, what was left out of it, and how solvers agree on it.

    Parameters
    ----------
    data, exact, witness : xarray.Dataset
        As for `deviations`.

    Returns
    -------
    pandas.DataFrame
        ``quantity``, what it is ``of`` (the data, the target, one of its modes, or a depth) and its
        ``value``; counts are integers.
    """
    rows: list[tuple[str, str, float]] = [
        ("samples", "data", data.sizes["sample"]),
        ("features", "data", data.attrs["features"]),
        ("dropped_directions", "data", data.attrs["dropped_directions"]),
        ("whitened_inputs", "data", data.sizes["right"]),
        ("outputs", "data", data.sizes["left"]),
        ("tolerance", "data", data.attrs["tolerance"]),
        ("rank", "target", data.sizes["mode"]),
        ("dropped_singular_values", "target", data.attrs["dropped_singular_values"]),
    ]
    for mode, value in enumerate(data["singular_values"].values, start=1):
        rows.append(("singular_value", f"mode {mode}", value))
    rows += [
        ("loss_of_zero", "target", 0.5 * float(np.sum(data["outputs"].values ** 2))),
        ("loss_of_best_rank_one", "target", rank_one_loss(data)),
        ("loss_of_least_squares", "target", data.attrs["loss_offset"]),
    ]
    found = deviations(data, exact, witness)
    for depth in found["depth"].values:
        rows.append(("compared_starts", f"N = {depth}", witness.sizes["start"]))
        for name in found.data_vars:
            deviation = found[name].sel(depth=depth).item()
            rows.append((f"largest_deviation_of_{name}", f"N = {depth}", deviation))
    return pd.DataFrame(rows, columns=["quantity", "of", "value"], dtype=object)
