"""Widths on the digits: gradient descent against the data, losses against regression on images."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from companion.bundled import data_target, load
from companion.ensembles import generate
from dlnpaper._target import Target
from dlnpaper.one_neuron._rates import rates
from dlnpaper.one_neuron._starting_points import StartingPoints
from dlnpaper.two_layers._starts import Starts
from studies.width import figure as width
from studies.width.measure import best_losses, descend, excess_rate, measure
from studies.width.table import table as tabulate
from tests.figure_checks import check_rendering

SETTINGS = {
    "widths": [1, 3, 10],
    "scale": 1e-3,
    "step": 5e-4,
    "long_step": 0.02,
    "times": {"spacing": "geometric", "first": 0.1, "last": 200.0, "count": 40},
    "seed": 3,
}


@pytest.fixture(scope="module")
def digits():
    """The digits as a target, and as whitened data in its coordinates."""
    return data_target("digits")


@pytest.fixture(scope="module")
def measured(digits):
    target, _ = digits
    starts = generate(target, {"any": {"sample": {"size": 1, "s": [1.0, 1.0]}}}, seed=1)
    return measure(starts, **SETTINGS)


def test_descent_is_that_of_the_layers_on_the_images(digits):
    # ½‖Y − W_2 W_1 X‖² by its gradient on the samples, in the basis of the whitened pixels.
    target, data = digits
    inputs, outputs = target.right @ data["inputs"].values, target.left @ data["outputs"].values
    in_coordinates = Target(target.singular_values, target.shape, loss_offset=target.loss_offset)
    starts = [Starts.sample(in_coordinates, 1, 1, hidden=h, scale=0.3) for h in (2, 4)]
    times = np.array([0.005, 0.05, 0.3])
    found = descend(in_coordinates, starts, 0.005, times)
    assert found.shape == (2, 3, *target.shape)
    for start, path in zip(starts, found, strict=True):
        first, second = start.first[0] @ target.right.T, target.left @ start.second[0]
        for step in range(1, 61):
            residual = second @ first @ inputs - outputs
            slopes = second.T @ residual @ inputs.T, residual @ (first @ inputs).T
            first, second = first - 0.005 * slopes[0], second - 0.005 * slopes[1]
            if 0.005 * step in times.round(12):
                at = int(np.argmin(np.abs(times - 0.005 * step)))
                matrix = target.left.T @ second @ first @ target.right
                assert_allclose(path[at], matrix, atol=1e-10)
                loss = 0.5 * np.sum((outputs - second @ first @ inputs) ** 2)
                fitted = 0.5 * np.sum((path[at] - in_coordinates.matrix) ** 2)
                assert fitted + target.loss_offset == pytest.approx(loss, rel=1e-11)


def test_best_losses_are_those_of_reduced_rank_regression_on_the_images(digits, measured):
    inputs, outputs = load("digits")
    design = np.vstack([inputs, np.ones(inputs.shape[1])]).T
    mean = outputs.mean(axis=1, keepdims=True)
    predicted = (design @ np.linalg.lstsq(design, outputs.T)[0]).T - mean
    left, values, right = np.linalg.svd(predicted, full_matrices=False)
    for rank, found in zip((0, 1, 3, 10), best_losses(digits[0], [0, 1, 3, 10]), strict=True):
        fit = (left[:, :rank] * values[:rank]) @ right[:rank]
        expected = 0.5 * np.sum((outputs - mean - fit) ** 2)
        assert found == pytest.approx(expected, rel=1e-11)
        if rank:
            # The gap of σ_3 and σ_4 is 0.43: exp(-0.86 * 200) is nothing.
            last = measured.sel(width=rank)
            assert float(last["loss"][-1]) == pytest.approx(expected, rel=1e-9)
            assert float(last["long_loss"][-1]) == pytest.approx(expected, rel=1e-9)


def test_the_rate_of_one_neuron_is_that_of_the_theorem():
    target = Target([3.0, 2.0, 1.0], shape=(4, 3))
    start = Starts.sample(target, 1, 7, hidden=1)
    points = StartingPoints.from_layers(target, [start.first[0], start.second[0]])
    law = rates(target, 2, points)["rate"].sel(quantity="excess").values[0]
    measured, predicted = excess_rate(target, start)
    assert predicted == pytest.approx(law, rel=1e-14)
    assert measured == pytest.approx(law, rel=1e-3)
    assert np.isnan(excess_rate(target, Starts.sample(target, 1, 7, hidden=4))).all()


def test_orders_and_errors_that_are_put_in_come_out(measured):
    moved = measured.copy(deep=True)
    steps, halved = moved["step"].values, moved["halved_step"].values
    moved["distance"][:] = 7 * steps[:, None] ** 1.5
    moved["extrapolated"][:] = 0.1 * halved[:, None] ** 3
    moved["long_loss"][{"width": 1, "long_mark": -1}] *= 1.01
    moved["rate"][0] = np.nan
    table = tabulate(moved).set_index(["quantity", "width", "step"]).sort_index()
    assert_allclose(table.loc["order of the distance", "measured"], 1.5)
    assert_allclose(table.loc["order of the distance", "error"], 0.5)
    assert_allclose(table.loc["order of the extrapolated distance", "error"], 1.0)
    assert table.loc[("final loss", 3, 0.02), "error"] == pytest.approx(0.01, rel=1e-6)
    assert table.loc[("final loss", 1, 0.02), "error"] < 1e-9
    assert not table.loc[("rate of the excess", 1, 0.0), "reached"]
    # ½ (σ_2² + σ_3²) between the widths 1 and 3.
    sigma = np.sqrt(2 * -np.diff(best_losses(data_target("digits")[0], range(10))))
    gain = table.loc[("gain of the last neuron", 3, 0.0)]
    assert gain["predicted"] == pytest.approx((sigma[1] ** 2 + sigma[2] ** 2) / 2, rel=1e-12)


def test_gradient_descent_comes_closer_in_proportion_to_the_step(measured):
    table = tabulate(measured).set_index("quantity")
    assert_allclose(table.loc["order of the distance", "measured"], 1.0, atol=0.1)
    assert_allclose(table.loc["order of the extrapolated distance", "measured"], 2.0, atol=0.2)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    data = width.data(measured)
    check_rendering(lambda: width.draw(data), monkeypatch)


def test_losses_after_the_compared_time_are_those_of_the_long_step(measured):
    data = width.data(measured)
    assert float(data["long_mark"].min()) > float(data["mark"].max())
    assert float(data["long_mark"].max()) == pytest.approx(200.0)
