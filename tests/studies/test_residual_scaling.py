"""Residual scaling: against the library's layers and plain formulas, and what its claims notice."""

import numpy as np
import pytest

from companion.claims import Claim, judge
from companion.registry import Studies
from dlnpaper import Target, residual
from studies.residual_scaling import figure, starts, training
from studies.residual_scaling import measure as measuring
from studies.residual_scaling import table as tabulating
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIZES = {
    "target": 2.0,
    "depths": [100, 1000, 10000],
    "betas": [0.5, 0.75, 1.0],
    "draws": 24,
    "steps": {"chain": 0.2, "matrix": 0.15, "small": 0.02, "count": 120, "noise": 0.1},
    "stepped_depths": [100, 1000],
    "bridge": {"depth": 400, "draws": 1000},
    "drawn_depth": 100,
    "seed": 29,
}


@pytest.fixture(scope="module")
def measured():
    return measuring.measure(**SIZES)


def outcomes(measured):
    config = {"memory_mb": 1, "studies": {"residual_scaling": SIZES}}
    entries = [
        each for each in Studies(config, ROOT).claims() if each["study"] == "residual_scaling"
    ]
    tables = {"residual_scaling": tabulating.table(measured)}
    return {entry["id"]: judge(Claim(**entry), tables).outcome for entry in entries}


#: One decade tells variations of noise to 0.04 only.
SHORT = {"residual_confidence"}


def test_the_claims_hold(measured):
    found = outcomes(measured)
    assert {name for name, outcome in found.items() if outcome != "supported"} <= SHORT


def test_chains_descend_as_layers_do():
    start = starts.draw("noise 0.5", 12, (1, 12), np.random.default_rng(0))
    path = residual.descend(
        Target([2.0], shape=(1, 1)), start[0][:, None, None], step=0.02, steps=30, every=30
    )
    found = training.descend(start, 0.02, 30, lambda: 2.0)
    np.testing.assert_allclose(found[0], path["weights"].values[0, -1].ravel(), rtol=1e-12)


def test_the_zero_start_is_a_root(measured):
    # From zero all factors are equal, so each is the L-th root of z.
    found = measured["value"].sel(network="flow", quantity=["size", "largest"], start="zero")
    expected = np.expm1(np.log(2) / measured["depth"])
    np.testing.assert_allclose(found, expected.broadcast_like(found), rtol=1e-13)


def test_quantities_are_those_of_plain_sums():
    weights = np.random.default_rng(2).standard_normal((2, 5, 2, 2))
    norms = np.linalg.norm(weights, axis=(2, 3))
    steps = np.linalg.norm(weights[:, 1:] - weights[:, :-1], axis=(2, 3))
    size, largest, increments, variation = starts.observe(weights)
    np.testing.assert_allclose(size**2, (norms**2).mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(largest, norms.max(axis=1), rtol=1e-14)
    np.testing.assert_allclose(increments**2 * 4, (steps**2).sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(variation, (steps**2).sum(axis=1), rtol=1e-14)


def test_the_law_of_the_spread_is_that_of_a_flow():
    # The integral over time, along an Euler path so fine that its error is 1e-4.
    start, target, step = np.array([0.3, -0.2, 0.0]), 2.0, 1e-2
    factors, dt = 1 + start, 1e-4
    integral = np.zeros(3)
    for _ in range(60_000):
        g = factors.prod() * (factors.prod() - target)
        integral += dt * g**2 / factors**2
        factors = factors - dt * g / factors
    theta = float(residual.limits(start, target)["theta"][0])
    law = training.spread_law(start, theta, step, target)
    np.testing.assert_allclose(law, step * integral, rtol=1e-3)


def _not_shared(weights, target):
    """Return limits where the first layer alone makes up for the whole difference."""
    found = residual.limits(weights, target)
    products = np.exp(np.log1p(weights).sum(axis=1))
    trained = np.array(weights)
    trained[:, 0] = (1 + trained[:, 0]) * target / products - 1
    return found.assign(weights=(("start", "layer"), trained))


def _half_trained(weights, target):
    found = residual.limits(weights, target)
    return found.assign(weights=found["weights"] - found["change"] / 2)


def _halved(weights, target):
    found = residual.limits(weights, target)
    return found.assign(theta=found["theta"] / 2)


MUTATIONS = {
    "one layer learns all": (
        _not_shared,
        {"residual_smooth_size", "residual_smooth_increments", "residual_bridge"},
    ),
    "half the change": (_half_trained, {"residual_bridge"}),
    "half the shift": (_halved, {"residual_shift", "residual_spread"}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_limits_falsify_claims(name, monkeypatch):
    change, noticed = MUTATIONS[name]

    monkeypatch.setattr(measuring, "limits", change)
    monkeypatch.setattr(
        measuring.training, "descend_matrices", lambda drawn, *_: (drawn, np.zeros(len(drawn)))
    )
    found = outcomes(measuring.measure(**SIZES))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


@pytest.mark.parametrize(
    ("quantity", "claims"),
    [
        ("size", {"residual_smooth_size", "residual_noise", "residual_steps", "residual_matrices"}),
        ("variation", {"residual_variation", "residual_smooth_variation", "residual_steps"}),
    ],
)
def test_another_power_of_depth_falsifies_claims(measured, quantity, claims):
    powers = (measured["depth"] ** 0.1).where(measured["quantity"] == quantity, 1.0)
    found = outcomes(measured.assign(value=measured["value"] * powers))
    assert claims <= {name for name, outcome in found.items() if outcome == "falsified"}


def test_matrices_that_are_not_trained_falsify_a_claim(measured):
    found = outcomes(measured.assign(loss=measured["loss"] + 1e-3))
    assert found["residual_matrices_loss"] == "falsified"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"stepped_depths": [100, 500]}, "must be among studies.residual_scaling.depths"),
        ({"stepped_depths": [10, 300]}, "must hold two that are 100 or more"),
    ],
)
def test_bad_settings_get_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Studies({"memory_mb": 1, "studies": {"residual_scaling": settings}}, ROOT)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
