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


@mp.workdps(34)
def errors_on_a_visit(depth, sigma, alpha, a, b, s, shares):
    """Return actual and estimated errors at shares of the longest visit that has a reference.

    The start is (α, a), (0, b), and the visit lasts until the share of the first mode in c,
    α² exp(2σ_1 τ) σ_1/σ_2, reaches 1e-18. Up to then the trajectory is that of the target without
    σ_1, in which nothing is large.
    """
    part = StartingPoints([a], [b], s)
    reference = ExactTrajectory(Target(sigma[1:], (3, 3)), depth, part, most_panels=1000)
    end = -(np.log(alpha) + np.log(1e9) + 0.5 * np.log(sigma[0] / sigma[1])) / sigma[0]
    times = shares * float(reference.at(end)[0])
    starts = StartingPoints([[alpha, *a]], [[0.0, *b]], s)
    result = solve(Target(sigma, (4, 4)), depth, starts, times).isel(start=0)
    actual = []
    for k, time in enumerate(times):
        state = reference.state(time)
        vectors = np.concatenate([result.a[k, 1:] - state["a"], result.b[k, 1:] - state["b"]])
        actual.append(max(abs(result.s[k].item() / state["s"] - 1), *abs(vectors)))
    return np.array(actual, float), result.error.values


def test_error_covers_the_rounding_of_a_long_visit():
    shares = np.linspace(0.05, 1, 40)
    vectors = [0.6, 0.8, 0.0], [0.8, 0.6, 0.0]
    actual, estimate = errors_on_a_visit(100, [1e10, 1.0], 1e-200, *vectors, 2.0, shares)
    assert actual.max() > 5e-13
    assert (actual <= estimate).all()
    assert (estimate < 1e-11).all()


def test_error_covers_random_visits():
    rng = np.random.default_rng(5)
    shares = np.linspace(0.1, 1, 8)
    ratios = []
    for _ in range(40):
        depth = int(rng.choice([2, 3, 4, 7, 20, 100]))
        sigma = [10 ** rng.uniform(2, 10), 1.0, 0.6][: rng.integers(2, 4)]
        # Two layers have two algorithms, one for α below 1e-140 or so.
        alpha, s = 10 ** rng.uniform([-280, -3], [-20, 1])
        a, b = (vector / np.linalg.norm(vector) for vector in rng.standard_normal((2, 3)))
        if depth * np.log(alpha) < -20 * sigma[0]:
            continue  # too many panels for the reference
        actual, estimate = errors_on_a_visit(depth, sigma, alpha, a, b, s, shares)
        assert (actual <= estimate).all(), (depth, sigma, alpha, a, b, s)
        ratios.append((actual / estimate).max())
    assert len(ratios) > 20
    # An estimate, not an idle bound: on some visits the error comes close to it.
    assert max(ratios) > 0.1


def test_estimates_do_not_jump_where_squares_begin_to_underflow():
    # States are written all at once or, for α_1 below 2e-140, panel by panel.
    target, times = Target([2.0, 1.0], (3, 3)), np.linspace(1.0, 400.0, 2000)
    above, below = (
        solve(target, 3, StartingPoints([[alpha, 0.6, 0.8]], [[0.0, 0.8, 0.6]], 1.0), times)
        for alpha in (2.2e-140, 1.8e-140)
    )
    assert above.tau.values.max() > 330  # beyond the escape, at log(1/α_1) and the speed 1
    assert_allclose(below.error.max(), above.error.max(), rtol=0.2)
    assert_allclose(below.error[0, -1], above.error[0, -1], rtol=0.05)
