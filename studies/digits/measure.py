"""Networks that learn a bundled data set: their losses, and how well two solvers agree on them."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from companion.bundled import data_target
from companion.datasets import described, variable
from companion.ensembles import family_names, select

__all__ = ["compare", "deviations", "measure", "rank_one_loss"]


def measure(trajectories: xr.Dataset, reference: xr.Dataset, *, target: Mapping) -> xr.Dataset:
    """Compare two solvers on the bundled data set that the ``target`` names, see `compare`."""
    return compare(data_target(target["data"])[1], trajectories, reference)


def compare(data: xr.Dataset, trajectories: xr.Dataset, reference: xr.Dataset) -> xr.Dataset:
    """Measure the losses of networks on a data set, in closed form and by the layers.

    The data are of `companion.bundled.whitened_data`; the trajectories, and those of some families
    by the flow of the layers, hold ``s`` and ``loss`` (depth, start, time), ``a`` (..., left) and
    ``b`` (..., right).

    Returns ``loss`` (depth, start, time) of all starts in closed form; of the starts of the
    reference ``exact_loss`` and ``loss_of_layers`` (depth, compared, time); ``deviation_of_...``
    (depth), see `deviations`; ``singular_values`` (mode); and scalars: what the data are, what
    whitening dropped, and the losses of W = 0, of the best W of rank one and of least squares.
    """
    exact = select(trajectories, family_names(reference))
    scalars = {
        "samples": data.sizes["sample"],
        "features": data.attrs["features"],
        "dropped_directions": data.attrs["dropped_directions"],
        "whitened_inputs": data.sizes["right"],
        "outputs": data.sizes["left"],
        "tolerance": data.attrs["tolerance"],
        "rank": data.sizes["mode"],
        "dropped_singular_values": data.attrs["dropped_singular_values"],
        "loss_of_zero": _loss_of_zero(data),
        "loss_of_best_rank_one": rank_one_loss(data),
        "loss_of_least_squares": data.attrs["loss_offset"],
    }
    return xr.Dataset(
        {name: variable((), value, name.replace("_", " ")) for name, value in scalars.items()}
        | {
            "singular_values": data["singular_values"],
            "loss": trajectories["loss"],
            "exact_loss": exact["loss"].rename(start="compared"),
            "loss_of_layers": reference["loss"].rename(start="compared"),
            **deviations(data, exact, reference),
        }
    )


def deviations(data: xr.Dataset, exact: xr.Dataset, reference: xr.Dataset) -> xr.Dataset:
    """Return the largest deviations at each depth between two solutions from the same starts.

    Returns ``deviation_of_...`` (depth): ``s`` relative to its value, ``a`` and ``b`` absolute,
    ``loss`` relative to that of W = 0, and ``loss_on_data``, the same between the closed form's
    loss and that of the reference's end-to-end matrix on the data.
    """
    scale = _loss_of_zero(data)
    differences = {
        "s": reference["s"] / exact["s"] - 1,
        "a": reference["a"] - exact["a"],
        "b": reference["b"] - exact["b"],
        "loss": (reference["loss"] - exact["loss"]) / scale,
        "loss_on_data": (_loss_on_data(data, reference) - exact["loss"]) / scale,
    }
    found = {}
    for name, values in differences.items():
        largest = abs(values).max(set(values.dims) - {"depth"})
        described_as = described(f"largest deviation of {name}")
        found[f"deviation_of_{name}"] = largest.assign_attrs(described_as)
    return xr.Dataset(found)


def rank_one_loss(data: xr.Dataset) -> float:
    """Return the least loss of any end-to-end matrix of rank one (Eckart–Young)."""
    unfitted = data["singular_values"].values[1:]
    return data.attrs["loss_offset"] + 0.5 * float(np.sum(unfitted**2))


def _loss_of_zero(data: xr.Dataset) -> float:
    return 0.5 * float(np.sum(data["outputs"].values ** 2))


def _loss_on_data(data: xr.Dataset, trajectories: xr.Dataset) -> xr.DataArray:
    """Evaluate ``½‖Y − s a bᵀ X‖²`` sample by sample, without the target."""
    inputs, outputs = data["inputs"].values, data["outputs"].values
    s, a, b = (trajectories[name].values for name in ("s", "a", "b"))
    projected = b @ inputs
    loss = xr.zeros_like(trajectories["s"])
    for index in np.ndindex(s.shape):
        residual = outputs - s[index] * np.outer(a[index], projected[index])
        loss.values[index] = 0.5 * np.sum(residual**2)
    return loss
