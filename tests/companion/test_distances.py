"""Distances from the limit, against plain differences of 90-digit numbers."""

from functools import cache

import mpmath as mp
import numpy as np
import pytest

from companion.distances import distances
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._laws import LAW_QUANTITIES
from dlnpaper.one_neuron._starting_points import StartingPoints
from tests.library.problems import unit
from tests.references.high_precision import DIGITS, ExactTrajectory

# name: singular values, shape, a, b, s, end in τ
CASES = {
    "generic": ([3, 2, 1], (4, 3), unit(2, -1, 2, 1), unit(1, 3, -1), 0.4, 16),
    "opposed": ([3, 2], (3, 2), unit(-3, 1, 1), unit(4, 1), 2.0, 16),
    "saddle": ([3, 2, 1], (3, 4), unit(1, 2, 3), unit(-1, 2, 1, -2), 0.4, 16),
    "last saddle": ([3, 2], (3, 3), unit(1, 2, 1), unit(-1, 1, 2), 0.4, 10),
    "exact": ([3, 2], (2, 2), np.array([1, 0]), np.array([1, 0]), 0.4, 8),
    "exact from above": ([3, 2], (2, 2), np.array([1, 0]), np.array([1, 0]), 7.0, 5),
    "free": ([9, 1], (2, 2), np.array([0.6, 0.8]), np.array([-0.6, 0.8]), 0.4, 5),
    "tie": ([2, 2, 1], (3, 3), unit(1, 2, 2), unit(2, -1, 2), 0.4, 10),
    "origin": ([3, 2], (2, 2), unit(1, 2), -unit(1, 2), 0.4, 8),
    "null origin": ([3, 2], (3, 3), unit(1, 2, 1), unit(-1, -2, 1), 0.4, 8),
}


@cache
def compared(name, depth):
    """Exact distances (quantity, time), and what is found from the closed form."""
    values, shape, a, b, s, end = CASES[name]
    target, starts = Target(values, shape), StartingPoints([a], [b], s)
    with mp.workdps(DIGITS):
        exact = ExactTrajectory(target, depth, starts)
        away, times = [], []
        for tau in np.linspace(end / 10, end, 10):
            t, s = exact.at(tau)
            away.append(exact.distances(tau, s))
            times.append(float(t))
    wide = np.array([[float(at[quantity]) for at in away] for quantity in LAW_QUANTITIES])
    solved = solve(target, depth, starts, times, variables=("s", "excess", "a", "b"))
    return wide, distances(target, starts, solved).isel(start=0)


@pytest.mark.parametrize("depth", [2, 3, 6])
@pytest.mark.parametrize("name", CASES)
def test_distances_are_right_within_their_uncertainty(name, depth):
    exact, found = compared(name, depth)
    known = np.isfinite(found["uncertainty"].values)
    assert known[[LAW_QUANTITIES.index(name) for name in ("excess", "s_gap", "end_to_end")]].all()
    error = np.abs(found["distance"].values - exact)[known]
    # The closed form promises 1e-11; times rounded to 1e-16 and rates up to 50 add less than that.
    # The reference is a root of what 90 digits leave of a difference.
    bound = (found["uncertainty"].values + 1e-11 * exact + 1e-43)[known]
    assert (error <= bound).all()


@pytest.mark.parametrize(
    ("name", "quantity", "smallest"),
    [
        # About e^{-gτ} and e^{-2gτ}, with g = 1 and τ near 15. A plain difference of numbers of
        # order one would be off by 1e-16, far more than what is asked below.
        ("generic", "directions", 1e-5),
        ("generic", "alignment_gap", 1e-9),
        ("saddle", "excess", 1e-9),
        # About e^{-Nστ}, Nσ = 6 and τ near 7.5, where s has been rounded to its limit; and its
        # square.
        ("exact", "s_gap", 1e-17),
        ("exact", "excess", 1e-35),
    ],
)
def test_what_is_small_keeps_its_digits(name, quantity, smallest):
    exact, found = compared(name, 2)
    row = LAW_QUANTITIES.index(quantity)
    last = found.sel(quantity=quantity).isel(time=-1)
    assert 0 < exact[row, -1] < smallest
    assert float(last["distance"]) == pytest.approx(exact[row, -1], rel=1e-11)
    assert float(last["uncertainty"]) < 1e-11 * exact[row, -1]


def test_the_uncertainty_of_s_is_its_rounding_where_nothing_knows_better():
    _, found = compared("generic", 2)
    uncertainty = found["uncertainty"].sel(quantity="s_gap").values
    np.testing.assert_allclose(uncertainty[-1], 2 * 3 * 2.0**-52, rtol=1e-12)


def test_exact_directions_are_at_no_distance():
    _, found = compared("exact", 3)
    for quantity in ("directions", "alignment_gap"):
        assert not found["distance"].sel(quantity=quantity).any()


def test_the_origin_has_no_directions():
    _, found = compared("origin", 3)
    for quantity in ("directions", "alignment_gap"):
        assert np.isinf(found["uncertainty"].sel(quantity=quantity)).all()
