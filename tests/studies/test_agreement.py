"""The closed form against integrated flows, and how their errors are summed up."""

import numpy as np
import pytest

from companion.ensembles import generate, over_depths, time_grid
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from studies.agreement import measure as module
from studies.agreement.measure import compare, integrated, measure, random_widths
from studies.agreement.table import table as tabulate

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
FLOWS = ["induced", "layers"]
DEPTHS = [2, 3, 5]
TIMES = time_grid("geometric", 0.01, 10.0, 12)


@pytest.fixture(scope="module")
def starts():
    """Three starts, from a plateau to above the largest singular value."""
    return generate(TARGET, {"sampled": {"sample": {"size": 3, "s": [0.05, 4.0]}}}, seed=3)


@pytest.fixture(scope="module")
def exact(starts):
    """Their trajectories in closed form."""
    return over_depths(solve, starts, DEPTHS, TIMES, variables=("s", "a", "b"))


@pytest.fixture(scope="module")
def table(starts, exact):
    """The errors of integrations, once tight and once loose."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TOLERANCES", {"LSODA": (1e-13, 1e-5)})
        return tabulate([measure(starts, exact, part=depth, seed=4) for depth in DEPTHS])


def test_the_closed_form_and_both_flows_agree_to_1e_9(table):
    # At 1e-13 a step the integrations are good to 5e-10 over twelve ensembles like this one.
    tight = table[table["rtol"] == 1e-13]
    assert set(zip(tight["depth"], tight["flow"], strict=True)) == {
        (depth, flow) for depth in DEPTHS for flow in FLOWS
    }
    assert tight["max_error"].max() <= 1e-9


def test_a_loose_tolerance_shows_as_an_error_above_it(table):
    # Steps of 1e-5 add up: were the error not the integration's own, it would not depend on rtol.
    table = table.set_index(["depth", "flow", "rtol"])["max_error"]
    for depth in DEPTHS:
        for flow in FLOWS:
            assert 1e-5 < table[depth, flow, 1e-5] < 0.1
            assert table[depth, flow, 1e-13] < 1e-5 * table[depth, flow, 1e-5]


def test_errors_that_are_put_in_come_out(exact):
    parts = []
    for depth in (2, 5):
        part = exact.sel(depth=[depth]).copy(deep=True)
        part["s"][{"start": 2, "time": 3}] *= 1 + 4e-4
        part["a"][{"start": 1, "time": 5, "left": 0}] += 3e-5 * depth
        part["b"][{"start": slice(None), "time": 0, "right": 1}] -= 2e-6
        errors = compare(exact.sel(depth=[depth]), part).expand_dims(run=1)
        run = {"flow": ("run", ["induced"]), "method": ("run", ["X"]), "rtol": ("run", [1e-6])}
        parts.append(errors.assign_coords(run))
    table = tabulate(parts).set_index("depth")
    # 1e-15: the rounding of numbers of order 1.
    close = {"rtol": 1e-9, "atol": 1e-15}
    for depth in (2, 5):
        row = table.loc[depth]
        assert row["starts"] == 3
        np.testing.assert_allclose(row["s_max"], 4e-4, **close)
        np.testing.assert_allclose(row["a_max"], 3e-5 * depth, **close)
        np.testing.assert_allclose(row[["b_max", "b_median"]].astype(float), 2e-6, **close)
        assert row["s_median"] == row["a_median"] == 0
        np.testing.assert_allclose(row["max_error"], 4e-4, **close)
        np.testing.assert_allclose(row["error_over_rtol"], 400, rtol=1e-9)


def test_a_start_keeps_its_network_in_every_run_and_ensemble(starts):
    def tight(rows):
        found = integrated(starts.isel(start=rows), 3, TIMES, "layers", "RK45", 1e-3, seed=4)
        return found["s"].values[0]

    # The error at 1e-3 depends on the network: the first two starts alone give the same bits.
    np.testing.assert_array_equal(tight(slice(0, 2)), tight(slice(0, 3))[:2])


def test_random_widths_hold_a_layer_of_one_neuron_and_wider_ones():
    rng = np.random.default_rng(0)
    drawn = np.array([random_widths(4, 5, rng) for _ in range(400)])
    assert drawn.shape == (400, 3)
    assert (drawn.min(axis=1) == 1).all()
    # Each place is the one set to 1 a third of the time; elsewhere all widths are as likely.
    assert set(drawn.ravel()) == {1, 2, 3, 4, 5}
    np.testing.assert_allclose((drawn == 1).mean(axis=0), 1 / 3 + 2 / 3 / 5, atol=0.1)
