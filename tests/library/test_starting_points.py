"""Starting points: exact where they must be, uniform as stated, refused where they must be."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from dlnpaper import StartingPoints, Target, limits
from tests.library.problems import rotated

EPS = np.finfo(float).eps

STABLE_SETS = [
    (target, limit)
    for target in [
        Target([3.0, 2.0, 1.0], (3, 3)),
        Target([3.0, 2.0, 1.0], (4, 3)),
        Target([3.0, 2.0, 1.0], (3, 6)),
        Target([3.0, 2.0, 1.0], (5, 4)),
        Target([2.0, 1.0], (2, 2)),
        Target([2.0, 2.0, 1.0, 1.0], (4, 5)),
        Target([3.0, 2.0, 2.0, 1.0, 0.0], (5, 5)),
        Target([1.0], (1, 1)),
        Target([1.0], (1, 4)),
        Target([1.0], (3, 1)),
    ]
    for limit in [*range(target.groups[0].stop, target.rank), "origin"]
]
on_every_stable_set = pytest.mark.parametrize(("target", "limit"), STABLE_SETS)


def leading_size(target, limit):
    """Number of singular values above the limit's."""
    value = 0.0 if limit == "origin" else target.singular_values[limit]
    return int((target.singular_values > value).sum())


def assert_same_bits(one, two):
    for name in ("a", "b", "s", "coordinate_error"):
        assert_array_equal(getattr(one, name), getattr(two, name))


def rotated_target(singular_values, shape):
    known = rotated(Target(singular_values, shape))
    return known, Target.from_matrix(known.matrix)


class TestConstruction:
    def test_alpha_beta_rho_follow_their_definitions(self):
        target = Target([3.0, 2.0], shape=(4, 3))
        starts = StartingPoints([[0.1, 0.5, 0.7, 0.5]], [[-0.1, 0.7, np.sqrt(0.5)]], [2.0])
        assert_array_equal(starts.alpha(target), [[0.0, 1.2]])
        assert_allclose(starts.beta(target), [[0.2, -0.2]], rtol=2 * EPS)
        assert_allclose(starts.rho(target) ** 2, (0.7**2 + 0.5**2 + 0.5) / 2, rtol=4 * EPS)

    def test_rho_completes_the_unit_norm(self):
        # docs/theory.md, section 3: E(0) = ¼ Σ (α² + β²) + ρ² = 1.
        target = Target([3.0, 2.0], shape=(4, 5))
        starts = StartingPoints.sample(target, 50, 0)
        squares = starts.alpha(target) ** 2 + starts.beta(target) ** 2
        total = squares.sum(axis=1) / 4 + starts.rho(target) ** 2
        assert_allclose(total, 1, rtol=0, atol=10 * EPS)

    def test_numbers_for_all_starts(self):
        starts = StartingPoints(np.eye(3), np.eye(3), s=2, coordinate_error=1e-15)
        assert_array_equal(starts.s, [2.0, 2.0, 2.0])
        assert_array_equal(starts.coordinate_error, [1e-15, 1e-15, 1e-15])

    def test_starts_are_frozen_copies(self):
        a = np.eye(2)
        starts = StartingPoints(a, np.eye(2), [1.0, 1.0])
        a[0] = [0, 1]
        assert_array_equal(starts.a, np.eye(2))
        with pytest.raises(ValueError, match="read-only"):
            starts.a[0, 0] = 0.0
        with pytest.raises(AttributeError):
            starts.s = 1.0

    @pytest.mark.parametrize(
        ("index", "rows"),
        [
            (2, [2]),
            (-1, [4]),
            (slice(1, 4, 2), [1, 3]),
            ([3, 0, 3], [3, 0, 3]),
            (np.array([True, False, False, True, False]), [0, 3]),
            (slice(0, 0), []),
        ],
    )
    def test_indexing_keeps_every_bit(self, index, rows):
        target = Target([3.0, 2.0, 1.0], shape=(4, 3))
        starts = StartingPoints.on_stable_set(target, 2, 5, 0)
        part = starts[index]
        assert len(part) == len(rows)
        for name in ("a", "b", "s"):
            assert_array_equal(getattr(part, name), getattr(starts, name)[rows])

    def test_concatenation_keeps_every_bit_and_each_uncertainty(self):
        target = Target([3.0, 2.0, 1.0], shape=(4, 3))
        first = StartingPoints.on_stable_set(target, "origin", 5, 0)
        second = StartingPoints(first.a, first.b, first.s, coordinate_error=1e-14)
        joined = StartingPoints.concatenate([first, second])
        assert_same_bits(joined[:5], first)
        assert_same_bits(joined[5:], second)
        assert_same_bits(StartingPoints.concatenate(joined), joined)  # by a loop over the starts


class TestSample:
    target = Target([3.0, 2.0], shape=(4, 3))

    def test_directions_have_the_moments_of_uniform_ones(self):
        n = 100_000
        starts = StartingPoints.sample(self.target, n, 1)
        for vectors in (starts.a, starts.b):
            assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= 4 * EPS
            d = vectors.shape[1]
            second, fourth = 1 / d, 3 / (d * (d + 2))
            eighth = 105 / (d * (d + 2) * (d + 4) * (d + 6))
            # Five standard errors of each mean, from the exact moments of the sphere.
            spread = 5 / np.sqrt(n)
            for power, mean, square in ((1, 0, second), (2, second, fourth), (4, fourth, eighth)):
                off = np.abs((vectors**power).mean(axis=0) - mean).max()
                assert off < spread * np.sqrt(square - mean**2)
            off = (vectors.T @ vectors / n)[~np.eye(d, dtype=bool)]
            assert np.abs(off).max() < spread * np.sqrt(fourth / 3)
        cross = starts.a.T @ starts.b / n
        assert np.abs(cross).max() < 5 / np.sqrt(n * 4 * 3)

    def test_s_is_log_uniform_and_independent_of_directions(self):
        n = 20_000
        starts = StartingPoints.sample(self.target, n, 2, s=(1e-3, 10.0))
        position = (np.log(starts.s) - np.log(1e-3)) / np.log(1e4)
        assert stats.kstest(position, "uniform").pvalue > 1e-4
        for vectors in (starts.a, starts.b):
            correlations = np.corrcoef(np.column_stack([position, vectors]).T)[0, 1:]
            assert np.abs(correlations).max() < 5 / np.sqrt(n)

    def test_a_start_depends_on_the_seed_and_its_number_alone(self):
        many = StartingPoints.sample(self.target, 100, 7)
        assert_same_bits(StartingPoints.sample(self.target, 10, 7), many[:10])
        rng = np.random.Generator(np.random.Philox(7))
        in_parts = [StartingPoints.sample(self.target, size, rng) for size in (30, 70)]
        assert_same_bits(StartingPoints.concatenate(in_parts), many)
        other = StartingPoints.sample(self.target, 100, 8)
        assert not np.isin(other.a, many.a).any()

    def test_a_part_is_drawn_as_in_the_whole(self):
        # Rows of 6 draws, from a counter whose steps make 4: all remainders occur.
        target = Target([1.0], shape=(3, 2))
        many = StartingPoints.sample(target, 100, 7)
        for first in (0, 1, 2, 3, 4, 97):
            part = StartingPoints.sample(target, 3, 7, first=first)
            assert_same_bits(part, many[first : first + 3])
        # Far starts come from the counter alone.
        key = np.random.Philox(7).state["state"]["key"]
        rng = np.random.Generator(np.random.Philox(key=key, counter=10**15 * 6 // 4))
        far = StartingPoints.sample(target, 3, 7, first=10**15)
        assert_same_bits(far, StartingPoints.sample(target, 3, rng))

    def test_the_law_of_s_keeps_the_directions(self):
        fixed = StartingPoints.sample(self.target, 100, 0, s=0.5)
        spread = StartingPoints.sample(self.target, 100, 0, s=(1e-300, 1e300))
        assert_array_equal(fixed.s, np.full(100, 0.5))
        assert spread.s.min() < 1e-200
        assert spread.s.max() > 1e200
        assert_array_equal(fixed.a, spread.a)


class TestGrid:
    @pytest.mark.parametrize("n", [1, 2, 3, 8, 30, 101])
    def test_angles(self, n):
        starts = StartingPoints.grid(Target([2.0, 1.0], (2, 2)), n, s=0.3)
        theta, phi = np.meshgrid(*[2 * np.pi * np.arange(n) / n] * 2, indexing="ij")
        for vectors, angle in ((starts.a, theta.ravel()), (starts.b, phi.ravel())):
            expected = np.column_stack([np.cos(angle), np.sin(angle)])
            # The angle itself, up to 2π, is rounded on the expected side.
            assert_allclose(vectors, expected, rtol=0, atol=8 * EPS)
            assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= 2 * EPS
        assert_array_equal(starts.s, np.full(n * n, 0.3))

    @pytest.mark.parametrize("n", [2, 3, 4, 7, 12, 50, 101])
    def test_alpha_vanishes_exactly_where_the_angles_say_so_and_nowhere_else(self, n):
        target = Target([2.0, 1.0], (2, 2))
        alpha = StartingPoints.grid(target, n, s=1.0).alpha(target)
        i, j = (index.ravel() for index in np.indices((n, n)))
        # cos θ + cos φ = 0 where θ ± φ = π; sin θ + sin φ = 0 where θ = −φ or θ = φ + π.
        opposite = 2 * (i - j) % (2 * n) == n
        cosines_vanish = opposite | (2 * (i + j) % (2 * n) == n)
        sines_vanish = opposite | ((i + j) % n == 0)
        assert_array_equal(alpha[:, 0] == 0, cosines_vanish)
        assert_array_equal(alpha[:, 1] == 0, sines_vanish)
        # 2 cos x cos y with factors of at least sin(π / 2n).
        assert np.abs(alpha[alpha != 0]).min() > np.sin(np.pi / (2 * n)) ** 2


class TestOnStableSet:
    @on_every_stable_set
    def test_zeros_are_exact_and_norms_are_one(self, target, limit):
        starts = StartingPoints.on_stable_set(target, limit, 2000, 5)
        m = leading_size(target, limit)
        assert_array_equal(starts.b[:, :m], -starts.a[:, :m])
        assert (starts.alpha(target)[:, :m] == 0).all()
        for vectors in (starts.a, starts.b):
            assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= 4 * EPS
        if limit != "origin":
            group = target.singular_values == target.singular_values[limit]
            assert (starts.alpha(target)[:, group] != 0).any(axis=1).all()
        assert (starts.coordinate_error == 0).all()

    @on_every_stable_set
    def test_zeros_survive_every_public_path(self, target, limit):
        starts = StartingPoints.on_stable_set(target, limit, 20, 5)
        again = StartingPoints.from_vectors(target, starts.a, starts.b, starts.s)
        again = StartingPoints.concatenate([again[:7], again[7:]])[::-1]
        assert_same_bits(again, starts[::-1])

    @on_every_stable_set
    def test_shared_entries_have_the_stated_law(self, target, limit):
        n = 20_000
        starts = StartingPoints.on_stable_set(target, limit, n, 6)
        m = leading_size(target, limit)
        p, q = target.shape[0] - m, target.shape[1] - m
        shared = starts.a[:, :m]
        share = np.sum(shared**2, axis=1)
        if min(p, q) == 0:
            assert_allclose(share, 1, rtol=0, atol=4 * EPS)
            assert not starts.a[:, m:].any()
            assert not starts.b[:, m:].any()
        else:
            law = stats.beta(m / 2, (p + q - 1) / 2)
            assert stats.kstest(share, law.cdf).pvalue > 1e-4
        # Five standard errors; entries are at most 1 in magnitude.
        assert np.abs(starts.a.mean(axis=0)).max() < 5 / np.sqrt(n)
        assert np.abs(starts.b.mean(axis=0)).max() < 5 / np.sqrt(n)

    def test_the_law_is_the_surface_measure(self):
        # Independent: a thin tube around the set, |α_1| < δ, filled by uniform pairs. Its width is
        # 2δ / |∇α_1| with |∇α_1|² = 2 − a_1² − b_1² on the spheres; weighting by |∇α_1| undoes it.
        target = Target([2.0, 1.0], shape=(3, 2))
        pairs = StartingPoints.sample(target, 2_000_000, 9, s=1.0)
        tube = np.abs(pairs.alpha(target)[:, 0]) < 0.01
        squares = (pairs.a[tube, 0] ** 2 + pairs.b[tube, 0] ** 2) / 2
        weights = np.sqrt(2 - 2 * squares)
        expected = np.average(squares, weights=weights)
        error = np.sqrt(np.average((squares - expected) ** 2, weights=weights) / tube.sum())
        starts = StartingPoints.on_stable_set(target, 1, 200_000, 10)
        measured = np.mean(starts.a[:, 0] ** 2)
        # The law's mean is 1/3; an unweighted tube's is 1/2.
        assert abs(measured - expected) < 5 * error + 0.01**2
        assert error < 0.01

    def test_a_tie_is_one_limit(self):
        target = Target([3.0, 2.0, 2.0], shape=(4, 4))
        one = StartingPoints.on_stable_set(target, 1, 5, 0)
        two = StartingPoints.on_stable_set(target, 2, 5, 0)
        assert_same_bits(one, two)
        assert (one.alpha(target)[:, 1:] != 0).all()

    def test_the_last_saddle_of_a_square_target_is_never_the_origin(self):
        target = Target([2.0, 1.0], shape=(2, 2))
        starts = StartingPoints.on_stable_set(target, 1, 1000, 0)
        assert_array_equal(starts.a[:, 1], starts.b[:, 1])
        assert (starts.a[:, 1] > 0).any()
        assert (starts.a[:, 1] < 0).any()

    def test_a_start_does_not_depend_on_how_many_follow(self):
        target = Target([3.0, 2.0, 1.0], shape=(4, 3))
        many = StartingPoints.on_stable_set(target, 2, 50, 3)
        assert_same_bits(StartingPoints.on_stable_set(target, 2, 8, 3), many[:8])


class TestFromVectors:
    def test_rotated_starts_have_the_same_end_to_end_matrix(self):
        known, target = rotated_target([3.0, 2.0, 1.0], (4, 3))
        starts = StartingPoints.sample(known, 20, 0)
        u, v = starts.a @ known.left.T, starts.b @ known.right.T
        seen = StartingPoints.from_vectors(target, u, v, starts.s)
        expected = np.einsum("m,mi,mj->mij", starts.s, u, v)
        again = seen.a @ target.left.T, seen.b @ target.right.T
        matrices = np.einsum("m,mi,mj->mij", seen.s, *again)
        assert_allclose(matrices, expected, rtol=0, atol=20 * EPS)

    @pytest.mark.parametrize("values", [[3.0, 2.0, 1.0], [2.0, 1.001, 1.0], [1.0 + 1e-5, 1.0, 0.5]])
    def test_coordinate_error_bounds_what_rotation_makes_of_zero(self, values):
        known, target = rotated_target(values, (4, 3))
        starts = StartingPoints.on_stable_set(known, 2, 200, 0)
        u, v = starts.a @ known.left.T, starts.b @ known.right.T
        # Their rounding is part of the input and within the bound as well.
        seen = StartingPoints.from_vectors(target, u, v, starts.s)
        alpha = np.abs(seen.alpha(target)[:, 0])
        assert (alpha <= 2 * seen.coordinate_error).all()
        assert (alpha > 0).mean() > 0.5


ON_SADDLES = [case for case in STABLE_SETS if case[1] != "origin"]


class TestNearStableSet:
    @pytest.mark.parametrize(("target", "limit"), ON_SADDLES)
    @pytest.mark.parametrize("alpha", [0.3, -1e-3, 1e-9, -1e-16, 1e-200])
    def test_alpha_is_what_is_asked_for_and_other_zeros_are_exact(self, target, limit, alpha):
        starts = StartingPoints.near_stable_set(target, limit, alpha, 500, 5)
        m = leading_size(target, limit)
        found = starts.alpha(target)
        assert_allclose(found[:, 0], alpha, rtol=1e-6)
        assert_array_equal(found[:, 1:m], 0.0)
        for vectors in (starts.a, starts.b):
            assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= 4 * EPS
        # Nothing but α_1 keeps them from the saddle.
        assert (limits(target, starts).value == target.singular_values[0]).all()

    def test_every_mode_above_the_limit_may_have_its_own_alpha(self):
        target = Target([4.0, 3.0, 2.0, 1.0], shape=(5, 4))
        alpha = [[1e-3, 0.0, 1e-2], [0.0, -1e-4, 0.0], [0.0, 0.0, 0.0]]
        starts = StartingPoints.near_stable_set(target, 3, alpha, 3, 0)
        assert_allclose(starts.alpha(target)[:, :3], alpha, rtol=1e-6, atol=0)
        assert_array_equal(limits(target, starts).value, [4.0, 3.0, 1.0])

    def test_they_are_starts_of_the_stable_set_moved_by_about_alpha(self):
        target = Target([3.0, 2.0, 1.0], shape=(4, 3))
        on = StartingPoints.on_stable_set(target, 2, 200, 7)
        near = StartingPoints.near_stable_set(target, 2, 1e-9, 200, 7)
        assert_array_equal(near.s, on.s)
        assert_array_equal(near.a, on.a)
        # The norm is restored by entries as small as the draw made them.
        rest = np.linalg.norm(on.b[:, 2:], axis=1)
        assert (np.linalg.norm(near.b - on.b, axis=1) <= 2e-9 / rest).all()

    def test_the_origin_is_visited_where_null_directions_leave_room(self):
        target = Target([2.0, 1.0], shape=(3, 4))
        starts = StartingPoints.near_stable_set(target, "origin", 1e-6, 20, 0)
        assert_allclose(starts.alpha(target)[:, 0], 1e-6, rtol=1e-6)
        assert_array_equal(starts.alpha(target)[:, 1], 0.0)


class TestLayers:
    @settings(deadline=None, max_examples=40)
    @given(
        widths=st.lists(st.integers(1, 5), min_size=1, max_size=7),
        s=st.sampled_from([1e-200, 1e-6, 1.0, 1e4]),
        seed=st.integers(0, 2**32 - 1),
        rotate=st.booleans(),
    )
    def test_layers_are_balanced_and_lead_back_to_the_start(self, widths, s, seed, rotate):
        plain = Target([3.0, 2.0, 1.0], shape=(4, 3))
        target = rotated_target([3.0, 2.0, 1.0], (4, 3))[1] if rotate else plain
        starts = StartingPoints.sample(target, 3, seed, s=s)
        depth = len(widths) + 1
        layers = starts.layers(1, depth, widths, seed, target=target)
        assert [layer.shape[0] for layer in layers] == [*widths, 4]
        for before, after in pairwise(layers):
            scale = np.sum(before**2)
            assert_allclose(after.T @ after, before @ before.T, rtol=0, atol=10 * EPS * scale)
        product = np.eye(3)
        for layer in layers:
            product = layer @ product
        u, v = target.left @ starts.a[1], target.right @ starts.b[1]
        # The power s^{1/N} and the logarithm of s both turn rounding into eps |log s|.
        relative = 10 * depth * EPS * max(1, abs(np.log(s)))
        assert_allclose(product, s * np.outer(u, v), rtol=0, atol=relative * s)
        back = StartingPoints.from_layers(target, layers)
        sign = np.sign(back.a[0] @ starts.a[1])
        bound = back.coordinate_error[0]
        assert np.abs(sign * back.a[0] - starts.a[1]).max() <= bound
        assert np.abs(sign * back.b[0] - starts.b[1]).max() <= bound
        assert_allclose(back.s, s, rtol=relative)

    def test_one_width_for_all_and_singular_coordinates_by_default(self):
        target = rotated_target([3.0, 2.0], (3, 2))[1]
        starts = StartingPoints.sample(target, 2, 0)
        layers = starts.layers(0, 4, 1, 0)
        assert [layer.shape for layer in layers] == [(1, 2), (1, 1), (1, 1), (3, 1)]
        product = np.linalg.multi_dot(layers[::-1])
        expected = starts.s[0] * np.outer(starts.a[0], starts.b[0])
        assert_allclose(product, expected, rtol=0, atol=20 * EPS)

    def test_imbalance_within_tolerance_adds_to_the_uncertainty(self):
        target = Target([3.0, 2.0], shape=(3, 2))
        layers = StartingPoints.sample(target, 1, 0).layers(0, 3, 2, 0)
        exact = StartingPoints.from_layers(target, layers)
        layers[1] = layers[1] * (1 + 1e-12)
        off = StartingPoints.from_layers(target, layers)
        # The Gram matrix of the scaled layer is off by 2e-12.
        added = off.coordinate_error[0] - exact.coordinate_error[0]
        assert_allclose(added, 2e-12, rtol=1e-2)

    def test_layers_of_single_precision_lead_back_to_single_precision(self):
        target = rotated_target([3.0, 2.0, 1.0], (4, 3))[1]
        starts = StartingPoints.sample(target, 1, 0)
        exact = starts.layers(0, 3, [5, 1], 0, target=target)
        single = [layer.astype(np.float32) for layer in exact]
        back = StartingPoints.from_layers(target, single)
        sign = np.sign(back.a[0] @ starts.a[0])
        error = np.abs(sign * back.a[0] - starts.a[0]).max()
        # Three layers, each rounded to 6e-8 of its entries.
        assert 1e-9 < error < 4 * 6e-8
        assert error <= back.coordinate_error[0] < 1e-5
        assert_allclose(back.s, starts.s, rtol=4 * 6e-8)
        # The same numbers are not balanced to double precision.
        with pytest.raises(ValueError, match=r"(balanced|rank one) to 1e-10, got"):
            StartingPoints.from_layers(target, [layer.astype(float) for layer in single])
        mixed = [single[0], *(layer.astype(float) for layer in single[1:])]
        assert_same_bits(StartingPoints.from_layers(target, mixed), back)

    def test_a_framework_s_tensors_are_layers(self):
        class Tensor:
            def __init__(self, values):
                self.values = np.asarray(values, np.float32)

            def __array__(self, dtype=None, copy=None):
                return self.values.astype(dtype or np.float32)

        target = Target([2.0, 1.0], shape=(2, 2))
        weights = [np.array([[0.5, 0.0]]), np.array([[0.25], [0.0]]) * 2]
        expected = StartingPoints.from_layers(target, weights)
        assert_same_bits(StartingPoints.from_layers(target, map(Tensor, weights)), expected)
        unbalanced = [Tensor(weights[0]), Tensor(2 * weights[1])]
        message = (
            r"^layers must be balanced to 1.2e-05 \(100 times the rounding of float32\), got a"
        )
        with pytest.raises(ValueError, match=message):
            StartingPoints.from_layers(target, unbalanced)


UNIT = [[0.6, 0.8]]
SQUARE = Target([2.0, 1.0], shape=(2, 2))
LOW = Target([1.0], shape=(3, 2))
START = StartingPoints(UNIT, UNIT, 1.0)

# Each returns a call with further arguments, to be made later.
given = partial(partial, StartingPoints)
sampled = partial(partial, StartingPoints.sample, SQUARE)
on_stable_set = partial(partial, StartingPoints.on_stable_set, SQUARE)
vectors = partial(partial, StartingPoints.from_vectors, LOW)
near_set = partial(partial, StartingPoints.near_stable_set)
built = partial(partial, START.layers, 0)
joined = partial(partial, StartingPoints.concatenate)
grid = partial(partial, StartingPoints.grid)


def layers(*weights):
    return partial(StartingPoints.from_layers, Target([1.0], (2, 2)), weights)


OTHER_SHAPE = r"starts must have the target's shape \(d_y, d_x\) = \(3, 2\), got \(2, 2\); make"
WIDTHS = r"widths must hold depth - 1 = 2 positive .* got \[.*; give"

BAD_VALUES = [
    (given([[0.6, 0.9]], UNIT, 1.0), r"a must hold unit vectors to 1e-12, got .*0.0817.*divide"),
    (given(UNIT, [[0.6, 0.8 + 1e-9]], 1.0), r"b must hold unit .* 1 \+8e-10 in row 0; divide by"),
    (given([[np.nan, 0.8]], UNIT, 1.0), r"a must be finite, got nan at \[0, 0\]; repair"),
    (given(UNIT, [[0.6, np.inf]], 1.0), r"b must be finite, got inf at \[0, 1\]; repair"),
    (given(UNIT[0], UNIT, 1.0), r"a must have 2 dimensions, got shape \(2,\); reshape"),
    (given(UNIT * 2, UNIT, 1.0), r"a and b must have one row per start, got 2 and 1 rows; pair"),
    (given(UNIT * 2, UNIT * 2, [1.0]), r"s must have one entry .*, got 1 for 2 starts; pair"),
    (given(UNIT * 2, UNIT * 2, [1.0, 0.0]), r"s must be positive, got s\[1\] = 0.0; put"),
    (given(UNIT, UNIT, -2.0), r"s must be positive, got s\[0\] = -2.0; put"),
    (given(UNIT, UNIT, np.inf), r"s must be finite, got inf"),
    (given(UNIT, UNIT, [np.nan]), r"s must be finite, got nan at \[0\]"),
    (given(UNIT, UNIT, 1.0, -1e-9), r"coordinate_error must not be negative, got .* = -1e-09; g"),
    (partial(START.alpha, LOW), OTHER_SHAPE),
    (partial(START.beta, LOW), OTHER_SHAPE),
    (partial(START.rho, LOW), OTHER_SHAPE),
    (built(2, 1, 0, target=LOW), OTHER_SHAPE),
    (
        joined([START, StartingPoints.sample(LOW, 1, 0)]),
        r"got \[\(2, 2\), \(3, 2\)\]; concatenate for each target",
    ),
    (joined([]), r"parts must have one shape \(d_y, d_x\), got \[\]"),
    (sampled(3, 0, first=-1), r"first must be a non-negative integer, got -1; give a number"),
    (
        sampled(3, np.random.default_rng(0), first=5),
        r"first must be 0 for a generator, .* got 5; give a seed",
    ),
    (on_stable_set(2, 5, 0), r'limit must be "origin" or the index .* 0 to 1, got 2; count from 0'),
    (on_stable_set(-1, 5, 0), r"limit must be .* got -1"),
    (on_stable_set("saddle", 5, 0), r"limit must be .* got 'saddle'"),
    (on_stable_set(1.0, 5, 0), r"limit must be .* got 1.0"),
    (
        on_stable_set(0, 5, 0),
        r"limit must be a saddle, got 0, whose singular value 2 .*; use sample",
    ),
    (
        partial(StartingPoints.on_stable_set, Target([2.0, 2.0], (2, 2)), 1, 5, 0),
        r"limit must be a saddle, got 1, whose .* value 2 is the largest",
    ),
    (
        grid(LOW, 4, 1.0),
        r"target must have shape \(2, 2\) for a grid .* got \(3, 2\); use sample",
    ),
    (grid(SQUARE, 0, 1.0), r"n must be at least 1, got 0; give"),
    (
        vectors(UNIT, UNIT, 1.0),
        r"u must have 3 columns for a target of shape \(3, 2\), got shape \(1, 2\); g",
    ),
    (vectors([[1.0, 0, 0]], [[1.0]], 1.0), r"v must have 2 columns .* got shape \(1, 1\); give"),
    (vectors([[1.0, 1.0, 0]], UNIT, 1.0), r"u must hold unit vectors"),
    (layers([[1.0, 0.0]]), r"layers must be at least 2 matrices, got 1; give W_1"),
    (
        layers([[1.0]], [[1.0]]),
        r"layers\[0\] must have 2 columns to follow .* got shape \(1, 1\); g",
    ),
    (
        layers([[1.0, 0.0]], np.ones((2, 2))),
        r"layers\[1\] must have 1 columns .* got shape \(2, 2\)",
    ),
    (layers([[1.0, 0.0]], [[1.0]]), r"layers\[1\] must have 2 rows .* \(2, 2\), got 1; give W_N"),
    (layers([[0.0, 0.0]], [[1.0], [0]]), r"layers\[0\] must not be zero, got zeros .*; leave out"),
    (layers([[1.0, np.nan]], [[1.0], [0]]), r"layers\[0\] must be finite, got nan at \[0, 1\]"),
    # Gram matrices 1 and 4: off by 3/4 of the larger.
    (
        layers([[1.0, 0.0]], [[2.0], [0.0]]),
        r"balanced to 1e-10, got a relative imbalance of 0.75 between layers\[0\] and .*; the",
    ),
    # Balanced, with singular values 2 and 1.
    (
        layers(np.diag([2.0, 1.0]), np.diag([2.0, 1.0])),
        r"of rank one to 1e-10, got a second singular value of 0.5 times .* layers\[0\]; use",
    ),
    (near_set(SQUARE, 1, 1.5, 1, 0), r"alpha must leave room .* in start 0; choose a smaller"),
    (near_set(SQUARE, 1, [0.1, 0.2], 1, 0), r"alpha must be one number or .* \(1, 1\) .*\(2,\); g"),
    (near_set(SQUARE, 1, np.nan, 1, 0), r"alpha must be finite, got nan"),
    (near_set(SQUARE, "origin", 0.1, 1, 0), r"alpha must leave room .*for the origin a target w"),
    (near_set(SQUARE, 0, 0.1, 1, 0), r"limit must be a saddle, got 0"),
    (built(1, [2], 0), r"depth must lie in 2..1000000, got 1; pass the number of"),
    (built(3, [2], 0), WIDTHS),
    (built(3, [1, 2, 3], 0), WIDTHS),
    (built(3, [1, 0], 0), WIDTHS),
    (built(3, 0, 0), WIDTHS),
]

# What both random constructions refuse.
BAD_DRAWS = [
    (ValueError, (-1, 0), {}, r"size must be a non-negative integer, got -1; give a number"),
    (
        ValueError,
        (2, 0),
        {"s": (1.0, 0.1)},
        r"s must be .* 0 < low <= high, got \(1.0, 0.1\); order",
    ),
    (ValueError, (2, 0), {"s": 0.0}, r"s must be a positive number .* got 0.0"),
    (ValueError, (2, 0), {"s": (0.1, np.inf)}, r"s must be .* got \(0.1, inf\)"),
    (ValueError, (2, 0), {"s": (0.1, np.nan)}, r"s must be .* got \(0.1, nan\)"),
    (TypeError, (2.0, 0), {}, r"size must be a non-negative integer, got 2.0"),
    (TypeError, (2, None), {}, r"rng must be a numpy.random.Generator or .* got None; only then"),
    (TypeError, (2, -3), {}, r"rng must be .* non-negative integer seed, got -3"),
    (TypeError, (2, True), {}, r"rng must be .* got True"),
]


@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        *((ValueError, *case) for case in BAD_VALUES),
        (TypeError, given(UNIT, UNIT, "1e-8"), r"s must hold real .*, got dtype <U4; convert"),
        *(
            (error, draw(*arguments, **options), message)
            for error, arguments, options, message in BAD_DRAWS
            for draw in (sampled, partial(on_stable_set, 1))
        ),
    ],
)
def test_what_is_wrong_is_refused(error, call, message):
    with pytest.raises(error, match=message):
        call()
