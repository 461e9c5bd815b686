"""Local rates: against the roots of plain recursions, and what table and claims make of them."""

import numpy as np
import pytest

from companion.claims import Claim, judge
from companion.registry import Studies
from dlnpaper import best_parameters
from studies.momentum import figure
from studies.momentum import measure as measuring
from studies.momentum import table as tabulating
from studies.momentum.laws import LAWS
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIZES = {"depths": [2, 5], "conditions": [10.0, 100.0, 1e3, 1e4]}


@pytest.fixture(scope="module")
def measured():
    return measuring.measure(**SIZES)


def claims():
    config = {"memory_mb": 1, "studies": {"momentum": SIZES}}
    return [
        Claim(**entry) for entry in Studies(config, ROOT).claims() if entry["study"] == "momentum"
    ]


def outcomes(measured):
    tables = {"momentum": tabulating.table(measured)}
    return {claim.id: judge(claim, tables).outcome for claim in claims()}


def test_the_claims_hold(measured):
    assert set(outcomes(measured).values()) == {"supported"}


@pytest.mark.parametrize(("tuning", "condition"), [(t, c) for t in LAWS for c in (10.0, 1e3)])
def test_counts_are_those_of_a_scalar_recursion(measured, tuning, condition):
    # For the least eigenvalue l = 1/κ, in units of the largest, and parameters from the textbooks.
    root, wide = np.sqrt(condition), np.sqrt(3 * condition + 1)
    step, momentum, ahead = {
        "gradient_descent": (2 / (1 + 1 / condition), 0.0, 0.0),
        "heavy_ball": (4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2, 0.0),
        "nesterov": (4 / (3 + 1 / condition), (wide - 2) / (wide + 2), 1.0),
        "usual_nesterov": (1.0, (root - 1) / (root + 1), 1.0),
    }[tuning]
    now = before = 1.0
    steps = 0
    while abs(now) > 1e-8:
        there = now + momentum * (now - before)
        at = there if ahead else now
        now, before, steps = there - step / condition * at, now, steps + 1
    found = measured["steps"].sel(tuning=tuning, condition=condition)
    np.testing.assert_array_equal(found, steps)


def test_double_roots_are_told_from_single_ones():
    k = np.array([40.0, 100.0, 160.0])
    assert measuring._rate((3 + 0.7 * k) * 0.9**k, 60, double=True) == pytest.approx(0.9, rel=1e-12)
    assert measuring._rate(5 * 0.9**k, 60, double=False) == pytest.approx(0.9, rel=1e-12)


MUTATIONS = {
    "the momentum of heavy ball without its square": (
        lambda tuning, method: (
            tuning._replace(momentum=tuning.momentum**0.5) if method == "heavy_ball" else tuning
        ),
        {"momentum_heavy_ball", "momentum_steps"},
    ),
    "the step 2/L for gradient descent": (
        lambda tuning, method: (
            tuning._replace(step=tuning.step * (1 + 1 / tuning.condition))
            if method == "gradient_descent"
            else tuning
        ),
        {"momentum_gradient_descent", "momentum_steps"},
    ),
    "the usual step for the best one of Nesterov's method": (
        lambda tuning, method: (
            tuning._replace(step=0.75 * tuning.step) if method == "nesterov" else tuning
        ),
        {"momentum_nesterov", "momentum_steps"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_parameters_falsify_claims(name, monkeypatch):
    change, noticed = MUTATIONS[name]
    monkeypatch.setattr(
        measuring,
        "best_parameters",
        lambda values, method: change(best_parameters(values, method=method), method),
    )
    found = outcomes(measuring.measure(**SIZES))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


def test_a_law_with_the_wrong_power_falsifies_claims(measured, monkeypatch):
    monkeypatch.setitem(LAWS, "heavy_ball", lambda condition: 2 / (condition + 1))
    found = outcomes(measured)
    assert {"momentum_heavy_ball", "momentum_steps"} <= {
        name for name, outcome in found.items() if outcome == "falsified"
    }


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"conditions": [5.0, 200.0, 300.0]}, "must exceed the largest depth"),
        ({"conditions": [10.0, 200.0]}, "must hold two that are 100 or more"),
    ],
)
def test_bad_settings_get_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Studies({"memory_mb": 1, "studies": {"momentum": settings}}, ROOT)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
