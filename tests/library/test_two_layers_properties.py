"""Properties of two layers, on targets and starts that Hypothesis chooses."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dlnpaper import StartingPoints, Target, solve
from tests.library.problems import random_bases
from tests.library.two_layer_problems import balanced, conditioning, two, widths

EPS = float(np.finfo(float).eps)
TIMES = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 20)])

property_test = settings(deadline=None, max_examples=40)


@st.composite
def targets(draw):
    """Draw a target of any shape, with ties and null directions."""
    shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    rank = draw(st.integers(1, min(shape)))
    gaps = draw(st.lists(st.sampled_from([0.0, 0.125, 0.5, 1.0]), min_size=rank, max_size=rank))
    return Target(0.25 + np.cumsum(gaps)[::-1], shape)


@st.composite
def problems(draw, imbalances=(0.0, 1e-12, 1e-3, -0.5, 2.0, -20.0)):
    """Draw a target and one start that is not too close to a stable set."""
    target = draw(targets())
    imbalance = draw(st.sampled_from(imbalances))
    hidden = draw(st.integers(1, min(7, widths(target.shape, imbalance) or 7)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    start = balanced(rng, target.shape, hidden, imbalance, draw(st.sampled_from([0.01, 1.0, 5.0])))
    return target, start


def size(target, start):
    return max(target.singular_values[0], np.linalg.norm(start.second[0] @ start.first[0]))


def rounding(target, start):
    """Return what a few roundings of a generic start may come to in W, at any time."""
    condition = conditioning(target, start)
    assume(condition < 1e5)
    return 50 * EPS * condition * size(target, start)


@property_test
@given(problems(), st.integers(0, 2**32 - 1))
def test_rotations_of_the_hidden_units_change_nothing(problem, seed):
    target, start = problem
    hidden = start.hidden
    turn = random_bases((hidden,), seed)[0]
    turned = two.Starts(turn @ start.first, start.second @ turn.T, imbalance=start.imbalance)
    one, other = (two.solve(target, each, TIMES).end_to_end for each in (start, turned))
    np.testing.assert_allclose(one, other, rtol=0, atol=rounding(target, start))


@property_test
@given(problems())
def test_transposition_turns_the_imbalance(problem):
    target, start = problem
    flipped = Target(target.singular_values, target.shape[::-1])
    swapped = two.Starts(start.second.mT, start.first.mT, imbalance=-start.imbalance)
    one, other = two.solve(target, start, TIMES), two.solve(flipped, swapped, TIMES)
    allowed = rounding(target, start)
    np.testing.assert_allclose(one.end_to_end, other.end_to_end.values.mT, rtol=0, atol=allowed)
    np.testing.assert_allclose(one.loss, other.loss, rtol=0, atol=allowed * size(target, start))


@property_test
@given(problems(), st.sampled_from([0.0, 0.7]))
def test_time_zero_gives_the_product_of_the_layers(problem, decay):
    target, start = problem
    if start.imbalance[0]:
        decay = 0.0
    found = two.solve(target, start, [0.0], weight_decay=decay).isel(start=0, time=0)
    first, second = start.first[0], start.second[0]
    allowed = 4 * start.hidden * EPS * (np.linalg.norm(first) * np.linalg.norm(second))
    np.testing.assert_allclose(found.end_to_end, second @ first, rtol=0, atol=allowed)
    loss = np.linalg.norm(second @ first - pad(target)) ** 2 / 2
    np.testing.assert_allclose(found.loss, loss, rtol=1e-13)


def pad(target):
    matrix = np.zeros(target.shape)
    np.fill_diagonal(matrix[: target.rank, : target.rank], target.singular_values)
    return matrix


@property_test
@given(problems(), st.floats(0.01, 2))
def test_restarting_halfway_reaches_the_same_end(problem, end):
    target, start = problem
    assume(start.hidden <= min(target.shape))
    times = [end / 2, end]
    halfway, direct = (two.solve(target, start, times).end_to_end.values[0, k] for k in (0, 1))
    imbalance = start.imbalance[0]
    left, values, right = np.linalg.svd(halfway)
    values = values[: start.hidden]
    # The square of λ-balanced layers with this product; what is near zero has lost its direction.
    assume(values[-1] > 1e-4)
    root = np.hypot(values, imbalance / 2)
    second = np.sqrt(root + imbalance / 2 if imbalance > 0 else values**2 / (root - imbalance / 2))
    first = values / second
    again = two.Starts(
        [first[:, None] * right[: start.hidden]],
        [left[:, : start.hidden] * second],
        imbalance=[imbalance],
    )
    found = two.solve(target, again, [end / 2]).end_to_end.values[0, 0]
    # Over so short a time a rounding grows by e^{2 m_1} at most, here e^{10} in W² and e^{20} in λ.
    growth = np.exp(2 * np.hypot(target.singular_values[0], imbalance / 2) * end / 2)
    assume(growth < 1e6)
    allowed = 1e-12 * growth * size(target, start) / values[-1]
    np.testing.assert_allclose(found, direct, rtol=0, atol=allowed)


@property_test
@given(problems())
def test_the_loss_falls_and_the_rank_does_not_grow(problem):
    target, start = problem
    result = two.solve(target, start, TIMES).isel(start=0)
    scale = size(target, start) ** 2
    assert (np.diff(result.loss) <= 1e-13 * scale).all()
    assert (np.diff(result.excess) <= 1e-13 * scale).all()
    # Beyond the width there is round-off only.
    values = np.linalg.svd(result.end_to_end, compute_uv=False)
    assert (values[:, start.hidden :] <= 50 * EPS * size(target, start)).all()
    stated = result.singular_values.values
    np.testing.assert_allclose(
        stated, values[:, : stated.shape[1]], rtol=0, atol=50 * EPS * size(target, start)
    )


@property_test
@given(targets(), st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 10.0]))
def test_one_balanced_neuron_is_the_network_of_depth_two(target, seed, s):
    points = [StartingPoints.sample(target, 3, seed, s=s)]
    points.append(StartingPoints.on_stable_set(target, "origin", 1, seed, s=s))
    points = StartingPoints.concatenate(points)
    root = np.sqrt(s)
    starts = two.Starts(
        root * points.b[:, None], root * points.a[:, :, None], imbalance=np.zeros(len(points))
    )
    exact, known = two.solve(target, starts, TIMES), solve(target, 2, points, TIMES)
    product = known.s.values[..., None, None] * np.einsum(
        "mti,mtj->mtij", known.a.values, known.b.values
    )
    sigma = max(target.singular_values[0], s)
    np.testing.assert_allclose(exact.end_to_end, product, rtol=0, atol=1e-13 * sigma)
    np.testing.assert_allclose(exact.loss, known.loss, rtol=0, atol=1e-13 * sigma**2)


@property_test
@given(problems(imbalances=(0.0,)), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_widths_beyond_the_rank_are_harmless(problem, more, seed):
    target, start = problem
    hidden = start.hidden + more
    turn = random_bases((hidden,), seed)[0]
    first = np.pad(start.first, ((0, 0), (0, more), (0, 0)))
    second = np.pad(start.second, ((0, 0), (0, 0), (0, more)))
    known = two.solve(target, start, TIMES).end_to_end
    idle = two.solve(target, two.Starts(first, second, imbalance=[0.0]), TIMES).end_to_end
    np.testing.assert_allclose(idle, known, rtol=0, atol=1e-13 * size(target, start))
    # Turned into the others, they hold round-off, which grows where the first left a mode out.
    if start.hidden >= target.rank:
        turned = two.Starts(turn @ first, second @ turn.T, imbalance=[0.0])
        found = two.solve(target, turned, TIMES).end_to_end
        # The sum of both layers, which decides, has the rounding of its turned terms.
        growing = (start.first[0].T[: target.rank] + start.second[0, : target.rank]).T
        leading = np.abs(np.diagonal(np.linalg.qr(growing).R)).min()
        assume(leading > 0)
        lost = max(1.0, max(np.abs(start.first).max(), np.abs(start.second).max()) / leading)
        np.testing.assert_allclose(found, known, rtol=0, atol=lost * rounding(target, start))
