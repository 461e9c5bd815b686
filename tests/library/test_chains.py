"""Chains with balanced ends: against their integrated layers, the closed form, and laws by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper import StartingPoints, Target, end_to_end, layers, limits, solve, solve_chain
from tests.library.problems import rotated

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
SQUARE = Target([3.0, 2.0, 1.0], shape=(3, 3))


def chain_of(target, starts, inner):
    """Return the layers of chains, in the coordinates of the target's matrix."""
    product = inner.prod(axis=1)
    end = np.sqrt(starts.s / np.abs(product))[:, None, None]
    u, v = starts.a @ target.left.T, starts.b @ target.right.T
    last = end * np.sign(product)[:, None, None] * u[:, :, None]
    return [end * v[:, None, :], *inner.T[:, :, None, None], last]


def random_inner(size, depth, seed, factor=4.0):
    """Return scalars of either sign, from one ``factor``-th to ``factor``."""
    rng = np.random.default_rng(seed)
    span = np.log(factor)
    shape = (size, depth - 2)
    return np.exp(rng.uniform(-span, span, shape)) * rng.choice([-1, 1], shape)


def passes_zero(chain):
    """Return how often the sign of each start's product of scalars changes."""
    sign = np.sign(chain["inner"].prod("scalar").values)
    return np.count_nonzero(np.diff(sign, axis=1), axis=1)


@pytest.mark.parametrize("depth", [3, 4, 5])
def test_it_is_the_flow_of_the_layers(depth):
    target, times = rotated(TARGET), np.linspace(0.0, 12.0, 25)
    starts = StartingPoints.sample(target, 8, depth, s=(0.05, 3.0))
    inner = random_inner(8, depth, 1)
    chain = solve_chain(target, starts, inner, times)
    path = layers.integrate(target, chain_of(target, starts, inner), times, rtol=1e-13)
    # A step is good to 1e-13 here, to 1e-12 there, and up to a thousand of them add up.
    assert_allclose(end_to_end(target, chain), path.end_to_end, rtol=0, atol=1e-9)
    assert_allclose(chain["end"], path.norm.sel(layer=1), rtol=0, atol=1e-9)
    for j in range(2, depth):
        scalar = path[f"layer_{j}"].values[..., 0, 0]
        assert_allclose(chain["inner"][..., j - 2], scalar, rtol=0, atol=1e-9)
    assert_allclose(chain["loss"], path.loss, rtol=0, atol=1e-8)


@pytest.mark.parametrize("depth", [3, 4])
def test_a_balanced_chain_is_the_closed_form(depth):
    starts = StartingPoints.concatenate(
        [StartingPoints.sample(TARGET, 4, 2), StartingPoints.on_stable_set(TARGET, "origin", 2, 3)]
    )
    inner = np.repeat(starts.s[:, None] ** (1 / depth), depth - 2, axis=1)
    times = [0.0, 1.0, 5.0, 30.0]
    chain = solve_chain(TARGET, starts, inner, times)
    exact = solve(TARGET, depth, starts, times)
    for name in ("log_s", "a", "b", "tau", "loss"):
        assert_allclose(chain[name], exact[name], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("depth", [3, 4])
def test_larger_scalars_change_no_limit(depth):
    # In singular coordinates exact zeros stay, for any time.
    starts = StartingPoints.concatenate(
        [
            StartingPoints.sample(SQUARE, 3, 0),
            StartingPoints.on_stable_set(SQUARE, 1, 3, 1),
            StartingPoints.on_stable_set(SQUARE, 2, 3, 2),
            StartingPoints.on_stable_set(SQUARE, "origin", 3, 3),
        ]
    )
    inner = np.repeat(1.3 * starts.s[:, None] ** (1 / depth), depth - 2, axis=1)
    chain = solve_chain(SQUARE, starts, inner, [0.0, 1.0, 400.0])
    assert_allclose(
        end_to_end(SQUARE, chain)[:, -1], end_to_end(SQUARE, limits(SQUARE, starts)), atol=1e-9
    )
    alpha = chain["a"].values + chain["b"].values
    zero = np.broadcast_to((starts.alpha(SQUARE) == 0)[:, None], alpha.shape)
    assert zero.sum() >= 3 * 3 * 6
    assert_array_equal(alpha[zero], 0.0)


def test_squares_of_the_scalars_keep_their_differences():
    starts, inner = StartingPoints.sample(TARGET, 6, 4), random_inner(6, 5, 2)
    chain = solve_chain(TARGET, starts, inner, np.linspace(0.0, 20.0, 41))
    difference = chain["inner"] ** 2 - chain["end"] ** 2
    assert_allclose(difference, difference[:, :1] * np.ones((1, 41, 1)), rtol=0, atol=1e-13)
    expected = inner**2 - starts.s[:, None] / np.abs(inner.prod(axis=1, keepdims=True))
    assert_allclose(difference[:, 0], expected, rtol=0, atol=1e-13)


def test_the_ends_of_a_collapse_decay_at_the_rate_of_the_scalars_that_stay():
    # From b = −a the alignment goes to −σ_j, and s = κη² like e^{−2κσ_j t}, κ² = Π_j(z_j² − η²).
    start = StartingPoints([[0.8, 0.6]], [[-0.8, -0.6]], s=0.5)
    inner = np.array([0.9, 1.1])
    chain = solve_chain(Target([2.0, 1.0], (2, 2)), start, inner, [40.0, 50.0])
    final = np.sqrt(np.prod(inner**2 - 0.5 / inner.prod()))
    slope = float(chain.log_s[0].diff("time")[0]) / 10
    assert slope == pytest.approx(-2 * final, rel=1e-9)
    assert_allclose(chain["inner"][0, -1].prod(), final, rtol=1e-9)


@pytest.mark.parametrize("limit", [1, 2, "origin"])
def test_through_zero_beta_decides(limit):
    # The start of section 4 with α_1 = 0; a scalar below the ends goes through zero while c < 0.
    starts = StartingPoints.on_stable_set(SQUARE, limit, 16, 5, s=0.5)
    negative = (starts.a * starts.b) @ SQUARE.singular_values < 0
    starts = starts[negative]
    chain = solve_chain(SQUARE, starts, [0.1], np.linspace(0.0, 60.0, 121))
    passed = passes_zero(chain)
    assert set(passed) <= {0, 1}
    assert np.count_nonzero(passed) >= 3
    turned = StartingPoints(np.where(passed[:, None], -starts.a, starts.a), starts.b, starts.s)
    ends = limits(SQUARE, turned)
    assert_array_equal(ends.kind_name[passed == 1], "global_minimizer")
    assert_allclose(end_to_end(SQUARE, chain)[:, -1], end_to_end(SQUARE, ends), atol=1e-9)
    path = layers.integrate(
        SQUARE, chain_of(SQUARE, starts, np.full((len(starts), 1), 0.1)), [60.0]
    )
    assert_allclose(
        path.end_to_end[passed == 1, -1], end_to_end(SQUARE, ends)[passed == 1], atol=1e-7
    )


def test_small_scalars_change_no_limit_where_the_alignment_is_positive():
    starts = StartingPoints.on_stable_set(SQUARE, 1, 16, 5, s=0.5)
    starts = starts[(starts.a * starts.b) @ SQUARE.singular_values > 0]
    assert len(starts) >= 3
    chain = solve_chain(SQUARE, starts, [0.1], np.linspace(0.0, 60.0, 121))
    assert_array_equal(passes_zero(chain), 0)
    assert_allclose(
        end_to_end(SQUARE, chain)[:, -1], end_to_end(SQUARE, limits(SQUARE, starts)), atol=1e-9
    )


def test_two_least_scalars_meet_zero_together_and_stay():
    # z_3 = −z_2: both decay, W with them, while the ends keep η² − z².
    start = StartingPoints([[0.6, 0.8]], [[-0.6, -0.8]], s=0.5)
    target, inner = Target([2.0, 1.0], (2, 2)), np.array([[0.2, -0.2]])
    times = np.linspace(0.0, 0.5, 11)
    chain = solve_chain(target, start, inner, [*times, 40.0])
    # Rounding lets one of two integrated scalars pass through zero alone, from t = 2 on.
    path = layers.integrate(target, chain_of(target, start, inner), times, rtol=1e-13)
    assert_allclose(end_to_end(target, chain)[:, :-1], path.end_to_end, rtol=0, atol=1e-9)
    assert_array_equal(chain["inner"][..., 0], -chain["inner"][..., 1])
    assert float(chain.s[0, -1]) < 1e-12
    assert_allclose(chain["end"][0, -1] ** 2, 0.5 / 0.04 - 0.04, rtol=1e-12)


REFUSED = [
    (0.5, r"inner must have shape \(N − 2,\), or \(3, N − 2\) for 3 starts, with N ≥ 3"),
    (np.ones((3, 0)), r"inner must have shape .*, got shape \(3, 0\)"),
    (np.ones((2, 1)), r"inner must have shape .*, got shape \(2, 1\)"),
    ([0.5, 0.0], r"inner must not be zero, got 0.0 at \[1\]"),
    ([0.5, np.inf], r"inner must be finite, got inf at \[1\]"),
]


@pytest.mark.parametrize(("inner", "sentence"), REFUSED)
def test_bad_scalars_are_refused_in_one_sentence(inner, sentence):
    starts = StartingPoints.sample(TARGET, 3, 0)
    with pytest.raises(ValueError, match=rf"^{sentence}[^\n]*; [^\n]*$"):
        solve_chain(TARGET, starts, inner, [1.0])
