"""Chains between balanced ends as the study measures and draws them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from companion.ensembles import generate
from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.inner_imbalance import figure
from studies.inner_imbalance.measure import chain_layers, follow_unbalanced, measure
from studies.inner_imbalance.table import table as tabulate
from tests.figure_checks import check_rendering

TARGET = Target([2.0, 1.0], shape=(2, 2))
TIMES = {"spacing": "linear", "first": 0.0, "last": 30.0, "count": 601}
RATIOS = [0.4, 1.0, 2.0]


@pytest.fixture(scope="module")
def starts():
    families = {
        "sampled": {"sample": {"size": 1, "s": [0.5, 0.5]}},
        "saddle_2": {"stable_set": {"limit": 1, "size": 2, "s": [0.5, 0.5]}},
        "origin": {"stable_set": {"limit": "origin", "size": 1, "s": [0.5, 0.5]}},
    }
    return generate(TARGET, families, 2)


@pytest.fixture(scope="module")
def measured(starts):
    options = {"ratios": RATIOS, "end_factor": 1.1, "compared_until": 1.0}
    return measure(starts, depths=[3, 4], times=TIMES, **options)


def test_scalars_are_multiples_of_the_ends_and_w_is_that_of_the_start(measured):
    first = measured.isel(time=0)
    for depth, power in ((3, 1), (4, 2)):
        for ratio in RATIOS:
            one = first.sel(depth=depth, case=f"ratio {ratio:g}")
            assert_allclose(one["inner"] / one["first"], ratio**power, rtol=1e-12)
    assert_allclose(first["integrated_s"], 0.5, rtol=1e-12)


def test_the_squares_of_exact_and_of_integrated_weights_keep_their_difference(measured):
    ratio = [case for case in measured["case"].values if case.startswith("ratio")]
    for kind, tolerance in (("", 1e-12), ("integrated_", 1e-8)):
        weights = measured.sel(case=ratio)
        difference = weights[f"{kind}inner"] ** 2 - weights[f"{kind}first"] ** 2
        assert_allclose(difference - difference.isel(time=0), 0.0, atol=tolerance)


def test_the_ends_of_the_table_are_written_out(measured):
    # diag(2, 0) against diag(0, 1), or against zero.
    table = tabulate(measured).set_index(["depth", "case", "family"]).sort_index()
    for depth in (3, 4):
        assert table.loc[depth, "ends 1.1", "saddle_2"]["from_balanced"] == pytest.approx(5**0.5)
        assert table.loc[depth, "ends 1.1", "origin"]["from_balanced"] == pytest.approx(2)
        assert table.loc[depth, "ratio 0.4", "origin"]["from_balanced"] == pytest.approx(2)
        assert table.loc[depth, "ratio 2", "origin"]["from_balanced"] < 1e-12
        assert table.loc[depth, "ratio 0.4", "origin"]["passed"] == 1
        assert table.loc[depth, "ratio 2"]["passed"].sum() == 0
    assert len(table) == 2 * 4 * 3


def test_unbalanced_ends_have_the_imbalance_of_the_factor():
    start = StartingPoints([[0.6, 0.8]], [[0.8, 0.6]], 0.125)
    path = follow_unbalanced(TARGET, 3, start, 2.0, np.array([0.0, 1.0]))
    # All layers have norm 0.125^(1/3) = 0.5 before, then 1, 0.5 and 0.25.
    assert_allclose(path["integrated_first"][0, 0], 1.0, rtol=1e-12)
    assert_allclose(path["integrated_inner"][0, 0], 0.5, rtol=1e-12)
    layers = chain_layers(start, np.array([1.0]), np.array([0.25]), np.array([[0.5]]))
    product = np.linalg.multi_dot([layer[0] for layer in layers[::-1]])
    assert_allclose(product, 0.125 * np.outer(start.a[0], start.b[0]), rtol=1e-15)


def test_the_figure_can_be_read_and_has_the_same_bytes(starts, measured, monkeypatch):
    drawn = figure.data(starts, measured, ratios=RATIOS, drawn_depth=3, drawn_until=10.0)
    assert_allclose(drawn["ratio"], [*RATIOS, np.nan])
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
