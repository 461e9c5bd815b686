"""Patterns of chosen modes, and how the study judges where layers end."""

from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from companion.registry import Studies
from dlnpaper._target import Target
from dlnpaper.two_layers._limits import limits
from studies.pivots import figure
from studies.pivots.dependent import dependent_start
from studies.pivots.measure import Case, horizon, measure, patterns, stationary_near
from studies.pivots.table import table as tabulate
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIGMA = [5.0, 4.0, 3.0, 2.0]
TARGET = Target(SIGMA, shape=(5, 4))
BALANCED = Case(TARGET, 0.0, 0.0)
SETTINGS = Studies({"memory_mb": 1}, ROOT).config["studies"]["pivots"]


@pytest.fixture(scope="module")
def measured():
    """Two cases, widths 1 and 2."""
    cases = {
        name: SETTINGS["cases"][name] | {"widths": [1, 2]} for name in ("simple", "weight_decay")
    }
    return measure(cases=cases, sampled=1, scale=0.5, last=60.0, seed=31)


def test_patterns_are_all_subsets_of_at_most_h_modes():
    for width, count in zip(range(1, 6), (5, 11, 15, 16, 16), strict=True):
        assert len(set(patterns(BALANCED, width))) == count
        assert count == sum(comb(4, size) for size in range(min(width, 4) + 1))


def test_of_tied_modes_a_pattern_has_the_first():
    tied = Case(Target([5.0, 5.0, 3.0], shape=(3, 3)), 0.0, 0.0)
    assert [*patterns(tied, 2)] == [(), (0,), (2,), (0, 1), (0, 2)]


@pytest.mark.parametrize(
    ("shape", "imbalance", "decay", "sizes"),
    [
        ((6, 6), 0.0, 0.0, {2}),  # what is left over would approach like 1/t
        ((6, 6), 0.0, 1.0, {0, 1, 2}),
        ((6, 4), 2.0, 0.0, {0, 1, 2}),  # two left null directions take what is left over
        ((5, 4), 2.0, 0.0, {1, 2}),
        ((5, 4), -2.0, 0.0, {2}),
    ],
)
def test_left_over_units_need_somewhere_to_go(shape, imbalance, decay, sizes):
    case = Case(Target(SIGMA, shape=shape), imbalance, decay)
    assert {len(modes) for modes in patterns(case, 2)} == sizes


def test_the_horizon_is_when_an_error_has_grown_to_its_cube_root():
    folds = 2 / 3 * np.log(1e13)
    # Mode 1 takes over from mode 3 at 5 - 3, and an idle unit from nothing at 5.
    assert_allclose(horizon(BALANCED, (2,), 1, 60.0), folds / 2, rtol=1e-12)
    assert_allclose(horizon(BALANCED, (2,), 2, 60.0), folds / 5, rtol=1e-12)
    assert horizon(BALANCED, (0, 1), 2, 60.0) == 60.0
    # With λ = 2 the left null direction holds a unit at 1, and modes have sqrt(σ² + 1).
    tilted = Case(TARGET, 2.0, 0.0)
    assert_allclose(horizon(tilted, (), 1, 60.0), folds / (26**0.5 - 1), rtol=1e-12)
    assert_allclose(horizon(Case(TARGET, 0.0, 2.5), (3,), 1, 60.0), folds / 2.5, rtol=1e-12)


def test_dependent_starts_are_balanced_and_only_their_pivots_tell():
    rng = np.random.default_rng(5)
    starts = dependent_start(TARGET, (0, 2, 3), rng, 0.5)
    first, second = starts.first[0], starts.second[0]
    assert_allclose(second.T @ second, first @ first.T, atol=1e-14)  # sums of products of order 1
    growing = first.T[:4] + second[:4]
    assert_array_equal(growing[:2, 1], 0)
    assert_array_equal(growing[:3, 2], 0)
    # Every mode grows; mode 2 where mode 1 does.
    assert (np.linalg.norm(growing, axis=1) > 1e-3).all()
    assert np.linalg.matrix_rank(growing[:2], tol=1e-12) == 1
    assert_array_equal(limits(TARGET, starts)["chosen"], [[1, 0, 1, 1]])


def test_the_nearest_stationary_point_has_the_modes_that_an_end_is_close_to():
    end = np.zeros((5, 4))
    end[[0, 2], [0, 2]] = 5.01, 2.98
    end[4, 1] = 0.02
    near = stationary_near(BALANCED, end)
    assert_array_equal(near.modes, [1, 0, 1, 0])
    assert_allclose(near.values, [5.01, 0, 2.98, 0])
    assert_allclose(np.linalg.norm(end - near.matrix), np.sqrt(0.01**2 + 2 * 0.02**2))
    # With weight decay 2.5 modes have 2.5, 1.5, 0.5, and the last one none.
    near = stationary_near(Case(TARGET, 0.0, 2.5), np.eye(5, 4) * 0.3)
    assert_array_equal(near.modes, [0, 0, 1, 0])
    assert near.matrix[2, 2] == 0.5


def test_of_tied_modes_an_end_may_have_any_direction():
    tied = Case(Target([5.0, 5.0, 3.0], shape=(3, 3)), 0.0, 0.0)
    unit = np.array([0.6, 0.8, 0.0])
    near = stationary_near(tied, 5 * np.outer(unit, unit))
    assert_array_equal(near.modes, [1, 0, 0])
    assert_allclose(near.matrix, 5 * np.outer(unit, unit), atol=1e-14)


def test_layers_end_where_the_pivots_say(measured):
    assert measured["decided"].all()
    assert_array_equal(measured["predicted"], measured["reached"])
    assert_array_equal(measured["predicted"], measured["meant"])
    # One random start, and 5 or 11 patterns; without decay the 6 pairs of modes once more.
    assert measured.sizes["start"] == 2 * (2 + 5 + 11) + 6


def test_in_square_networks_the_sign_of_the_determinant_decides():
    square = {"square": SETTINGS["cases"]["square"] | {"widths": [4]}}
    found = measure(cases=square, sampled=6, scale=0.5, last=60.0, seed=31)
    rows = tabulate(found).set_index("starts")
    assert list(rows.loc["sampled", ["count", "patterns", "same", "meant_otherwise"]]) == [
        6,
        2,
        6,
        0,
    ]
    drawn = found["reached"].values[:6]
    assert_array_equal(drawn[:, :3], 1)
    # The layers conserve the sign: where mode 4 is missing the last one of W cannot pass zero.
    assert_array_equal(drawn[:, 3], found["meant"].values[:6, 3])


def test_what_ends_elsewhere_is_counted(measured):
    wrong = measured.copy(deep=True)
    # The second start is made for the origin, the third for mode 1.
    wrong["reached"][2] = [0, 1, 0, 0]
    wrong["decided"][3] = False
    wrong["meant"][4] = [1, 1, 1, 1]
    row = tabulate(wrong).iloc[1]
    assert (row["case"], row["width"], row["starts"]) == ("simple", 1, "constructed")
    counts = row[["count", "patterns", "same", "other", "undecided", "meant_otherwise"]]
    assert list(counts) == [5, 5, 3, 1, 1, 1]
    drawn = figure.data(wrong)
    assert drawn["count"].values.sum() == measured.sizes["start"] - 1
    assert_array_equal(drawn["pattern"][[1, 2]], [[1, 0, 0, 0], [0, 1, 0, 0]])
    assert drawn["count"][1, 2] == 1
    assert drawn["undecided"].sum() == 1


def test_thresholds_are_soft(measured):
    drawn = figure.data(measured)
    assert_array_equal(drawn["weight_decay"], [0, 1])
    # Ends at saddles, up to errors of the integration.
    assert_allclose(drawn["end"], [[5, 4, 3, 2], [4, 3, 2, 1]], atol=0.02)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    check_rendering(lambda: figure.draw(figure.data(measured)), monkeypatch)
