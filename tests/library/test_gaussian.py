"""Gaussian layers: exact moments and laws against samples of explicit layers."""

import mpmath
import numpy as np
import pytest
from scipy.stats import ks_2samp, kstest, spearmanr

from dlnpaper import StartingPoints, Target, layers

TARGET = Target([2.0, 1.0], shape=(3, 5))
CASES = [[4, 1, 6], [1], [2, 1, 1, 3], [1, 7]]


def singular_values(stacks):
    product = stacks[0]
    for layer in stacks[1:]:
        product = layer @ product
    return np.linalg.svd(product)


@pytest.mark.parametrize("widths", CASES)
def test_starts_have_the_law_of_explicit_layers(widths):
    stacks = layers.gaussian(TARGET, widths, 4000, rng=1)
    assert stacks[0].shape == (4000, widths[0], 5)
    u, values, vt = singular_values(stacks)
    starts = StartingPoints.gaussian(TARGET, widths, 4000, rng=2)
    # With these seeds, at the level of one per thousand each.
    assert ks_2samp(starts.s, values[:, 0]).pvalue > 1e-3
    for found, expected in (
        (starts.a[:, 0] ** 2, u[:, 0, 0] ** 2),
        (starts.b[:, 0] ** 2, vt[:, 0, 0] ** 2),
    ):
        assert ks_2samp(found, expected).pvalue > 1e-3
    # Squared entries of uniform unit vectors in d dimensions are beta(1/2, (d - 1)/2).
    assert kstest(starts.a[:, 1] ** 2, "beta", args=(0.5, 1.0)).pvalue > 1e-3
    assert kstest(starts.b[:, 4] ** 2, "beta", args=(0.5, 2.0)).pvalue > 1e-3
    # A product of entries of W/s, which depends on u and v at once.
    directions = u[:, 0, 0] * vt[:, 0, 0] * u[:, 1, 0] * vt[:, 0, 1]
    found = starts.a[:, 0] * starts.b[:, 0] * starts.a[:, 1] * starts.b[:, 1]
    assert ks_2samp(found, directions).pvalue > 1e-3
    assert abs(spearmanr(starts.s, np.abs(found)).statistic) < 4 / np.sqrt(4000)
    # Neither signs nor magnitudes depend on each other.
    signs = np.sign(u[:, 0, 0] * vt[:, 0, 0]), np.sign(starts.a[:, 0] * starts.b[:, 0])
    assert max(abs(each.mean()) for each in signs) < 4 / np.sqrt(4000)


@pytest.mark.parametrize("widths", CASES)
def test_moments_of_log_s_are_those_of_a_million_starts(widths):
    moments = layers.gaussian_moments(TARGET, widths)
    logs = np.log(StartingPoints.gaussian(TARGET, widths, 1_000_000, rng=3).s)
    mean, variance = float(moments["log_s_mean"]), float(moments["log_s_variance"])
    # 99 % of means and variances of a million draws are this close.
    assert abs(logs.mean() - mean) < 2.58 * np.sqrt(variance / 1e6)
    fourth = ((logs - logs.mean()) ** 4).mean()
    assert abs(logs.var() - variance) < 2.58 * np.sqrt((fourth - variance**2) / 1e6)


def test_moments_are_those_of_integrals():
    # The density of χ²(n), by quadrature in 30 digits, for the widths 5, 2, 1, 3.
    def moment(n, function):
        density = lambda x: x ** (mpmath.mpf(n) / 2 - 1) * mpmath.exp(-x / 2)  # noqa: E731
        points = [0, 1, 10, mpmath.inf]
        norm = mpmath.quad(density, points)
        return mpmath.quad(lambda x: density(x) * function(x), points) / norm

    moments = layers.gaussian_moments(TARGET, [2, 1])
    free = [5, 2, 3]
    mean = sum(moment(n, mpmath.log) for n in free) - mpmath.log(5 * 2 * 1)
    variance = sum(
        moment(n, lambda x: mpmath.log(x) ** 2) - moment(n, mpmath.log) ** 2 for n in free
    )
    assert float(moments["log_s_mean"]) == pytest.approx(float(mean) / 2, rel=1e-9)
    assert float(moments["log_s_variance"]) == pytest.approx(float(variance) / 4, rel=1e-9)


@pytest.mark.parametrize("widths", [[4, 6], [8, 8, 8], [3, 1, 20]])
def test_growth_of_an_input_has_the_moments_that_are_said(widths):
    target = Target([1.0], shape=(6, 4))
    rng = np.random.default_rng(4)
    # A million explicit networks, in parts, each with the same input.
    samples = []
    for _ in range(20):
        state = np.full((50_000, 4), 0.5)
        for into, out in zip([4, *widths], [*widths, 6], strict=True):
            state = np.einsum(
                "mij,mj->mi", rng.standard_normal((50_000, out, into)), state
            ) / np.sqrt(into)
        samples.append((state**2).sum(axis=1))
    squares = np.concatenate(samples)
    moments = layers.gaussian_moments(target, widths)
    assert abs(squares.mean() - float(moments["q_mean"])) < 2.58 * squares.std() / 1e3
    second = squares**2
    expected = float(np.exp(moments["log_q_ratio"]) * moments["q_mean"] ** 2)
    assert abs(second.mean() - expected) < 2.58 * second.std() / 1e3
    logs = np.log(squares)
    assert abs(logs.mean() - float(moments["log_q_mean"])) < 2.58 * logs.std() / 1e3
    assert logs.var() == pytest.approx(float(moments["log_q_variance"]), rel=0.01)


def test_starts_do_not_depend_on_how_many_follow():
    few = StartingPoints.gaussian(TARGET, [2, 1], 3, rng=5)
    many = StartingPoints.gaussian(TARGET, [2, 1], 10, rng=5)
    later = StartingPoints.gaussian(TARGET, [2, 1], 2, rng=5, first=1)
    np.testing.assert_array_equal(few.s, many.s[:3])
    np.testing.assert_array_equal(later.s, many.s[1:3])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: StartingPoints.gaussian(TARGET, [3, 2], 1, rng=0), "widths must hold a 1, .* got"),
        (lambda: layers.gaussian(TARGET, [], 1, rng=0), "widths must list the hidden layers"),
        (
            lambda: layers.gaussian(TARGET, [0], 1, rng=0),
            "must hold positive integers, got 0",
        ),
        (lambda: layers.gaussian(TARGET, [10_000] * 2, 10, rng=0), "must make at most 100000000 w"),
        (lambda: layers.gaussian(TARGET, 3, 1, rng=0), "widths must list the hidden layers"),
        (lambda: layers.gaussian(TARGET, [1], 0, rng=0), "size must be a positive integer, got 0"),
        (lambda: StartingPoints.gaussian(TARGET, [1] * 1500, 1, rng=0), "widths must make s from"),
    ],
)
def test_bad_arguments_get_one_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
