"""Networks that learn a bundled data set: their losses, and how well two solvers agree on them."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.bundled import data_target, load
from companion.datasets import described, variable
from companion.ensembles import family_names, over_depths, select, time_grid
from dlnpaper.one_neuron._closed_form import solve

__all__ = ["compare", "deviations", "measure", "rank_one_loss", "snapshots"]


#: Of the fine times, in which curves are smooth, for each of the others.
FINE = 8

#: The learned u and v are drawn when these shares of its fall are behind the loss, and at the end.
SNAPSHOTS = (0.0, 0.5, 0.9)


def measure(
    starts: xr.Dataset,
    trajectories: xr.Dataset,
    reference: xr.Dataset,
    *,
    target: Mapping,
    depths: Sequence[int],
    times: Mapping,
) -> xr.Dataset:
    """Compare two solvers on the bundled data set that the ``target`` names, see `compare`.

    The ``starts`` are those of the trajectories, at the ``depths`` and ``times`` of theirs. The
    result also holds what is in closed form only: at more times between the same ends the
    ``fine_loss`` (depth, start, fine_time) of all starts and ``fine_exact_loss`` (depth, compared,
    fine_time) of those of the reference; and what `snapshots` returns of the first of these.
    """
    data = data_target(target["data"])[1]
    grid = time_grid(**{**times, "count": FINE * times["count"]})
    followed = select(starts, family_names(trajectories))
    fine = over_depths(solve, followed, depths, grid, variables=["loss"])
    fine = fine.rename(time="fine_time")
    compared = select(starts, family_names(reference))
    first = over_depths(solve, compared.isel(start=[0]), depths[-1:], grid)
    measured = compare(data, trajectories, reference).assign(
        fine_loss=fine["loss"],
        fine_exact_loss=select(fine, family_names(reference))["loss"].rename(start="compared"),
    )
    return measured.assign(snapshots(target["data"], first.isel(depth=0, start=0, drop=True)))


def snapshots(name: str, path: xr.Dataset) -> dict[str, xr.Variable]:
    """Return u and v at some times of a trajectory on a bundled data set, as a human reads them.

    Returns, at the times of `SNAPSHOTS`, ``snapshot_time`` and ``snapshot_loss`` (snapshot); ``u``
    (snapshot, output), by class; and ``v_pattern`` (snapshot, feature), the covariance of every
    feature with what the neuron sees, vᵀ times the whitened inputs, times the number of samples: v
    itself has the basis of the whitened inputs.
    """
    target, data = data_target(name)
    loss = path["loss"].values
    fallen = (loss[0] - loss) / (loss[0] - loss[-1])
    at = [*(int(np.argmax(fallen >= share)) for share in SNAPSHOTS), -1]
    u = path["a"].values[at] @ target.left.T
    seen = path["b"].values[at] @ data["inputs"].values
    return {
        "snapshot_time": variable("snapshot", path["time"].values[at], "time of the snapshot"),
        "snapshot_loss": variable("snapshot", loss[at], "loss at that time"),
        "u": variable(("snapshot", "output"), u, "left singular vector, by class"),
        "v_pattern": variable(
            ("snapshot", "feature"), seen @ load(name)[0].T, "covariance of features and neuron"
        ),
    }


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
