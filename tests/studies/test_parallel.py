"""The parallel network: its basis, its training, and what is tabulated and drawn of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from studies.parallel import figure
from studies.parallel.measure import _interpolating, measure, orthonormal_basis
from studies.parallel.table import table as tabulate
from tests.figure_checks import check_rendering

SETTINGS = {"signal": "Doppler", "wavelet": "sym8", "samples": 64, "signal_to_noise": 7.0}


@pytest.fixture(scope="module")
def measured():
    return measure(**SETTINGS, depths=[2, 4], seed=11)


@pytest.fixture(scope="module")
def drawn(measured):
    return figure.data(measured)


@pytest.mark.parametrize("wavelet", ["haar", "sym8", "db4"])
def test_the_basis_is_orthonormal_and_holds_constants(wavelet):
    basis = orthonormal_basis(wavelet, 64)
    # The filters of PyWavelets have twelve digits.
    assert_allclose(basis.T @ basis, np.eye(64), atol=1e-11)
    # At most a quarter of the functions, on the coarsest level, have a mean.
    assert np.abs(np.ones(64) @ basis)[16:].max() < 1e-10


def test_other_wavelets_are_refused():
    with pytest.raises(ValueError, match=r"wavelet must be orthogonal, got bior2\.2, .* sym8"):
        orthonormal_basis("bior2.2", 64)


def test_the_start_interpolates_and_is_not_balanced():
    observed = np.array([3.0, -0.2, 1e-6, -50.0])
    weights = _interpolating(5, observed, np.random.default_rng(1))
    assert_allclose(weights.prod(axis=1), observed, rtol=1e-13)
    assert (np.ptp(np.abs(weights), axis=1) > 0.1 * np.abs(weights).max(axis=1)).all()
    assert (weights < 0).any(axis=1).any()


@pytest.mark.parametrize("depth", [2, 4])
def test_each_chain_ends_where_it_does_alone_in_another_integration(measured, depth):
    at = measured.sel(depth=depth)
    observed, decay = at["observed"].values, float(at["weight_decay"])
    rng = np.random.default_rng(3)
    for k in np.argsort(-np.abs(observed))[[0, 5, 12, 40]]:
        start = _interpolating(depth, observed[k : k + 1], rng)[0]
        target = Target.from_matrix(observed[k : k + 1, None])
        layers = [np.reshape(weight, (1, 1)) for weight in start]
        end = integrate(target, layers, [0.0, 300.0], weight_decay=decay, rtol=1e-9)
        # Both rest at a point that attracts; that of the network is good to 1e-10.
        assert_allclose(at["trained"][k], end["end_to_end"][0, -1, 0, 0], atol=1e-8)


@pytest.mark.parametrize("depth", [2, 4])
def test_chains_are_kept_if_the_loss_is_lower_with_them(measured, depth):
    at = measured.sel(depth=depth)
    basis, noisy = orthonormal_basis("sym8", 64), at["noisy"].values

    def loss(coefficients):
        # Balanced chains have ½μ Σw² = ½Nμ|θ|^(2/N).
        penalty = 0.5 * depth * float(at["weight_decay"]) * np.abs(coefficients) ** (2 / depth)
        return 0.5 * ((basis @ coefficients - noisy) ** 2).sum() + penalty.sum()

    trained, kept = at["trained"].values, at["kept"].values
    # Others have died out, and their loss is that of zero to rounding.
    for k in np.flatnonzero(np.abs(trained) > 1e-3):
        without = trained.copy()
        without[k] = 0
        assert kept[k] == (loss(trained) < loss(without))
    assert_allclose(at["recovered"], basis @ (kept * trained), atol=1e-12)
    assert 3 < kept.sum() < 40


def test_the_noise_has_variance_one_and_the_function_its_ratio(measured):
    noise = measured["noisy"] - measured["truth"]
    # Of 64 values; the standard error is a sixth.
    assert float((noise**2).mean()) == pytest.approx(1, abs=0.5)
    assert float(measured["truth"].std()) == pytest.approx(7, rel=1e-12)
    assert measured.attrs["threshold"] == pytest.approx(np.sqrt(2 * np.log(64)), rel=1e-14)


def test_the_table_compares_each_rule_with_what_it_is_of(measured):
    off = measured.copy(deep=True)
    # A chain of 4 layers that is not kept, and so does not count once it is taken out.
    (k, *_) = np.flatnonzero(measured["kept"].sel(depth=4).values == 0)
    off["trained"].loc[{"depth": 4, "coefficient": k}] += 0.5
    table = tabulate(off).set_index(["depth", "rule"])
    assert table.error[4, "large_start"] == pytest.approx(0.5, abs=1e-6)
    assert table.error[4, "global_minimizer"] < 1e-6
    assert list(table.index) == [
        (2, "large_start"),
        (2, "global_minimizer"),
        (2, "soft"),
        (4, "large_start"),
        (4, "global_minimizer"),
    ]
    assert (table.compared == 64).all()
    assert table.penalty_error[4, "large_start"] < -0.1


def test_what_is_misjudged_is_counted(measured):
    off = measured.copy(deep=True)
    off["kept"].loc[{"depth": 2}] = 1 - measured["kept"].sel(depth=2)
    table = tabulate(off).set_index(["depth", "rule"])
    assert table.misjudged[2, "soft"] == 64
    assert table.misjudged[4, "large_start"] == 0


def test_functions_and_errors_are_those_of_the_table(measured, drawn):
    table = tabulate(measured).set_index(["depth", "rule"]).mean_squared_error
    expected = [table[2, "soft"], table[4, "large_start"]]
    assert_allclose(drawn["mean_squared_error"], expected, rtol=1e-12)
    assert_array_equal(drawn["layers"], [2, 4])
    assert_allclose(drawn["line"][[0, -1]], [-2.4, 2.4])
    # Soft thresholding over the threshold.
    assert_allclose(drawn["global_minimizer"].sel(depth=2)[-1], 1.4, rtol=1e-12)


def test_texts_fit_and_bytes_are_the_same(drawn, monkeypatch):
    check_rendering(lambda: figure.draw(drawn), monkeypatch, least_texts=20)
