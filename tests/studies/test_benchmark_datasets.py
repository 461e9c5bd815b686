"""ReLU networks on real data: the choice of samples, and what table and claims make of a run."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from companion.claims import Claim, judge
from companion.registry import Studies
from studies.benchmark_datasets import figure
from studies.benchmark_datasets import measure as measuring
from studies.benchmark_datasets.measure import LOADERS, measure, select
from studies.benchmark_datasets.table import table
from studies.gram_descent import tuned
from studies.relu_network import expected_gram
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIZES = {"samples": 6, "largest_cosine": 0.9, "widths": [256, 8192], "seed": 2}


@pytest.fixture(scope="module")
def measured():
    return measure(**SIZES)


def outcomes(measured):
    studies = Studies({"memory_mb": 1, "studies": {"benchmark_datasets": SIZES}}, ROOT)
    for name, value in SIZES.items():  # as if they were the card's own, so that all claims apply
        studies.cards["benchmark_datasets"]["settings"][name]["default"] = value
    claims = [Claim(**each) for each in studies.claims() if each["study"] == "benchmark_datasets"]
    return {c.id: judge(c, {"benchmark_datasets": table(measured)}).outcome for c in claims}


@pytest.mark.parametrize("name", LOADERS)
def test_samples_are_of_norm_one_and_not_nearly_equal(name):
    inputs, targets = select(name, 12, 0.9, seed=2)
    cosines = inputs.T @ inputs
    np.testing.assert_allclose(np.diag(cosines), 1, rtol=1e-14)
    assert (cosines - np.eye(len(cosines))).max() <= 0.9
    assert abs(targets.sum()) < 1e-12
    assert targets @ targets == pytest.approx(1)
    assert len(targets) >= 10


def test_samples_are_rows_of_the_data():
    inputs, targets = select("iris", 12, 0.9, seed=2)
    data = load_iris()
    rows = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = [np.abs(rows - each).max(axis=1).argmin() for each in inputs.T]
    np.testing.assert_allclose(rows[found], inputs.T, atol=1e-14)
    labels = data.target[found] - data.target[found].mean()
    np.testing.assert_allclose(labels / np.linalg.norm(labels), targets, atol=1e-14)


def test_the_expected_condition_is_that_of_the_kernel(measured):
    inputs, _ = select("wine", 6, 0.9, seed=2)
    # Gaussian weights, independent of the formula.
    active = np.random.default_rng(0).standard_normal((400_000, len(inputs))) @ inputs > 0
    sampled = inputs.T @ inputs * (active.T.astype(float) @ active) / len(active)
    np.testing.assert_allclose(expected_gram(inputs), sampled, atol=4 * 0.5 / 632)
    found = measured["expected_condition"].sel(dataset="wine")
    assert float(found) == pytest.approx(np.linalg.cond(sampled), rel=0.02)


def test_the_claims_hold(measured):
    assert set(outcomes(measured).values()) == {"supported"}


MUTATIONS = {
    "no momentum": (
        lambda gram, method: tuned(gram, method)._replace(momentum=0.0),
        {"datasets_start", "datasets_saved"},
    ),
    "half the rate": (
        lambda gram, method: tuned(gram, method)._replace(gap=tuned(gram, method).gap / 2),
        {"datasets_start"},
    ),
    "H plus a multiple of the identity": (
        lambda gram, method: tuned(gram + 0.05 * np.trace(gram) * np.eye(len(gram)), method),
        {"datasets_start", "datasets_saved"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_predictions_falsify_claims(name, monkeypatch):
    change, noticed = MUTATIONS[name]
    monkeypatch.setattr(measuring, "tuned", change)
    found = outcomes(measure(**SIZES))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
