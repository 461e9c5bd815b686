"""The closed form's own error, against quadrature in arithmetic of 19 digits."""

import numpy as np

from benchmarks.problem import TIMES, closed_form, error, starts, target
from tests.references.exact_flow import ExactFlow

COUNT = 20
EVERY = 5


def own_error(depth):
    """Return the largest error of s, a and b over the first starts, at every fifth time."""
    times = TIMES[EVERY - 1 :: EVERY]
    found = closed_form(depth, starts[:COUNT], times)
    worst = 0.0
    for i in range(COUNT):
        flow = ExactFlow(target, depth, starts[i : i + 1], float(times[-1]), "long")
        for k, time in enumerate(times):
            exact, at = flow.state(float(time)), found.isel(start=i, time=k)
            states = np.concatenate([[at.s], at.a, at.b])
            truth = np.concatenate([[exact["s"]], exact["a"], exact["b"]])
            worst = max(worst, error(states, truth))
    return worst
