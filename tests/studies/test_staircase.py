"""The steps of small starts: laws against scalar flows, and what figure and table make of them."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp

from companion.ensembles import time_grid
from dlnpaper._target import Target
from dlnpaper.layers._products import end_to_end
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._starting_points import StartingPoints
from dlnpaper.two_layers._starts import Starts
from studies.staircase import figure as staircase
from studies.staircase.deeper import balanced_layers, steps_at_depth
from studies.staircase.measure import FACTORS, measure
from studies.staircase.steps import crossings, growing_parts, rise_curve, rise_law, step_law
from studies.staircase.table import table as tabulate
from tests.figure_checks import check_rendering

SIGMA = [3.0, 1.5, 0.7]
TARGET = Target(SIGMA, shape=(4, 3))
SETTINGS = {
    "target": {"singular_values": SIGMA, "shape": (4, 3)},
    "widths": [1, 2, 4],
    "scales": [1e-3, 1e-7, 1e-5],
    "drawn_scale": 1e-3,
    "depths": [3],
    "deep_scale": 5e-3,
    "times": {"spacing": "geometric", "first": 0.1, "last": 60.0, "count": 300},
    "seed": 5,
}


@pytest.fixture(scope="module")
def measured():
    return measure(**SETTINGS)


@pytest.fixture(scope="module")
def tabulated(measured):
    return tabulate(measured)


def aligned(values):
    """Return the balanced start whose W(0) is diagonal, with these values: modes decouple."""
    root = np.diag(np.sqrt(values))
    return Starts(root[None], np.pad(root, ((0, 1), (0, 0)))[None])


def scalar_times(sigma, start, depth, shares):
    """Integrate ``ds/dt = N s^(2-2/N) (σ - s)`` until s has these shares of σ."""
    events = [lambda _, log_s, share=share: log_s[0] - np.log(share * sigma) for share in shares]
    events[-1].terminal = True
    flow = solve_ivp(
        lambda _, log_s: depth * np.exp((1 - 2 / depth) * log_s) * (sigma - np.exp(log_s)),
        (0.0, 1e5),
        [np.log(start)],
        events=events,
        rtol=1e-11,
        atol=1e-13,
        method="LSODA",
    )
    return np.concatenate(flow.t_events)


def test_what_other_modes_take_of_a_growing_part_does_not_count():
    # The rows of P are (3, 0), (4, 5) and one in their plane, as sums of equal halves over √2.
    parts = np.array([[3.0, 4.0, 2.0], [0.0, 5.0, 1.0]]) / np.sqrt(2)
    starts = Starts(parts[None], np.pad(parts.T, ((0, 1), (0, 0)))[None])
    assert_allclose(growing_parts(TARGET, starts), [[3.0, 5.0]], rtol=1e-14)


def test_the_law_is_that_of_scalar_networks_where_modes_decouple():
    values = np.array([2e-9, 5e-9, 1e-9])
    # s = σ / (1 + (σ/s_0 - 1) exp(-2σt)): half at ln(σ/s_0 - 1) / (2σ).
    sigma = np.array(SIGMA)
    expected = np.log(sigma / values - 1) / (2 * sigma)
    assert_allclose(step_law(TARGET, aligned(values))[0], expected, rtol=1e-8)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_rise_is_that_of_an_integrated_scalar_network(depth):
    shares = [0.1, 0.5, 0.9]
    times = scalar_times(1.0, 1e-3, depth, shares)
    assert_allclose(rise_curve(depth, np.array(shares)), times - times[1], atol=1e-8)
    # By hand: ln 81 / 2, and for N = 4 with x = √s half of artanh x - 1/x.
    by_hand = {2: np.log(81) / 2}
    low, high = np.sqrt([0.1, 0.9])
    by_hand[4] = (np.arctanh(high) - 1 / high - np.arctanh(low) + 1 / low) / 2
    if depth in by_hand:
        assert rise_law(depth) == pytest.approx(by_hand[depth], rel=1e-12)


def test_crossings_of_logistic_curves_are_exact_on_any_grid():
    times = np.array([0.0, 3.0, 4.0, 9.0, 20.0])
    shares = 1 / (1 + np.exp(-(times - np.array([[5.0], [7.0], [30.0]]))))
    expected = np.array([5.0, 7.0])[:, None] + np.log([1 / 9, 1, 9])
    found = crossings(times, shares, [0.1, 0.5, 0.9])
    assert_allclose(found[:2], expected, rtol=1e-12)
    assert np.isnan(found[2]).all()


@pytest.mark.parametrize(("width", "depth"), [(2, 3), (3, 2), (5, 4)])
def test_layers_are_balanced_and_have_the_product(width, depth):
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((4, min(width, 3))) @ rng.standard_normal((min(width, 3), 3))
    layers = balanced_layers(matrix, width, depth)
    assert [layer.shape for layer in layers[:-1]] == [(width, 3)] + [(width, width)] * (depth - 2)
    for lower, upper in pairwise(layers):
        assert_allclose(upper.T @ upper, lower @ lower.T, atol=1e-13)
    assert_allclose(end_to_end(layers), matrix, atol=1e-13)


@pytest.mark.parametrize("depth", [2, 3])
def test_steps_are_those_of_scalar_networks_where_modes_decouple(depth):
    values = np.array([3e-4, 1e-3, 2e-4])
    steps = steps_at_depth(TARGET, aligned(values), depth)
    for mode, sigma in enumerate(SIGMA):
        before, half, after = scalar_times(sigma, values[mode], depth, [0.1, 0.5, 0.9])
        # Layers are integrated with rtol 1e-8; crossings interpolate a thirtieth of a rise.
        assert float(steps["deep_time"][0, mode]) == pytest.approx(half, rel=1e-5)
        assert float(steps["deep_rise"][0, mode]) == pytest.approx(after - before, rel=1e-3)
    assert float(steps["deep_loss"][0]) < 1e-12


def test_with_one_hidden_neuron_the_step_is_that_of_one_neuron(measured):
    start = start_of(measured, 1, 1e-3)
    points = StartingPoints.from_layers(TARGET, [start.first[0], start.second[0]])
    times = time_grid("linear", 0.0, 10.0, 2001)
    s = solve(TARGET, 2, points, times, variables=["s"])["s"].values / SIGMA[0]
    expected = crossings(times, s, [0.1, 0.5, 0.9])[0]
    one = measured.sel(width=1, scale=1e-3, mode=0)
    # Crossings are interpolated where modes that fade bend the curve by the scale.
    assert float(one["step_time"]) == pytest.approx(expected[1], abs=1e-6)
    assert float(one["rise"]) == pytest.approx(expected[2] - expected[0], abs=1e-5)


def test_starts_of_a_width_differ_in_scale_alone(measured):
    # Times shift by ln(scale²) / (2σ_i), but for what neighboring modes do, which fades.
    sigma = np.array(SIGMA)
    shift = (measured["step_time"].sel(scale=1e-7) - measured["step_time"].sel(scale=1e-5)).values
    made = np.isfinite(shift)
    expected = np.broadcast_to(2 * np.log(100) / (2 * sigma), shift.shape)
    assert_allclose(shift[made], expected[made], atol=1e-4)
    # One step for one neuron, two for two, and three for four, the rank.
    assert made.sum(axis=1).tolist() == [1, 2, 3]


def test_the_table_compares_with_laws_and_best_approximations(tabulated):
    rows = tabulated.set_index(["quantity", "depth", "width", "mode"]).sort_index()
    # ½ Σ σ² of what is not fitted, by hand.
    zero = (9 + 2.25 + 0.49) / 2
    for width, left in ((1, (2.25 + 0.49) / 2), (2, 0.49 / 2), (4, 0.0)):
        assert_allclose(rows.loc[("final loss", 2, width, 0), "predicted"], left, atol=1e-15)
        assert_allclose(rows.loc[("final loss", 2, width, 0), "measured"], left, atol=1e-9 * zero)
    plateaus = rows.loc[("plateau loss", 2, 4)]
    assert_allclose(plateaus.loc[1, "predicted"], (2.25 + 0.49) / 2, rtol=1e-14)
    assert_allclose(plateaus.loc[2, "predicted"], 0.49 / 2, rtol=1e-14)
    assert_allclose(rows.loc["steps", "measured"].groupby("width").max(), [1, 2, 3])
    assert rows.loc["deviation of the layers", "measured"].max() < 1e-7
    exponents = rows.loc[("exponent of the step time", 3)]
    assert_allclose(exponents["predicted"], 1 / 3)
    assert len(exponents) == 3
    assert tabulated["reached"].all()


def test_errors_that_are_put_in_come_out(measured, tabulated):
    moved = measured.copy(deep=True)
    moved["step_time"].loc[{"width": 2, "scale": 1e-7, "mode": 1}] += 0.01
    moved["rise"].loc[{"width": 2, "scale": 1e-7, "mode": 1}] *= 1.01
    moved["integrated_values"].loc[{"width": 4}] += 3e-3
    moved["deep_time"].loc[{"depth": 3, "mode": 2}] **= 2
    moved["deep_rise"].loc[{"depth": 3, "mode": 0}] = np.nan
    keys = ["quantity", "depth", "width", "scale", "mode"]
    table = tabulate(moved).set_index(keys).sort_index()
    before = tabulated.set_index(keys).sort_index()
    at = 2, 2, 1e-7, 2
    # In e-folds of growth, 2σ_2 = 3.
    assert table.loc[("step time", *at), "error"] == pytest.approx(0.03, rel=1e-3)
    assert table.loc[("rise", *at), "error"] == pytest.approx(0.01, rel=1e-3)
    assert table.loc[("deviation of the layers", 2, 4), "measured"].max() == pytest.approx(
        1e-3, rel=1e-3
    )
    exponent = "exponent of the step time", 3, 4, 5e-3, 3
    assert table.loc[exponent, "measured"] > 1.5 * before.loc[exponent, "measured"]
    assert not table.loc[("deep rise", 3, 4, 5e-3, 1), "reached"]


def test_deeper_networks_start_at_scales_that_make_an_exponent_plain(measured):
    assert_allclose(measured["deep_scale"], np.multiply(FACTORS, 5e-3))
    # The next order is that of the layers' other singular values.
    rows = tabulate(measured).query("quantity == 'exponent of the step time'")
    assert_allclose(rows["measured"], 1 / 3, atol=0.05)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    data = staircase.data(measured, drawn_scale=1e-3)
    check_rendering(lambda: staircase.draw(data), monkeypatch)


def test_the_figure_draws_the_predicted_times(measured):
    data = staircase.data(measured, drawn_scale=1e-3)
    values = staircase.draw(data).axes[0]
    drawn = [line.get_xdata()[0] for line in values.get_lines() if len(set(line.get_xdata())) == 1]
    law = step_law(TARGET, start_of(measured, 4, 1e-3))[0]
    assert_allclose(drawn, law, rtol=1e-12)


def start_of(measured, width, scale):
    """Return the start of a width and scale that was measured."""
    rng = np.random.default_rng([SETTINGS["seed"], width])
    return Starts.sample(TARGET, 1, rng, hidden=width, scale=scale)
