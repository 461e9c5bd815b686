"""Targets, bases and 40-digit trajectories that several tests share."""

import json
from pathlib import Path

import numpy as np

from dlnpaper import StartingPoints, Target

REFERENCE = json.loads((Path(__file__).parents[1] / "references" / "trajectories.json").read_text())
NAMES = [f"{i}-{case['family']}-N{case['depth']}" for i, case in enumerate(REFERENCE)]


def reference_problem(case):
    """Return target, depth, start and times of a reference case."""
    target = Target(case["singular_values"], shape=(len(case["a"]), len(case["b"])))
    return (
        target,
        case["depth"],
        StartingPoints([case["a"]], [case["b"]], case["s0"]),
        case["times"],
    )


def random_bases(shape, seed=0):
    """Return a random orthogonal matrix for each dimension."""
    rng = np.random.default_rng(seed)
    return [np.linalg.qr(rng.standard_normal((n, n)))[0] for n in shape]


def energy(target, starts, tau):
    """E of docs/theory.md, section 3, as written there."""
    exponents = 2 * target.singular_values * tau[..., None]
    alpha, beta = starts.alpha(target)[:, None], starts.beta(target)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        growing = np.where(alpha == 0, 0, alpha**2 * np.exp(exponents))
        total = (growing + beta**2 * np.exp(-exponents)).sum(axis=2) / 4
    # A square below the least float times an exponential beyond the largest is either.
    return np.nan_to_num(total, nan=0.0) + starts.rho(target)[:, None] ** 2


def rotated(target, seed=0):
    """Return the target in random bases."""
    left, right = random_bases(target.shape, seed)
    return Target(target.singular_values, target.shape, left=left, right=right)
