"""Thresholds and shrinkage against a minimization of the regularized loss over real factors."""

import numpy as np
import pytest
from scipy.optimize import minimize

from dlnpaper import shrinkage, thresholds
from dlnpaper.layers._products import descent_directions, packed, unpacking

MU = 0.4
#: How far from a threshold the two sides are told apart, relative.
NEAR = 1e-6


def layers_loss(sigma, shapes, mu):
    """Return the regularized loss and its gradient in all entries of the layers."""
    matrix = np.zeros((shapes[-1][0], shapes[0][1]))
    matrix[0, 0] = sigma
    unpack = unpacking(shapes)

    def loss(flat):
        product, directions = descent_directions(matrix, unpack(flat), weight_decay=mu)
        value = 0.5 * np.sum((product - matrix) ** 2) + 0.5 * mu * flat @ flat
        return value, -packed(directions)

    return loss, sum(rows * columns for rows, columns in shapes)


def minima(sigma, depth, width, starts, mu=MU):
    """Return the minima of the regularized loss that descent finds, with their losses.

    ``starts`` are flat states of the layers, or the number of random ones.
    """
    shapes = [(width, width)] * depth
    loss, size = layers_loss(sigma, shapes, mu)
    if isinstance(starts, int):
        starts = np.random.default_rng(0).standard_normal((starts, size))
    options = {"gtol": 1e-13, "ftol": 0.0, "maxiter": 10_000, "maxfun": 100_000}
    for start in starts:
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
        layers = unpacking(shapes)(found.x)
        yield found.fun, np.linalg.svd(np.linalg.multi_dot(layers[::-1]), compute_uv=False), layers


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_global_minimizer_leaves_zero_at_its_threshold(depth, width):
    found = thresholds(depth, MU)
    sigma, s = found.sigma_global.item(), found.s_global.item()
    for side in (-1, 1):
        value = sigma * (1 + side * NEAR)
        best = min(minima(value, depth, width, 25), key=lambda each: each[0])
        # d(loss)/dσ is σ - s at the positive minimum and σ at zero; at N = 2, s grows from zero.
        gain = s * NEAR * sigma if depth > 2 else 0.5 * (NEAR * sigma) ** 2
        below = 0.5 * value**2 - best[0]
        assert below == pytest.approx(gain if side > 0 else 0.0, abs=max(1e-3 * gain, 4e-16))
        # The minimum is flat: in s its place is known to the root of rounding.
        assert best[1][0] == pytest.approx(shrinkage(value, depth, MU), abs=2e-7)


@pytest.mark.parametrize("depth", [3, 4, 6])
def test_the_local_minimum_vanishes_at_its_threshold(depth):
    # One mode, with factors that are equal at first and so forever: steepest descent in one number.
    found = thresholds(depth, MU)
    sigma, s = found.sigma_collapse.item(), found.s_collapse.item()
    factors = np.linspace(0.5, 1.5, 400_001) * s ** (1 / depth)
    for side in (-1, 1):
        loss, _ = layers_loss(sigma * (1 + side * NEAR), [(1, 1)] * depth, MU)
        slope = np.array([loss(np.full(depth, x))[1][0] for x in factors[199_000:202_000]])
        # Minima are where the slope, in any one of the factors, becomes positive.
        assert (np.diff(np.sign(slope)) > 0).any() == (side > 0)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_shrinkage_is_the_best_of_many_minima(depth):
    for sigma in (0.3, 0.9, 1.3, 2.0, 5.0):
        best = min(minima(sigma, depth, 2, 25), key=lambda each: each[0])
        s = shrinkage(sigma, depth, MU)
        # Descent stops where the slope is 1e-13, or rounding hides what is left.
        assert best[1][0] == pytest.approx(s, abs=2e-7)
        assert best[1][1] == pytest.approx(0.0, abs=2e-7)
        assert best[0] == pytest.approx(
            0.5 * (s - sigma) ** 2 + 0.5 * depth * MU * s ** (2 / depth), rel=1e-12
        )


@pytest.mark.parametrize("depth", [2, 3, 4, 10, 1000])
def test_shrunk_values_solve_their_equation(depth):
    q, found = 1 - 2 / depth, thresholds(depth, MU)
    sigma = np.concatenate([np.linspace(0, 3, 301), np.geomspace(3, 1e12, 20)])
    for rule, least in (("global_minimizer", "sigma_global"), ("large_start", "sigma_collapse")):
        s = shrinkage(sigma, depth, MU, rule=rule)
        kept = s > 0
        np.testing.assert_array_equal(kept, sigma >= found[least].item() * (1 + 1e-15))
        np.testing.assert_allclose(s[kept] + MU * s[kept] ** -q, sigma[kept], rtol=1e-14)
        # The larger of two solutions: there the left side grows.
        assert (q * MU * s[kept] ** (-q - 1) < 1).all()
        np.testing.assert_array_equal(shrinkage(-sigma, depth, MU, rule=rule), -s)


def test_from_soft_to_hard_thresholding():
    sigma = np.linspace(-3, 3, 61)
    soft = np.sign(sigma) * np.maximum(np.abs(sigma) - MU, 0)
    np.testing.assert_allclose(shrinkage(sigma, 2, MU), soft, rtol=1e-15)
    # N μ s^(2/N) = N μ + O(μ): a price for s ≠ 0 alone, with which σ is kept from √(N μ) on.
    depth, price = 100_000, 1.0
    found = thresholds(depth, price / depth)
    assert found.sigma_global.item() == pytest.approx(1.0, rel=1e-4)
    hard = np.where(np.abs(sigma) > 1, sigma, 0)
    away = np.abs(np.abs(sigma) - 1) > 1e-3
    np.testing.assert_allclose(shrinkage(sigma, depth, 1 / depth)[away], hard[away], atol=2e-5)


def test_thresholds_of_several_depths_scale_as_they_must():
    one, other = thresholds([2, 3, 6], 0.1), thresholds([2, 3, 6], 0.4)
    # s + μ s^-q = σ does not change with s, σ ∝ μ^(1/(1 + q)), 1 + q = 2 - 2/N.
    growth = 4 ** (1 / (2 - 2 / one.depth.values))
    for name in ("sigma_collapse", "sigma_global", "s_collapse", "s_global"):
        assert one[name].dims == ("depth",)
        np.testing.assert_allclose(other[name], growth * one[name], rtol=1e-14)
    np.testing.assert_allclose(one.isel(depth=0).to_array(), [0.1, 0.0, 0.1, 0.0], atol=1e-17)
    assert (one.sigma_global >= one.sigma_collapse).all()


def test_no_decay_shrinks_nothing():
    assert (shrinkage([[1.0, -2.0], [0.0, 3.0]], 4, 0.0) == [[1.0, -2.0], [0.0, 3.0]]).all()
    assert shrinkage(2.0, 3, 0.0).shape == ()


def test_what_cannot_be_shrunk_is_refused_in_one_sentence():
    for values, error, sentence in (
        ([np.nan], ValueError, r"^values must be finite, got nan at \[0\]; repair or remove it$"),
        (["much"], TypeError, "^values must hold real numbers, got dtype <U4; convert it to float"),
    ):
        with pytest.raises(error, match=sentence):
            shrinkage(values, 3, 0.1)
    with pytest.raises(
        ValueError, match=r"^rule must be one of global_minimizer, large_start, got"
    ):
        shrinkage([1.0], 3, 0.1, rule="soft")
    with pytest.raises(ValueError, match=r"^weight_decay must be finite and at least 0, got -1"):
        thresholds(3, -1)
    with pytest.raises(
        ValueError, match=r"^depth must lie in 2\.\.1000000, got 1; pass the number"
    ):
        thresholds(1, 0.1)
