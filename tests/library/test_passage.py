"""First passages and escapes against laws by hand and a reference of many digits."""

import mpmath as mp
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper import StartingPoints, Target, escape_time, first_passage, integrate, limits, solve
from tests.references.high_precision import ExactTrajectory

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 4))
UNIT = np.eye(4)
DEPTHS = [2, 3, 5]


def one_of_each():
    """One start for the global minimizer, a visit on the way to it, a saddle, and the origin."""
    return {
        "global minimizer": StartingPoints.sample(TARGET, 1, 0, s=0.3),
        "large": StartingPoints.sample(TARGET, 1, 1, s=1e6),
        "visit": StartingPoints.near_stable_set(TARGET, 1, 1e-6, 1, 0, s=0.3),
        "saddle": StartingPoints.on_stable_set(TARGET, 2, 1, 0, s=0.3),
        "origin": StartingPoints.on_stable_set(TARGET, "origin", 1, 0, s=0.3),
        "decaying origin": StartingPoints([[0.6, 0.8, 0, 0]], [[-0.6, -0.8, 0, 0]], 0.3),
    }


@pytest.mark.parametrize("share", [0.5, 1e-2, 1e-12])
@pytest.mark.parametrize("s", [1e-6, 0.5, 1e4])
def test_exact_directions_at_depth_two_follow_the_logistic_law(s, share):
    # y = 1/s obeys y' = 2(1 - σ y), and the excess is ½(s - σ)².
    for k, sigma in enumerate(TARGET.singular_values):
        start = StartingPoints(UNIT[[k]], UNIT[[k]], s)
        with mp.workdps(40):
            limit, first = mp.mpf(float(sigma)), mp.mpf(s)
            last = limit + mp.sqrt(share) * (first - limit)
            expected = mp.log((1 / first - 1 / limit) / (1 / last - 1 / limit)) / (2 * limit)
        assert_allclose(first_passage(TARGET, 2, start, excess=share), float(expected), rtol=1e-12)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("s", [1e-20, 1.0, 1e40])
def test_null_directions_decay_by_a_power_of_time(depth, s):
    # s' = -N s^(3 - 2/N) and the excess is ½ s².
    start, share = StartingPoints(UNIT[[3]], UNIT[[3]], s), 1e-4
    power = 2 - 2 / depth
    expected = s**-power * (share ** (-power / 2) - 1) / (depth * power)
    assert_allclose(first_passage(TARGET, depth, start, excess=share), expected, rtol=1e-11)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", one_of_each())
def test_first_passages_agree_with_a_reference_of_30_digits(name, depth):
    start = one_of_each()[name]
    for share in (0.5, 1e-2, 1e-6):
        found = first_passage(TARGET, depth, start, excess=share).item()
        with mp.workdps(30):
            reference = ExactTrajectory(TARGET, depth, start)
            first = reference.state(0.0)["excess"]
            # How far the level is missed, and how far a rounded time may miss it.
            state = reference.state(found)
            missed = abs(state["excess"] / first / share - 1)
            assert missed < 1e-12 + 4e-16 * state["condition"]["excess"]


def test_the_excess_falls_to_its_share_in_integrated_layers():
    start = StartingPoints.sample(TARGET, 1, 3, s=0.3)
    time = first_passage(TARGET, 3, start).item()
    excess = integrate(TARGET, 3, start, [0.0, time], flow="layers").excess.values[0]
    # The integration's error, 1e-10 a step, grows on the way.
    assert_allclose(excess[1] / excess[0], 0.01, rtol=1e-6)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_root_at_an_end_of_the_bracket_is_found(depth):
    # The bracket is a decade; rounding decides on which side of 10 this root is.
    starts = StartingPoints.sample(TARGET, 20, 5, s=0.3)
    for start in starts:
        excess = solve(TARGET, depth, start, [0.0, 10.0]).excess.values[0]
        found = first_passage(TARGET, depth, start, excess=excess[1] / excess[0])
        assert_allclose(found, 10.0, rtol=1e-12)


def test_a_start_alone_is_a_start_among_many():
    starts = StartingPoints.concatenate(
        [StartingPoints.sample(TARGET, 150, 0, s=(1e-5, 10.0)), *one_of_each().values()]
    )
    found = first_passage(TARGET, [2, 4], starts)
    assert found.dims == ("depth", "start")
    assert_array_equal(found.depth, [2, 4])
    for i in (0, 63, 64, 149, 152, 155):
        alone = first_passage(TARGET, 4, starts[i])
        assert_allclose(alone, found.sel(depth=4)[[i]], rtol=1e-12)


def test_conventions_where_there_is_no_root():
    at_limit = StartingPoints(UNIT[[0]], UNIT[[0]], 3.0)
    assert first_passage(TARGET, 3, at_limit).item() == 0.0
    assert first_passage(TARGET, 3, one_of_each()["saddle"], excess=1.0).item() == 0.0
    # By hand, t is of the order of s^(-2 + 2/N) = 1e225.
    beyond = StartingPoints(UNIT[[3]], UNIT[[3]], 1e-150)
    assert first_passage(TARGET, 4, beyond).item() == np.inf
    unresolved = StartingPoints(UNIT[[0]], UNIT[[0]], 1e200)
    both = StartingPoints.concatenate([unresolved, one_of_each()["saddle"]])
    assert np.isnan(first_passage(TARGET, 3, both).values).tolist() == [True, False]
    assert first_passage(TARGET, 3, both[:0]).shape == (0,)


@pytest.mark.parametrize("scale", [1e-100, 1e-3, 1e100])
@pytest.mark.parametrize("depth", [2, 3])
def test_units_change_nothing(scale, depth):
    starts = StartingPoints.sample(TARGET, 3, 0)
    scaled = StartingPoints(starts.a, starts.b, starts.s * scale)
    found = first_passage(Target(scale * TARGET.singular_values, (4, 4)), depth, scaled)
    expected = first_passage(TARGET, depth, starts) * scale ** (2 / depth - 2)
    assert_allclose(found, expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("share", "error", "message"),
    [
        (0.0, ValueError, r"^excess must be above 0 and at most 1, got 0.0; give the share"),
        (1.5, ValueError, r"^excess must be above 0 and at most 1, got 1.5"),
        (np.nan, ValueError, r"^excess must be above 0"),
        ("half", TypeError, r"^excess must be a real number, got 'half'"),
    ],
)
def test_what_is_no_share_is_refused(share, error, message):
    with pytest.raises(error, match=message):
        first_passage(TARGET, 2, one_of_each()["saddle"], excess=share)


@pytest.mark.parametrize("depth", DEPTHS)
def test_escape_times_are_the_times_of_escape_tau(depth):
    starts = StartingPoints.concatenate(
        [
            StartingPoints.near_stable_set(TARGET, 1, 1e-8, 2, 0, s=(1e-3, 10.0)),
            StartingPoints.near_stable_set(TARGET, 2, [[0.0, 1e-7]], 1, 0),
        ]
    )
    tau = limits(TARGET, starts).escape_tau.values
    found = escape_time(TARGET, depth, starts)
    assert (tau > 10).all()
    for i in range(len(starts)):
        with mp.workdps(30):
            expected, _ = ExactTrajectory(TARGET, depth, starts[i]).at(tau[i])
        # α is what the floats add up to, for both.
        assert_allclose(found[i], float(expected), rtol=1e-11)


def test_escape_times_end_visits():
    """Modes 1 and 2 share the trajectory at that time, as the closed form has it."""
    start = StartingPoints.near_stable_set(TARGET, 1, 1e-9, 1, 0)
    time = escape_time(TARGET, 3, start).item()
    state = solve(TARGET, 3, start, [0.5 * time, time, 1.5 * time]).isel(start=0)
    share = (state.a**2).values
    assert_allclose(share[0, 1], 1.0, atol=1e-4)
    assert_allclose(share[1, 0], share[1, 1], rtol=1e-7)
    assert_allclose(share[2, 0], 1.0, atol=1e-4)


def test_what_does_not_visit_escapes_at_once():
    starts = StartingPoints.concatenate(
        [StartingPoints(UNIT[[0]], UNIT[[0]], 0.1), one_of_each()["origin"]]
    )
    found = escape_time(TARGET, [2, 3], starts)
    assert found.dims == ("depth", "start")
    assert_array_equal(found, np.zeros((2, 2)))
