"""Limits against an independent integration, and takeover times against a matrix exponential."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.linalg import expm

from dlnpaper import StartingPoints, Target, integrate, limits
from tests.library.problems import REFERENCE, random_bases

ORIGIN, SADDLE, MINIMIZER = 0, 1, 2

TARGETS = [
    Target([3.0, 2.0, 1.0], (3, 3)),
    Target([3.0, 2.0, 1.0], (5, 4)),
    Target([2.0, 2.0, 1.0, 1.0], (4, 5)),
    Target([3.0, 1.5, 1.5, 0.0], (4, 4)),
    Target([2.0, 2.0], (2, 3)),
    Target([1.5], (1, 2)),
    Target([1.5], (3, 2)),
]


def constructed_and_sampled_starts(target, seed=0):
    """Three sampled starts, three on the stable set of each saddle, three that go to the origin."""
    saddles = [group.start for group in target.groups[1:]]
    parts = [StartingPoints.sample(target, 3, seed, s=(0.1, 1.0))]
    for limit in [*saddles, "origin"]:
        parts.append(StartingPoints.on_stable_set(target, limit, 3, seed, s=(0.1, 1.0)))
    kinds = [MINIMIZER] + [SADDLE] * len(saddles) + [ORIGIN]
    values = [target.singular_values[0], *target.singular_values[saddles], 0.0]
    return StartingPoints.concatenate(parts), np.repeat(kinds, 3), np.repeat(values, 3)


@pytest.mark.parametrize("target", TARGETS, ids=repr)
def test_every_family_has_its_kind_and_value(target):
    starts, kinds, values = constructed_and_sampled_starts(target)
    found = limits(target, starts)
    assert_array_equal(found.kind, kinds)
    assert_array_equal(found.value, values)
    assert_array_equal(found.rank_stable, kinds != ORIGIN)
    assert_array_equal(found.global_minimizer_convergent, kinds == MINIMIZER)
    assert not found.within_rounding.any()


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("target", TARGETS, ids=repr)
def test_an_independent_integration_ends_at_the_limit(target, depth):
    starts, kinds, _ = constructed_and_sampled_starts(target)
    found, times = limits(target, starts), np.array([1.0, 20.0, 150.0, 2000.0])
    path = integrate(target, depth, starts, times, variables=("s", "a", "b"))
    end = path.sel(time=150.0)
    away = end.s * end.a * end.b - found.value * found.a * found.b
    # The solver's tolerance 1e-10, accumulated; what is left of the decay is below e^{-50}.
    assert np.abs(away[kinds != ORIGIN]).max() < 1e-7
    # At the origin c ≤ 0 throughout, so that y = 1/s has y' ≥ N y^{-(1 - 2/N)} and s at most this.
    q, ends = 2 - 2 / depth, kinds == ORIGIN
    bound = (starts.s[ends, None] ** -q + 2 * (depth - 1) * times) ** (-1 / q)
    assert (path.s.values[ends] <= bound * (1 + 1e-7)).all()
    assert not found.a[ends].any()
    assert not found.b[ends].any()


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: f"{case['family']}-{case['depth']}")
def test_trajectories_of_40_digits_approach_the_limit_from_escape_tau_on(case):
    a, b = np.array(case["a_t"]), np.array(case["b_t"])
    target = Target(case["singular_values"], (a.shape[1], b.shape[1]))
    found = limits(target, StartingPoints([case["a"]], [case["b"]], case["s0"]))
    if found.kind == ORIGIN:
        assert case["c"][-1] <= 0
        return
    # Every other part of p and q falls against the leading one by e^{-gap} per unit of τ at least.
    value = found.value.item()
    gap = value - max(target.singular_values[target.singular_values < value], default=0.0)
    waited = np.array(case["tau"]) - found.escape_tau.item()
    parts = 2 * len(target.groups) + 2
    bound = 2 * parts * np.exp(-gap * waited) + 1e-15
    assert (np.linalg.norm(a - found.a.values, axis=1) <= bound).all()
    assert (np.linalg.norm(b - found.b.values, axis=1) <= bound).all()


@pytest.mark.parametrize("target", TARGETS, ids=repr)
def test_group_takes_the_lead_at_escape_tau(target):
    starts, kinds, _ = constructed_and_sampled_starts(target)
    found = limits(target, starts)
    waited = 0
    for i in np.flatnonzero(kinds != ORIGIN):
        escape = found.escape_tau.values[i]
        lead = found.value.values[i]
        assert leads(target, starts, i, lead, escape + 1e-6)
        assert leads(target, starts, i, lead, escape + 1.0)
        if escape > 0:
            waited += 1
            assert not leads(target, starts, i, lead, escape - 1e-6)
    assert waited > 0 or target.rank == 1
    assert_array_equal(found.escape_tau[kinds == ORIGIN], 0.0)


def leads(target, starts, index, lead, tau):
    """Whether the group of the singular value ``lead`` has the largest part of E(τ).

    From p and q themselves: the linear flow p' = Z q, q' = Zᵀ p by a matrix exponential.
    """
    d_y, d_x = target.shape
    flow = np.block(
        [[np.zeros((d_y, d_y)), target.matrix], [target.matrix.T, np.zeros((d_x, d_x))]]
    )
    state = expm(flow * tau) @ np.concatenate([starts.a[index], starts.b[index]])
    p, q, r = state[:d_y], state[d_y:], target.rank
    same = target.singular_values[:, None] == np.unique(target.singular_values)
    growing = (p[:r] + q[:r]) ** 2 @ same
    falling = (p[:r] - q[:r]) ** 2 @ same
    null = 2 * (np.sum(p[r:] ** 2) + np.sum(q[r:] ** 2))
    is_lead = np.unique(target.singular_values) == lead
    return growing[is_lead][0] >= max(growing[~is_lead].max(initial=0), falling.max(), null)


@pytest.mark.parametrize("alpha", [1e-3, 1e-6, 1e-9, 1e-200, 5e-324])
def test_near_saddle_starts_leave_late_but_leave(alpha):
    target = Target([3.0, 2.0], (2, 2))
    other = np.sqrt(1 - alpha**2)
    found = limits(target, StartingPoints([[alpha, other]], [[0.0, 1.0]], 0.1))
    assert found.kind == MINIMIZER
    assert_array_equal(found.a, [[1.0, 0.0]])
    # α_1 e^{3τ} = α_2 e^{2τ} with α_2 = 1 + other, to the rounding of logarithms.
    assert_allclose(found.escape_tau, np.log(1 + other) - np.log(alpha), rtol=1e-14)


def test_of_one_by_one_starts_half_go_to_the_origin():
    vectors = [[1.0], [1.0], [-1.0], [-1.0]], [[1.0], [-1.0], [1.0], [-1.0]]
    found = limits(Target([1.5], (1, 1)), StartingPoints(*vectors, 0.1))
    assert_array_equal(found.kind, [MINIMIZER, ORIGIN, ORIGIN, MINIMIZER])


def test_with_equal_singular_values_the_limit_is_a_continuum():
    # docs/theory.md, section 8: the direction within the tie is that of α from the start.
    target = Target([2.0, 2.0, 1.0], (3, 3))
    angle = np.linspace(0.0, 3.0, 7)
    circle = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(7)])
    vectors = 0.6 * circle + [0, 0, 0.8]
    found = limits(target, StartingPoints(vectors, vectors, 1.0))
    for vectors in (found.a, found.b):
        assert_allclose(vectors, circle, rtol=0, atol=1e-15)
    assert (found.kind == MINIMIZER).all()


def test_symmetries_of_signs():
    # docs/theory.md, section 2.
    target = Target([3.0, 2.0, 2.0, 1.0], (5, 4))
    starts, *_ = constructed_and_sampled_starts(target)
    found = limits(target, starts)
    mirrored = limits(target, StartingPoints(-starts.a, -starts.b, starts.s))
    assert mirrored.equals(found.assign(a=-found.a, b=-found.b))
    signs = np.array([1, -1, 1, -1, 1])
    flipped = limits(target, StartingPoints(starts.a * signs, starts.b * signs[:4], starts.s))
    assert flipped.equals(found.assign(a=found.a * signs, b=found.b * signs[:4]))


def test_limits_do_not_depend_on_the_scale_of_the_target():
    one, million = Target([3.0, 2.0, 1.0], (4, 3)), Target([3e6, 2e6, 1e6], (4, 3))
    starts, *_ = constructed_and_sampled_starts(one)
    found, scaled = limits(one, starts), limits(million, starts)
    assert_array_equal(scaled.kind, found.kind)
    assert_array_equal(scaled.a, found.a)
    assert_allclose(scaled.escape_tau * 1e6, found.escape_tau, rtol=1e-13)


class TestWithinRounding:
    target = Target([3.0, 2.0, 1.0], (3, 3))

    @pytest.mark.parametrize(
        ("alpha", "error", "undecided"),
        [
            (2e-12, 0.0, False),
            (2e-12, 0.99e-12, False),
            (2e-12, 1e-12, True),
            (0.0, 0.0, False),
            (0.0, 1e-16, True),
        ],
    )
    def test_it_compares_alpha_with_twice_the_uncertainty(self, alpha, error, undecided):
        starts = StartingPoints([[alpha, 1.0, 0.0]], [[0.0, 1.0, 0.0]], 1.0, error)
        found = limits(self.target, starts)
        assert found.within_rounding.item() is undecided
        assert found.kind == (MINIMIZER if alpha else SADDLE)

    def test_origin_starts_are_decided_only_where_exact(self):
        exact = StartingPoints.on_stable_set(self.target, "origin", 4, 0)
        uncertain = StartingPoints(exact.a, exact.b, exact.s, 1e-15)
        assert not limits(self.target, exact).within_rounding.any()
        assert limits(self.target, uncertain).within_rounding.all()

    def test_a_rotated_saddle_is_undecided_and_a_rotated_sample_is_not(self):
        left, right = random_bases((3, 3), seed=3)
        rotated = Target.from_matrix(left * self.target.singular_values @ right.T)
        saddle = StartingPoints.on_stable_set(self.target, 1, 100, 0)
        sample = StartingPoints.sample(self.target, 100, 0)
        for starts, undecided in ((saddle, True), (sample, False)):
            seen = StartingPoints.from_vectors(
                rotated, starts.a @ left.T, starts.b @ right.T, starts.s
            )
            assert (limits(rotated, seen).within_rounding == undecided).all()


def test_the_dataset_explains_itself():
    starts = StartingPoints.sample(Target([2.0, 1.0], (3, 2)), 4, 0)
    found = limits(Target([2.0, 1.0], (3, 2)), starts)
    assert dict(found.sizes) == {"start": 4, "left": 3, "right": 2}
    assert found.kind.dtype == np.int8
    assert found.kind.attrs["flag_meanings"] == "origin saddle global_minimizer"
    assert list(found.kind.attrs["flag_values"]) == [ORIGIN, SADDLE, MINIMIZER]
    assert all("long_name" in variable.attrs for variable in found.values())


def test_no_starts_have_no_limits():
    target = Target([2.0, 1.0], (3, 2))
    assert limits(target, StartingPoints.sample(target, 0, 0)).sizes["start"] == 0
