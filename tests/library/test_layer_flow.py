"""The flow of given layers: its first step, what it conserves, and the closed form."""

from itertools import pairwise

import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, solve
from dlnpaper.layers._flow import integrate_layers
from tests.library.problems import rotated

TARGET = rotated(Target([3.0, 2.0, 1.0], shape=(4, 3)))


def random_layers(widths, seed, scale=0.5):
    """Return Gaussian layers, neither balanced nor of rank one."""
    rng = np.random.default_rng(seed)
    return [scale * rng.standard_normal((out, into)) for into, out in pairwise(widths)]


def test_given_layers_take_a_linear_first_step():
    # For N = 2, whose gradient is written out here.
    lower, upper = random_layers((3, 2, 4), seed=0)
    time = 1e-7
    result = integrate_layers(TARGET, [lower, upper], [0.0, time], rtol=1e-13)
    residual = TARGET.matrix - upper @ lower
    steps = [np.linalg.norm(upper.T @ residual), np.linalg.norm(residual @ lower.T)]
    # The second order is of relative size time; a difference of weights of order 1 keeps 9 digits.
    np.testing.assert_allclose(result.distance[:, 1] / time, steps, rtol=1e-6)
    np.testing.assert_allclose(result.loss[0], 0.5 * np.sum(residual**2), rtol=1e-14)


@pytest.mark.parametrize("widths", [(3, 2, 4), (3, 1, 4), (3, 5, 3, 1, 4)])
def test_given_layers_conserve_their_imbalance(widths):
    result = integrate_layers(TARGET, random_layers(widths, 1), [5.0, 50.0], rtol=1e-12)
    assert (result.imbalance > 0.1).all()
    assert float(result.drift.max()) < 1e-9
    # Without a one-neuron layer the rank may be as large as the hidden width; Eckart and Young.
    rank = min(widths)
    least_loss = 0.5 * np.sum(TARGET.singular_values[rank:] ** 2)
    assert float(result.loss[-1]) == pytest.approx(least_loss, rel=1e-9)


def test_balanced_layers_that_are_given_follow_the_closed_form():
    start = StartingPoints.sample(TARGET, 1, 6, s=0.4)
    times = [0.5, 2.0, 20.0]
    layers = start.layers(0, 3, [3, 1], 0, TARGET)
    result = integrate_layers(TARGET, layers, times, rtol=1e-12)
    exact = solve(TARGET, 3, start, times).isel(start=0)
    u, v = exact.a.values @ TARGET.left.T, exact.b.values @ TARGET.right.T
    expected = np.einsum("t,ti,tj->tij", exact.s, u, v)
    # A step is good to 1e-12, and up to a thousand of them add up.
    np.testing.assert_allclose(result.end_to_end, expected, atol=1e-9)
    assert float(result.imbalance.max()) < 1e-9


def test_given_layers_that_do_not_chain_are_refused():
    layers = [np.ones((2, 3)), np.ones((4, 3))]
    with pytest.raises(ValueError, match=r"layers\[1\] must have 2 columns to follow what comes"):
        integrate_layers(TARGET, layers, [1.0])
