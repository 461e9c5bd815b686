"""Gaussian layers in the study of depth over width: exact laws, and what the claims notice."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from companion.claims import Claim, judge
from companion.registry import Studies
from dlnpaper.layers import _gaussian
from studies.depth_over_width import figure
from studies.depth_over_width import measure as measuring
from studies.depth_over_width.laws import distribution, interpolated
from studies.depth_over_width.measure import measure
from studies.depth_over_width.table import table
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIZES = {
    "widths": [8, 32],
    "ratios": [0.125, 1.0],
    "samples": 20_000,
    "networks": 2000,
    "one_neuron": {
        "widths": [4, 32],
        "depth": 4,
        "singular_values": [1.0, 0.5],
        "scale": 1e-8,
        "size": 1500,
    },
    "seed": 2,
}


@pytest.fixture(scope="module")
def measured():
    return measure(**SIZES)


def outcomes(measured):
    studies = Studies({"memory_mb": 1, "studies": {"depth_over_width": SIZES}}, ROOT)
    settings = {name: SIZES[name] for name in ("samples", "networks", "one_neuron")}
    tables = {"depth_over_width": table(measured, **settings)}
    claims = [Claim(**each) for each in studies.claims() if each["study"] == "depth_over_width"]
    return {claim.id: judge(claim, tables).outcome for claim in claims}


@pytest.mark.parametrize("n", [1, 3, 8, 100])
def test_the_law_of_one_layer_is_chi_square(n):
    log_q = np.linspace(-6, 2, 33)
    expected = chi2.cdf(n * np.exp(log_q), n)
    np.testing.assert_allclose(distribution(log_q, np.array([n])), expected, atol=1e-12)


def test_the_law_of_several_is_that_of_a_product():
    widths = np.array([2, 5, 7])
    rng = np.random.default_rng(0)
    sample = sum(np.log(rng.chisquare(n, 20_000) / n) for n in widths)
    # With this seed, at the level of one per thousand.
    assert kstest(sample, lambda x: distribution(x, widths)).pvalue > 1e-3
    points = np.linspace(-8, 2, 99)
    found = interpolated(widths)(points)
    np.testing.assert_allclose(found, distribution(points, widths), atol=1e-5)


def test_log_s_of_layers_is_that_of_their_product():
    rng = np.random.default_rng(1)
    layers = [rng.standard_normal((5, 1, 4)), rng.standard_normal((5, 3, 1))]
    expected = [np.log(np.linalg.norm(b @ a, 2)) for a, b in zip(*layers, strict=True)]
    np.testing.assert_allclose(measuring._log_s(layers), expected, rtol=1e-12)


def test_the_claims_hold(measured):
    assert set(outcomes(measured).values()) == {"supported"}


right_variance, right_mean, right_free = (
    _gaussian._log_variance,
    _gaussian._log_mean,
    _gaussian.free_widths,
)
MUTATIONS = {
    "degrees of freedom that count the neuron": (
        (measuring, "free_widths"),
        lambda sizes: [*right_free(sizes), 1],
        {"gaussian_s", "gaussian_times"},
    ),
    "digamma of the width instead of its half": (
        (_gaussian, "_log_mean"),
        lambda freedom: right_mean(2 * freedom),
        {"gaussian_mean", "gaussian_log_s"},
    ),
    "the variance of a normal variable": (
        (_gaussian, "_log_variance"),
        lambda freedom: float(np.sum(1 / freedom)),
        {"gaussian_variance", "gaussian_log_s_variance", "gaussian_time_variance"},
    ),
    "plateaus of another depth": (
        (measuring, "plateau_law"),
        lambda target, depth, starts: (0.75, *PLATEAU_LAW(target, depth, starts)[1:]),
        {"gaussian_times"},
    ),
}
PLATEAU_LAW = measuring.plateau_law


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_laws_falsify_claims(name, monkeypatch):
    (module, attribute), wrong, noticed = MUTATIONS[name]
    monkeypatch.setattr(module, attribute, wrong)
    found = outcomes(measure(**SIZES))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


def test_bad_settings_get_one_sentence():
    settings = {"ratios": [0.01, 1.0]}
    with pytest.raises(ValueError, match="ratios"):
        Studies({"memory_mb": 1, "studies": {"depth_over_width": settings}}, ROOT)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
