"""Ensembles against the bounds of the stages, and the two figures that show them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from companion.ensembles import generate, over_depths, select, time_grid, to_dataset
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.stage_bounds import figure as stage_bounds
from studies.stage_bounds import measure as stage_ensembles
from studies.stage_bounds.measure import RATIO_EDGES
from studies.stage_bounds.table import table as tabulate
from studies.stages import figure as stages_figure
from studies.stages.measure import measure
from tests.figure_checks import check_rendering

RANK_ONE = Target([2.0], (4, 3))


def compare(points, depths):
    starts = to_dataset(RANK_ONE, points, np.zeros(len(points), np.int8), ["sampled"])
    return stage_ensembles.measure(starts, depths=depths, part="stages_rank_one")


@pytest.fixture(scope="module")
def rank_one():
    return compare(StartingPoints.sample(RANK_ONE, 2000, 4, s=(0.01, 5.0)), [2, 3])


def test_stage_1_of_a_rank_one_target_takes_half_of_its_bound(rank_one):
    # c = 0 where α² e^{2στ} = β² e^{-2στ}: at ln(β²/α²)/(4σ), and the bound is ln(β²/α²)/(2σ).
    tau_0 = rank_one.sel(quantity="tau_0")
    assert_allclose(tau_0["ratio_median"], 0.5, rtol=1e-12)
    assert_allclose(tau_0["ratio_largest"], 0.5, rtol=1e-9)  # the shortest cancel in α² - β²
    # All in the bin that ends at log10 0.5 = -0.301, rounded up.
    filled = tau_0["count"].sum("observed").values > 0
    assert_array_equal(RATIO_EDGES[1:][filled[0]], [-0.3])
    # Half of all directions begin with c < 0, by the symmetry u → -u; 4 standard deviations.
    assert_allclose(tau_0["positive"] / 2000, 0.5, atol=4 * 0.5 / np.sqrt(2000))


def test_every_start_with_a_positive_value_is_in_one_bin(rank_one):
    assert_array_equal(rank_one["count"].sum(["observed", "ratio"]), rank_one["positive"])
    assert_array_equal(rank_one["starts"], 2000)
    for name in ("inverse_s", "s_max", "envelope"):
        assert_array_equal(rank_one["positive"].sel(quantity=name), 2000)


def test_exact_directions_go_through_no_stage():
    # For a = b = e_1 the alignment is σ_1 throughout, and 1/s is largest at the start or the end.
    starts = StartingPoints(
        np.tile([1.0, 0, 0, 0], (3, 1)), np.tile([1.0, 0, 0], (3, 1)), [1, 3, 4]
    )
    found = compare(starts, [3]).isel(depth=0)
    assert float(found["observed_median"].sel(quantity="inverse_s")) == pytest.approx(0.5)
    assert float(found["observed_largest"].sel(quantity="inverse_s")) == pytest.approx(1.0)
    assert float(found["bound_median"].sel(quantity="s_max")) == pytest.approx(3.0)
    assert int(found["positive"].sel(quantity="t_1")) == 0
    assert np.isnan(found["ratio_largest"].sel(quantity="t_1"))


def test_a_violation_is_counted_and_lies_above_the_line(monkeypatch):
    starts = StartingPoints.sample(RANK_ONE, 200, 4, s=(0.01, 5.0))
    true_stages = stage_ensembles.stages

    def tampered(*arguments):
        found = true_stages(*arguments)
        found["t_1_bound"][7] = found["t_1"][7] / 2
        return found

    assert float(true_stages(RANK_ONE, 3, starts)["t_1"][7]) > 0
    monkeypatch.setattr(stage_ensembles, "stages", tampered)
    found = compare(starts, [3]).sel(quantity="t_1").isel(depth=0)
    assert int(found["violations"]) == 1
    assert float(found["ratio_largest"]) == pytest.approx(2.0)
    beyond = np.flatnonzero(RATIO_EDGES >= 0)[0]
    assert int(found["count"].isel(ratio=slice(beyond, None)).sum()) == 1


def test_the_table_has_a_row_for_every_bound(rank_one):
    table = tabulate([rank_one, rank_one.assign(case="other")])
    assert len(table) == 2 * 2 * 7
    assert not table.duplicated(["case", "depth", "quantity"]).any()
    assert (table["violations"] == 0).all()
    assert (table["ratio_largest"] <= 1).all()
    assert set(table["shape"]) == {"4 x 3"}


def test_the_bounds_figure_shows_every_start(rank_one):
    drawn = stage_bounds.data([rank_one, rank_one])
    axes = stage_bounds.draw(drawn).axes
    panels = [panel for panel in axes if panel.get_ylabel() != "number of starts in a cell"]
    assert len(panels) == 3 * 2
    names = list(stage_bounds.QUANTITIES)
    for i, panel in enumerate(panels):
        positive = int(rank_one["positive"].sel(quantity=names[i // 2]).isel(depth=i % 2))
        shown = panel.collections[0].get_array()
        assert shown.sum() == 2 * positive
        # Nothing in the rows above the line, which is the edge of a row.
        edges = panel.collections[0].get_coordinates()[:, 0, 1]
        assert np.isclose(edges, 1.0).any()
        assert shown[edges[:-1] >= 0.999].sum() is np.ma.masked


def test_the_bounds_figure_gives_the_tightest_ratio_or_what_is_beyond(rank_one):
    drawn = stage_bounds.data([rank_one])
    for row, name in enumerate(stage_bounds.QUANTITIES):
        (text,) = stage_bounds.draw(drawn).axes[2 * row].texts
        tightest = rank_one["ratio_largest"].sel(quantity=name).isel(depth=0).item()
        assert 0 <= tightest - float(text.get_text().removeprefix("tightest ratio ")) < 1e-4
    beyond = drawn.assign(violations=drawn["violations"] + 7)
    assert stage_bounds.draw(beyond).axes[0].texts[0].get_text().startswith("7 of 2,000 beyond")


def test_the_texts_of_the_bounds_figure_fit(rank_one, monkeypatch):
    check_rendering(lambda: stage_bounds.draw(stage_bounds.data([rank_one])), monkeypatch)


@pytest.fixture(scope="module")
def stages_data():
    target = Target([3.0, 1.0], (3, 3))
    families = {
        "example": {"sample": {"size": 1, "s": [1.0, 1.0]}},
        "sampled": {"sample": {"size": 500, "s": [0.1, 0.1]}},
    }
    starts = generate(target, families, seed=5)
    example = select(starts, ["example"])
    times = time_grid("linear", 0.0, 6.0, 601)
    solved = over_depths(solve, example, [3, 2], times, variables=["s", "alignment", "excess"])
    measured = measure(starts, depths=[3, 2])
    return stages_figure.data(measured, solved, drawn_depth=3), measured


def test_the_alignment_crosses_its_levels_where_the_stages_end(stages_data):
    drawn, _ = stages_data
    for end, level in (("example_t_0", 0.0), ("example_t_1", 1.5)):
        crossing = np.interp(level, drawn["alignment"], drawn["time"])
        # Linear interpolation on steps of 0.01.
        assert float(drawn[end]) == pytest.approx(max(crossing, 0.0), abs=1e-3)


def test_no_band_reaches_the_floor_of_its_panel(stages_data):
    drawn, _ = stages_data
    assert (drawn["t_1_low"] == 0).any()  # Where many starts begin in stage 3.
    axes = stages_figure.draw(drawn).axes[3]
    lowest = min(band.get_paths()[0].vertices[:, 1].min() for band in axes.collections)
    assert lowest == pytest.approx(float(drawn["t_1_low"].where(drawn["t_1_low"] > 0).min()))


def test_the_texts_of_the_stages_fit(stages_data, monkeypatch):
    check_rendering(lambda: stages_figure.draw(stages_data[0]), monkeypatch)


def test_the_excess_comes_to_the_law(stages_data):
    drawn, _ = stages_data
    # The next mode is e^{-2 τ(g' - g)} smaller, below 1e-3 at the end.
    assert float(drawn["excess"][-1] / drawn["law"][-1]) == pytest.approx(1, abs=1e-3)


def test_shares_and_quantiles_count_starts(stages_data):
    drawn, measured = stages_data
    for name in ("t_0", "t_1"):
        sampled = measured[name].values
        for row, times in zip(sampled, drawn[name].values, strict=True):
            left = np.array([(row > time).mean() for time in times])
            # A quantile lies between two of 500 starts.
            assert_allclose(left, np.where(times > 0, drawn["share"], left), atol=1 / 500 + 1e-12)
    assert (drawn["t_1_low"] <= drawn["t_1_median"]).values[~np.isnan(drawn["t_1_low"])].all()
