"""Targets and orthogonal bases that several tests share, and the trajectories of 40 digits."""

import json
from pathlib import Path

import numpy as np

from dlnpaper import Target

REFERENCE = json.loads((Path(__file__).parents[1] / "references" / "trajectories.json").read_text())


def random_bases(shape, seed=0):
    """Return a random orthogonal matrix for each dimension."""
    rng = np.random.default_rng(seed)
    return [np.linalg.qr(rng.standard_normal((n, n)))[0] for n in shape]


def rotated(target, seed=0):
    """Return the target in random bases."""
    left, right = random_bases(target.shape, seed)
    return Target(target.singular_values, target.shape, left=left, right=right)
