"""The end-to-end matrix against integrated layers, and against limits by hand."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper import (
    StartingPoints,
    Target,
    end_to_end,
    integrate,
    layers,
    limits,
    solve,
    two_layers,
)

TIMES = [0.0, 0.5, 2.0, 20.0]


@pytest.fixture(scope="module")
def target():
    matrix = np.random.default_rng(0).standard_normal((4, 3))
    return Target.from_matrix(matrix)


def test_it_is_the_product_of_integrated_layers(target):
    starts = StartingPoints.sample(target, 3, 1, s=0.4)
    found = end_to_end(target, solve(target, 3, starts, TIMES))
    assert found.dims == ("start", "time", "row", "column")
    assert_array_equal(found.time, TIMES)
    for i in range(len(starts)):
        start = starts.layers(i, 3, [2, 1], 0, target)
        flow = layers.integrate(target, start, TIMES, rtol=1e-12)
        # A step is good to 1e-12, and up to a thousand of them add up.
        assert_allclose(found[i], flow.end_to_end[0], rtol=0, atol=1e-9)


def test_it_starts_at_the_product_of_the_user_s_layers(target):
    rng = np.random.default_rng(2)
    v, hidden, u = (w / np.linalg.norm(w) for w in map(rng.standard_normal, (3, 5, 4)))
    layers = [0.3 * np.outer(out, into) for into, out in pairwise([v, hidden, u])]
    start = StartingPoints.from_layers(target, layers)
    found = end_to_end(target, solve(target, 2, start, [0.0]))
    assert_allclose(found[0, 0], layers[1] @ layers[0], rtol=0, atol=1e-14)


def test_limits_are_projections_to_one_singular_pair(target):
    starts = StartingPoints.concatenate(
        [
            StartingPoints.sample(target, 1, 0),
            StartingPoints.on_stable_set(target, 1, 1, 0),
            StartingPoints.on_stable_set(target, "origin", 1, 0),
        ]
    )
    u, sigma, vt = np.linalg.svd(target.matrix)
    expected = [sigma[0] * np.outer(u[:, 0], vt[0]), sigma[1] * np.outer(u[:, 1], vt[1])]
    found = end_to_end(target, limits(target, starts))
    assert found.dims == ("start", "row", "column")
    assert_allclose(found, [*expected, np.zeros((4, 3))], rtol=0, atol=1e-13)


def test_two_layers_are_rotated_to_the_user_s_coordinates(target):
    starts = two_layers.Starts.sample(target, 2, 1, hidden=2, scale=0.5)
    weights = [starts.first @ target.right.T, target.left @ starts.second]
    given = two_layers.Starts.from_layers(target, weights)
    found = end_to_end(target, two_layers.solve(target, given, TIMES))
    flow = layers.integrate(target, weights, TIMES, rtol=1e-12)
    assert found.dims == flow.end_to_end.dims == ("start", "time", "row", "column")
    # A step is good to 1e-12, and up to a thousand of them add up.
    assert_allclose(found, flow.end_to_end, rtol=0, atol=1e-9)
    ends = end_to_end(target, two_layers.limits(target, given))
    best = np.linalg.svd(target.matrix, full_matrices=False)
    expected = (best.U[:, :2] * best.S[:2]) @ best.Vh[:2]
    assert_allclose(ends, [expected] * 2, rtol=0, atol=1e-13)


def test_any_part_of_a_result_will_do(target):
    starts = StartingPoints.sample(target, 3, 1)
    result = integrate(target, 2, starts, TIMES, variables=("s", "a", "b"))
    whole = end_to_end(target, result)
    assert_array_equal(end_to_end(target, result.isel(start=1, time=-1)), whole[1, -1])
    turned = end_to_end(target, result.transpose("right", "time", "left", "start", ...))
    assert_array_equal(turned.transpose(*whole.dims), whole)


def test_identity_bases_change_no_bit():
    target = Target([3.0, 2.0], shape=(2, 3))
    result = solve(target, 3, StartingPoints.on_stable_set(target, 1, 4, 0), TIMES)
    expected = result.s.values[..., None, None] * result.a.values[..., None]
    assert_array_equal(end_to_end(target, result), expected * result.b.values[..., None, :])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda result: result.s, TypeError, r"^exact must be a Dataset, got .*; give a result of"),
        (lambda result: result[["s", "a"]], ValueError, r"^exact must hold .*, got s, a; give"),
        (lambda result: result[[]], ValueError, r"^exact must hold .*, got none; give"),
        (lambda result: result.isel(left=[0, 1]), ValueError, r"shape \(4, 3\), got \(2, 3\); m"),
    ],
)
def test_what_holds_no_matrix_is_refused(target, change, error, message):
    result = solve(target, 2, StartingPoints.sample(target, 1, 0), TIMES)
    with pytest.raises(error, match=message):
        end_to_end(target, change(result))
