"""Risks in the Gaussian sequence model: quadrature, sequences, simulations, table and figure."""

from functools import partial

import numpy as np
import pytest
import scipy
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper.one_neuron._equal_thresholds import decay_of_threshold
from dlnpaper.one_neuron._shrinkage import shrinkage
from studies.sparsity import figure
from studies.sparsity.measure import measure
from studies.sparsity.risks import hard_risk, risk_of_rule, soft_risk
from studies.sparsity.sequences import besov, sparse
from studies.sparsity.table import table as tabulate
from tests.figure_checks import check_rendering

MEANS = np.array([0.0, 0.3, 1.0, 2.5, 3.0, 6.0, 40.0])
SEQUENCES = {"smoothness": 1.0, "integrability": 1.0, "radius": 4.0}
SETTINGS = {"depths": [2, 4], "size": 400, "nonzero": 8, "values": [3.0, 5.0], **SEQUENCES}


@pytest.fixture(scope="module")
def measured():
    simulation = {"most_simulated": 8, "replicates": 20, "seed": 17}
    return measure(**SETTINGS, octaves=[8, 14], **simulation)


@pytest.fixture(scope="module")
def drawn(measured):
    return figure.data(measured, size=400, nonzero=8, drawn_values=[5.0])


def at(measured, name, depth=0):
    """Return the place of an estimator."""
    places = (measured["name"] == name) & (measured["depth"] == depth)
    return int(np.flatnonzero(places)[0])


@pytest.mark.parametrize("threshold", [0.8, 2.0, 4.0])
def test_the_quadrature_gives_the_formulas_of_soft_and_hard_thresholding(threshold):
    soft = risk_of_rule(lambda y: y - threshold, threshold, MEANS)
    # Gauss's rule of 64 nodes is good to some 1e-12; the tail beyond 9 is 1e-19.
    assert_allclose(soft, soft_risk(threshold, MEANS), rtol=1e-9, atol=1e-12)
    hard = risk_of_rule(lambda y: y, threshold, MEANS)
    assert_allclose(hard, hard_risk(threshold, MEANS), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", ["global_minimizer", "large_start"])
@pytest.mark.parametrize("mean", [0.0, 1.0, 3.0])
def test_the_quadrature_agrees_with_adaptive_quadrature(rule, mean):
    decay = decay_of_threshold(4, 2.5, rule)
    shrunk = partial(shrinkage, depth=4, weight_decay=decay, rule=rule)

    def integrand(y):
        density = np.exp(-0.5 * (y - mean) ** 2) / np.sqrt(2 * np.pi)
        return float((shrunk(y) - mean) ** 2 * density)

    edges = [mean - 9, *sorted({-2.5, 2.5}), mean + 9]
    parts = [scipy.integrate.quad(integrand, *edges[k : k + 2])[0] for k in range(3)]
    assert risk_of_rule(shrunk, 2.5, np.array([mean]))[0] == pytest.approx(sum(parts), rel=1e-6)


def test_the_risk_of_great_depth_is_that_of_hard_thresholding():
    for depth, rtol in ((30, 0.1), (300, 0.02)):
        rule = partial(shrinkage, depth=depth, weight_decay=decay_of_threshold(depth, 3.0))
        # The rules differ by 1/(N-1) of the threshold where they jump.
        assert_allclose(risk_of_rule(rule, 3.0, MEANS), hard_risk(3.0, MEANS), rtol=rtol)


def test_a_besov_sequence_has_the_blocks_that_it_states():
    case = besov(6, smoothness=2.0, integrability=0.5, radius=3.0)
    assert case.counts.sum() == 64
    # By hand: C √n 2^(-j/2 - 2i) for 2^i coefficients of level j; 1 + 1 + 3 + ... + 31 in all.
    level = 24 * 2.0**-1.5
    where = np.isclose(case.means, level / 16)
    assert case.counts[where] == [4]
    assert case.means.max() == 24
    assert case.counts[case.means == 0] == [6]
    assert case.scale == 1 / 64


def test_linear_risks_are_those_of_the_best_factors():
    case = besov(5, smoothness=1.0, integrability=1.0, radius=2.0)
    total, c = 0.0, 2 * np.sqrt(32)
    for j in range(5):
        means = [c] if j == 0 else np.repeat(c * 2.0 ** (-j / 2 - np.arange(j)), 2 ** np.arange(j))
        energy = np.square(means).sum()
        # a = the factor: (1-a)² energy + a² 2^j.
        factors = np.linspace(0, 1, 20_001)
        total += ((1 - factors) ** 2 * energy + factors**2 * 2**j).min()
    assert case.linear * 32 == pytest.approx(total, rel=1e-6)
    assert sparse(5.0, 400, 8).linear == pytest.approx(200 * 400 / 600)


def test_the_best_risk_is_that_of_a_minimization(measured):
    found = measured.isel(estimator=at(measured, "soft"), case=measured["at"].values == 5)
    best = scipy.optimize.minimize_scalar(
        lambda t: 392 * soft_risk(t, 0.0) + 8 * soft_risk(t, 5.0), bounds=(1, 4), method="bounded"
    )
    # A grid of thresholds at a distance of 0.1 misses the minimum by at most 0.05.
    assert float(found["risk"][0]) == pytest.approx(best.fun, rel=2e-3)
    assert float(found["threshold"][0]) == pytest.approx(best.x, abs=0.06)
    assert float(found["risk"][0]) >= best.fun


def test_the_oracle_pays_for_every_mean_above_the_noise(measured):
    risks = measured["risk"][at(measured, "oracle")].values
    assert_allclose(risks[(measured["at"] == 5) & (measured["sequence"] == "sparse")], 8)
    assert_allclose(risks[measured["at"] == 0.5], 8 * 0.25)
    level_by_hand = besov(8, **SEQUENCES)
    expected = np.minimum(level_by_hand.means**2, 1) @ level_by_hand.counts / 256
    assert_allclose(risks[measured["at"] == 256], expected)


def test_what_is_simulated_is_what_is_asked_for(measured):
    known = np.isfinite(measured["simulated"].values)
    networks = np.isin(measured["name"].values, ["global_minimizer", "large_start"])
    wanted = np.isin(measured["at"].values, [3.0, 5.0, 256.0])
    assert_array_equal(known, networks[:, None] & wanted)
    error = measured["simulated"] - measured["risk"]
    # In standard errors from twenty replicates: 4.5 has a probability of 2e-4.
    assert float(np.abs(error / measured["standard_error"]).max()) < 4.5


def test_exponents_are_slopes_against_what_each_estimator_feels(measured):
    n = np.array([2.0**8, 2.0**14])
    exact = measured.copy(deep=True)
    here = measured["at"].values >= 256
    for k, name in enumerate(measured["name"].values):
        effective = n if name in ("oracle", "linear") else n / np.log(n)
        exact["risk"][k, here] = 7 * effective**-0.4
    table = tabulate(exact, values=[5.0], smoothness=1.0, integrability=1.0)
    exponents = table[table.quantity == "exponent"].set_index("name")
    assert_allclose(exponents.measured, 0.4, rtol=1e-12)
    assert exponents.predicted["oracle"] == pytest.approx(2 / 3)
    assert exponents.predicted["linear"] == pytest.approx(1 / 2)


def test_the_table_relates_risks_and_counts_deviations(measured):
    changed = measured.copy(deep=True)
    k, case = at(measured, "global_minimizer", 4), int(np.flatnonzero(measured["at"] == 5)[0])
    changed["simulated"][k, case] = (
        measured["risk"][k, case] + 5 * measured["standard_error"][k, case]
    )
    changed["risk"][at(measured, "hard"), case] = 2 * measured["risk"][k, case]
    table = tabulate(changed, values=[5.0], smoothness=1.0, integrability=1.0)
    row = table[(table["at"] == 5) & (table.name == "global_minimizer") & (table.depth == 4)]
    assert float(row.deviation.iloc[0]) == pytest.approx(5)
    assert float(row.over_hard.iloc[0]) == pytest.approx(0.5)
    assert float(row.over_shallower.iloc[0]) == pytest.approx(float(row.over_soft.iloc[0]))
    assert set(table["at"]) == {5.0, 256.0, 16384.0}
    assert not table.duplicated(["quantity", "sequence", "name", "depth", "at"]).any()


def test_lines_and_marks_are_those_of_the_measurement(measured, drawn):
    k = at(measured, "global_minimizer", 4)
    here = (measured["sequence"] == "sparse").values
    assert_array_equal(drawn["risk"].sel(depth=4), measured["risk"].values[k, here])
    oracle = measured["risk"].values[at(measured, "oracle"), ~here]
    expected = measured["risk"].values[k, ~here] / oracle
    assert_allclose(drawn["besov_risk"].sel(depth=4), expected)
    assert_allclose(drawn["besov_oracle"], 1)
    assert drawn.attrs["minimax"] == pytest.approx(16 * np.log(50))


def test_texts_fit_and_bytes_are_the_same(drawn, monkeypatch):
    check_rendering(lambda: figure.draw(drawn), monkeypatch, least_texts=20)
