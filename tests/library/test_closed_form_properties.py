"""Properties of every exact trajectory, on starts and targets that Hypothesis chooses."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlnpaper import StartingPoints, Target, limits, solve
from dlnpaper.one_neuron._trajectories import VARIABLES
from tests.library.problems import assert_within_bounds, assert_zeros_stay

EPS = float(np.finfo(float).eps)
TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
TIMES = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 40)])

property_test = settings(deadline=None, max_examples=40)


@st.composite
def problems(draw, starts=3):
    """Draw a target of any shape, with ties and null directions, a depth, and starts."""
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    rank = draw(st.integers(1, min(shape)))
    gaps = draw(st.lists(st.sampled_from([0.0, 0.125, 0.5, 1.0]), min_size=rank, max_size=rank))
    sigma = 0.25 + np.cumsum(gaps)[::-1]
    target = Target(sigma, shape)
    depth = draw(st.sampled_from([2, 3, 4, 7, 30]))
    seed = draw(st.integers(0, 2**32 - 1))
    sampled = StartingPoints.sample(target, starts, seed, s=(1e-6, 1e3))
    parts = [sampled, StartingPoints.on_stable_set(target, "origin", 1, seed)]
    saddles = [i for i in range(rank) if sigma[i] < sigma[0]]
    if saddles:
        limit = draw(st.sampled_from(saddles))
        parts.append(StartingPoints.on_stable_set(target, limit, 1, seed))
    return target, depth, StartingPoints.concatenate(parts)


def same_bits(first, second, names=tuple(VARIABLES)):
    return all(first[name].values.tobytes() == second[name].values.tobytes() for name in names)


@property_test
@given(problems())
def test_alignment_never_decreases_and_nothing_leaves_its_bounds(problem):
    target, depth, starts = problem
    result = solve(target, depth, starts, TIMES)
    # Each alignment is the quotient of two sums of up to 11 terms; s at time 0 is a series' value,
    # see test_time_zero_alone_gives_the_start.
    assert_within_bounds(result, target, starts, sums=8 * EPS, s=1e-13, norms=5e-15)
    for variable in result.values():
        assert np.isfinite(variable).all()


@property_test
@given(problems())
def test_loss_falls_to_that_of_the_limit(problem):
    target, depth, starts = problem
    result = solve(target, depth, starts, TIMES)
    scale = np.maximum(starts.s, target.singular_values[0])[:, None] ** 2
    assert (np.diff(result.excess, axis=1) <= 1e-13 * scale).all()
    loss = (result.excess - result.loss).values
    np.testing.assert_allclose(loss - loss[:, :1], 0, atol=1e-13 * scale.max() * (1 + target.rank))


@property_test
@given(problems())
def test_exact_zeros_stay_and_limits_are_reached(problem):
    target, depth, starts = problem
    result = solve(target, depth, starts, [0.0, 1.0, 1e2, 1e12])
    assert_zeros_stay(result, target, starts)
    end = limits(target, starts)
    final = result.isel(time=-1)
    # The slowest mode here decays like e^{-0.125 τ}. A deep network can take longer than 1e12 to
    # leave the vicinity of the origin.
    stays = (end.kind.values > 0) & (final.tau.values > 500)
    np.testing.assert_allclose(final.s[stays], end.value[stays], rtol=4 * EPS)
    np.testing.assert_allclose(final.alignment[stays], end.value[stays], rtol=4 * EPS)
    for name in ("a", "b"):
        np.testing.assert_allclose(final[name][stays], end[name][stays], rtol=0, atol=1e-14)
    # The slowest way to the origin is s ~ (2 (N - 1) t)^(-N / (2 (N - 1))).
    power = -depth / (2 * (depth - 1))
    collapses = end.kind.values == 0
    assert (final.s[collapses] <= 1.01 * (2 * (depth - 1) * 1e12) ** power).all()


@property_test
@given(problems(), st.data())
def test_signs_of_vectors_and_of_modes_change_no_bit(problem, data):
    target, depth, starts = problem
    result = solve(target, depth, starts, TIMES)
    modes = data.draw(st.lists(st.sampled_from([-1.0, 1.0]), min_size=5, max_size=5))
    flips = np.array(modes)
    left, right = flips[: target.shape[0]], flips[: target.shape[1]]
    for u, v in ((-np.ones_like(left), -np.ones_like(right)), (left, right)):
        turned = solve(target, depth, StartingPoints(starts.a * u, starts.b * v, starts.s), TIMES)
        assert same_bits(result, turned, ("s", "log_s", "alignment", "loss", "excess", "tau"))
        assert (turned.a.values == result.a.values * u).all()
        assert (turned.b.values == result.b.values * v).all()


@property_test
@given(problems())
def test_transposing_the_target_swaps_the_vectors(problem):
    target, depth, starts = problem
    result = solve(target, depth, starts, TIMES)
    flipped = Target(target.singular_values, target.shape[::-1])
    swapped = solve(flipped, depth, StartingPoints(starts.b, starts.a, starts.s), TIMES)
    # ρ is summed in another order: a rounding, and what it becomes where s changes fastest.
    np.testing.assert_allclose(swapped.log_s, result.log_s, rtol=1e-13, atol=1e-11)
    np.testing.assert_allclose(swapped.b, result.a, rtol=0, atol=1e-11)
    np.testing.assert_allclose(swapped.a, result.b, rtol=0, atol=1e-11)


@property_test
@given(problems(), st.sampled_from([2.0**-40, 0.5, 2.0, 2.0**30, 3.0, 1e-3]))
def test_scaling_the_target_scales_time_and_magnitude(problem, scale):
    target, depth, starts = problem
    larger = Target(target.singular_values * scale, target.shape)
    scaled = StartingPoints(starts.a, starts.b, starts.s * scale)
    result = solve(target, depth, starts, TIMES)
    other = solve(larger, depth, scaled, TIMES * scale ** -(2 - 2 / depth))
    # Rounding of the times is magnified by up to t |ds/dt| / s, here 1e4.
    np.testing.assert_allclose(other.s / scale, result.s, rtol=1e-10)
    np.testing.assert_allclose(other.alignment / scale, result.alignment, rtol=0, atol=1e-10)
    np.testing.assert_allclose(other.a, result.a, rtol=0, atol=1e-10)


@property_test
@given(problems(), st.floats(0.01, 30))
def test_restarting_halfway_reaches_the_same_end(problem, end):
    target, depth, starts = problem
    halfway, direct = (solve(target, depth, starts, [end / 2, end]).isel(time=k) for k in (0, 1))
    assume((halfway.s.values > 0).all())
    again = StartingPoints(halfway.a.values, halfway.b.values, halfway.s.values)
    result = solve(target, depth, again, [end / 2]).isel(time=0)
    # a and b are known to 1e-16, and α = a + b with them: a mode that grows by e^{2 σ_1 τ} in the
    # second half magnifies that, so only growth up to 1e4 can be asked to return to 1e-10.
    growth = np.exp(2 * target.singular_values[0] * (direct.tau - halfway.tau).values)
    stable = growth < 1e4
    for name in ("a", "b", "alignment", "log_s"):
        np.testing.assert_allclose(
            result[name][stable], direct[name][stable], rtol=1e-10, atol=1e-10
        )


@property_test
@given(problems(starts=40), st.randoms(use_true_random=False))
def test_order_of_starts_and_number_of_threads_change_no_bit(problem, random):
    target, depth, starts = problem
    result = solve(target, depth, starts, TIMES, threads=1)
    order = list(range(len(starts)))
    random.shuffle(order)
    shuffled = solve(target, depth, starts[order], TIMES, threads=3)
    assert same_bits(result.isel(start=order), shuffled)


@pytest.mark.parametrize("depth", [2, 3])
def test_threads_share_no_memory(depth):
    starts = StartingPoints.sample(TARGET, 600, 0)
    alone = solve(TARGET, depth, starts, TIMES, threads=1)
    for _ in range(10):
        assert same_bits(alone, solve(TARGET, depth, starts, TIMES, threads=8))


@pytest.mark.parametrize("depth", [2, 3])
def test_a_part_of_the_starts_gives_a_part_of_the_result(depth):
    ends = [StartingPoints.on_stable_set(TARGET, limit, 5, 1) for limit in (1, "origin")]
    starts = StartingPoints.concatenate([StartingPoints.sample(TARGET, 20, 0), *ends])
    every = solve(TARGET, depth, starts, TIMES)
    for i in range(len(starts)):
        assert same_bits(every.isel(start=[i]), solve(TARGET, depth, starts[i], TIMES))
