"""How fast three methods contract near the minimizer, and how many steps they need."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from dlnpaper._descent import DESCENT_METHODS, DescentMethod
from dlnpaper._local_rates import Tuning, best_parameters
from dlnpaper._target import Target
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._hessian import hessian_spectrum
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.momentum.laws import LAWS, LEFT

#: The second coordinates of u and v at the start. Their squares are what the minimizer that is
#: reached differs by from a balanced one, and the square root of that is what splits double roots.
TILTS = (1e-6, 0.5e-6)
#: The error is observed after these numbers of e-folds of the rate. Its limit is exactly zero, so
#: floats hold it with all digits until far beyond.
OBSERVED = (150.0, 300.0, 450.0)


def measure(*, depths: Sequence[int], conditions: Sequence[float]) -> xr.Dataset:
    """Descend near the minimizer of targets (1, γ), with γ such that N/(1 − γ) is a condition.

    The error is x_2 + y_2, which lies along the eigenvector of the smallest eigenvalue.

    Returns
    -------
    xarray.Dataset
        rate, steps (tuning, depth, condition)
            Factor by which the error falls in a step, finally, and the number of steps after which
            `LEFT` of it is left.
        found_condition (depth, condition)
            Largest over smallest eigenvalue of the Hessian, zeros apart.
    """
    shape = (len(LAWS), len(depths), len(conditions))
    rates, counts = np.empty(shape), np.empty(shape)
    found = np.empty(shape[1:])
    for i, depth in enumerate(depths):
        for j, condition in enumerate(conditions):
            target = Target([1.0, 1 - depth / condition], shape=(2, 2))
            eigenvalues = hessian_spectrum(target, depth, 0)["eigenvalue"].values
            positive = eigenvalues[eigenvalues > 0]
            found[i, j] = positive.max() / positive.min()
            for k, run in enumerate(_runs(eigenvalues)):
                rates[k, i, j], counts[k, i, j] = _observe(target, depth, run)
    dims = ("tuning", "depth", "condition")
    long_name = f"steps until {LEFT:g} of the error is left"
    variables = {
        "rate": variable(dims, rates, "factor of the error in a step"),
        "steps": variable(dims, counts, long_name),
        "found_condition": variable(dims[1:], found, "condition number of the Hessian"),
    }
    coords = {
        "tuning": variable("tuning", list(LAWS), "method and its parameters"),
        "depth": depth_axis(depths),
        "condition": variable("condition", list(conditions), "N/(1 − γ)"),
    }
    return xr.Dataset(variables, coords)


class _Run(NamedTuple):
    method: DescentMethod
    tuning: Tuning
    double: bool  # whether the smallest eigenvalue has a double root


def _runs(eigenvalues: np.ndarray) -> Iterator[_Run]:
    """Yield what is run, in the order of `LAWS`."""
    for method in DESCENT_METHODS:
        tuning = best_parameters(eigenvalues, method=method)
        yield _Run(method, tuning, method != "gradient_descent")
    root = np.sqrt(tuning.condition)
    momentum, step = (root - 1) / (root + 1), 1 / eigenvalues.max()
    yield _Run("nesterov", Tuning(step, momentum, 1 - 1 / root, tuning.condition), True)


def _observe(target: Target, depth: int, run: _Run) -> tuple[float, int]:
    """Return the rate of a run, and the number of its steps until `LEFT` is left."""
    tilts = np.array(TILTS)
    a, b = np.stack([np.sqrt(1 - tilts**2), tilts], axis=-1)
    start = StartingPoints([a], [b], 1.0)
    # Gradient descent has one root, for which any part of the path serves.
    folds = OBSERVED if run.double else tuple(each / 25 for each in OBSERVED)
    marks = np.rint(np.array(folds) / -np.log(run.tuning.rate)).astype(int)
    marks = marks[0] + (marks[1] - marks[0]) * np.arange(3)
    steps = max(int(marks[-1]), int(25 / -np.log(run.tuning.rate)))
    path = descend(
        target,
        depth,
        start,
        step=run.tuning.step,
        steps=steps,
        method=run.method,
        momentum=run.tuning.momentum,
        variables=["first", "last"],
    )
    error = np.abs(path["last"].values[0, :, 1] + path["first"].values[0, :, 1])
    rate = _rate(error[marks], marks[1] - marks[0], run.double)
    return rate, int(np.argmax(error <= LEFT * error[0]))


def _rate(errors: np.ndarray, apart: int, double: bool) -> float:
    """Return ρ of a ρ^k, or of (a + b k) ρ^k for a double root, from three errors, evenly apart."""
    # With r = b · apart / a the ratios are (1 + r) u and (1 + 2r)/(1 + r) u, u = ρ^apart.
    square = errors[1] / errors[0] * (errors[1] / errors[2])  # (1 + r)² / (1 + 2r)
    if not double or square < 1:
        return float((errors[2] / errors[0]) ** (0.5 / apart))
    r = square - 1 + np.sqrt(square * (square - 1))
    return float((errors[1] / errors[0] / (1 + r)) ** (1 / apart))
