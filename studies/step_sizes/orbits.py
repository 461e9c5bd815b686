"""What becomes of the minimizer as the step grows past its edge (docs/steps.md, section 4)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlnpaper._local_rates import stable_step
from dlnpaper._target import Target
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._hessian import hessian_spectrum
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.step_sizes.cycles import doubling
from studies.step_sizes.edge import OFF, near_starts

#: Points of an orbit, each so many steps after the one before: of an odd number, all phases of a
#: cycle of two or four are seen.
POINTS, APART = 16, 301
#: Points that agree to this, relative to σ_1, are one.
SAME = 1e-6
#: Distance of the start from the minimizer, relative.
_OFF = 1e-2


def orbit(target: Target, depth: int, ratio: float, seed: int) -> np.ndarray:
    """Return s/σ_1 at some of the last steps of gradient descent, (POINTS,); NaN if it diverges."""
    path = descend(
        target,
        depth,
        near_starts(target, [seed], _OFF)[[0]],
        step=ratio * edge(target, depth),
        steps=2 * POINTS * APART,
        every=APART,
        variables=["s"],
        threads=1,
    )
    if path["diverged"].values[0]:
        return np.full(POINTS, np.nan)
    return path["s"].values[0, -POINTS:] / target.singular_values[0]


def periods(
    target: Target, depth: int, margin: float, seed: int
) -> tuple[np.ndarray, Sequence[int]]:
    """Return steps around the edge and the doubling, over the edge, and the periods there."""
    found = doubling(depth) * np.array([1 - margin, 1 + margin])
    ratios = np.concatenate([[1 - margin, 1 + margin], found])
    return ratios, [period(orbit(target, depth, ratio, seed)) for ratio in ratios]


def period(points: np.ndarray) -> int:
    """Return after how many points an orbit repeats, up to half of them, or 0."""
    for length in range(1, len(points) // 2 + 1):
        if np.abs(points[length:] - points[:-length]).max() < SAME:
            return length
    return 0


def departure(target: Target, depth: int, ratio: float, steps: int) -> np.ndarray:
    """Return ``|s - σ_1| / σ_1`` at the first steps, (steps + 1,), from beside the minimizer.

    The start's directions are those of the minimizer, so that this is the distance of W to it.
    """
    sigma = target.singular_values[0]
    a, b = np.eye(1, target.shape[0]), np.eye(1, target.shape[1])
    how: dict[str, Any] = {
        "step": ratio * edge(target, depth),
        "steps": steps,
        "variables": ["s"],
        "threads": 1,
    }
    path = descend(target, depth, StartingPoints(a, b, sigma * (1 + OFF)), **how)
    return np.abs(path["s"].values[0] - sigma) / sigma


def edge(target: Target, depth: int) -> float:
    """Return the largest stable step of gradient descent at the global minimizer."""
    return stable_step(hessian_spectrum(target, depth, 0), method="gradient_descent")
