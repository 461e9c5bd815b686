"""Errors of integrated flows, by the closed form."""

from itertools import product

import numpy as np
import xarray as xr

from companion.datasets import variable
from companion.ensembles import family_names, over_depths, select
from dlnpaper._target import Target
from dlnpaper.one_neuron._flows import integrate
from dlnpaper.one_neuron._starting_points import StartingPoints

__all__ = ["compare", "integrated", "measure", "random_widths"]

#: What is compared: s relative to its value, the entries of a and b absolutely.
QUANTITIES = ("s", "a", "b")

FLOWS = ("induced", "layers")

#: Relative tolerances of a step, by method of solve_ivp.
TOLERANCES = {
    "LSODA": (1e-4, 1e-7, 1e-10, 1e-13),
    "DOP853": (1e-4, 1e-7, 1e-10, 1e-13),
    "RK45": (1e-4, 1e-7, 1e-10),
    "Radau": (1e-4, 1e-6, 1e-8),
}

#: The largest random width of a hidden layer, in neurons.
LARGEST_WIDTH = 5


def measure(starts: xr.Dataset, trajectories: xr.Dataset, *, part: int, seed: int) -> xr.Dataset:
    """Integrate both flows with every method and tolerance, and compare with the closed form.

    The ``trajectories`` hold ``s`` (depth, start, time), ``a`` (..., left) and ``b`` (..., right)
    in closed form. A part is a depth; the seed draws hidden widths and vectors, the same in every
    integration of a start.

    Returns the errors of `compare` over (run, depth, start); coordinates ``flow``, ``method`` and
    ``rtol`` (run).
    """
    exact = trajectories.sel(depth=[part])
    starts, times = select(starts, family_names(trajectories)), exact["time"].values
    solvers = [(method, rtol) for method, rtols in TOLERANCES.items() for rtol in rtols]
    runs = [(flow, *solver) for flow, solver in product(FLOWS, solvers)]
    errors = [compare(exact, integrated(starts, part, times, *run, seed=seed)) for run in runs]
    flow, method, rtol = map(list, zip(*runs, strict=True))
    return xr.concat(errors, dim="run").assign_coords(
        flow=("run", flow, {"long_name": "equations that are integrated"}),
        method=("run", method, {"long_name": "method of solve_ivp"}),
        rtol=variable("run", rtol, "relative tolerance of a step"),
    )


def integrated(
    starts: xr.Dataset,
    depth: int,
    times: np.ndarray,
    flow: str,
    method: str,
    rtol: float,
    *,
    seed: int,
) -> xr.Dataset:
    """Integrate a flow at one depth; the layers have random hidden widths and unit vectors."""
    options = {"method": method, "rtol": rtol, "variables": QUANTITIES}
    if flow == "layers":
        return over_depths(_integrate_layers, starts, [depth], times, seed=seed, **options)
    return over_depths(integrate, starts, [depth], times, flow=flow, **options)


def compare(exact: xr.Dataset, reference: xr.Dataset) -> xr.Dataset:
    """Return the error of integrated trajectories at the worst time.

    Returns, over (depth, start): ``s``, the largest relative error of s over time; ``a`` and ``b``,
    the largest absolute error of an entry.
    """
    found = {
        "s": abs(reference["s"] / exact["s"] - 1).max("time"),
        "a": abs(reference["a"] - exact["a"]).max(["time", "left"]),
        "b": abs(reference["b"] - exact["b"]).max(["time", "right"]),
    }
    for name, values in found.items():
        kind = "relative error" if name == "s" else "error of an entry"
        values.attrs = {"long_name": f"largest {kind} of {name} over time", "units": "1"}
    return xr.Dataset(found)


def random_widths(depth: int, largest: int, rng: np.random.Generator) -> list[int]:
    """Draw hidden widths d_1, ..., d_{N-1} from 1 to ``largest``, a random one of them set to 1."""
    widths = rng.integers(1, largest, depth - 1, endpoint=True)
    widths[rng.integers(depth - 1)] = 1
    return widths.tolist()


def _integrate_layers(
    target: Target, depth: int, starts: StartingPoints, times: np.ndarray, *, seed: int, **options
) -> xr.Dataset:
    parts = []
    for i in range(len(starts)):
        rng = np.random.default_rng([seed, depth, i])
        options["widths"] = random_widths(depth, LARGEST_WIDTH, rng)
        options["seed"] = int(rng.integers(2**32))
        parts.append(integrate(target, depth, starts[i], times, flow="layers", **options))
    return xr.concat(parts, dim="start", data_vars="minimal", combine_attrs="drop_conflicts")
