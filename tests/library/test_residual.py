"""Residual networks: limits against integration, 60-digit arithmetic and identities."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnpaper import Target
from dlnpaper.residual import descend, integrate, limits

ONE = Target([2.0], shape=(1, 1))


@pytest.mark.parametrize("depth", [4, 30, 1000])
@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_limits_are_those_of_integrated_layers(depth, scale):
    rng = np.random.default_rng(depth)
    start = scale * rng.uniform(-1, 1, depth) / np.sqrt(depth)
    # Time in units of the Hessian at the limit, about L z².
    path = integrate(
        ONE, start[:, None, None], [0.0, 20 / depth], method="DOP853", rtol=1e-12
    ).isel(start=0, time=-1)
    found = limits(start, 2.0).isel(start=0)
    np.testing.assert_allclose(path["weights"].values.ravel(), found["weights"], atol=1e-10)
    np.testing.assert_allclose(path["distance"].values, np.abs(found["change"]), atol=1e-10)


def reference(start, z):
    """θ and changes in 60 digits, by bisection of the logarithm of 1 + θ/q."""
    with mp.workdps(60):
        squares = [(1 + mp.mpf(float(w))) ** 2 for w in start]
        least, goal = min(squares), mp.mpf(z) ** 2
        low, high = mp.mpf(-400), mp.mpf(400)
        for _ in range(220):
            middle = (low + high) / 2
            theta = least * mp.expm1(middle)
            if mp.fprod(q + theta for q in squares) < goal:
                low = middle
            else:
                high = middle
        theta = least * mp.expm1(low)
        changes = [theta / (mp.sqrt(q + theta) + mp.sqrt(q)) for q in squares]
        return float(theta), np.array([float(change) for change in changes])


CASES = {
    "far above": ([0.3, -0.2, 0.1], 1e40),
    "far below": ([0.3, -0.2, 0.1], 1e-40),
    "one layer": ([0.7], 0.2),
    "unlike factors": ([1e9, -0.999999, 0.5, 3.0], 5.0),
    "unlike factors, falling": ([1e9, -0.999999, 0.5, 3.0], 1e-6),
    "equal factors, falling": ([0.5, 0.5, 0.5], 1e-3),
    "nearly equal factors, falling far": ([0.0, 1e-10], 1e-20),
    "next to the target": ([1.0, 1e-13], 2.0),
    "tiny weights": ([1e-12, -3e-13, 2e-12], 1.0),
}


@pytest.mark.parametrize("case", CASES)
def test_limits_are_those_of_sixty_digits(case):
    start, z = CASES[case]
    theta, changes = reference(start, z)
    found = limits(start, z).isel(start=0)
    # What rounding of log z and of the weights' logarithms makes of θ, in units of q.
    shift = 2 * np.finfo(float).eps * (abs(np.log(z)) + np.abs(np.log1p(start)).sum())
    least = (1 + min(start)) ** 2
    allowed = shift * (least + abs(theta)) + 4 * np.finfo(float).eps * abs(theta)
    assert float(found["theta"]) == pytest.approx(theta, abs=allowed)
    relative = 8 * np.finfo(float).eps + shift * (1 + least / max(abs(theta), 1e-300))
    np.testing.assert_allclose(found["change"], changes, rtol=relative)


def test_a_million_layers_meet_the_target():
    start = np.random.default_rng(1).standard_normal(10**6) / 1e3
    for z in (2.0, 0.01):
        found = limits(start, z)
        # The logarithm of the product of the trained weights, whose sum has errors of 1e-16 each.
        assert np.log1p(found["weights"].values).sum() == pytest.approx(np.log(z), abs=1e-12)
        shifted = 2 * (1 + start) * found["change"].values + found["change"].values ** 2
        np.testing.assert_allclose(shifted[0], float(found["theta"][0]), rtol=1e-13)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-0.99, 5.0), min_size=1, max_size=12),
    st.floats(-20.0, 20.0),
    st.integers(0, 10**6),
)
def test_every_chain_meets_its_target_and_forgets_the_order_of_layers(start, log_z, seed):
    z = float(np.exp(log_z))
    found = limits(start, z).isel(start=0)
    theta = float(found["theta"])
    squares = (1 + np.array(start)) ** 2
    assert theta >= -squares.min()
    assert np.sign(theta) == np.sign(found["change"].values).max() or theta == 0
    # θ/q above -1 keeps 1 + θ/q only to 1e-16, so that compare the sum of logarithms by `change`.
    logs = np.log((1 + np.array(start)) + found["change"].values)
    least = (1 + np.array(start) + found["change"].values).min()
    assert logs.sum() == pytest.approx(log_z, abs=1e-12 + 1e-15 / least)
    order = np.random.default_rng(seed).permutation(len(start))
    other = limits(np.array(start)[order], z).isel(start=0)
    np.testing.assert_allclose(
        other["change"], found["change"].values[order], rtol=1e-10, atol=1e-14
    )


def test_diagonal_matrices_are_chains_one_for_each_mode():
    rng = np.random.default_rng(3)
    basis = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    modes, goals = 0.3 * rng.standard_normal((2, 6)), np.array([2.0, 0.6])
    target = Target.from_matrix(basis @ np.diag(goals) @ basis.T)
    weights = np.stack([basis @ np.diag(each) @ basis.T for each in modes.T])
    path = integrate(target, weights, [0.0, 40.0], method="DOP853", rtol=1e-12)
    found = limits(modes, goals)["weights"].values
    expected = np.stack([basis @ np.diag(each) @ basis.T for each in found.T])
    np.testing.assert_allclose(path["weights"].values[0, -1], expected, atol=1e-10)


def test_steps_keep_the_common_shift_up_to_the_step():
    # The spread of the shift is proportional to the step: that of half the step is half of it.
    start = np.array([0.4, -0.3, 0.1, 0.0])
    spreads = []
    for step in (0.01, 0.005):
        path = descend(ONE, start[:, None, None], step=step, steps=4000, every=4000)
        shifts = (1 + path["weights"].values[0, -1].ravel()) ** 2 - (1 + start) ** 2
        spreads.append(np.ptp(shifts))
        exact = limits(start, 2.0)["theta"].values[0]
        assert np.abs(shifts - exact).max() < 5 * step
    assert spreads[0] / spreads[1] == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    ("weights", "z", "sentence"),
    [
        ([0.0, -1.0], 1.0, r"weights must lie above -1, .* got -1.0 in layer 2 of chain 0; "),
        ([[0.0], [-3.0]], 1.0, r"got -3.0 in layer 1 of chain 1; flip the signs of two layers"),
        ([0.0], 0.0, r"target must lie from 1e-50 to 1e\+50, got 0.0; "),
        ([0.0], [-2.0], "got -2.0; "),
        ([], 1.0, r"weights must have shape \(L,\), or \(M, L\) .* got shape \(0,\)"),
        ([[0.0], [0.1]], [1.0, 2.0, 3.0], r"target must be a number or have shape \(2,\)"),
        ([np.nan], 1.0, "weights must be finite"),
    ],
)
def test_bad_chains_get_one_sentence(weights, z, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        limits(weights, z)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "weights", "sentence"),
    [
        (Target([1.0], shape=(2, 1)), np.zeros((3, 1, 1)), "target must be square"),
        (ONE, np.zeros((3, 2, 2)), r"weights must have shape \(L, 1, 1\)"),
        (ONE, np.zeros((1, 1, 1)), "with at least 2 layers"),
        (ONE, 0.0, r"got shape \(\)"),
    ],
)
def test_bad_matrices_get_one_sentence(target, weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        integrate(target, weights, [0.0, 1.0])
    with pytest.raises(ValueError, match=sentence):
        descend(target, weights, step=0.1, steps=1)
