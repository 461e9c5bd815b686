"""The problem that every solver of the benchmark is given, and its solution in many digits."""

from functools import lru_cache

import mpmath as mp
import numpy as np

from dlnpaper import StartingPoints, Target
from tests.references.high_precision import ExactTrajectory

DIMENSION = 10
STARTS = 1000
TIMES = np.geomspace(1e-3, 50.0, 200)
#: True errors are those of the first starts, at every tenth time.
CHECKED, EVERY = 10, 10

target = Target(np.linspace(3.0, 0.3, DIMENSION), (DIMENSION, DIMENSION))
starts = StartingPoints.sample(target, STARTS, 1, s=(1e-3, 1.0))
#: (s, a, b) of every start, shape (M, 2d + 1): the state of the induced flow.
initial = np.hstack([starts.s[:, None], starts.a, starts.b])


def error(states, depth):
    """Return the largest relative error of s or absolute error of a and b, of the checked states.

    The states (s, a, b) are those of the first starts, at least `CHECKED`, at all times: shape
    (M, T, 2d + 1).
    """
    exact = reference(depth)
    difference = np.abs(states[:CHECKED, EVERY - 1 :: EVERY] - exact)
    difference[..., 0] /= exact[..., 0]
    return float(difference.max())


@lru_cache
def reference(depth):
    """Return the checked states, from 34 digits rounded to floats."""
    states = np.empty((CHECKED, TIMES.size // EVERY, initial.shape[1]))
    with mp.workdps(34):
        for i in range(CHECKED):
            trajectory = ExactTrajectory(target, depth, starts[i : i + 1])
            for k, time in enumerate(TIMES[EVERY - 1 :: EVERY]):
                exact = trajectory.state(time)
                states[i, k] = [exact["s"], *exact["a"], *exact["b"]]
    return states
