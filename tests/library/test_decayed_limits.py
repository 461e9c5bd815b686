"""Fates with weight decay, against independent integrations, elementary cases and a law."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import bisect

from dlnpaper import StartingPoints, Target, integrate, limits, shrinkage, thresholds
from tests.library.problems import energy

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
ORIGIN, SADDLE, GLOBAL, LOCAL = range(4)


def boundary(target, starts, depth, weight_decay):
    """Bisect for the s_0 from which on the limit is positive, between 1e-18 and 1e9."""
    low, high = np.full(len(starts), 1e-18), np.full(len(starts), 1e9)
    for _ in range(75):
        middle = np.sqrt(low * high)
        options = {"depth": depth, "weight_decay": weight_decay}
        found = limits(target, StartingPoints(starts.a, starts.b, middle), **options)
        stays = found.value.values > 0
        low, high = np.where(stays, low, middle), np.where(stays, middle, high)
    return np.sqrt(low * high)


@pytest.mark.parametrize("depth", [2, 3, 4, 8])
def test_an_independent_integration_meets_the_fate(depth):
    mu = 0.3
    starts = StartingPoints.concatenate(
        [
            StartingPoints.sample(TARGET, 20, rng=0, s=(0.01, 4.0)),
            StartingPoints.on_stable_set(TARGET, 1, 5, rng=0, s=(0.1, 4.0)),
            StartingPoints.on_stable_set(TARGET, "origin", 3, rng=0, s=(0.1, 4.0)),
        ]
    )
    found = limits(TARGET, starts, depth=depth, weight_decay=mu)
    path = integrate(TARGET, depth, starts, [40.0], weight_decay=mu, variables=("s", "a", "b"))
    s, matrix = path.s.values[:, 0], path.s * path.a * path.b
    # What is left of a rate of at least 0.3 by then, and the error of the integration.
    np.testing.assert_allclose(s, found.value, rtol=0, atol=2e-5)
    distance = np.abs(matrix.isel(time=0) - found.value * found.a * found.b)
    assert distance.max() < 1e-2
    assert not found.within_rounding.any()
    assert (found.kind[:20] != SADDLE).all()
    assert (found.kind[25:] == ORIGIN).all()
    if depth > 2:
        assert 0 < (found.kind[:20] == ORIGIN).sum() < 20


@pytest.mark.parametrize("depth", [3, 4, 9])
def test_the_boundary_of_one_mode_is_its_unstable_point(depth):
    mu, q = 0.4, 1 - 2 / depth
    target = Target([2.0], (1, 1))
    options = {"xtol": 1e-15, "rtol": 1e-15}
    log_s = bisect(lambda z: np.exp(q * z) * (2 - np.exp(z)) - mu, -30, np.log(q), **options)
    s = np.exp(log_s) * (1 + np.array([-1e-12, 0.0, 1e-12]))
    found = limits(
        target, StartingPoints([[1.0]] * 3, [[1.0]] * 3, s), depth=depth, weight_decay=mu
    )
    assert found.within_rounding.values.tolist() == [False, True, False]
    np.testing.assert_array_equal(found.rank_stable[[0, 2]], [False, True])
    limit = shrinkage(2.0, depth, mu, rule="large_start").item()
    assert found.value[2].item() == pytest.approx(limit, rel=1e-15)
    # Undecided or not, the computed trajectories change sides within a few roundings of it.
    edge = boundary(target, StartingPoints([[1.0]], [[1.0]], 1.0), depth, mu)
    np.testing.assert_allclose(edge, np.exp(log_s), rtol=1e-14)


@pytest.mark.parametrize("depth", [3, 4, 7])
def test_the_boundary_of_small_starts_is_an_integral_over_their_directions(depth):
    # While s << c, x = s^q obeys x' = q N (c x - μ) in τ, so x_0 = (N - 2) μ ∫ E^-(N-2)/2 is the
    # least that never reaches zero.
    starts = StartingPoints.sample(TARGET, 6, rng=1)
    q = 1 - 2 / depth
    integral = np.array(
        [
            quad(lambda tau, i=i: energy(TARGET, starts[i : i + 1], np.array([[tau]])).item()
                 ** (1 - depth / 2), 0, np.inf, epsabs=1e-10, limit=200)[0]
            for i in range(6)
        ]
    )  # fmt: skip
    misses = []
    for mu in (1e-2, 1e-3, 1e-4):
        law = ((depth - 2) * mu * integral) ** (1 / q)
        misses.append(np.abs(boundary(TARGET, starts, depth, mu) / law - 1).max())
    # What the law leaves out is of the order of s/c.
    assert misses[2] < 0.02
    assert misses[2] < 0.35 * misses[1] < 0.35 * misses[0]


@pytest.mark.parametrize("depth", [3, 5])
def test_starts_beside_the_boundary_go_to_its_two_sides(depth):
    mu = 0.3
    starts = StartingPoints.sample(TARGET, 8, rng=2)
    edge = boundary(TARGET, starts, depth, mu)
    inside = np.isfinite(edge) & (edge < 1e8)
    assert inside.sum() >= 4
    starts, edge = starts[np.flatnonzero(inside)], edge[inside]
    for side in (-1, 1):
        # The integration adds up errors of 1e-12 a step.
        beside = StartingPoints(starts.a, starts.b, edge * (1 + side * 1e-7))
        path = integrate(TARGET, depth, beside, [60.0], weight_decay=mu, rtol=1e-12)
        assert ((path.s.values[:, 0] > 0.1) == (side > 0)).all()
    on = StartingPoints(starts.a, starts.b, edge)
    found = limits(TARGET, on, depth=depth, weight_decay=mu)
    assert found.within_rounding.all()


@pytest.mark.parametrize("depth", [3, 4, 6])
def test_the_kind_says_whether_the_limit_is_the_best(depth):
    edges = thresholds(depth, 0.4)
    between = 0.5 * (edges.sigma_collapse.item() + edges.sigma_global.item())
    for sigma, kind, best in (
        (0.99 * edges.sigma_collapse.item(), ORIGIN, True),
        (between, LOCAL, False),
        (1.01 * edges.sigma_global.item(), GLOBAL, True),
    ):
        start = StartingPoints([[1.0, 0.0]], [[1.0, 0.0]], 3.0)
        found = limits(Target([sigma, 0.1], (2, 2)), start, depth=depth, weight_decay=0.4)
        assert found.kind.item() == kind
        assert found.global_minimizer_convergent.item() == best
        assert found.kind_name.item() == found.kind.flag_meanings.split()[kind]
    small = StartingPoints([[1.0, 0.0]], [[1.0, 0.0]], 1e-3)
    found = limits(Target([between, 0.1], (2, 2)), small, depth=depth, weight_decay=0.4)
    assert found.kind.item() == ORIGIN
    assert found.global_minimizer_convergent.item()


def test_two_layers_soften_the_singular_value_of_the_mode():
    starts = StartingPoints.concatenate(
        [StartingPoints.sample(TARGET, 2, rng=3), StartingPoints.on_stable_set(TARGET, 2, 2, rng=3)]
    )
    for mu, values, kinds in (
        (0.4, [2.6, 2.6, 0.6, 0.6], [GLOBAL, GLOBAL, SADDLE, SADDLE]),
        (1.5, [1.5, 1.5, 0.0, 0.0], [GLOBAL, GLOBAL, ORIGIN, ORIGIN]),
        (3.0, [0.0] * 4, [ORIGIN] * 4),
    ):
        found = limits(TARGET, starts, depth=2, weight_decay=mu)
        np.testing.assert_allclose(found.value, values, rtol=1e-15)
        assert found.kind.values.tolist() == kinds


def test_the_threshold_itself_is_undecided():
    sigma = thresholds(3, 0.4).sigma_collapse.item()
    start = StartingPoints([[1.0]], [[1.0]], 5.0)
    found = limits(Target([sigma], (1, 1)), start, depth=3, weight_decay=0.4)
    assert found.within_rounding.all()


def test_any_decay_above_the_threshold_is_certain_collapse():
    starts = StartingPoints.sample(TARGET, 4, rng=5, s=(1e-250, 1e250))
    for mu in (10.0, 1e100, 1e300):
        found = limits(TARGET, starts, depth=4, weight_decay=mu)
        assert (found.value == 0).all()
        assert not found.within_rounding.any()


def test_no_decay_changes_nothing_at_any_depth():
    starts = StartingPoints.sample(TARGET, 5, rng=4)
    assert limits(TARGET, starts, depth=3).identical(limits(TARGET, starts))


def test_bad_arguments_are_refused_in_one_sentence():
    starts = StartingPoints.sample(TARGET, 1, rng=0)
    for options, sentence in (
        (
            {"weight_decay": 0.1},
            "depth must be given with weight_decay = 0.1, got None; pass the number of layers",
        ),
        (
            {"depth": 3, "weight_decay": -1.0},
            "weight_decay must be finite and at least 0, got -1.0; 0 is no weight decay",
        ),
        ({"depth": 1}, "depth must lie in 2..1000000, got 1; pass the number of layers"),
    ):
        with pytest.raises(ValueError, match=r".") as caught:
            limits(TARGET, starts, **options)
        assert str(caught.value) == sentence
