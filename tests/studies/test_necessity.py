"""The examples of docs/theory.md, section 8, and their table."""

import numpy as np
import pytest

from companion.ensembles import select, starts_of
from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.necessity.measure import follow_unbalanced
from studies.necessity.table import table as tabulate

TARGET = Target([2.0, 1.0], shape=(2, 2))
DEPTHS = [2, 3]


@pytest.fixture(scope="module")
def table(necessity_examples):
    return tabulate(**necessity_examples)


def measured(table, **where):
    """Return what was measured in the one row with these keys."""
    chosen = np.logical_and.reduce([table[name] == value for name, value in where.items()])
    (value,) = table.loc[chosen, "measured"]
    return value


@pytest.mark.parametrize(
    ("case", "depth", "quantity", "value"),
    [
        # Written out from section 5: σ_2 = 1 is the least of the target without a tie.
        ("no null part", 2, "exponential rate of s", 2.0),
        ("no null part", 3, "power exponent of s", 3.0),
        ("no null part", 3, "prefactor of s, power", 1.0),
        ("null part", 2, "power exponent of s", 1.0),
        ("null part", 2, "prefactor of s, power", 0.5),
        ("null part", 3, "power exponent of s", 0.75),
        ("null part", 3, "prefactor of s, power", 4**-0.75),
    ],
)
def test_the_rank_collapses_by_its_law(table, case, depth, quantity, value):
    found = measured(table, case=case, depth=depth, quantity=quantity)
    # A window is where slopes agree to 1e-4.
    assert found == pytest.approx(value, rel=2e-4)


@pytest.mark.parametrize("depth", DEPTHS)
def test_alignment_grows_to_the_saddle_or_past_it(table, depth):
    for case, end in (("alpha_1 = 0", 1.0), ("alpha_1 = 0.01", 2.0)):
        key = {"case": case, "depth": depth}
        assert measured(table, quantity="s at the end", **key) == pytest.approx(end, rel=1e-9)
        # 1e-11 is the accuracy of the closed form.
        assert measured(table, quantity="largest fall of c", **key) < 1e-11


def test_the_time_of_leaving_is_that_of_the_linear_flow(necessity_examples, table):
    # e^τ α_1 = α_2 at σ_1 − σ_2 = 1, up to the β, which have faded like e^(-2τ) < 1e-3, squared.
    start = starts_of(select(necessity_examples["starts"], ["near"]))
    expected = np.log(abs(start.alpha(TARGET)[0, 1]) / 0.01)
    for depth in DEPTHS:
        found = measured(table, case="alpha_1 = 0.01", depth=depth, quantity="tau of leaving")
        assert found == pytest.approx(expected, abs=1e-3)


def test_ends_with_a_tie_differ_and_are_all_optimal(table):
    key = {"example": "tie", "depth": 3}
    assert measured(table, quantity="least distance of two limits", **key) > 0.1
    assert measured(table, quantity="largest distance to the limit", **key) < 1e-9
    assert measured(table, quantity="largest excess over the minimum", **key) < 1e-15


@pytest.mark.parametrize("depth", DEPTHS)
def test_unbalanced_layers_leave_the_saddle_and_conserve_their_imbalance(table, depth):
    key = {"example": "unbalanced", "case": "factor 1.1", "depth": depth}
    missed = measured(table, quantity="distance to the balanced end", **key)
    # diag(2, 0) against diag(0, 1).
    assert missed == pytest.approx(np.sqrt(5), rel=1e-6)
    assert measured(table, quantity="largest drift of the imbalance", **key) < 1e-7


def test_the_imbalance_is_that_of_the_factor():
    # Both layers have norm √s = 0.5, so the one hidden neuron has (0.5 / 1.5)² - (1.5 · 0.5)².
    start = StartingPoints([[0.6, 0.8]], [[0.8, 0.6]], 0.25)
    run = follow_unbalanced(TARGET, 2, start, [1.5, 1.0], [0.0, 3.0], seed=0)
    expected = 0.25 * (1.5**2 - 1 / 1.5**2)
    np.testing.assert_allclose(run.imbalance[0], expected, rtol=1e-8)
    # Balanced layers follow the prediction, unbalanced ones with the same W(0) do not.
    np.testing.assert_allclose(run.distance[:, 0], 0, atol=1e-15)
    assert float(run.distance[1, 1]) < 1e-8
    assert float(run.distance[0, 1]) > 0.01


def test_a_window_that_is_not_reached_has_a_row_without_a_number(necessity_examples, table):
    early = {
        name: necessity_examples[name].isel(time=slice(0, 300))
        for name in ("trajectories", "tied_trajectories")
    }
    short = tabulate(**necessity_examples | early)
    assert len(short) == len(table)
    collapse = short[short.example == "rank collapse"]
    assert not collapse["reached"].all()
    assert collapse.loc[~collapse["reached"], ["measured", "error"]].isna().all(axis=None)
