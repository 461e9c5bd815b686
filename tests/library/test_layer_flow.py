"""The flow of given layers: its gradient, what it conserves, and networks with known solutions."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import scipy
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper import StartingPoints, Target, layers, solve
from dlnpaper.layers._products import descent_directions, packed
from dlnpaper.one_neuron._flows import IntegrationError
from tests.library.problems import rotated

TARGET = rotated(Target([3.0, 2.0, 1.0], shape=(4, 3)))
TWO_LAYERS = json.loads(
    (Path(__file__).parents[1] / "references" / "two_layers.json").read_text(encoding="utf-8")
)
CHAINS = pytest.mark.parametrize("widths", [(3, 2, 4), (3, 1, 4), (3, 5, 3, 1, 4)])


def random_layers(widths, seed, scale=0.5):
    """Return Gaussian layers, neither balanced nor of rank one."""
    rng = np.random.default_rng(seed)
    return [scale * rng.standard_normal((out, into)) for into, out in pairwise(widths)]


def regression(seed=0):
    """Return inputs that are not whitened (3, n) and outputs (4, n), and the target of the fit."""
    rng = np.random.default_rng(seed)
    inputs = np.diag([1.0, 0.7, 0.4]) @ rng.standard_normal((3, 12)) / 3
    outputs = rng.standard_normal((4, 3)) @ inputs + 0.1 * rng.standard_normal((4, 12))
    return inputs, outputs, Target.from_matrix(outputs @ np.linalg.pinv(inputs))


@CHAINS
def test_the_gradient_is_that_of_the_loss_on_the_data(widths):
    inputs, outputs, target = regression()
    start, decay, step = random_layers(widths, 2), 0.3, 1e-5

    def loss(flat):
        ends = np.cumsum([layer.size for layer in start])[:-1]
        parts = np.split(flat, ends)
        matrices = [part.reshape(layer.shape) for part, layer in zip(parts, start, strict=True)]
        product = np.linalg.multi_dot(matrices[::-1])
        return np.sum((outputs - product @ inputs) ** 2) / 2 + decay * flat @ flat / 2

    flat = np.concatenate([layer.ravel() for layer in start])
    steps = step * np.eye(flat.size)
    gradient = [(loss(flat + each) - loss(flat - each)) / (2 * step) for each in steps]
    found = descent_directions(target.matrix, start, inputs @ inputs.T, decay)[1]
    # Central differences err by step² times derivatives of order 1, and by rounding over step.
    assert_allclose(packed(found), -np.array(gradient), rtol=0, atol=1e-8)


def test_given_layers_take_a_linear_first_step():
    # For N = 2, whose gradient is written out here.
    lower, upper = random_layers((3, 2, 4), seed=0)
    time = 1e-7
    result = layers.integrate(TARGET, [lower, upper], [0.0, time], rtol=1e-13).isel(start=0)
    residual = TARGET.matrix - upper @ lower
    steps = [np.linalg.norm(upper.T @ residual), np.linalg.norm(residual @ lower.T)]
    # The second order is of relative size time; a difference of weights of order 1 keeps 9 digits.
    assert_allclose(result.distance[:, 1] / time, steps, rtol=1e-6)
    assert_allclose(result.loss[0], 0.5 * np.sum(residual**2), rtol=1e-14)


@CHAINS
def test_given_layers_conserve_their_imbalance(widths):
    result = layers.integrate(TARGET, random_layers(widths, 1), [5.0, 50.0], rtol=1e-12)
    assert (result.imbalance > 0.1).all()
    assert float(result.drift.max()) < 1e-9
    # Without a one-neuron layer the rank may be as large as the hidden width; Eckart and Young.
    rank = min(widths)
    least_loss = 0.5 * np.sum(TARGET.singular_values[rank:] ** 2)
    assert float(result.loss[0, -1]) == pytest.approx(least_loss, rel=1e-9)


@CHAINS
def test_weight_decay_shrinks_the_imbalance_whatever_the_data(widths):
    inputs, _, target = regression()
    options = {"weight_decay": 0.2, "second_moment": inputs @ inputs.T, "rtol": 1e-12}
    result = layers.integrate(target, random_layers(widths, 1), [0.0, 1.0, 4.0], **options)
    # The loss cancels in d(W_{j+1}ᵀ W_{j+1} − W_j W_jᵀ)/dt, which leaves −2μ times the imbalance.
    shrunk = np.exp(-2 * 0.2 * result.time.values)
    assert_allclose(result.imbalance, result.imbalance[..., :1] * shrunk, rtol=1e-9)
    assert float(result.drift.max()) < 1e-9


@pytest.mark.parametrize("width", [1, 2, 3])
def test_raw_data_lead_to_reduced_rank_regression(width):
    inputs, outputs, target = regression()
    moment = inputs @ inputs.T
    path = layers.integrate(
        target, random_layers((3, width, 4), 5, 0.3), [0.0, 2000.0], second_moment=moment
    )
    # The best fit of that rank projects the best fit on its first singular vectors.
    fit = outputs @ np.linalg.pinv(inputs) @ inputs
    first = np.linalg.svd(fit)[0][:, :width]
    least = np.sum((fit - first @ first.T @ fit) ** 2) / 2
    assert_allclose(path.loss[0, -1], least, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.6])
@pytest.mark.parametrize("moment", [0.25, 1.0, 3.0])
def test_two_equal_scalars_follow_the_logistic_curve(moment, decay):
    # With W_1 = W_2 = w, x = w² obeys dx/dt = 2x (qσ − μ − qx), q the second moment.
    sigma, x0, times = 2.0, 0.01, np.linspace(0.0, 8.0, 9)
    start = [[[np.sqrt(x0)]]] * 2
    options = {"weight_decay": decay, "second_moment": [[moment]], "rtol": 1e-12}
    path = layers.integrate(Target([sigma], (1, 1)), start, times, **options)
    growth = moment * sigma - decay
    ceiling = growth / moment
    expected = ceiling / (1 + (ceiling / x0 - 1) * np.exp(-2 * growth * times))
    assert_allclose(path.end_to_end[0, :, 0, 0], expected, rtol=1e-9)
    assert_allclose(path.loss[0], moment * (sigma - expected) ** 2 / 2, rtol=0, atol=1e-9)


def test_scalars_of_any_imbalance_reach_a_product_at_the_time_of_its_integral():
    # x_j² = m + const with dm/dt = 2P(σ − P): the time at which m is reached is an integral of m.
    sigma, start = 2.0, np.array([0.3, 1.1, 0.5, 0.8])

    def product(m):
        return np.sqrt(np.prod(start**2 + m))

    times = [0.25, 0.5, 1.0]
    path = layers.integrate(Target([sigma], (1, 1)), start[:, None, None], times, rtol=1e-12)
    for time, weight in zip(times, path.layer_1.values.ravel(), strict=True):
        m = weight**2 - start[0] ** 2
        taken = scipy.integrate.quad(
            lambda m: 1 / (2 * product(m) * (sigma - product(m))), 0, m, epsrel=1e-11
        )[0]
        assert taken == pytest.approx(time, rel=1e-9)


def test_a_multiple_of_the_identity_only_changes_the_unit_of_time():
    times = np.array([0.0, 0.5, 2.0])
    start = random_layers((3, 2, 5, 4), 3)
    options = {"rtol": 1e-12, "weight_decay": 0.4}
    scaled = layers.integrate(TARGET, start, times, second_moment=4 * np.eye(3), **options)
    options["weight_decay"] /= 4
    plain = layers.integrate(TARGET, start, 4 * times, **options)
    assert_allclose(scaled.end_to_end, plain.end_to_end, rtol=0, atol=1e-9)
    assert_allclose(scaled.loss, 4 * plain.loss, rtol=1e-9)


@pytest.mark.parametrize("case", TWO_LAYERS, ids=lambda case: case["family"])
def test_two_layers_meet_the_reference_of_sixty_digits(case):
    target = Target(case["singular_values"], shape=case["shape"])
    options = {"weight_decay": case["weight_decay"], "rtol": 1e-13}
    path = layers.integrate(target, [case["first"], case["second"]], case["times"], **options)
    # A step is good to 1e-13, thousands of them add up, and saddles on the way magnify the sum.
    assert_allclose(path.end_to_end[0], case["W"], rtol=0, atol=1e-9)
    assert_allclose(path.loss[0], case["loss"], rtol=0, atol=1e-9 * case["loss"][0])


def test_balanced_layers_that_are_given_follow_the_closed_form():
    start = StartingPoints.sample(TARGET, 1, 6, s=0.4)
    times = [0.5, 2.0, 20.0]
    given = start.layers(0, 3, [3, 1], 0, TARGET)
    result = layers.integrate(TARGET, given, times, rtol=1e-12).isel(start=0)
    exact = solve(TARGET, 3, start, times).isel(start=0)
    u, v = exact.a.values @ TARGET.left.T, exact.b.values @ TARGET.right.T
    expected = np.einsum("t,ti,tj->tij", exact.s, u, v)
    # A step is good to 1e-12, and up to a thousand of them add up.
    assert_allclose(result.end_to_end, expected, atol=1e-9)
    assert float(result.imbalance.max()) < 1e-9


def test_an_ensemble_holds_every_network_as_if_it_were_alone():
    networks = [random_layers((3, 2, 5, 4), seed) for seed in range(3)]
    stacked = [np.stack(matrices) for matrices in zip(*networks, strict=True)]
    result = layers.integrate(TARGET, stacked, [0.0, 1.0])
    assert result.layer_2.dims == ("start", "time", "hidden_2", "hidden_1")
    for i, network in enumerate(networks):
        alone = layers.integrate(TARGET, network, [0.0, 1.0])
        assert alone.equals(result.isel(start=[i]))
        for j, matrix in enumerate(network, start=1):
            # Solvers interpolate at time 0 as well.
            assert_allclose(alone[f"layer_{j}"][0, 0], matrix, rtol=0, atol=1e-15)
    product = result.layer_3.values @ result.layer_2.values @ result.layer_1.values
    assert_allclose(result.end_to_end, product, rtol=0, atol=1e-14)


def test_single_precision_is_converted_and_nothing_is_changed():
    single = [layer.astype(np.float32) for layer in random_layers((3, 2, 4), 0)]
    double = [layer.astype(float) for layer in single]
    found, expected = (layers.integrate(TARGET, each, [0.0, 1.0]) for each in (single, double))
    assert found.identical(expected)
    assert {str(variable.dtype) for variable in found.values()} == {"float64"}
    assert single[0].dtype == np.float32


def test_zero_is_stationary():
    path = layers.integrate(TARGET, [np.zeros((2, 3)), np.zeros((4, 2))], [0.0, 10.0])
    assert_array_equal(path.end_to_end, np.zeros((1, 2, 4, 3)))
    assert_allclose(path.loss, 7.0, rtol=1e-14)


def test_what_overflows_is_an_error_that_names_the_start():
    good = random_layers((3, 2, 4), 0)
    stacked = [np.stack([layer, 1e140 * layer]) for layer in good]
    with pytest.raises(IntegrationError, match=r"^start 1 of the flow of the layers must reach"):
        layers.integrate(TARGET, stacked, [0.0, 1.0], method="DOP853")
    huge = [np.full((2, 3), 1e140), np.full((4, 2), 1e140)]
    with pytest.raises(IntegrationError, match=r"^loss must be finite, got an overflow; rescale"):
        layers.integrate(TARGET, huge, [0.0])


CHAIN = [np.ones((2, 3)), np.ones((4, 2))]
REFUSED = [
    ([CHAIN[0], np.ones((4, 3))], {}, r"layers\[1\] must have 2 columns to follow what comes"),
    ([CHAIN[0], np.ones((5, 2))], {}, r"layers\[1\] must have 4 rows for a target of shape"),
    ([np.ones((3, 2, 3)), np.ones((2, 4, 2))], {}, r"layers\[1\] must hold one .* 3 networks"),
    ([np.ones((3, 2, 3)), CHAIN[1]], {}, r"layers\[1\] must hold one .* 3 networks"),
    ([np.ones((0, 3)), np.ones((4, 0))], {}, r"layers\[0\] must have shape .*, got shape \(0, 3\)"),
    ([np.ones(3), np.ones(4)], {}, r"layers\[0\] must have shape \(out, in\), or \(M, out, in\)"),
    ([np.ones((4, 3))], {}, r"layers must be at least 2 matrices, got 1"),
    ([[[1, 1, np.nan]] * 2, CHAIN[1]], {}, r"layers\[0\] must be finite, got nan at \[0, 2\]"),
    ([np.ones((2000, 3)), np.ones((4, 2000))], {}, r"layers must have at most 10000 weights"),
    ([1e160 * CHAIN[0], CHAIN[1]], {}, r"layers\[0\] must have entries up to 1e\+150, got 1e\+160"),
    (CHAIN, {"weight_decay": -0.1}, r"weight_decay must be finite and at least 0, got -0.1"),
    (CHAIN, {"weight_decay": np.inf}, r"weight_decay must be finite and at least 0, got inf"),
    (CHAIN, {"weight_decay": np.nan}, r"weight_decay must be finite and at least 0, got nan"),
    (CHAIN, {"second_moment": np.eye(4)}, r"second_moment must have shape \(3, 3\) for 3 inputs"),
    (CHAIN, {"second_moment": np.tri(3)}, r"second_moment must be symmetric, got entries that"),
    (CHAIN, {"second_moment": np.diag([1, 1, -0.1])}, r"second_moment must be .* semidefinite"),
    (CHAIN, {"second_moment": np.eye(3) * np.nan}, r"second_moment must be finite, got nan at"),
]


@pytest.mark.parametrize(("given", "options", "sentence"), REFUSED)
def test_bad_input_is_refused_in_one_sentence(given, options, sentence):
    with pytest.raises(ValueError, match=rf"^{sentence}[^\n]*; [^\n]*$"):
        layers.integrate(TARGET, given, [1.0], **options)


@pytest.mark.parametrize(
    ("given", "options"), [(3.0, {}), ([["a"]], {}), (CHAIN, {"weight_decay": "much"})]
)
def test_what_is_no_number_is_refused_in_one_sentence(given, options):
    with pytest.raises(TypeError, match=r"^(layers|weight_decay).* must .*, got .*; .*$"):
        layers.integrate(TARGET, given, [1.0], **options)
