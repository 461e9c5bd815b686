"""Over-parameterized networks: H against derivatives, reductions against dense layers, claims."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from companion.claims import Claim, judge
from companion.registry import Studies
from dlnpaper import Target, layers, local_rate
from studies.gram_descent import SHARE, Tuning, measured_gap, recursion, train, tuned
from studies.overparameterized import figure
from studies.overparameterized import measure as measuring
from studies.overparameterized.measure import linear_data, measure
from studies.overparameterized.networks import LinearNetwork
from studies.overparameterized.projection import dense, projected
from studies.overparameterized.starts import STARTS, _block_tridiagonal
from studies.overparameterized.table import table
from studies.relu_network import ReluNetwork, expected_gram
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIZES = {
    "conditions": [10.0, 100.0, 1e3],
    "widths": [256, 4096, 4194304],
    "relu_widths": [64, 512, 4096],
    "condition": 100.0,
    "dense_width": 96,
    "seed": 3,
}
METHODS = ("gradient_descent", "heavy_ball", "nesterov")


@pytest.fixture(scope="module")
def measured():
    return measure(**SIZES)


def outcomes(measured):
    studies = Studies({"memory_mb": 1, "studies": {"overparameterized": SIZES}}, ROOT)
    for name, value in SIZES.items():  # as if they were the card's own, so that all claims apply
        studies.cards["overparameterized"]["settings"][name]["default"] = value
    tables = {"overparameterized": table(measured)}
    claims = [Claim(**each) for each in studies.claims() if each["study"] == "overparameterized"]
    return {claim.id: judge(claim, tables).outcome for claim in claims}


def networks(width=12):
    """Return a small network of each kind on moderate data."""
    rng = np.random.default_rng(0)
    data = linear_data(5.0, rng)
    for start in STARTS:
        yield LinearNetwork(dense(start, width, 6, 4, rng), *data)
    inputs = rng.standard_normal((3, 5))
    yield ReluNetwork(40, inputs, rng.standard_normal(5), rng)


@pytest.mark.parametrize("network", list(networks()), ids=[*STARTS, "relu"])
def test_gradient_and_gram_matrix_are_those_of_the_residual(network):
    rng = np.random.default_rng(1)
    weights = [each + 0.1 * rng.standard_normal(each.shape) for each in network.weights]
    residual, gradients = network.pull(weights)
    columns = []
    for each in weights:
        for index in np.ndindex(each.shape):
            each[index] += 1e-6
            above = network.pull(weights)[0]
            each[index] -= 2e-6
            below = network.pull(weights)[0]
            each[index] += 1e-6
            columns.append((above - below).ravel(order="F") / 2e-6)
    jacobian = np.array(columns).T
    scale = np.abs(jacobian).max() ** 2
    gram = network.gram(weights)
    np.testing.assert_allclose(gram, jacobian @ jacobian.T, atol=1e-6 * scale)
    expected = jacobian.T @ residual.ravel(order="F")
    found = np.concatenate([gradient.ravel() for gradient in gradients])
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


def test_relu_starts_are_zero_and_their_gram_matrix_is_the_expected_one():
    rng = np.random.default_rng(2)
    inputs = rng.standard_normal((4, 6))
    network = ReluNetwork(200_000, inputs, np.zeros(6), rng)
    assert np.abs(network.pull(network.weights)[0]).max() < 1e-11  # a sum of 200,000 terms
    found, expected = network.gram(network.weights), expected_gram(inputs)
    # Means of 100,000 signs, whose standard error is at most a half over the root of that.
    assert np.all(np.abs(found - expected) <= 4 * 0.5 / 316 * np.abs(inputs.T @ inputs))


@pytest.mark.parametrize("start", ["gaussian", "orthogonal"])
@pytest.mark.parametrize("method", METHODS)
def test_training_is_descent_of_the_layers(start, method):
    rng = np.random.default_rng(3)
    inputs, outputs = linear_data(10.0, rng)
    network = LinearNetwork(dense(start, 30, 6, 4, rng), inputs, outputs)
    tuning = tuned(network.gram(network.weights), method)
    path = train(network, tuning, 0.0, 201)
    # Layers that carry the factor of the product themselves take a smaller step.
    each = network.network.factor ** (1 / 3)
    target = Target.from_matrix(outputs @ np.linalg.inv(inputs))
    run = layers.descend(
        target,
        [each * layer for layer in network.network.layers],
        step=tuning.step * each**2,
        steps=201,
        every=201,
        method=method,
        momentum=tuning.momentum,
        second_moment=inputs @ inputs.T,
    )
    for j, weights in enumerate(path.weights):
        found = run[f"layer_{j + 1}"].values[0, -1] / each
        np.testing.assert_allclose(found, weights, atol=1e-9)


@pytest.mark.parametrize("start", STARTS)
def test_reduced_starts_have_the_law_of_dense_ones(start):
    rng = np.random.default_rng(4)
    data = linear_data(10.0, rng)

    def observed(network):
        """Return the extreme eigenvalues of H, and the largest singular value of the map."""
        linear = LinearNetwork(network, *data)
        values = np.linalg.eigvalsh(linear.gram(linear.weights))
        product = network.factor * np.linalg.multi_dot(network.layers[::-1])
        return values[0], values[-1], np.linalg.norm(product, 2)

    whole = np.array([observed(dense(start, 40, 6, 4, rng)) for _ in range(300)])
    reduced = np.array([observed(STARTS[start](40, 6, 4, rng)) for _ in range(300)])
    # Orthogonal layers have one H, whatever the draw.
    for i in [2] if start == "orthogonal" else range(3):
        # With this seed, at the level of one per thousand.
        assert ks_2samp(whole[:, i], reduced[:, i]).pvalue > 1e-3


def test_blocks_are_those_of_a_dense_gaussian_matrix():
    rng = np.random.default_rng(5)
    sizes = [3, 2, 3], [2, 3, 2]
    found = np.array([_block_tridiagonal(20, *sizes, rng) for _ in range(4000)])
    squares = (found**2).mean(axis=0)
    # Entries of the triangles' diagonals are χ of the directions that are left.
    assert squares[2, 0] == pytest.approx(20 - 2, rel=0.05)
    assert squares[0, 3] == pytest.approx(20 - 3, rel=0.05)
    assert squares[5, 3] == pytest.approx(20 - 5, rel=0.05)
    assert squares[0, 0] == pytest.approx(1, rel=0.1)
    assert not found[:, 5:, :3].any()


@pytest.mark.parametrize("start", ["orthogonal", "residual"])
def test_projections_learn_what_dense_networks_learn(start):
    rng = np.random.default_rng(6)
    data = linear_data(10.0, rng)
    whole = dense(start, 50, 6, 4, rng)
    small = projected(whole)
    assert small.layers[1].shape == (10, 10)
    tuning = tuned(
        LinearNetwork(whole, *data).gram(LinearNetwork(whole, *data).weights), "nesterov"
    )
    paths = [train(LinearNetwork(each, *data), tuning, 1e-6, 1000) for each in (whole, small)]
    np.testing.assert_allclose(paths[0].residuals, paths[1].residuals, rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("least", [3e-4, 1.5])
def test_the_predicted_rate_is_the_spectral_radius(method, least):
    gram = np.diag(np.geomspace(least, 2.0, 9))
    tuning = tuned(gram, method)
    how = {"method": method, "step": tuning.step, "momentum": tuning.momentum}
    assert local_rate(np.diag(gram), **how) == pytest.approx(1 - tuning.gap, rel=1e-12)


def test_rates_are_fitted_where_the_residual_is_small():
    residuals = np.array([0.3**k + 0.9**k for k in range(300)])
    residuals = residuals[: np.argmax(residuals < 1e-10) + 1]
    assert measured_gap(residuals, 1e-10) == pytest.approx(0.1, rel=1e-9)
    assert np.isnan(measured_gap(residuals[:50], 1e-10))


def test_the_claims_hold(measured):
    assert set(outcomes(measured).values()) == {"supported"}


def with_root_of_kappa_lost(gram, method):
    tuning = tuned(gram, method)
    return tuning._replace(gap=SHARE / tuning.condition)


def of_shifted_gram(gram, method):
    return tuned(gram + np.trace(gram) / len(gram) * np.eye(len(gram)), method)


MUTATIONS = {
    "κ instead of its root": (
        with_root_of_kappa_lost,
        {"overparameterized_rates", "overparameterized_relu_rates"},
    ),
    "no momentum": (
        lambda gram, method: tuned(gram, method)._replace(momentum=0.0),
        {"overparameterized_square_root", "overparameterized_relu_square_root"},
    ),
    "H plus a multiple of the identity": (
        of_shifted_gram,
        {"overparameterized_condition", "overparameterized_relu_condition"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_predictions_falsify_claims(name, monkeypatch):
    change, noticed = MUTATIONS[name]
    monkeypatch.setattr(measuring, "tuned", change)
    monkeypatch.setattr(measuring, "DRAWS", 1)
    monkeypatch.setattr(measuring, "PATIENCE", 30)
    found = outcomes(measure(**SIZES | {"dense_width": 64}))
    assert noticed <= {name for name, outcome in found.items() if outcome == "falsified"}


def of_one_eigenvalue(gram, residual, tuning, floor, most):
    return recursion(np.linalg.eigvalsh(gram)[:1, None], np.ones(1), tuning, floor, most)


def test_claims_notice_a_recursion_of_one_eigenvalue_and_an_end_that_is_the_start(monkeypatch):
    monkeypatch.setattr(measuring, "recursion", of_one_eigenvalue)
    # The gap of a tuning is that of H at the start.
    monkeypatch.setattr(measuring, "predicted_gap", lambda _, tuning: tuning.gap)
    monkeypatch.setattr(measuring, "DRAWS", 1)
    sizes = SIZES | {"conditions": [30.0, 100.0], "dense_width": 64}
    found = outcomes(measure(**sizes))
    assert found["overparameterized_fixed"] == found["overparameterized_end"] == "falsified"


@pytest.mark.parametrize("method", METHODS)
def test_the_recursion_is_descent_of_a_linear_map(method):
    rng = np.random.default_rng(8)
    matrix, start = rng.standard_normal((2, 5, 5))

    class Linear:
        """The residual is the matrix times the weights, so that H never changes."""

        weights = (start[0],)

        def pull(self, weights):
            return matrix @ weights[0], [matrix.T @ (matrix @ weights[0])]

    tuning = tuned(matrix @ matrix.T, method)
    path = train(Linear(), tuning, 1e-6, 3000).residuals
    found = recursion(matrix @ matrix.T, matrix @ start[0], tuning, 1e-6, 3000)
    # Rounding is relative to the start.
    np.testing.assert_allclose(found, path, rtol=1e-9, atol=1e-13)


def test_bad_settings_get_one_sentence():
    settings = {"condition": 50.0}
    with pytest.raises(ValueError, match="condition must be one of the conditions"):
        Studies({"memory_mb": 1, "studies": {"overparameterized": settings}}, ROOT)


def test_divergence_ends_training():
    rng = np.random.default_rng(7)
    network = LinearNetwork(dense("orthogonal", 20, 6, 4, rng), *linear_data(10.0, rng))
    step = 30 / np.linalg.eigvalsh(network.gram(network.weights))[-1]
    path = train(network, Tuning("gradient_descent", step, 0.0, 0.1, 10.0), 1e-10, 5000)
    assert len(path.residuals) < 5000
    assert np.isnan(measured_gap(path.residuals, 1e-10))


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured, condition=100.0)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
