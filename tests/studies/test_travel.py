"""The distance from initialization, by the law and by integrated layers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from companion.ensembles import generate
from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from dlnpaper.one_neuron._distance import distance_from_initialization
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.lazy.measure import measure, measured_distance
from studies.lazy.table import table as tabulate

TARGET = Target([2.0, 1.0], shape=(4, 3))


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_the_law_is_what_the_layers_do(depth):
    starts = StartingPoints.sample(TARGET, 6, 3, s=(0.01, 30.0))
    measured = measured_distance(TARGET, depth, starts, 500.0, seed=1)
    # Steps are good to 1e-10 and up to a thousand of them add up; the end is reached to rounding.
    assert_allclose(
        distance_from_initialization(TARGET, depth, starts), measured["distance"], rtol=1e-7
    )
    assert float(np.abs(measured["excess"]).max()) < 1e-12


def test_wide_hidden_layers_move_as_far():
    """The hidden directions stand still, however wide the layers are."""
    start = StartingPoints.sample(TARGET, 1, 3, s=0.1)
    layers = start.layers(0, 4, [5, 1, 3], 2)
    path = integrate(TARGET, layers, [0.0, 300.0]).isel(start=0)
    ratio = np.sqrt((path.distance[:, -1] ** 2).sum() / (path.norm[:, 0] ** 2).sum())
    assert_allclose(distance_from_initialization(TARGET, 4, start), [float(ratio)], rtol=1e-7)


def test_it_is_exact_between_known_weights():
    # From s = 1, u = u_2, v = v_1 tilted: α_1 > 0, so the end is 2 u_1 v_1ᵀ. By hand for N = 2:
    # W_1 = wᵀ(0.6, 0.8), W_2 = (0.28, 0.96)ᵀ w to √2 times unit vectors.
    target = Target([2.0, 1.0], shape=(2, 2))
    start = StartingPoints([[0.28, 0.96]], [[0.6, 0.8]], 1.0)
    first = np.array([np.sqrt(2) - 0.6, -0.8])
    second = np.array([np.sqrt(2) - 0.28, -0.96])
    expected = np.sqrt((first @ first + second @ second) / 2)
    assert_allclose(distance_from_initialization(target, 2, start), [expected], rtol=1e-14)


def test_small_starts_are_rich_large_ones_lose_themselves_and_the_limit_is_lazy():
    directions = StartingPoints.sample(TARGET, 1, 3)
    a, b = np.repeat(directions.a, 2, axis=0), np.repeat(directions.b, 2, axis=0)
    ends = distance_from_initialization(TARGET, 3, StartingPoints(a, b, [1e-30, 1e30]))
    # The next order is smaller by x = (2/s)^(1/3) = 1e±10.
    assert_allclose(ends, [(2e30) ** (1 / 3), 1.0], rtol=1e-9)
    at_limit = StartingPoints([[1, 0, 0, 0]], [[1, 0, 0]], 2.0)
    assert float(distance_from_initialization(TARGET, 3, at_limit)[0]) == 0.0


def test_the_origin_is_as_far_as_the_start_is_large():
    starts = StartingPoints.on_stable_set(TARGET, "origin", 3, 1)
    assert_array_equal(distance_from_initialization(TARGET, 3, starts), np.ones(3))


def test_the_table_has_a_row_for_every_depth_and_start():
    span = {"first": 0.1, "last": 10.0, "count": 3}
    families = {"near": {"tilted": {"angle": 5.0, "s": span}}}
    families["far"] = {"tilted": {"angle": 60.0, "s": span}}
    table = tabulate(measure(generate(TARGET, families, 1), depths=[2, 4], last=300.0, seed=1))
    assert len(table) == 2 * 2 * 3
    assert set(table["angle"]) == {5.0, 60.0}
    assert table["relative_error"].max() < 1e-7
    # The law with both cosines written out, for angle 60 and s = 0.1.
    (row,) = table[(table.depth == 4) & (table.angle == 60) & (table.s == 0.1)].itertuples()
    x = 20**0.25
    assert row.predicted == pytest.approx(np.sqrt((1 - x) ** 2 + 2 * x / 4 * (2 - 1)), rel=1e-12)
