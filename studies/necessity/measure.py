"""Starts that are not balanced, against the prediction (docs/theory.md, section 8.4)."""

import numpy as np
import xarray as xr

from companion.ensembles import select, starts_of, target_of, time_grid
from dlnpaper.layers._flow import integrate_layers
from dlnpaper.one_neuron._closed_form import solve


def measure(starts, *, depths, factors, unbalanced_times, seed):
    """Follow layers that are not balanced, from the start of the family ``saddle``.

    Returns
    -------
    xarray.Dataset
        As `follow_unbalanced` returns it, by ``depth``.
    """
    starts = select(starts, ["saddle"])
    target, start, times = target_of(starts), starts_of(starts)[0], time_grid(**unbalanced_times)
    followed = [follow_unbalanced(target, depth, start, factors, times, seed) for depth in depths]
    layers = {"long_name": "number of layers", "units": "1"}
    return xr.concat(followed, dim=xr.Variable("depth", depths, layers))


def follow_unbalanced(target, depth, start, factors, times, seed, rtol=1e-10):
    """Follow layers whose product is that of a balanced start, but which are not balanced.

    The balanced layers of the start are taken, W_1 is multiplied by a factor and W_2 divided by it.
    The end-to-end matrix at the start is the same, and the prediction for it the closed form.

    Parameters
    ----------
    target : Target
    depth : int
        Number of layers N; hidden layers have one neuron.
    start : StartingPoints
        One start.
    factors : sequence of float
        F positive factors; only with 1 is the start balanced.
    times : array_like, (T,)
    seed : int
        Of the hidden directions.
    rtol : float
        Relative tolerance of a step.

    Returns
    -------
    xarray.Dataset
        ``predicted_s`` (time); and over ``factor`` and ``time`` the Frobenius norms: ``s`` of the
        end-to-end matrix, which has rank one, ``distance`` of it to the prediction, ``imbalance``
        of the layers and ``drift`` of this conserved matrix (each the largest over pairs of
        layers).
    """
    exact = solve(target, depth, start, times, variables=("s", "a", "b")).isel(start=0)
    u, v = exact["a"].values @ target.left.T, exact["b"].values @ target.right.T
    predicted = exact["s"].values[:, None, None] * u[:, :, None] * v[:, None, :]
    layers = start.layers(0, depth, 1, seed, target)
    runs = []
    for factor in factors:
        first, second, *rest = layers
        run = integrate_layers(target, [factor * first, second / factor, *rest], times, rtol=rtol)
        product = run["end_to_end"].values
        runs.append(
            [
                np.linalg.norm(product, axis=(1, 2)),
                np.linalg.norm(product - predicted, axis=(1, 2)),
                run["imbalance"].values.max(axis=0),
                run["drift"].values.max(axis=0),
            ]
        )
    names = {
        "s": "singular value of the end-to-end matrix",
        "distance": "distance of the end-to-end matrix to the closed form of the balanced start",
        "imbalance": "largest imbalance of two adjacent layers",
        "drift": "largest change of the imbalance of two adjacent layers",
    }
    values = dict(zip(names, np.moveaxis(np.array(runs), 1, 0), strict=True))
    return xr.Dataset(
        {
            name: (("factor", "time"), values[name], {"long_name": text, "units": "1"})
            for name, text in names.items()
        }
        | {"predicted_s": exact["s"].variable},
        coords={
            "time": exact["time"],
            "factor": (
                "factor",
                np.array(factors, float),
                {"long_name": "factor by which W_1 is multiplied and W_2 divided", "units": "1"},
            ),
        },
    )
