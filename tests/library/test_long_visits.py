"""Targets with σ_1 >> σ_2: states near a saddle, or on the way to one, where c << σ_1.

There c is a difference of large numbers, which takes its digits from whatever depends on it.
"""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from dlnpaper import StartingPoints, Target, integrate, solve
from tests.references.high_precision import ExactTrajectory

EPS = float(np.finfo(float).eps)


def to_the_saddle(s):
    """Return a start that ends at the second singular value of a 2 x 2 target, from c near -σ_1."""
    return StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s)


@pytest.mark.parametrize("depth", [2, 3, 4])
@pytest.mark.parametrize("largest", [3.0, 1e4, 1e10])
def test_excess_keeps_its_digits_where_the_alignment_is_negative(largest, depth):
    target, starts = Target([largest, 1.0], (2, 2)), to_the_saddle(1e-3)
    # While s stays where it is, c rises to -σ_2 within a τ of log(σ_1/σ_2) / (2 σ_1).
    unit = 1e-3 ** -(1 - 2 / depth) * np.log(largest) / largest
    times = np.concatenate([[0.0], np.linspace(0.01, 0.6, 40)]) * unit
    with mp.workdps(60):
        reference = ExactTrajectory(target, depth, starts)
        states = [reference.state(time) for time in times]
    alignment, expected = (
        np.array([float(state[name]) for state in states]) for name in ("alignment", "excess")
    )
    magnified = np.array([float(state["condition"]["excess"]) for state in states])
    assert alignment[0] < -0.1 * largest
    assert largest > 3 or (alignment > 0).any()
    found = solve(target, depth, starts, times).excess[0]
    # As in the comparison of random cases: rounding, and what becomes of it in the time.
    assert (np.abs(found / expected - 1) <= 2e-13 + 50 * EPS * magnified).all()


def test_every_flow_computes_the_excess_without_cancellation():
    # 0.5036 = (s/2 - c) s + 1/2 with s = 1e-12 and c = 0.64 - 0.36e10.
    target, starts = Target([1e10, 1.0], (2, 2)), to_the_saddle(1e-12)
    exact = 1e-12 * (0.36e10 - 0.64 + 0.5e-12) + 0.5
    for flow in ("induced", "vectors", "layers"):
        result = integrate(target, 2, starts, [0.0], flow=flow)
        # The layers multiply up to s, with rounding errors; the rest is a sum of a few terms.
        assert_allclose(result.excess, exact, rtol=1e-14)
    assert_allclose(solve(target, 2, starts, [0.0]).excess, exact, rtol=1e-15)
