"""The table of rates: which laws it has, and how it sums up the starts of each."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from companion.rate_measurement import CASES, measure
from dlnpaper.one_neuron._laws import LAW_QUANTITIES
from studies.rates.table import _rows
from studies.rates.table import table as tabulate
from tests.studies.conftest import solved

DEPTHS = (2, 3, 4, 6)
OF_S = ("excess", "s_gap", "end_to_end")


@pytest.fixture(scope="module")
def measurements(measured_rates):
    return list(measured_rates.values())


@pytest.fixture(scope="module")
def table(measurements):
    return tabulate(measurements)


def test_no_row_is_missing_and_every_window_is_reached(table):
    wanted = set()
    for limit in ("global_minimizer", "saddle_2", "saddle_3"):
        wanted |= set(product([limit], ["driven", "exact"], DEPTHS, LAW_QUANTITIES))
    wanted |= set(product(["saddle_2", "saddle_3"], ["free"], DEPTHS, LAW_QUANTITIES))
    cases = ["null_component", "no_null_component"]
    wanted |= set(product(["origin"], cases, DEPTHS, OF_S))
    keys = table[["limit", "case", "depth", "quantity"]]
    assert set(keys.itertuples(index=False, name=None)) == wanted
    assert len(table) == len(wanted)
    assert set(table["case"]) <= set(CASES)
    assert table["reached"].all()
    assert (table["starts"] >= 2).all()


def test_every_measured_rate_and_prefactor_is_the_predicted_one(table):
    known = table[table["law"] != "exact"]
    # Ten times the agreement of slopes within a window, 1e-5 in every one of them.
    assert_allclose(known["measured"], known["predicted"], rtol=1e-4)
    assert known["relative_error"].max() < 1e-4
    assert known["predicted_prefactor"].notna().all()
    # The rate's error, some 1e-6, times the logarithm of the time, some 50, and a margin.
    assert_allclose(known["measured_prefactor"], known["predicted_prefactor"], rtol=2e-3)
    assert known["prefactor_relative_error"].max() < 2e-3


def group_of_the_first_row(measurements):
    first = measurements[0].isel(depth=[0], quantity=[0])
    return first.isel(start=first["case"].values[0] == "driven").copy(deep=True)


def test_errors_are_those_of_the_worst_start_and_numbers_those_of_the_first(measurements, table):
    row = table.iloc[0]
    group = _rows(group_of_the_first_row(measurements))
    assert row["starts"] == len(group) == 5
    errors = abs(group["measured"] / group["predicted"] - 1)
    assert row["relative_error"] == errors.max()
    assert errors.idxmax() != group.index[0]
    assert row["measured"] == group["measured"].iloc[0]
    factors = abs(group["measured_prefactor"] / group["predicted_prefactor"] - 1)
    assert row["prefactor_relative_error"] == pytest.approx(factors.max(), rel=1e-9)
    assert row["measured_prefactor"] == group["measured_prefactor"].iloc[0]


def test_the_prefactor_shown_is_of_the_first_start_for_which_it_is_known(measurements):
    group = group_of_the_first_row(measurements)
    prefactors = ["predicted_prefactor", "prefactor_relative_error"]
    for name in prefactors:
        group[name][:, :2] = np.nan
    row = tabulate([group]).iloc[0]
    rows = _rows(group)
    assert row["measured"] == rows["measured"].iloc[0]
    assert row["predicted_prefactor"] == rows["predicted_prefactor"].iloc[2]
    assert row["measured_prefactor"] == rows["measured_prefactor"].iloc[2]
    assert row["prefactor_relative_error"] == rows["prefactor_relative_error"].max()
    for name in prefactors:
        group[name][:] = np.nan
    assert tabulate([group])[prefactors].isna().all(axis=None)


def test_exact_laws_are_measured_as_the_largest_distance(table):
    exact = table[table["law"] == "exact"]
    assert set(exact["quantity"]) == {"directions", "alignment_gap"}
    assert (exact[["predicted", "measured", "relative_error"]] == 0).all(axis=None)


def test_a_window_that_is_not_reached_keeps_its_row_and_has_no_number():
    times = {"spacing": "linear", "first": 0.0, "last": 3.0, "count": 300}
    short = tabulate([measure(*solved("rates_global", times=times))])
    driven = short[short["case"] == "driven"]
    assert len(short) == 40
    assert not driven["reached"].any()
    assert driven["predicted"].notna().all()
    assert driven[["measured", "relative_error", "measured_prefactor"]].isna().all(axis=None)
    assert short[short["case"] == "exact"]["reached"].all()


def test_one_start_out_of_many_that_is_not_reached_decides_the_row():
    starts, trajectories = solved("rates_global", depths=[2])
    found = measure(starts, trajectories).sel(quantity=["excess"])
    columns = ["measured", "relative_error", "measured_prefactor", "prefactor_relative_error"]
    for name in [*columns, "tolerance"]:
        found[name][:, 2] = np.nan
    row = tabulate([found]).iloc[0]
    assert not row["reached"]
    assert row[[*columns, "tolerance"]].isna().all()


def test_resonance_is_named_and_not_measured_by_a_line():
    # N = 2 and null directions that set the gap: 2g = 2σ_1 = Nσ_1.
    starts, trajectories = solved(
        "rates_global",
        target={"singular_values": [1.0], "shape": [2, 2]},
        starts={"generic": {"sample": {"size": 2, "s": [0.3, 2.0]}}},
        depths=[2],
    )
    rows = tabulate([measure(starts, trajectories)]).set_index("quantity")
    assert set(rows["case"]) == {"resonant"}
    assert rows.loc["s_gap", "law"] == "resonant"
    assert not rows.loc["s_gap", "reached"]
    assert rows.drop("s_gap")["reached"].all()
