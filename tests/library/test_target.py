"""The target against its definition, 40-digit decompositions and the loss of the data."""

from functools import partial

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.integrate import solve_ivp

from dlnpaper import StartingPoints, Target, end_to_end, limits, solve
from tests.library.problems import random_bases

EPS = np.finfo(float).eps


def random_matrix(singular_values, shape, seed=0):
    """A matrix with these singular values in random bases, and the bases."""
    left, right = random_bases(shape, seed)
    r = len(singular_values)
    return left[:, :r] * singular_values @ right[:, :r].T, left, right


def test_zeros_are_null_directions():
    target = Target([3, 2, 0, 0], shape=(5, 4))
    assert_array_equal(target.singular_values, [3.0, 2.0])
    assert (target.rank, target.shape, target.loss_offset) == (2, (5, 4), 0.0)
    assert (target.dropped.singular_values, target.dropped.tolerance) == (2, 0.0)
    assert_array_equal(target.matrix, np.pad(np.diag([3.0, 2.0]), ((0, 3), (0, 2))))


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        ([2.0], [(0, 1)]),
        ([3.0, 2.0, 1.0], [(0, 1), (1, 2), (2, 3)]),
        ([3.0, 3.0, 1.0, 1.0, 1.0], [(0, 2), (2, 5)]),
        ([3.0, 3.0 - 4 * EPS], [(0, 1), (1, 2)]),
    ],
)
def test_groups_are_runs_of_equal_floats(values, groups):
    target = Target(values, shape=(6, 6))
    assert [(group.start, group.stop) for group in target.groups] == groups


def test_given_bases_rotate_the_matrix():
    matrix, left, right = random_matrix([3.0, 1.0], (4, 3))
    target = Target([3.0, 1.0], (4, 3), left=left, right=right)
    assert_allclose(target.matrix, matrix, rtol=0, atol=10 * EPS)
    assert not target.has_identity_bases
    assert Target([3.0, 1.0], (4, 3)).has_identity_bases


def test_a_target_cannot_be_changed():
    values = np.array([3.0, 1.0])
    target = Target(values, (2, 2))
    values[0] = 2.0
    assert target.singular_values[0] == 3.0
    with pytest.raises(AttributeError):
        target.shape = (3, 3)
    with pytest.raises(ValueError, match="read-only"):
        target.singular_values[0] = 5.0


@settings(deadline=None, max_examples=30)
@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    scale=st.sampled_from([1e-8, 1.0, 1e8]),
    seed=st.integers(0, 2**32 - 1),
)
def test_from_matrix_restores_the_matrix_with_fixed_signs(shape, scale, seed):
    matrix = scale * np.random.default_rng(seed).standard_normal(shape)
    target = Target.from_matrix(matrix)
    # LAPACK is backward stable: a modest multiple of d eps ‖Z‖.
    bound = 20 * max(shape) * EPS
    assert_allclose(target.matrix, matrix, rtol=0, atol=bound * target.singular_values[0])
    assert_allclose(target.left.T @ target.left, np.eye(shape[0]), rtol=0, atol=bound)
    assert_allclose(target.right.T @ target.right, np.eye(shape[1]), rtol=0, atol=bound)
    largest = np.abs(target.left).argmax(axis=0)
    assert (target.left[largest, range(shape[0])] > 0).all()
    flipped = Target.from_matrix(-matrix)
    assert_allclose(flipped.left[:, : target.rank], target.left[:, : target.rank], atol=1e-6)


@pytest.mark.parametrize("gap", [0.5, 1e-3, 1e-6])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 6)])
def test_basis_error_bounds_the_error_of_the_bases(gap, shape):
    matrix, *_ = random_matrix([2.0, 1.0 + gap, 1.0], shape, seed=round(1 / gap) + shape[0])
    target = Target.from_matrix(matrix)
    with mpmath.workdps(40):
        left, _, right = mpmath.svd_r(mpmath.matrix(matrix.tolist()))
    left = np.array(left.tolist(), dtype=float)[:, :3]
    right = np.array(right.tolist(), dtype=float)[:3].T
    signs = np.sign(np.sum(left * target.left[:, :3], axis=0))
    errors = [left * signs - target.left[:, :3], right * signs - target.right[:, :3]]
    worst = np.abs(np.vstack(errors)).max()
    assert worst <= target.basis_error
    # A bound far above the error would declare everything undecided.
    assert target.basis_error < 1e3 * max(shape) * EPS / gap


def test_from_matrix_drops_rounding_and_reports_it():
    matrix, *_ = random_matrix([2.0, 1.0], (5, 4))
    target = Target.from_matrix(matrix)
    assert target.rank == 2
    assert target.dropped == (0, 2, 5 * EPS)
    assert Target.from_matrix(matrix, tolerance=0.6).rank == 1


def test_tie_tolerance_merges_near_ties_into_their_mean():
    matrix, *_ = random_matrix([2.0, 1.0 + 1e-9, 1.0, 0.5], (4, 4))
    apart = Target.from_matrix(matrix)
    merged = Target.from_matrix(matrix, tie_tolerance=1e-8)
    assert len(apart.groups) == 4
    assert [group.start for group in merged.groups] == [0, 1, 3]
    # The mean of 1 + 1e-9 and 1, to the rounding of a decomposition.
    assert_allclose(merged.singular_values[1:3], 1 + 5e-10, rtol=0, atol=1e-14)
    assert merged.basis_error < 1e-6 * apart.basis_error


@settings(deadline=None, max_examples=30)
@given(
    features=st.integers(1, 5),
    d_y=st.integers(1, 4),
    samples=st.integers(6, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_from_data_whitens_and_keeps_the_loss(features, d_y, samples, seed):
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((features, samples))
    outputs = rng.standard_normal((d_y, samples))
    target = Target.from_data(inputs, outputs)
    whitened = target.whitening @ inputs
    # Whitening divides by singular values of X: relative rounding grows with its condition.
    rounding = 100 * samples * EPS * np.linalg.cond(inputs)
    assert_allclose(whitened @ whitened.T, np.eye(features), rtol=0, atol=rounding)
    weights = rng.standard_normal((d_y, features))
    loss = 0.5 * np.sum((outputs - weights @ whitened) ** 2)
    expected = 0.5 * np.sum((weights - target.matrix) ** 2) + target.loss_offset
    assert_allclose(loss, expected, rtol=10 * rounding)


def test_from_data_drops_null_directions_of_the_inputs_and_says_so():
    rng = np.random.default_rng(1)
    inputs = rng.standard_normal((4, 30))
    inputs = np.vstack([inputs, inputs[0] + inputs[1], np.zeros(30)])
    outputs = rng.standard_normal((3, 30))
    target = Target.from_data(inputs, outputs)
    assert target.dropped == (2, 0, 30 * EPS)
    assert target.shape == (3, 4)
    assert target.whitening.shape == (4, 6)
    # The least loss is that of least squares, whatever the coordinates.
    fit = outputs - np.linalg.lstsq(inputs.T, outputs.T)[0].T @ inputs
    assert_allclose(target.loss_offset, 0.5 * np.sum(fit**2), rtol=1e-12)


def test_loss_offset_of_a_perfect_fit_has_no_cancellation():
    rng = np.random.default_rng(2)
    inputs = rng.standard_normal((3, 50))
    outputs = 1e3 * rng.standard_normal((2, 3)) @ inputs
    offset = Target.from_data(inputs, outputs).loss_offset
    # Squares of rounding, (50 eps)² ‖Y‖²; the difference ‖Y‖² − ‖Z‖² would be off by eps ‖Y‖².
    assert 0 <= offset < (50 * EPS) ** 2 * np.sum(outputs**2)


def test_the_limit_in_raw_features_is_reduced_rank_regression():
    rng = np.random.default_rng(3)
    inputs = rng.standard_normal((6, 4)) @ rng.standard_normal((4, 30)) + 1.0  # of rank 5
    outputs = rng.standard_normal((3, 30))
    target = Target.from_data(inputs, outputs)
    ends = end_to_end(target, limits(target, StartingPoints.sample(target, 2, 0)))
    raw = target.to_features(ends)
    assert raw.shape == (2, 3, 6)
    # The fit of least loss among those of rank one projects the best fit to its first singular
    # vector (Izenman 1975).
    fit = outputs @ np.linalg.pinv(inputs) @ inputs
    first = np.linalg.svd(fit)[0][:, :1]
    for matrix in raw:
        assert_allclose(matrix @ inputs, first @ first.T @ fit, rtol=0, atol=1e-12)


def test_the_mean_loss_has_the_trajectories_and_time_scale_that_the_notes_state():
    rng = np.random.default_rng(4)
    n, depth, last = 20, 3, 2.0
    inputs, outputs = rng.standard_normal((3, n)), rng.standard_normal((2, n))
    target = Target.from_data(inputs, outputs)
    whitened = target.whitening @ inputs * np.sqrt(n)  # of unit second moment
    assert_allclose(whitened @ whitened.T / n, np.eye(3), rtol=0, atol=1e-13)
    start = StartingPoints.sample(target, 1, 0, s=0.5)
    layers = [w / n ** (1 / (2 * depth)) for w in start.layers(0, depth, 1, 0, target)]
    ends = np.cumsum([layer.size for layer in layers])[:-1]

    def flow(_, state):
        """The negative gradient of the mean loss in three layers, written out."""
        one, two, three = (
            part.reshape(layer.shape)
            for part, layer in zip(np.split(state, ends), layers, strict=True)
        )
        residual = (outputs - three @ two @ one @ whitened) @ whitened.T / n
        steps = [(three @ two).T @ residual, three.T @ residual @ one.T, residual @ (two @ one).T]
        return np.concatenate([step.ravel() for step in steps])

    span = (0.0, n ** (1 - 1 / depth) * last)
    state = np.concatenate([layer.ravel() for layer in layers])
    one, two, three = np.split(solve_ivp(flow, span, state, rtol=1e-11, atol=1e-13).y[:, -1], ends)
    matrix = np.outer(three, one) * two
    exact = end_to_end(target, solve(target, depth, start, [last]))
    assert_allclose(np.sqrt(n) * matrix, exact[0, 0], rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("target", "matrix", "message"),
    [
        (Target([1.0], (2, 2)), np.eye(2), r"^target must have a whitening, got .*; use the"),
        (Target.from_data(np.eye(2), np.eye(2)), np.ones(2), r"shape \(2, 2\), got shape \(2,\);"),
    ],
)
def test_what_has_no_raw_features_is_refused(target, matrix, message):
    with pytest.raises(ValueError, match=message):
        target.to_features(matrix)


BAD_VALUES = [
    ([1.0, 2.0], (2, 2), r"singular_values must fall, got .*\[1\] = 2.0 after 1.0; sort"),
    ([2.0, 1.0], (2, 1), r"at most min\(shape\) = 1 entries, got 2; enlarge"),
    ([2.0, -1.0], (2, 2), r"singular_values must be non-negative .*got \[2.0, -1.0\]; a sign"),
    ([0.0], (2, 2), r"at least one positive, got \[0.0\]"),
    ([], (2, 2), r"singular_values must .*at least one positive"),
    ([np.nan], (2, 2), r"singular_values must be finite, got nan at \[0\]; repair"),
    ([np.inf], (2, 2), r"singular_values must be finite, got inf"),
    ([[1.0]], (2, 2), r"singular_values must have 1 dimension, got shape \(1, 1\); reshape"),
    ([1.0], (2, 0), r"shape must be two positive integers \(d_y, d_x\), got \(2, 0\)"),
    ([1.0], (2,), r"shape must be two positive integers \(d_y, d_x\), got \(2,\)"),
    ([1.0], 3, r"shape must be two positive integers \(d_y, d_x\), got 3; give"),
    ([1.0], (2.5, 2), r"shape must be two positive integers"),
]
BAD_BASES = [
    (np.eye(2), r"left must be a complete basis of shape \(3, 3\), got \(2, 2\); add"),
    (np.diag([1, 1, 1.5]), r"left must have orthonormal .*got an error of 1.25; orthonormal"),
    (np.full((3, 3), np.nan), r"left must be finite, got nan at \[0, 0\]"),
]
BAD_MATRICES = [
    (np.zeros((2, 3)), r"matrix must have a non-zero entry, got zeros of shape \(2, 3\); a"),
    (np.ones(3), r"matrix must have 2 dimensions, got shape \(3,\); reshape"),
    ([[1.0, np.inf]], r"matrix must be finite, got inf at \[0, 1\]"),
]
ONES = np.ones((3, 4))
BAD_DATA = [
    (0 * ONES, np.ones((2, 4)), r"inputs must have rank 1 .*got rank 0 .*; check how"),
    (ONES, np.ones((2, 5)), r"one column per sample, got 4 and 5 columns; transpose"),
    (np.nan * ONES, np.ones((2, 4)), r"inputs must be finite, got nan at \[0, 0\]"),
    (ONES, np.full((2, 4), np.inf), r"outputs must be finite, got inf"),
    (ONES, np.zeros((2, 4)), r"outputs must depend linearly on inputs, got .*= 0"),
    (np.ones((1, 2)), [[1.0, -1.0]], r"outputs must depend linearly on inputs, .*; check that"),
]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        *((partial(Target, *case), message) for *case, message in BAD_VALUES),
        *((partial(Target, [1.0], (3, 2), left=left), message) for left, message in BAD_BASES),
        *((partial(Target.from_matrix, matrix), message) for matrix, message in BAD_MATRICES),
        *((partial(Target.from_data, *case), message) for *case, message in BAD_DATA),
    ],
)
def test_what_is_wrong_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_text_is_not_a_number():
    with pytest.raises(TypeError, match=r"singular_values must hold real numbers, got .*; convert"):
        Target(["1e-8"], (2, 2))
