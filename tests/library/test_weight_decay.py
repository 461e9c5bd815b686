"""Trajectories with weight decay: 20-digit references, elementary cases, independent flows."""

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from scipy.optimize import bisect

from dlnpaper import StartingPoints, Target, integrate, solve

REFERENCE = json.loads((Path(__file__).parents[1] / "references" / "weight_decay.json").read_text())
NAMES = [f"{i}-N{case['depth']}" for i, case in enumerate(REFERENCE)]
TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))


def problem(case):
    """Return target, depth, start and times of a reference case."""
    target = Target(case["singular_values"], shape=(len(case["a"]), len(case["b"])))
    start = StartingPoints([case["a"]], [case["b"]], case["s0"])
    return target, case["depth"], start, case["times"]


def scalar(s, sigma=2.0):
    """Return starts with exact directions in the one mode of a target."""
    ones = np.ones((np.size(s), 1))
    return Target([sigma], (1, 1)), StartingPoints(ones, ones, s)


def regularized(result, weight_decay):
    """Return the regularized loss of a trajectory, as a plain sum."""
    depth = result.attrs["depth"]
    return result.loss + 0.5 * depth * weight_decay * np.exp(2 / depth * result.log_s)


@pytest.mark.parametrize("case", REFERENCE, ids=NAMES)
def test_reference_cases_are_met_to_rounding(case):
    result = solve(*problem(case), weight_decay=case["weight_decay"]).isel(start=0)
    sigma = case["singular_values"][0]
    # As without weight decay; where s falls to e^{-82}, its exponent rounds to 1.4e-14.
    np.testing.assert_allclose(result.s, case["s"], rtol=4e-14)
    np.testing.assert_allclose(result.log_s, case["log_s"], rtol=0, atol=4e-14)
    np.testing.assert_allclose(result.alignment, case["c"], rtol=0, atol=4e-15 * sigma)
    np.testing.assert_allclose(result.a, case["a_t"], rtol=0, atol=4e-15)
    np.testing.assert_allclose(result.b, case["b_t"], rtol=0, atol=4e-15)
    np.testing.assert_allclose(result.tau, case["tau"], rtol=1e-14, atol=1e-15 / sigma)
    for actual in (
        np.abs(result.s / case["s"] - 1),
        np.abs(result.a - case["a_t"]).max("left"),
        np.abs(result.b - case["b_t"]).max("right"),
    ):
        assert (actual <= result.error).all()
    assert result.error.max() < 1e-12


@pytest.mark.parametrize("flow", ["induced", "vectors", "layers"])
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_independent_flows_agree(depth, flow):
    drawn = StartingPoints.sample(TARGET, 6, rng=1)
    starts = StartingPoints(drawn.a, drawn.b, np.geomspace(0.005, 4.0, 6))
    times, mu = np.linspace(0.0, 2.0, 9), 0.5
    exact = solve(TARGET, depth, starts, times, weight_decay=mu)
    path = integrate(TARGET, depth, starts, times, weight_decay=mu, flow=flow, rtol=1e-12)
    for name in ("s", "a", "b", "tau", "alignment", "loss", "excess"):
        # Steps are accurate to 1e-12, and their errors add up to a hundred times that.
        np.testing.assert_allclose(path[name], exact[name], rtol=0, atol=1e-9, err_msg=name)
    # Some of these collapse, and some do not.
    assert depth == 2 or 0 < (exact.s[:, -1] < 0.01).sum() < 6


@pytest.mark.parametrize("depth", [3, 4, 10])
def test_a_vanishing_decay_changes_nothing(depth):
    # Two kernels, of which one solves linear equations only. μ t N is of the size of rounding.
    starts = StartingPoints.concatenate(
        [
            StartingPoints.sample(TARGET, 5, rng=2, s=(1e-2, 5.0)),
            StartingPoints.on_stable_set(TARGET, 1, 2, rng=2),
            StartingPoints.on_stable_set(TARGET, "origin", 2, rng=2),
        ]
    )
    times = np.geomspace(1e-3, 10.0, 30)
    plain = solve(TARGET, depth, starts, times)
    decayed = solve(TARGET, depth, starts, times, weight_decay=1e-18)
    np.testing.assert_allclose(decayed.s, plain.s, rtol=1e-12)
    for name in ("a", "b", "alignment", "loss"):
        np.testing.assert_allclose(decayed[name], plain[name], rtol=0, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(decayed.tau, plain.tau, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("depth", [3, 4, 7])
def test_one_mode_takes_the_time_of_a_quadrature(depth):
    # dt = ds / (N s (s^q (σ - s) - μ)), on all sides of the two stationary points; 1.5e-3 off the
    # unstable one the error of s grows a thousandfold, which the estimate must follow.
    mu, q = 0.5, 1 - 2 / depth
    unstable = bisect(lambda s: s**q * (2 - s) - mu, 0.0, 2 * q / (1 + q))
    target, starts = scalar([0.5 * unstable, 0.9985 * unstable, 1.0015 * unstable, 1.0, 5.0])
    times = np.array([0.3, 1.0, 3.0])
    result = solve(target, depth, starts, times, weight_decay=mu)

    def slope(s):
        return depth * s * (s**q * (2 - s) - mu)

    for i, k in np.ndindex(result.s.shape):
        s = result.s.values[i, k]
        elapsed = mp.quad(lambda z: 1 / slope(z), mp.linspace(starts.s[i], s, 9))
        # What the time is off means for s.
        assert abs(elapsed - times[k]) * abs(slope(s)) / s <= result.error.values[i, k]
    assert result.error.max() < 1e-10


def test_two_layers_at_the_threshold_collapse_like_a_power():
    # σ = μ: y' = 2 (1 - (c - μ) y) = 2.
    target, starts = scalar([0.5, 3.0])
    times = np.array([0.0, 1.0, 1e3, 1e9])
    s = solve(target, 2, starts, times, weight_decay=2.0).s.values
    np.testing.assert_allclose(s, 1 / (1 / starts.s[:, None] + 2 * times), rtol=4e-15)


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_a_collapse_goes_on_like_an_exponential_and_its_directions_freeze(depth):
    mu = 3.5  # above σ_1, and so above every threshold
    starts = StartingPoints.sample(TARGET, 4, rng=3, s=(0.1, 3.0))
    times = np.array([20.0, 30.0, 1e3, 1e6])
    result = solve(TARGET, depth, starts, times, weight_decay=mu)
    fall = np.diff(result.log_s) / np.diff(times)
    # Directions go on turning at N = 2, where τ = t, and s falls like e^{-2(μ - σ_1) t}.
    rate = 2 * (mu - 3.0) if depth == 2 else depth * mu
    np.testing.assert_allclose(fall[:, 1:], -rate, rtol=1e-10)
    if depth > 2:
        assert (result.tau.values == result.tau.values[:, :1]).all()
        assert (result.a.values == result.a.values[:, :1]).all()
        assert np.abs(result.a[:, 0] - starts.a).max() > 1e-3
    assert (result.s[:, 3] == 0).all()


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_the_regularized_loss_falls_and_the_excess_is_what_is_left(depth):
    mu = 0.3
    starts = StartingPoints.sample(TARGET, 8, rng=4, s=(0.05, 3.0))
    result = solve(TARGET, depth, starts, [*np.linspace(0, 8, 81), 200.0], weight_decay=mu)
    total = regularized(result, mu).values
    assert (np.diff(total, axis=1) <= 1e-14 * total[:, :-1]).all()
    # The last time is the limit, to rounding.
    np.testing.assert_allclose(result.excess, total - total[:, -1:], rtol=0, atol=2e-14)
    assert (result.excess >= 0).all()


@pytest.mark.parametrize("depth", [2, 3, 8])
def test_a_tiny_excess_keeps_its_digits(depth):
    # With exact directions the excess falls like e^{-2 N g s^q t} in the end, g = s - q (σ - s).
    mu, q = 0.5, 1 - 2 / depth
    target, starts = scalar([1.0, 3.0])
    limit = bisect(lambda s: s + mu * s**-q - 2, 1.0, 2.0)
    rate = 2 * depth * (limit - q * (2 - limit)) * limit**q
    times = np.array([40.0, 60.0, 80.0]) / rate
    excess = solve(target, depth, starts, times, weight_decay=mu).excess.values
    assert excess.max() < 1e-15
    # The next term of the law is a share e^{-20} of it, and the rate rounds.
    np.testing.assert_allclose(excess[:, 1:] / excess[:, :-1], np.exp(-20), rtol=1e-7)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_the_error_of_a_state_at_rest_does_not_grow_with_time(depth):
    starts = StartingPoints.sample(TARGET, 5, rng=8, s=(2.0, 4.0))
    result = solve(TARGET, depth, starts, [1e2, 1e8], weight_decay=0.1)
    assert (result.s > 2.8).all()
    assert (result.s.values[:, 1] == result.s.values[:, 0]).all()
    # Where s rests, an error of the clock means nothing.
    assert result.error.max() < 1e-12


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_exact_zeros_stay_zeros(depth):
    starts = StartingPoints.on_stable_set(TARGET, 1, 4, rng=5, s=(0.5, 2.0))
    result = solve(TARGET, depth, starts, [0.5, 5.0, 50.0, 1e4], weight_decay=0.1)
    assert (result.a[..., 0] + result.b[..., 0] == 0).all()
    assert (result.s[:, -1] > 1.8).any()


@pytest.mark.parametrize("depth", [2, 3])
def test_the_unit_of_the_singular_values_does_not_matter(depth):
    unit, mu = 1e40, 0.2
    starts = StartingPoints.sample(TARGET, 5, rng=6, s=(0.05, 3.0))
    large = Target(TARGET.singular_values * unit, TARGET.shape)
    scaled = StartingPoints(starts.a, starts.b, starts.s * unit)
    speed, times = unit ** (2 - 2 / depth), np.array([0.1, 1.0, 10.0])
    one = solve(TARGET, depth, starts, times, weight_decay=mu)
    other = solve(large, depth, scaled, times / speed, weight_decay=mu * speed)
    np.testing.assert_allclose(other.s / unit, one.s, rtol=1e-12)
    np.testing.assert_allclose(other.excess / unit**2, one.excess, rtol=1e-9, atol=1e-16)
    np.testing.assert_allclose(other.a, one.a, rtol=0, atol=1e-13)


@pytest.mark.parametrize("depth", [2, 3])
def test_no_bit_depends_on_threads_or_on_other_starts(depth):
    starts = StartingPoints.sample(TARGET, 70, rng=7, s=(0.01, 3.0))
    one, many = (
        solve(TARGET, depth, starts, [0.1, 2.0], weight_decay=0.3, threads=n) for n in (1, 3)
    )
    alone = solve(TARGET, depth, starts[5:6], [0.1, 2.0], weight_decay=0.3)
    for name in ("s", "a", "excess", "error"):
        assert (one[name].values == many[name].values).all()
        assert (one[name].values[5:6] == alone[name].values).all()


@pytest.mark.parametrize(
    ("weight_decay", "error", "sentence"),
    [
        (
            -0.1,
            ValueError,
            "weight_decay must be finite and at least 0, got -0.1; 0 is no weight decay",
        ),
        (
            np.nan,
            ValueError,
            "weight_decay must be finite and at least 0, got nan; 0 is no weight decay",
        ),
        (
            np.inf,
            ValueError,
            "weight_decay must be finite and at least 0, got inf; 0 is no weight decay",
        ),
        ("much", TypeError, "weight_decay must be a real number, got 'much'; 0 is no weight decay"),
    ],
)
@pytest.mark.parametrize("function", [solve, integrate])
def test_what_is_no_decay_is_refused_in_one_sentence(function, weight_decay, error, sentence):
    starts = StartingPoints.sample(TARGET, 1, rng=0)
    with pytest.raises(error) as caught:
        function(TARGET, 3, starts, [1.0], weight_decay=weight_decay)
    assert str(caught.value) == sentence
