"""Starts that are symmetric, so that steps keep them on stable sets (docs/steps.md, 7.4)."""

from collections.abc import Sequence

import numpy as np

from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints


def symmetric_starts(
    target: Target, limits: Sequence[int], s: Sequence[float], rng: np.random.Generator
) -> StartingPoints:
    """Return a start for each limit, whose entries of a and b are equal up to signs.

    A limit is the number of its mode, from 1, or 0 for the origin. What one of the vectors has
    beyond the length of the other is zero, so that sums of squares are the same numbers.
    """
    left, right = target.shape
    shared = min(left, right)
    a, b = np.zeros((len(limits), left)), np.zeros((len(limits), right))
    for i, limit in enumerate(limits):
        vector, signs = rng.standard_normal(shared), rng.choice([-1.0, 1.0], shared)
        signs[: limit - 1 if limit else target.rank] = -1
        if limit:
            signs[limit - 1] = 1
        a[i, :shared] = vector / np.linalg.norm(vector)
        b[i, :shared] = signs * a[i, :shared]
    return StartingPoints(a, b, rng.uniform(s[0], s[1], len(limits)))
