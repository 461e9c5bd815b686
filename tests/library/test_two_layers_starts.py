"""Starts of two layers: balanced as stated, exact or refused where they must be."""

import numpy as np
import pytest
from scipy import stats

from dlnpaper import Target
from tests.library.problems import random_bases
from tests.library.two_layer_problems import balanced, growing_part, two, widths

EPS = float(np.finfo(float).eps)
TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
TIMES = [0.0, 1.0, 1e3]


def imbalance_of(starts):
    return starts.second.mT @ starts.second - starts.first @ starts.first.mT


@pytest.mark.parametrize("imbalance", [0.0, 1e-15, 1e-8, 1.0, -1.0, 32.0, -32.0])
def test_samples_are_balanced_as_asked(imbalance):
    for shape in ((4, 3), (3, 5), (2, 2)):
        target = Target([2.0, 1.0], shape)
        for hidden in (1, 2, widths(shape, imbalance) or 7):
            starts = two.Starts.sample(target, 20, 0, hidden=hidden, imbalance=imbalance)
            expected = imbalance * np.eye(hidden)
            allowed = 20 * EPS * (np.linalg.norm(starts.second) ** 2 + abs(imbalance))
            np.testing.assert_allclose(
                imbalance_of(starts), np.broadcast_to(expected, (20, hidden, hidden)), atol=allowed
            )
            assert (starts.imbalance == imbalance).all()
            assert (starts.shape, starts.hidden, len(starts)) == (shape, hidden, 20)


def test_samples_have_the_stated_law():
    # Entries of W_1 are normal; directions of the only column of W_2 are uniform.
    starts = two.Starts.sample(TARGET, 2000, 1, hidden=1, scale=0.3, imbalance=1.0)
    assert stats.kstest(starts.first.ravel(), stats.norm(scale=0.3).cdf).pvalue > 1e-3
    square = (starts.second[:, 0, 0] / np.linalg.norm(starts.second[:, :, 0], axis=1)) ** 2
    assert stats.kstest(square, stats.beta(0.5, 1.5).cdf).pvalue > 1e-3


def test_a_start_depends_on_its_number_alone():
    every = two.Starts.sample(TARGET, 10, 5, hidden=2, imbalance=0.5)
    part = two.Starts.sample(TARGET, 3, 5, hidden=2, imbalance=0.5, first=6)
    for name in ("first", "second"):
        np.testing.assert_array_equal(getattr(part, name), getattr(every[6:9], name))
    joined = two.Starts.concatenate([every[:6], every[[6, 7, 8]], every[9]])
    np.testing.assert_array_equal(joined.first, every.first)
    np.testing.assert_array_equal(joined.imbalance, every.imbalance)


@pytest.mark.parametrize("imbalance", [0.0, 1e-12, 2.0, -8.0])
def test_stable_sets_have_no_growing_part_but_in_their_modes(imbalance):
    target = Target([3.0, 2.0, 1.0], (5, 6))
    options = {"hidden": 2, "scale": 0.5, "imbalance": imbalance}
    for modes in ((), (1,), (0, 2)):
        starts = two.Starts.on_stable_set(target, modes, 5, 2, **options)
        absent = np.setdiff1d(np.arange(3), modes)
        np.testing.assert_array_equal(starts.growing[:, absent], 0.0)
        # What is stated is what the layers say, to their rounding, and these are balanced.
        size = np.abs([*starts.first.flat, *starts.second.flat]).max()
        for i in range(len(starts)):
            known = growing_part(target, starts[i])
            np.testing.assert_allclose(starts.growing[i], known, rtol=0, atol=8 * EPS * size)
        expected = np.broadcast_to(imbalance * np.eye(2), (5, 2, 2))
        np.testing.assert_allclose(imbalance_of(starts), expected, rtol=0, atol=50 * EPS * size**2)


@pytest.mark.parametrize("hidden", [3, 5])
def test_half_of_the_balanced_starts_of_a_square_miss_a_mode(hidden):
    # The sign of det W(0) is conserved, and that of the target is positive.
    target = Target([3.0, 2.0, 1.0], (3, 3))
    starts = two.Starts.sample(target, 400, 3, hidden=hidden)
    negative = np.linalg.det(starts.second @ starts.first) < 0
    assert stats.binomtest(int(negative.sum()), 400).pvalue > 1e-3
    np.testing.assert_array_equal(two.limits(target, starts)["rank"], 3 - negative)
    late = two.solve(target, starts, [1e6]).end_to_end.values[:, 0]
    for matrix, misses in zip(late, negative, strict=True):
        end = np.diag([3.0, 2.0, 0.0 if misses else 1.0])
        np.testing.assert_allclose(matrix, end, rtol=0, atol=1e-14 if not misses else 1e-5)


def test_layers_in_the_given_basis():
    rng = np.random.default_rng(6)
    target = Target.from_matrix(rng.standard_normal((4, 3)))
    known = balanced(rng, (4, 3), 2, 0.7)
    given = [known.first[0] @ target.right.T, target.left @ known.second[0]]
    starts = two.Starts.from_layers(target, given)
    np.testing.assert_allclose(starts.first, known.first, rtol=0, atol=1e-15)
    np.testing.assert_allclose(starts.second, known.second, rtol=0, atol=1e-15)
    np.testing.assert_allclose(starts.imbalance, 0.7, rtol=1e-14)
    assert 0 < starts.coordinate_error[0] < 1e-13
    many = two.Starts.from_layers(target, [np.array([w, w]) for w in given])
    assert len(many) == 2
    # Without a rotation every bit is kept.
    plain = two.Starts.from_layers(TARGET, [known.first[0], known.second[0]])
    np.testing.assert_array_equal(plain.first, known.first)
    assert plain.coordinate_error[0] == 0


def test_one_hidden_neuron_is_always_balanced():
    starts = two.Starts([[[0.1, 0.2, 0.2]]], [[[1.0], [2.0], [2.0], [0.0]]])
    np.testing.assert_allclose(starts.imbalance, 9 - 0.09, rtol=1e-15)


def test_floats_of_single_precision_are_taken_as_uncertain():
    known = balanced(np.random.default_rng(1), (4, 3), 2)
    coarse = two.Starts(known.first.astype(np.float32), known.second.astype(np.float32))
    assert 0 < coarse.coordinate_error[0] < 1e-5
    exact = two.solve(TARGET, known, [0.3]).end_to_end.values
    found = two.solve(TARGET, coarse, [0.3], on_failure="nan")
    assert not found.resolved[0]
    assert np.isnan(found.end_to_end).all()
    layers = [known.first[0].astype(np.float32), known.second[0].astype(np.float32)]
    assert two.limits(TARGET, two.Starts.from_layers(TARGET, layers)).kind == 2
    assert np.isfinite(exact).all()


def beside_a_stable_set():
    """Return starts of which the first leaves a saddle, if at all, by rounding alone."""
    half = 0.5
    ratio = 3.0 / (np.hypot(3.0, half) + half)
    first, second = np.array([[0.7, 0.2, 0.1]]), np.array([[-ratio * 0.7], [0.3], [0.2], [0.5]])
    # Of the imbalance 1, to the last entry.
    second[3] = np.sqrt(1 + first @ first.T - second[:3].T @ second[:3])[0, 0]
    near = two.Starts([first], [second], imbalance=[1.0])
    return two.Starts.concatenate([near, balanced(np.random.default_rng(0), (4, 3), 1, 1.0)])


def test_what_rounding_leaves_open_is_refused():
    starts = beside_a_stable_set()
    assert two.solve(TARGET, starts, [0.0, 5.0]).error.max() < 1e-9
    with pytest.raises(ArithmeticError, match="got 1 that are not, the first at index 0") as error:
        two.solve(TARGET, starts, TIMES)
    assert "\n" not in str(error.value)
    result = two.solve(TARGET, starts, TIMES, on_failure="nan")
    np.testing.assert_array_equal(result.resolved, [False, True])
    for name in ("end_to_end", "loss", "error", "first"):
        assert np.isnan(result[name][0]).all()
        assert np.isfinite(result[name][1]).all()
    np.testing.assert_array_equal(two.limits(TARGET, starts).within_rounding, [True, False])
    # Where zeros are stated, all is resolved.
    stated = two.Starts.on_stable_set(TARGET, [1], 1, 0, hidden=1, imbalance=1.0)
    assert two.solve(TARGET, stated, [1e6]).error.max() < 1e-12


GOOD = balanced(np.random.default_rng(2), (4, 3), 2)
FIRST, SECOND = GOOD.first, GOOD.second
NAN = np.where(np.arange(6).reshape(1, 2, 3) == 4, np.nan, FIRST)
SINGLE = FIRST.astype(np.float32), 2 * SECOND.astype(np.float32)

BAD_STARTS = [
    ((FIRST, 1.01 * SECOND), {}, ValueError, r"λI to 1e-10 of .* got start 0, which misses λ = "),
    (SINGLE, {}, ValueError, r"λI to 1\.2e-05 of .*, got start 0, which misses λ"),
    ((FIRST, SECOND), {"imbalance": [0.5]}, ValueError, r"misses λ = 0\.5 by 1\.5\d; the flow"),
    ((FIRST[0], SECOND[0]), {}, ValueError, "first must .* 3"),
    ((FIRST, SECOND.mT), {}, ValueError, r"shapes \(M, h, d_x\) and \(M, d_y, h\), got \(1, 2, 3"),
    ((FIRST[:, :0], SECOND[:, :, :0]), {}, ValueError, "must have a hidden neuron"),
    ((NAN, SECOND), {}, ValueError, "first must .* finite"),
    (([["a"]], SECOND), {}, TypeError, "must hold real numbers"),
    ((1e200 * FIRST, SECOND), {}, ValueError, "entries up to 1e[+]100 in size, got "),
    ((FIRST, SECOND), {"growing": [[1.0]]}, ValueError, "growing must "),
    ((FIRST, SECOND), {"growing": np.ones((1, 3, 5))}, ValueError, r"\(1, at most 3, 2\), got"),
    ((FIRST, SECOND), {"coordinate_error": -1.0}, ValueError, "coordinate_error must not be neg"),
]


@pytest.mark.parametrize(("layers", "options", "error", "message"), BAD_STARTS)
def test_bad_layers_are_named_in_one_sentence(layers, options, error, message):
    with pytest.raises(error, match=message) as raised:
        two.Starts(*layers, **options)
    assert "\n" not in str(raised.value)


def test_how_much_layers_miss_balance_by_is_told():
    # 1.01² − 1 of half the sum of squares, for one direction of two.
    first = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    with pytest.raises(ValueError, match=r"misses λ = 0\.01005 by 0\.00354"):
        two.Starts(first, first * [1.01, 1.0])


SAMPLE = {"target": TARGET, "size": 3, "rng": 0, "hidden": 2}
BAD_SAMPLES = [
    ({"hidden": 0}, ValueError, "hidden must be a positive integer, got 0"),
    ({"hidden": 1.5}, TypeError, "hidden must be a positive integer, got 1.5"),
    ({"hidden": 5, "imbalance": 1.0}, ValueError, "hidden must be at most 4 for λ = 1, .* got 5"),
    ({"hidden": 4, "imbalance": -1.0}, ValueError, "hidden must be at most 3 for λ = -1, .* got 4"),
    ({"scale": 0.0}, ValueError, "scale must be positive"),
    ({"imbalance": np.nan}, ValueError, "imbalance must be "),
    ({"size": -1}, ValueError, "size must be a non-negative integer, got -1"),
    ({"target": [3.0]}, TypeError, "target must be a Target, got list"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_SAMPLES)
def test_bad_samples_are_named_in_one_sentence(change, error, message):
    with pytest.raises(error, match=message) as raised:
        two.Starts.sample(**{**SAMPLE, **change})
    assert "\n" not in str(raised.value)


BAD_MODES = [
    ([3], ValueError, "modes must be at most 2, got 3"),
    ([-1], ValueError, "modes must be indices from 0 to 2, got -1"),
    ([0, 0], ValueError, "modes must be different"),
    ([0, 1, 2], ValueError, "at most one for each of 2 hidden neurons"),
    (1, TypeError, "modes must be indices of singular values, got 1"),
    ([0.5], TypeError, "modes must be indices from 0 to 2, got 0.5"),
]


@pytest.mark.parametrize(("modes", "error", "message"), BAD_MODES)
def test_bad_modes_are_named_in_one_sentence(modes, error, message):
    with pytest.raises(error, match=message) as raised:
        two.Starts.on_stable_set(modes=modes, **SAMPLE)
    assert "\n" not in str(raised.value)


SOLVE = {"target": TARGET, "starts": GOOD, "times": TIMES}
LOPSIDED = balanced(np.random.default_rng(2), (4, 3), 2, 0.5)
BAD_CALLS = [
    ({"starts": np.ones(3)}, TypeError, "starts must be two_layers.Starts, got ndarray"),
    ({"target": Target([1.0], (2, 2))}, ValueError, r"= \(2, 2\), got \(4, 3\); make them for"),
    ({"starts": LOPSIDED, "weight_decay": 0.1}, ValueError, "weight_decay must be 0 for starts"),
    ({"weight_decay": -0.1}, ValueError, r"weight_decay must be .*, got -0\.1"),
    ({"weight_decay": np.inf}, ValueError, "weight_decay must be .*, got inf"),
    ({"times": [1.0, 0.5]}, ValueError, r"times\[1\] = 0.5 follows 1.0; sort them"),
    ({"variables": ["first"]}, ValueError, "for 2 hidden neurons, got 'first'; leave it out"),
    ({"threads": 0}, ValueError, "threads must be a positive integer, got 0"),
    ({"on_failure": "ignore"}, ValueError, "on_failure must be .*, got 'ignore'"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD_CALLS)
def test_bad_calls_are_named_in_one_sentence(change, error, message):
    with pytest.raises(error, match=message) as raised:
        two.solve(**{**SOLVE, **change})
    assert "\n" not in str(raised.value)


def test_bad_layers_of_a_network_are_named_in_one_sentence():
    rotated = Target([3.0, 2.0, 1.0], (4, 3), left=random_bases((4,))[0])
    for layers, message in (
        ([FIRST[0]], "layers must be W_1 and W_2"),
        ([FIRST[0], SECOND[0], SECOND[0]], "layers must be W_1 and W_2"),
        ([FIRST[0, :, :2], SECOND[0]], "λI|target's shape"),
    ):
        with pytest.raises(ValueError, match=message) as raised:
            two.Starts.from_layers(rotated, layers)
        assert "\n" not in str(raised.value)
