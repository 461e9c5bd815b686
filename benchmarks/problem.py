"""The problem that every solver of the benchmark is given."""

from functools import lru_cache

import numpy as np

from dlnpaper import StartingPoints, Target, solve

DIMENSION = 10
STARTS = 1000
TIMES = np.geomspace(1e-3, 50.0, 200)
VARIABLES = ("s", "a", "b")

target = Target(np.linspace(3.0, 0.3, DIMENSION), (DIMENSION, DIMENSION))
starts = StartingPoints.sample(target, STARTS, 1, s=(1e-3, 1.0))
#: (s, a, b) of every start, shape (M, 2d + 1): the state of the induced flow.
initial = np.hstack([starts.s[:, None], starts.a, starts.b])


def closed_form(depth, chosen=starts, times=TIMES, variables=VARIABLES):
    """Solve on one thread."""
    return solve(target, depth, chosen, times, variables=variables, threads=1)


@lru_cache(maxsize=2)
def reference(depth):
    """States (s, a, b) of all starts at all times, shape (M, T, 2d + 1).

    They are the closed form's: `own_error` holds it to wide arithmetic, and no other solver comes
    within a factor of ten of what it finds.
    """
    return as_states(closed_form(depth))


def as_states(dataset):
    """Put s, a and b of a dataset side by side, shape (M, T, 2d + 1)."""
    parts = [dataset.s.values[..., None], dataset.a.values, dataset.b.values]
    return np.concatenate(parts, axis=2)


def error(states, exact):
    """Return the largest relative error of s and absolute error of a and b, whichever is larger."""
    difference = np.abs(states - exact)
    difference[..., 0] /= exact[..., 0]
    return float(difference.max())
