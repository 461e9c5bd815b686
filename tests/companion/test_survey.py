"""Large ensembles: the same bits however they are cut, within memory, with honest error bars."""

import statistics as standard
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from companion.ensembles import target_of
from companion.storage import read_dataset, write_dataset
from companion.survey import blocks, reductions
from companion.survey import measure as measurement
from companion.survey.blocks import BLOCK, BYTES_PER_START, shard_range, shards_needed
from companion.survey.measure import measure, survey
from companion.survey.reductions import combine, reduce, statistics, survival
from companion.survey.table import survey_table, tail_shares
from dlnpaper._target import Target
from dlnpaper.one_neuron._escape import escape_law
from dlnpaper.one_neuron._rates import rates
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.escape import figure as escape
from tests.figure_checks import check_rendering

TARGET = Target([2.0, 1.0, 0.5], shape=(3, 4))
CHEAP = ["global_minimizer", "restricted_union", "escape_tau"]
COSTLY = ["bound_violated", "t_0", "t_1", "s_min", "final_excess", "final_error", "rate_error"]


def in_shards(size, shards, names, times=()):
    parts = (shard_range(size, shard, shards) for shard in range(shards))
    return combine(survey(TARGET, 3, part, 7, (0.01, 1.0), names, times) for part in parts)


class TestShards:
    def test_the_bits_do_not_depend_on_the_number_of_shards(self):
        size = 63 * BLOCK + 1000
        whole = in_shards(size, 1, CHEAP)
        assert int(whole["size"].sum()) == size
        for shards in (7, 64):
            xr.testing.assert_identical(in_shards(size, shards, CHEAP), whole)

    def test_nor_do_those_of_stages_trajectories_and_rates(self, tmp_path, monkeypatch):
        # Smaller blocks: these starts take a millisecond each.
        for module in (blocks, measurement, reductions):
            monkeypatch.setattr(module, "BLOCK", 256)
        # The last block has another size than in a whole number of blocks, here and in the shard.
        contents = []
        for shards in (1, 2, 3):
            reduced = in_shards(2 * 256 + 1, shards, COSTLY, [20.0, 40.0])
            write_dataset(reduced, tmp_path / "reduced.nc")
            contents.append((tmp_path / "reduced.nc").read_bytes())
        assert contents[0] == contents[1] == contents[2]
        assert target_of(read_dataset(tmp_path / "reduced.nc")).shape == TARGET.shape

    @pytest.mark.parametrize(("size", "shards"), [(1, 1), (10**6, 7), (10**6, 64), (8193, 3)])
    def test_shards_hold_every_start_once_and_are_even(self, size, shards):
        parts = [shard_range(size, shard, shards) for shard in range(shards)]
        assert [k for part in parts for k in part] == list(range(size))
        counts = [-(-len(part) // BLOCK) for part in parts]
        assert max(counts) - min(counts) <= 1

    def test_small_ensembles_are_one_shard_and_no_budget_cuts_a_block(self):
        assert shards_needed(BLOCK, 32) == 1
        assert shards_needed(10**6, 1e-3) == -(-(10**6) // BLOCK)
        assert shards_needed(10**6, 16) > shards_needed(10**6, 32) > 1

    def test_memory_grows_with_the_starts_as_budgeted(self):
        # In many dimensions, where arrays that outlive their block would be seen most.
        target = Target(0.9 ** np.arange(20), shape=(20, 20))
        names = [*CHEAP, *COSTLY, "negative_alignment", "tau_0", "tau_1"]

        def peak(count):
            tracemalloc.start()
            survey(target, 3, range(count * BLOCK), 1, (0.1, 1.0), names, [5, 10])
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return most

        peak(1)  # what is loaded and cached once
        growth = (peak(4) - peak(2)) / (2 * BLOCK)
        assert growth < BYTES_PER_START

    @pytest.mark.parametrize(("shard", "shards"), [(-1, 2), (2, 2), (0, 4)])
    def test_shards_that_do_not_exist(self, shard, shards):
        with pytest.raises(ValueError, match=f"at most 3, .* got {shard} of {shards}; take fewer"):
            shard_range(2 * BLOCK + 1, shard, shards)


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(3).lognormal(-30, 4, 2 * BLOCK + 77)


@pytest.fixture(scope="module")
def table(values):
    reduced = reduce({"x": values, "odd": np.arange(len(values)) % 2 == 1})
    keys = ["quantity", "statistic", "level"]
    return statistics(reduced, [0.1, 0.5]).set_index(keys)["value"].sort_index()


class TestReductions:
    def test_mean_and_extremes_are_exact_but_for_rounding(self, values, table):
        exact = sum(map(Fraction, values)) / len(values)
        # One rounding in each block's sum and one in the quotient.
        assert table["x", "mean"].item() == pytest.approx(float(exact), rel=4e-16)
        assert table["x", "minimum"].item() == values.min()
        assert table["x", "maximum"].item() == values.max()
        assert table["odd", "share"].item() == (len(values) // 2) / len(values)

    def test_the_error_of_the_mean_is_the_standard_error(self, values):
        row = statistics(reduce({"x": values}), []).iloc[0]
        error = standard.stdev(values.tolist()) / np.sqrt(len(values))
        # 1.96 is the rounded normal quantile of the interval.
        assert (row.high - row.low) / 2 == pytest.approx(1.959964 * error, rel=1e-6)

    def test_quantiles_are_within_a_bin_of_those_of_the_sample(self, values, table):
        for level in (0.1, 0.5):
            exact = np.quantile(values, level)
            # Bins are 1/32 of an octave's start wide.
            assert table["x", "quantile", level] == pytest.approx(exact, rel=1 / 32)

    def test_intervals_of_quantiles_hold_the_true_one_as_often_as_they_say(self):
        trials = np.random.default_rng(4).exponential(size=(400, 300))
        reduced = reduce({f"trial_{k}": values for k, values in enumerate(trials)})
        table = statistics(reduced, [0.9], without_mean=reduced["quantity"].values)
        rows = table[table["statistic"] == "quantile"]
        # At least 95 %; four standard errors of 400 trials are 4.4 %.
        true = stats.expon.ppf(0.9)
        assert len(rows) == 400
        assert ((rows.low <= true) & (true <= rows.high)).mean() >= 0.95 - 0.044

    def test_bins_hold_what_lies_between_their_ends(self, values):
        ends, beyond = survival(reduce({"x": values}), "x")
        for k in np.flatnonzero(np.diff(beyond))[::50]:
            assert beyond[k] == np.count_nonzero(values >= ends[k])
        assert beyond[0] == len(values)
        assert ends[-1] == np.inf

    def test_zeros_and_giants_have_bins_of_their_own(self):
        values = np.array([0.0, 5e-324, 1e120, 1.0, 1.0])
        row = statistics(reduce({"x": values}), [0.2, 0.6, 1.0]).query("statistic == 'quantile'")
        assert row["value"].tolist() == [0, pytest.approx(1, rel=1 / 32), 1e120]

    @pytest.mark.parametrize("wrong", [-1.0, np.inf, np.nan])
    def test_what_cannot_be_summed_up(self, wrong):
        with pytest.raises(ValueError, match=f"x must be finite .* got {wrong} at start 1;"):
            reduce({"x": np.array([1.0, wrong])})

    def test_parts_must_be_cut_between_blocks(self):
        part = reduce({"x": np.ones(5)})
        with pytest.raises(ValueError, match=r"parts must consist of .* got blocks of \[5\]"):
            combine([part, part])

    def test_a_quantity_that_was_not_measured(self):
        with pytest.raises(ValueError, match=r"quantity must be .* got 'y', not among x; measure"):
            survival(reduce({"x": np.ones(5)}), "y")


@pytest.fixture(scope="module")
def starts():
    return StartingPoints.sample(TARGET, 500, 5)


class TestMeasures:
    def test_events_are_those_of_their_definitions(self, starts):
        names = ["global_minimizer", "negative_alignment", "restricted_union", "bound_violated"]
        values = measure(TARGET, 3, starts, names)
        alignment = np.einsum("ij,ij,j->i", starts.a, starts.b[:, :3], TARGET.singular_values)
        assert_array_equal(values["negative_alignment"], alignment < 0)
        assert_array_equal(values["restricted_union"], starts.a[:, 0] * starts.b[:, 0] > 0.5)
        assert values["global_minimizer"].all()
        assert not values["bound_violated"].any()

    def test_the_rate_is_the_one_predicted_once_the_saddle_is_left(self, starts):
        values = measure(TARGET, 3, starts, ["escape_tau", "rate_error", "final_excess"], [40, 80])
        # g = 1 and σ_1 = 2: the next order is smaller by exp(-2 (g_2 - g) σ_1^(1/3) t), g_2 = 1.5.
        left = values["escape_tau"] < 8
        assert left.sum() > 490
        assert values["rate_error"][left].max() < 1e-12
        # The prefactor comes from a quadrature of its own, which is good to about 1e-11.
        law = rates(TARGET, 3, starts).sel(quantity="excess")
        predicted = (law["log_prefactor"] - law["rate"] * 80).values
        assert_allclose(np.log(values["final_excess"][left]), predicted[left], atol=1e-9)

    def test_an_unknown_name_and_rates_at_one_time(self, starts):
        with pytest.raises(ValueError, match="names must be of known quantities, got 'tau';"):
            measure(TARGET, 3, starts, ["tau"])
        with pytest.raises(ValueError, match=r"times must be two, .* got \[1.0\]; give two"):
            measure(TARGET, 3, starts, ["rate_error"], [1.0])


class TestEscape:
    def test_the_law_is_that_of_a_quotient_of_normal_variables(self):
        x = np.linspace(0, 30, 61)
        assert_allclose(escape_law(x), 2 * stats.cauchy.sf(np.exp(x)), rtol=1e-13)

    @pytest.mark.parametrize(("values", "shape"), [([2.0, 1.0], (2, 2)), ([3.0, 2.7, 1.0], (6, 4))])
    def test_it_bounds_the_share_and_is_its_limit(self, values, shape):
        target = Target(values, shape=shape)
        reduced = survey(target, 3, range(300_000), 9, (0.1, 1.0), ["escape_tau"])
        table = tail_shares(reduced, [1.0, 2.0, 4.0, 6.0])
        error = np.sqrt(table["predicted"] / table["starts"])
        assert (table["value"] > table["predicted"] - 4 * error).all()
        # What other modes add falls faster than the law: at x = 6 it is a small part of it.
        last = table.iloc[-1]
        assert last["value"] == pytest.approx(last["predicted"], abs=5 * error.iloc[-1])
        assert_allclose(table["x"], [1.0, 2.0, 4.0, 6.0], rtol=1 / 32)

    def test_the_table_holds_a_row_for_every_level(self):
        reduced = survey(TARGET, 2, range(1000), 9, (0.1, 1.0), CHEAP)
        table = survey_table(reduced, quantiles=[0.5], levels=[2.0, 500.0])
        rows = table[table["statistic"] == "share_beyond"]
        assert rows["value"].iloc[0] > 0
        assert rows["value"].iloc[1] == rows["low"].iloc[1] == 0
        predicted = table.set_index("quantity")["predicted"]
        row = table[table["quantity"] == "restricted_union"].iloc[0]
        # Four standard errors of a share of some 16 %.
        assert row["value"] == pytest.approx(predicted["restricted_union"], abs=4 * 0.012)

    def test_the_figure_draws_every_ensemble_on_the_law_as_far_as_ten_starts_reach(
        self, monkeypatch
    ):
        ensembles = [
            survey(Target([2.0, 1.0], shape=(d, d)), 3, range(20_000), 9, (0.1, 1.0), CHEAP)
            for d in (2, 5, 3)
        ]
        sweep = [one.expand_dims(ratio=[0.5]) for one in ensembles[1:]]
        drawn = escape.data(ensembles[0], sweep)
        assert list(drawn["dimension"]) == [2, 5, 3]
        assert list(drawn["ratio"]) == [0.5] * 3
        assert_allclose(drawn["predicted"], 2 * stats.cauchy.sf(np.exp(drawn["x"])), rtol=1e-13)
        for k, reduced in enumerate(ensembles):
            one = drawn.isel(point=np.flatnonzero(drawn["ensemble"] == k))
            assert (np.diff(one["x"]) > 0).all()
            assert round(float(one["share"].min()) * 20_000) >= 10
            # Drawn as far as that: one step of 0.75 further there are fewer.
            further = tail_shares(reduced, [float(one["x"].max()) + 0.75])
            assert further["value"].item() * 20_000 < 10
        check_rendering(lambda: escape.draw(drawn), monkeypatch)
