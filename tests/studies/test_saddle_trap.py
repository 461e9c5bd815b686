"""When starts on the stable set of a saddle leave it, and where solvers say that they end."""

import numpy as np
import pytest
import xarray as xr

from companion.ensembles import generate, starts_of
from dlnpaper._target import Target
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.saddle_trap.measure import departures, follow, rotated
from studies.saddle_trap.table import table as tabulate

SIGMA = [3.0, 2.0, 1.0]
TARGET = Target(SIGMA, shape=(4, 3))
METHODS = ["LSODA", "RK45", "DOP853"]
RUNS = [("closed form", 0.0), *((method, 1e-10) for method in METHODS)]


@pytest.fixture(scope="module")
def starts():
    """One start for each saddle."""
    families = {
        f"saddle_{k}": {"stable_set": {"limit": k, "size": 1, "s": [0.3, 0.3]}} for k in (1, 2)
    }
    return generate(TARGET, families, seed=22)


@pytest.fixture(scope="module")
def followed(starts):
    """Both starts in both coordinates, beyond the time at which rounding has grown to 1."""
    return follow(starts, [2, 3], np.linspace(0, 50, 251), RUNS, rotation_seed=5)


@pytest.fixture(scope="module")
def table(followed):
    """Where they end."""
    return tabulate(followed.assign(departures(followed)))


def test_rotation_changes_the_basis_alone():
    turned = rotated(TARGET, seed=1)
    np.testing.assert_allclose(np.linalg.svd(turned.matrix)[1], SIGMA, rtol=1e-14)
    # Random directions: no entry of the bases is near 0 or 1, as those of the identity are.
    assert np.abs(turned.left).max() < 0.99
    assert np.abs(turned.matrix).min() > 1e-3


def test_singular_coordinates_keep_every_solver_in_the_saddle(table):
    singular = table[table["coordinates"] == "singular"]
    assert len(singular) == 2 * 2 * (1 + len(METHODS))
    assert (singular["reported_kind"] == "saddle").all()
    assert not singular["left_saddle"].any()
    assert not singular["within_rounding"].any()
    assert singular["escape_tau"].isna().all()
    # The closed form is good to 1e-11, the integrations to 1e-10 times a few.
    np.testing.assert_allclose(singular["reported_s"], singular["exact_limit"], rtol=1e-8)


def test_a_rotated_basis_throws_every_solver_off_when_rounding_has_grown(table):
    thrown = table[(table["coordinates"] == "rotated") & (table["solver"] != "closed form")]
    assert len(thrown) == 2 * 2 * len(METHODS)
    assert thrown["left_saddle"].all()
    assert (thrown["reported_kind"] == "global_minimizer").all()
    np.testing.assert_allclose(thrown["reported_s"], 3.0, rtol=1e-6)
    # A few hundred rounding errors, e^6, bring the escape forward by 6 / (σ_1 − σ_k), a sixth;
    # an α_1 that happens to be rounded to less than one puts it off, by less.
    assert thrown["ratio"].between(0.75, 1.15).all()
    assert thrown["within_rounding"].all()


def test_the_prediction_is_37_over_the_difference_of_singular_values(table):
    predicted = table.groupby("exact_limit")["predicted_tau"].unique()
    assert [len(values) for values in predicted] == [1, 1]
    np.testing.assert_allclose(predicted[2.0], 37, rtol=0.01)
    np.testing.assert_allclose(predicted[1.0], 37 / 2, rtol=0.01)


def test_the_closed_form_leaves_when_its_rounded_start_says(starts, table):
    turned, given = rotated(TARGET, seed=5), starts_of(starts)
    found = StartingPoints.from_vectors(
        turned, given.a @ turned.left.T, given.b @ turned.right.T, given.s
    )
    expected = limits(turned, found)
    closed = table[(table["coordinates"] == "rotated") & (table["solver"] == "closed form")]
    assert closed["within_rounding"].all()
    for depth in (2, 3):
        measured = closed[closed["depth"] == depth]
        # Where α_1 is rounded to an exact zero the saddle can be the limit after all.
        leaves = expected["value"].values > measured["exact_limit"].values
        np.testing.assert_array_equal(measured["left_saddle"], leaves)
        # From σ_3 to σ_1 the alignment passes 1.5 before the takeover, by ln 3 / 4 = 0.27 in τ.
        np.testing.assert_allclose(
            measured["escape_tau"][leaves], expected["escape_tau"][leaves], atol=0.3
        )


def test_the_error_grows_at_the_predicted_rate(followed):
    # α_1 ~ e^{(σ_1 − σ_k) τ} while it is small and the saddle's own α leads.
    case = followed.sel(coordinates="rotated", depth=3).isel(run=1)
    for start, rate in enumerate((1.0, 2.0)):
        alpha = np.abs(case["a"][start, :, 0] + case["b"][start, :, 0]).values
        tau = case["tau"][start].values
        window = (tau > 8 / rate) & (alpha < 1e-3)
        slope = np.polyfit(tau[window], np.log(alpha[window]), 1)[0]
        # What solvers add on the way bends the line near its foot.
        assert slope == pytest.approx(rate, rel=0.02)


def test_departures_are_measured_where_they_are_put():
    times = np.linspace(0, 10, 11)
    shape = (1, 2, 1, 2, 11)
    dims = ("coordinates", "run", "depth", "start", "time")
    # From 2 to 3 between 4 and 8 in the first run, nothing in the second; 2.5 is passed at time 6,
    # the middle 1.5 between the saddle at 1 and its neighbor at time 4 - 1 / 0.25 * 0.5 = 2.
    alignment = np.empty(shape)
    alignment[:, 0, :, 0] = np.interp(times, [4, 8], [2, 3])
    alignment[:, 0, :, 1] = np.interp(times, [0, 4], [1, 2])
    alignment[:, 1] = [[2.0], [1.0]]
    end = np.eye(3)[[0, 1]]
    followed = xr.Dataset(
        {
            "alignment": (dims, alignment),
            "tau": (dims, np.broadcast_to(3 * times, shape)),
            "s": (dims, alignment),
            "a": ((*dims, "left"), np.broadcast_to(end[:, None], (*shape, 3))),
            "b": ((*dims, "right"), np.broadcast_to(end[:, None], (*shape, 3))),
            "limit": ("start", [2.0, 1.0]),
            "singular_values": ("mode", SIGMA),
        },
        coords={"time": times},
        attrs={"shape": (3, 3)},
    )
    found = departures(followed)
    np.testing.assert_array_equal(found["left"].values[0, :, 0], [[True, True], [False, False]])
    np.testing.assert_allclose(found["escape_time"].values[0, :, 0], [[6, 2], [0, 0]], rtol=1e-14)
    np.testing.assert_allclose(found["escape_tau"].values[0, :, 0], [[18, 6], [0, 0]], rtol=1e-14)
    # Direction e_1 and s = 3 is the minimizer, e_2 and s = 2 the saddle, whatever was predicted.
    assert found["reached"].values[0, 0, 0].tolist() == [2, 1]
