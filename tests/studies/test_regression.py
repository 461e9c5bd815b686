"""Whitened data against least squares, and the loss on the data against that of the target."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from companion.bundled import load, one_hot, whitened_data
from companion.ensembles import generate, over_depths, time_grid
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._flows import integrate
from studies.digits.measure import (
    _loss_on_data,
    compare,
    deviations,
    rank_one_loss,
    snapshots,
)
from studies.digits.table import table as tabulate

VARIABLES = ("s", "a", "b", "loss")


@pytest.fixture(scope="module")
def digits():
    """Images, one a column, and their one-hot classes."""
    return load("digits")


@pytest.fixture(scope="module")
def learned(digits):
    """The digits as a target, and as data in its coordinates."""
    return whitened_data(*digits)


@pytest.fixture(scope="module")
def data(learned):
    return learned[1]


@pytest.fixture(scope="module")
def fitted(digits):
    """Centered outputs, and what ordinary least squares with an intercept predicts of them."""
    inputs, outputs = digits
    design = np.vstack([inputs, np.ones(inputs.shape[1])]).T
    predicted = (design @ np.linalg.lstsq(design, outputs.T)[0]).T
    mean = outputs.mean(axis=1, keepdims=True)
    return outputs - mean, predicted - mean


@pytest.fixture(scope="module")
def trajectories(learned):
    """Two starts, in closed form and by the layers."""
    target, _ = learned
    starts = generate(target, {"some": {"sample": {"size": 2, "s": [0.01, 1.0]}}}, seed=1)
    times = time_grid("geometric", 0.01, 30.0, 10)
    exact = over_depths(solve, starts, [2, 3], times, variables=VARIABLES)
    options = {"flow": "layers", "rtol": 1e-13, "variables": VARIABLES}
    return exact, over_depths(integrate, starts, [2, 3], times, **options)


def test_one_hot_has_one_row_per_class():
    expected = [[0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 1, 0]]
    np.testing.assert_array_equal(one_hot([2, 0, 2, 0]), expected)


def test_inputs_are_whitened_and_outputs_centered(data):
    inputs = data["inputs"].values
    np.testing.assert_allclose(inputs @ inputs.T, np.eye(61), atol=1e-12)
    # A rotation changes no mean of 0: 1e-12 is rounding of sums over 1797 samples.
    np.testing.assert_allclose(inputs.sum(axis=1), 0, atol=1e-11)
    np.testing.assert_allclose(data["outputs"].sum("sample"), 0, atol=1e-11)


def test_what_is_dropped_is_what_is_constant(digits, data):
    inputs, _ = digits
    constant = int((np.ptp(inputs, axis=1) == 0).sum())
    assert data.attrs["dropped_directions"] == constant == 3
    assert data.sizes["right"] == 64 - constant
    # The classes of every sample sum to one, so one direction of the centered ones is empty.
    assert data.attrs["dropped_singular_values"] == 1
    assert data.sizes["mode"] == 9


def test_singular_values_are_those_of_the_least_squares_fit(data, fitted):
    # Y X_wᵀ X_w is the projection of Y on the inputs, and X_w has orthonormal rows.
    _, predicted = fitted
    expected = np.linalg.svd(predicted, compute_uv=False)[:9]
    np.testing.assert_allclose(data["singular_values"], expected, rtol=1e-10)


def test_best_losses_are_those_of_reduced_rank_regression(data, fitted):
    outputs, predicted = fitted
    rest = 0.5 * np.sum((outputs - predicted) ** 2)
    assert data.attrs["loss_offset"] == pytest.approx(rest, rel=1e-11)
    left, values, right = np.linalg.svd(predicted, full_matrices=False)
    best = values[0] * np.outer(left[:, 0], right[0])
    expected = 0.5 * np.sum((outputs - best) ** 2)
    assert rank_one_loss(data) == pytest.approx(expected, rel=1e-11)


def test_the_loss_of_trajectories_is_that_of_the_network_on_the_images(
    digits, learned, trajectories
):
    # The whole chain: pixels, whitening, the directions of the target, and the residual of images.
    (inputs, outputs), (target, data) = digits, learned
    centered = [values - values.mean(axis=1, keepdims=True) for values in (inputs, outputs)]
    exact, _ = trajectories
    at = exact.isel(depth=1, start=0, time=5)
    matrix = at["s"].item() * np.outer(target.left @ at["a"].values, target.right @ at["b"].values)
    residual = centered[1] - matrix @ target.whitening @ centered[0]
    assert at["loss"].item() == pytest.approx(0.5 * np.sum(residual**2), rel=1e-12)
    np.testing.assert_allclose(_loss_on_data(data, exact), exact["loss"], rtol=1e-12)


def test_the_closed_form_and_the_layers_agree_on_the_digits(data, trajectories):
    # At 1e-13 a step; the plateau multiplies what it adds up to.
    found = deviations(data, *trajectories)
    assert max(found[name].max().item() for name in found) < 1e-9
    end = trajectories[1]["loss"].isel(time=-1)
    np.testing.assert_allclose(end, rank_one_loss(data), rtol=1e-6)


def test_the_learned_images_are_those_of_reduced_rank_regression(fitted, learned, digits):
    target, _ = learned
    starts = generate(target, {"some": {"sample": {"size": 1, "s": [0.1, 0.1]}}}, seed=1)
    path = over_depths(solve, starts, [2], time_grid("geometric", 0.01, 60.0, 200))
    found = snapshots("digits", path.isel(depth=0, start=0))
    outputs, predicted = fitted
    left, values, _ = np.linalg.svd(predicted, full_matrices=False)
    u = found["u"].values[-1]
    # The gap of the two largest singular values is 0.46: exp(-0.46 * 60) is 1e-12.
    np.testing.assert_allclose(np.abs(left[:, 0] @ u), 1, rtol=1e-9)
    # With Z = Y X_wᵀ and X X_wᵀ X_w = X, the covariance of pixels with vᵀ X_w is X Yᵀ u_1 / σ_1.
    pattern = digits[0] @ outputs.T @ u / values[0]
    np.testing.assert_allclose(
        found["v_pattern"].values[-1], pattern, atol=1e-6 * np.abs(pattern).max()
    )
    assert found["snapshot_time"].values[0] == 0
    assert (np.diff(found["snapshot_loss"].values) < 0).all()


def test_deviations_that_are_put_in_come_out(data, trajectories):
    exact, _ = trajectories
    moved = exact.copy(deep=True)
    moved["s"][{"depth": 0, "time": 0, "start": 1}] *= 1.001
    moved["loss"][{"depth": 1, "time": 2, "start": 0}] += 3.0
    found = deviations(data, exact, moved)
    zero_loss = 0.5 * np.sum(data["outputs"].values ** 2)
    np.testing.assert_allclose(found["deviation_of_s"], [1e-3, 0], atol=1e-12)
    np.testing.assert_allclose(found["deviation_of_loss"], [0, 3 / zero_loss], atol=1e-15)
    assert found["deviation_of_loss_on_data"][0] > 1e-9  # the moved s is seen on the data too
    assert found["deviation_of_loss_on_data"][1] < 1e-12


def test_the_table_says_what_was_dropped_and_measured(data, trajectories):
    table = tabulate(compare(data, *trajectories)).set_index(["of", "quantity"])["value"]
    assert table["data", "samples"] == 1797
    assert table["data", "features"] - table["data", "dropped_directions"] == 61
    assert table["target", "rank"] + table["target", "dropped_singular_values"] == 10
    # ½‖Y − Ȳ‖² of one-hot outputs: half of k − Σ n_c² / k.
    counts = np.bincount(load_digits().target)
    expected = 0.5 * (1797 - np.sum(counts**2) / 1797)
    assert table["target", "loss_of_zero"] == pytest.approx(expected, rel=1e-12)
    squares = sum(table[f"mode {mode}", "singular_value"] ** 2 for mode in range(1, 10))
    reduction = table["target", "loss_of_zero"] - table["target", "loss_of_least_squares"]
    assert reduction == pytest.approx(squares / 2, rel=1e-11)
    for depth in (2, 3):
        assert table[f"N = {depth}", "compared_starts"] == 2
        assert table[f"N = {depth}", "largest_deviation_of_loss_on_data"] < 1e-9
