"""The examples of docs/theory.md, section 8: layers off balance, and the law of a collapse."""

from typing import NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import select, starts_of, target_of, time_grid
from dlnpaper.layers._flow import integrate
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._laws import LAW_KINDS
from dlnpaper.one_neuron._rates import rates


class Collapse(NamedTuple):
    """How s vanishes: ``s ≃ exp(log_prefactor - decay)``."""

    kind: str
    speed: float  #: The rate of an exponential, the exponent of a power.
    log_prefactor: float
    decay: np.ndarray  #: At each time.


def measure(starts, *, depths, factors, unbalanced_times, seed):
    """Follow layers that are not balanced, from the start of the family ``saddle``.

    Returns what `follow_unbalanced` returns, by ``depth``.
    """
    starts = select(starts, ["saddle"])
    target, start, times = target_of(starts), starts_of(starts)[0], time_grid(**unbalanced_times)
    followed = [follow_unbalanced(target, depth, start, factors, times, seed) for depth in depths]
    return xr.concat(followed, dim=depth_axis(depths))


def follow_unbalanced(target, depth, start, factors, times, seed, rtol=1e-10):
    """Follow layers whose product is that of a balanced start, but which are not balanced.

    The balanced layers of one start are taken, of one hidden neuron each and with hidden directions
    that the seed draws; for every factor W_1 is multiplied by it and W_2 divided. The end-to-end
    matrix at the start is the same, and the prediction for it the closed form.

    Returns ``predicted_s`` (time); and over ``factor`` and ``time`` the Frobenius norms: ``s`` of
    the end-to-end matrix, which has rank one, ``distance`` of it to the prediction, ``imbalance``
    of the layers and ``drift`` of this conserved matrix (each the largest over pairs of layers).
    """
    exact = solve(target, depth, start, times, variables=("s", "a", "b")).isel(start=0)
    u, v = exact["a"].values @ target.left.T, exact["b"].values @ target.right.T
    predicted = exact["s"].values[:, None, None] * u[:, :, None] * v[:, None, :]
    first, second, *rest = start.layers(0, depth, 1, seed, target)
    runs = []
    for factor in factors:
        layers = [factor * first, second / factor, *rest]
        run = integrate(target, layers, times, rtol=rtol).isel(start=0)
        product = run["end_to_end"].values
        runs.append(
            {
                "s": np.linalg.norm(product, axis=(1, 2)),
                "distance": np.linalg.norm(product - predicted, axis=(1, 2)),
                "imbalance": run["imbalance"].values.max(axis=0),
                "drift": run["drift"].values.max(axis=0),
            }
        )
    factor = "factor by which W_1 is multiplied and W_2 divided"
    return xr.Dataset(
        {
            name: variable(("factor", "time"), [run[name] for run in runs], text)
            for name, text in _LONG_NAMES.items()
        }
        | {"predicted_s": exact["s"].variable},
        coords={
            "time": exact["time"],
            "factor": variable("factor", np.array(factors, float), factor),
        },
    )


_LONG_NAMES = {
    "s": "singular value of the end-to-end matrix",
    "distance": "distance of the end-to-end matrix to the closed form of the balanced start",
    "imbalance": "largest imbalance of two adjacent layers",
    "drift": "largest change of the imbalance of two adjacent layers",
}


def collapse_law(starts, depth, times):
    """Return the law by which s vanishes from the start of the family ``origin``.

    The power laws have no value at time 0: the first positive time stands for it.
    """
    start = starts_of(select(starts, ["origin"]))[0]
    law = rates(target_of(starts), int(depth), start).isel(start=0).sel(quantity="s_gap")
    kind = LAW_KINDS[int(law["kind"])]
    speed = float(law["rate" if kind == "exponential" else "exponent"])
    clock = times if kind == "exponential" else np.log(np.maximum(times, times[1]))
    return Collapse(kind, speed, float(law["log_prefactor"]), speed * clock)
