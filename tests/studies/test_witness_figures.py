"""What the figures about the closed form and its references draw."""

from itertools import product

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal

from studies.agreement import figure as agreement
from studies.digits import figure as digits
from studies.saddle_trap import figure as saddle_trap
from tests.figure_checks import check_rendering, named_lines

SOLVERS = ["LSODA", "RK45", "Radau", "DOP853", "BDF"]


@pytest.fixture(scope="module")
def errors():
    """Errors of 3 starts at 2 depths, that grow with the tolerance in a known way."""
    methods = ("LSODA", "DOP853", "RK45", "Radau")
    flow, method, rtol = zip(*product(("induced", "layers"), methods, (1e-4, 1e-13)), strict=True)
    rtol = np.array(rtol)
    worst = rtol[:, None, None] * np.array([[10, 20, 600], [1, 2, 3]])
    dims = ("run", "depth", "start")
    found = xr.Dataset(
        {"s": (dims, worst), "a": (dims, worst / 2), "b": (dims, worst * 0)},
        coords={
            "flow": ("run", list(flow)),
            "method": ("run", list(method)),
            "rtol": ("run", rtol),
            "depth": [2, 3],
        },
    )
    return [found.sel(depth=[depth]) for depth in (2, 3)]


@pytest.fixture(scope="module")
def followed():
    """Curves that stay in place in singular coordinates, and are thrown off in rotated ones."""
    time = np.linspace(0, 50, 201)
    tau = 1.25 * time
    runs = [("closed form", 0.0), *product(SOLVERS, (1e-6, 1e-10))]
    shape = (2, len(runs), 2, 1, len(time))
    dims = ("coordinates", "run", "depth", "start", "time")
    s, alpha = np.full(shape, 2.0), np.zeros(shape)
    late = np.array([33 + 0.5 * k for k in range(len(runs))])
    s[1, 1:] = (2 + (tau > late[1:, None]))[:, None, None]
    alpha[1] = np.exp(np.minimum(tau - late[:, None], 0))[:, None, None]
    return xr.Dataset(
        {
            "s": (dims, s),
            "tau": (dims, np.broadcast_to(tau, shape)),
            "alpha_1": (dims, alpha),
            "predicted_tau": ("start", [36.7]),
            "limit": ("start", [2.0]),
            "singular_values": ("mode", [3.0, 2.0, 1.0]),
        },
        coords={
            "coordinates": ["singular", "rotated"],
            "solver": ("run", [run[0] for run in runs]),
            "rtol": ("run", [run[1] for run in runs]),
            "depth": [2, 3],
            "time": time,
        },
    )


@pytest.fixture(scope="module")
def learned():
    """A small data set, and losses from 8 starts, 2 of them by the layers as well."""
    time = np.concatenate([[0.0], np.geomspace(0.01, 10, 30)])
    loss = 13.5 + 8 * np.exp(-time * np.linspace(0.5, 2, 8)[:, None])
    losses = xr.DataArray(
        np.stack([loss, loss]),
        dims=("depth", "start", "time"),
        coords={"depth": [2, 3], "time": time},
    )
    compared = losses.isel(start=slice(6, 8)).rename(start="compared")
    return xr.Dataset(
        {
            "fine_loss": losses.rename(time="fine_time"),
            "fine_exact_loss": compared.rename(time="fine_time"),
            "loss_of_layers": compared + 0.5,
            "loss_of_best_rank_one": 13.5,
            "snapshot_time": ("snapshot", [0.0, 0.1, 10.0]),
            "snapshot_loss": ("snapshot", [21.5, 18.0, 13.5]),
            "u": (("snapshot", "output"), np.eye(3)),
            "v_pattern": (("snapshot", "feature"), np.arange(12.0).reshape(3, 4) - 5),
        }
    )


@pytest.fixture(scope="module")
def drawn(errors, followed, learned):
    """Module and data of each figure."""
    return {
        "agreement": (agreement, agreement.data(errors)),
        "saddle_trap": (saddle_trap, saddle_trap.data(followed)),
        "digits": (digits, digits.data(learned)),
    }


def test_agreement_draws_the_worst_start(drawn):
    _, data = drawn["agreement"]
    assert_allclose(data["largest"].sel(depth=2), 600 * data["rtol"], rtol=1e-14)
    assert_allclose(data["largest"].sel(depth=3), 3 * data["rtol"], rtol=1e-14)


def test_saddle_trap_draws_the_finest_tolerance_at_the_largest_depth(drawn, followed):
    _, data = drawn["saddle_trap"]
    assert data["solver"].values.tolist() == SOLVERS
    assert (data["rtol"] == 1e-10).all()
    assert data["depth"] == 3
    rotated = followed["s"].sel(coordinates="rotated", depth=3).isel(start=0, run=slice(2, None, 2))
    assert_array_equal(data["s"].sel(coordinates="rotated"), rotated)
    assert_allclose(data["alpha_1"].isel(time=-1), 1, rtol=1e-15)
    assert (data["exact_s"] == 2).all()


def test_the_predicted_growth_starts_at_a_unit_roundoff_and_ends_at_one(drawn):
    module, data = drawn["saddle_trap"]
    axes = module.draw(data).axes[2]
    (line,) = [
        line for line in axes.get_lines() if len(line.get_xdata()) == 2 and line.get_ydata()[0] > 0
    ]
    assert_allclose(line.get_xdata(), [0, 36.7])
    # e^{36.7} is 2^53 to the digits of 36.7.
    assert_allclose(line.get_ydata(), [2.0**-53, 1], rtol=0.04)


def test_digits_draw_the_losses_and_the_best_one(drawn, learned):
    _, data = drawn["digits"]
    assert data["best"] == 13.5
    assert min(data["time"].min(), data["fine_time"].min()) > 0
    exact = learned["fine_loss"].isel(start=[6, 7], fine_time=slice(1, None))
    assert_array_equal(data["fine_exact_loss"], exact)
    assert_allclose(data["loss_of_layers"], exact + 0.5, rtol=1e-15)


def test_digits_draw_u_and_v_as_images(drawn):
    module, data = drawn["digits"]
    images = [axes.get_images()[0].get_array() for axes in module.draw(data).axes[2:]]
    assert_array_equal(images[1], [[-1, 0], [1, 2]])
    assert_array_equal(images[4], [[0, 1, 0]])


def test_saddle_trap_names_the_true_and_the_wrong_limit(drawn):
    module, data = drawn["saddle_trap"]
    names = {
        text.get_text(): text.xy[1] for text in module.draw(data).axes[1].texts if text.get_text()
    }
    assert names == {"true limit": 2.0, "wrong limit": 3.0}


def test_agreement_draws_the_worst_over_depths_and_flows(drawn):
    module, data = drawn["agreement"]
    line = named_lines(module.draw(data).axes[0])[0]
    assert_allclose(line.get_ydata(), 600 * line.get_xdata(), rtol=1e-14)


@pytest.mark.parametrize("name", ["agreement", "saddle_trap", "digits"])
def test_texts_fit_and_bytes_are_the_same(drawn, name, monkeypatch):
    module, data = drawn[name]
    check_rendering(lambda: module.draw(data), monkeypatch)
