import mpmath as mp
import numpy as np
import pytest
from scipy.stats import binom

from dlnpaper import StartingPoints, Target
from dlnpaper.one_neuron._guarantees import (
    GUARANTEES,
    coverage,
    exact_coverage,
    guarantees,
    overlap_probability,
)


@pytest.mark.parametrize("xi", [0.0, 0.1, 0.5, 0.95])
def test_overlap_on_two_spheres_in_three_dimensions_is_elementary(xi):
    # Coordinates are uniform (Archimedes), and P(UV > ξ) = 1 - ξ + ξ ln ξ for uniform U, V.
    expected = 0.5 * (1 - xi + (xi * np.log(xi) if xi else 0.0))
    assert overlap_probability((3, 3), xi) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("shape", "xi"), [((2, 2), 0.3), ((2, 7), 0.1), ((10, 8), 0.05), ((4, 3), 0.6)]
)
def test_overlap_agrees_with_the_double_integral_over_angles(shape, xi):
    with mp.workdps(20):

        def tail(d, x):
            """Probability that one coordinate, cos φ, exceeds x."""
            weight = mp.quad(lambda phi: mp.sin(phi) ** (d - 2), [0, mp.acos(x)])
            return weight / mp.beta((d - 1) / mp.mpf(2), 0.5)

        rows, columns = shape
        whole = mp.beta((rows - 1) / mp.mpf(2), 0.5)
        integral = mp.quad(
            lambda phi: mp.sin(phi) ** (rows - 2) / whole * tail(columns, xi / mp.cos(phi)),
            [0, mp.acos(xi) / 2, mp.acos(xi)],
        )
    # Both coordinates positive or both negative.
    assert overlap_probability(shape, xi) == pytest.approx(float(2 * mp.re(integral)), rel=1e-8)


def test_overlap_of_signs_and_at_the_ends():
    assert overlap_probability((1, 1), 0.5) == 0.5
    # One sign and one coordinate in three dimensions: uniform on [-1, 1].
    assert overlap_probability((1, 3), 0.4) == pytest.approx(0.3, rel=1e-12)
    assert overlap_probability((3, 1), 0.4) == pytest.approx(0.3, rel=1e-12)
    assert overlap_probability((5, 4), 0.0) == pytest.approx(0.5, rel=1e-10)
    assert overlap_probability((5, 4), 1.0) == 0.0


@pytest.mark.parametrize(
    ("values", "shape", "s", "omega"),
    [
        ([3, 1], (3, 4), 0.5, 0.4),
        ([2], (2, 5), 0.5, 0.2),
        ([1], (1, 3), 0.7, 0.5),
        ([1], (1, 1), 1, 0.5),
    ],
)
def test_sampled_and_exact_coverage_agree(values, shape, s, omega):
    target = Target(values, shape)
    starts = StartingPoints.sample(target, 200_000, 4, s=s)
    # At this confidence one of the 16 comparisons fails by chance once in 6000 seeds.
    sampled = coverage(guarantees(target, starts, omega), confidence=0.99999)
    exact = exact_coverage(target, s, omega)
    assert (sampled.low <= exact.share).all()
    assert (exact.share <= sampled.high).all()


def test_sets_are_those_of_their_definitions():
    target, omega = Target([2.0, 0.5], (3, 4)), 0.4
    starts = StartingPoints.sample(target, 4000, 7, s=(0.05, 3.0))
    sets = guarantees(target, starts, omega)
    overlap = starts.a[:, 0] * starts.b[:, 0]

    def restricted(w):
        return (starts.s > (w - 0.25) * 2.0) & (overlap * 2.0 > w * 2.0)

    np.testing.assert_array_equal(sets.restricted_set, restricted(omega))
    # No finite set of ω exhausts the union, but its members are in it, and those near γ nearly all.
    union = np.any([restricted(w) for w in 0.25 + np.geomspace(1e-9, 0.7, 400)], axis=0)
    assert not (union & ~sets.restricted_union.values).any()
    assert union.sum() == sets.restricted_union.sum()
    assert not (sets.restricted_union & ~sets.global_minimizer_convergent).any()


def test_the_deficiency_margin_is_the_distance_to_the_target():
    target = Target([2.0], (3, 4))
    starts = StartingPoints.sample(target, 2000, 7, s=(0.05, 5.0))
    ends = starts.s[:, None, None] * starts.a[:, :, None] * starts.b[:, None, :]
    near = np.linalg.norm(ends - target.matrix, axis=(1, 2)) < 2.0
    sets = guarantees(target, starts, 0.5)
    assert 0 < near.sum() < len(starts)
    np.testing.assert_array_equal(sets.deficiency_margin, near)


def test_no_rank_one_start_has_a_deficiency_margin_for_a_target_of_rank_two():
    # Eckart-Young; the nearest start is the best approximation itself.
    target = Target([2.0, 0.5], (2, 2))
    sample = StartingPoints.sample(target, 1000, 7, s=(0.05, 3.0))
    nearest = StartingPoints([[1, 0]], [[1, 0]], 2.0)
    starts = StartingPoints.concatenate([sample, nearest])
    assert not guarantees(target, starts, 0.5).deficiency_margin.any()


def test_constructed_starts_are_outside_every_guarantee():
    target = Target([3, 2, 1], (4, 3))
    starts = StartingPoints.on_stable_set(target, 1, 50, 1)
    sets = guarantees(target, starts, 0.7)
    assert not any(sets[name].any() for name in GUARANTEES)


def test_intervals_are_clopper_pearson():
    # At either end of the interval the observed count has the tail probability: an identity.
    target = Target([3, 1], (3, 4))
    sets = guarantees(target, StartingPoints.sample(target, 500, 2, s=0.5), 0.4)
    result = coverage(sets, confidence=0.9)
    for name in ("restricted_set", "restricted_union"):
        hits, row = int(sets[name].sum()), result.sel(guarantee=name)
        assert binom.cdf(hits, 500, float(row.high)) == pytest.approx(0.05, rel=1e-9)
        assert binom.sf(hits - 1, 500, float(row.low)) == pytest.approx(0.05, rel=1e-9)
    none, every = result.sel(guarantee="deficiency_margin"), result.isel(guarantee=3)
    assert (float(none.low), float(none.share)) == (0.0, 0.0)
    assert float(none.high) == pytest.approx(1 - 0.05 ** (1 / 500), rel=1e-12)
    assert (float(every.share), float(every.high)) == (1.0, 1.0)
    assert float(every.low) == pytest.approx(0.05 ** (1 / 500), rel=1e-12)


TARGET, STARTS = Target([3, 1], (2, 2)), StartingPoints([[1, 0]], [[1, 0]], 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: guarantees(TARGET, STARTS, 0.2), "omega must lie .* = 0.333333 and 1, got 0.2"),
        (lambda: exact_coverage(TARGET, 0, 0.5), "s must be positive and finite, got 0"),
        (lambda: overlap_probability((2, 2), -1), "threshold must be >= 0, got -1"),
        (lambda: coverage(guarantees(TARGET, STARTS, 0.5), confidence=1), "between 0 and 1, got 1"),
        (
            lambda: coverage(guarantees(TARGET, STARTS[[]], 0.5)),
            "sets must hold at least one start",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
