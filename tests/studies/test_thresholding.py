"""Trained layers against the thresholding rule: what is measured, tabulated and drawn."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from studies.thresholding import figure
from studies.thresholding.measure import _bisected, measure
from studies.thresholding.table import table as tabulate
from tests.figure_checks import check_rendering

VALUES = [0.3, 0.95, 1.5]


@pytest.fixture(scope="module")
def measured():
    return measure(depths=[2, 4], values=VALUES, seed=3)


@pytest.fixture(scope="module")
def drawn(measured):
    return figure.data(measured, drawn_depth=4)


def test_trained_layers_rest_where_the_regularized_loss_is_stationary(measured):
    # ½(s - σ)² + ½ N μ s^(2/N) of one mode, differentiated by hand; μ = (2^(1/3)/3)^(3/2) at N = 4.
    decay = (2 ** (1 / 3) / 3) ** 1.5
    assert float(measured["weight_decay"].sel(depth=4)) == pytest.approx(decay, rel=1e-14)
    s = measured["s"].sel(depth=4, origin="large", value=[0.95, 1.5]).values
    assert_allclose(s + decay * s**-0.5, [0.95, 1.5], rtol=1e-9)
    assert_allclose(measured["s"].sel(depth=2), [[0, 0, 0.5]] * 2, atol=1e-9)


def test_the_loss_is_that_of_the_modes_and_of_all_layers(measured):
    # Balanced layers have ½μ Σ‖W_j‖² = ½ N μ s^(2/N); the second mode, 0.3σ, is not learned.
    s = measured["s"].sel(depth=4, origin="large", value=1.5)
    decay = measured["weight_decay"].sel(depth=4)
    expected = 0.5 * (1.5 - s) ** 2 + 0.5 * 0.45**2 + 2 * decay * s**0.5
    assert_allclose(measured["loss"].sel(depth=4, origin="large", value=1.5), expected, rtol=1e-9)
    zero = measured["loss"].sel(depth=4, origin="small")
    assert_allclose(zero, 0.5 * 1.09 * np.square(VALUES), rtol=1e-12)


def test_two_neurons_take_the_two_largest_modes():
    above = measure(depths=[2], values=[1.2, 2.0, 1.6], seed=1)
    assert_allclose(above["wide_s"], [[0, 1, 0.6], [0.2, 1, 0.6]], atol=1e-8)
    assert float(above["wide_stray"].max()) < 1e-8


def test_thresholds_are_found_without_their_formula(measured):
    # By hand for N = 4: σ_c/σ_g = 2 · 4^(-2/3), and the jump is 2/3.
    at = measured.sel(depth=4)
    assert float(at["sigma_collapse"]) == pytest.approx(2 ** (-1 / 3), abs=1e-4)
    assert float(at["sigma_global"]) == pytest.approx(1, abs=1e-9)
    assert float(at["s_global"]) == pytest.approx(2 / 3, abs=1e-8)
    assert np.isnan(measured["sigma_collapse"].sel(depth=2))


def test_a_bisection_needs_ends_of_both_kinds():
    assert _bisected(lambda x: x > 0.7, 0.0, 1.0, 1e-9) == pytest.approx(0.7, abs=1e-9)
    assert np.isnan(_bisected(lambda x: x > 2, 0.0, 1.0, 1e-9))
    assert np.isnan(_bisected(lambda x: x > -1, 0.0, 1.0, 1e-9))


def test_the_table_takes_the_end_of_the_lower_loss(measured):
    table = tabulate(measured)
    deep = table[(table.depth == 4) & (table.quantity == "s")].set_index(["origin", "value"])
    # 0.95 lies between σ_c = 0.79 and σ_g = 1: a minimum, but not the global one.
    assert deep.measured["large", 0.95] > 0.5
    assert deep.measured["lower", 0.95] == deep.measured["small", 0.95] < 1e-9
    assert deep.measured["lower", 1.5] == deep.measured["large", 1.5]
    assert len(table) == 2 * 3 * len(VALUES) + 2 * len(VALUES) + 3
    assert not table.duplicated(["quantity", "depth", "neurons", "origin", "value"]).any()


def test_the_error_in_the_table_is_that_of_the_whole_matrix(measured):
    off = measured.copy(deep=True)
    off["stray"].loc[4, "large", 1.5] = 0.25
    table = tabulate(off).set_index(["quantity", "depth", "origin", "value"])
    assert table.error["s", 4, "large", 1.5] == pytest.approx(0.25)


def test_marks_lie_on_the_rules(drawn):
    for depth in (2, 4):
        line = np.interp(1.5, drawn["line"], drawn["rule"].sel(depth=depth))
        # Linear interpolation on a line of 600 points.
        assert_allclose(drawn["lower"].sel(depth=depth, value=1.5), line, atol=1e-5)
    assert_allclose(drawn["wide"], [0, 0, 0.5], atol=1e-8)


def test_branches_are_stationary_and_meet_at_the_threshold(drawn):
    assert float(drawn["branch_value"].min()) == pytest.approx(2 ** (-1 / 3), abs=1e-4)
    assert_array_equal(drawn["every_depth"], [2, 3, 4])
    # By hand: (N - 2)/(N - 1), and 2 N^(-N/(2N-2)).
    assert_allclose(drawn["s_global_law"], [0, 1 / 2, 2 / 3], rtol=1e-12)
    assert_allclose(drawn["sigma_collapse_law"], [1, 2 * 3**-0.75, 2 ** (-1 / 3)], rtol=1e-12)


def test_texts_fit_and_bytes_are_the_same(drawn, monkeypatch):
    check_rendering(lambda: figure.draw(drawn), monkeypatch, least_texts=20)
