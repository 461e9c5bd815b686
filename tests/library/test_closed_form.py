"""The exact solution: 40-digit references, corners, refusals and messages."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

import dlnpaper
from dlnpaper import StartingPoints, Target, solve
from dlnpaper.one_neuron import _panels
from dlnpaper.one_neuron._trajectories import VARIABLES
from tests.library.problems import NAMES, REFERENCE, reference_problem

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
TIMES = [0.0, 0.1, 1.0, 10.0]


def sample(size=3, seed=0, target=TARGET):
    return StartingPoints.sample(target, size, seed)


@pytest.mark.parametrize("case", REFERENCE, ids=NAMES)
def test_reference_cases_are_met_to_rounding(case):
    result = solve(*reference_problem(case)).isel(start=0)
    sigma = case["singular_values"][0]
    # Ten to a hundred roundings: the sums over a few dozen panels. The worst error is 6e-15, in s
    # beside a saddle, where a rounding of the time is magnified.
    np.testing.assert_allclose(result.s, case["s"], rtol=2e-14)
    np.testing.assert_allclose(result.log_s, case["log_s"], rtol=0, atol=2e-14)
    np.testing.assert_allclose(result.alignment, case["c"], rtol=0, atol=2e-15 * sigma)
    np.testing.assert_allclose(result.a, case["a_t"], rtol=0, atol=2e-15)
    np.testing.assert_allclose(result.b, case["b_t"], rtol=0, atol=2e-15)
    # Early times are known to rounding of the first panel, of width about 1/σ_1.
    np.testing.assert_allclose(result.tau, case["tau"], rtol=1e-14, atol=1e-15 / sigma)
    # The loss is a sum of terms of this size.
    size = sigma**2 + max(case["s"]) ** 2
    np.testing.assert_allclose(result.loss, case["loss"], rtol=0, atol=2e-15 * size)
    # What solve says of its own error: never below the truth, nor so far above as to be idle.
    for actual in (
        np.abs(result.s / case["s"] - 1),
        np.abs(result.a - case["a_t"]).max("left"),
        np.abs(result.b - case["b_t"]).max("right"),
    ):
        assert (actual <= result.error).all()
    assert result.error.max() < 1e-12


def test_no_start_gives_an_empty_result():
    for depth in (2, 3):
        result = solve(TARGET, depth, sample()[[]], TIMES)
        assert [result[name].shape for name in "sab"] == [(0, 4), (0, 4, 4), (0, 4, 3)]


@pytest.mark.parametrize("depth", [2, 3, 100])
def test_time_zero_alone_gives_the_start(depth):
    starts = sample(40)
    result = solve(TARGET, depth, starts, [0.0])
    # At N > 2 it is the end of a series for log s that spans a factor of 12 in dt/dτ.
    np.testing.assert_allclose(result.s[:, 0], starts.s, rtol=1e-13)
    np.testing.assert_allclose(result.a[:, 0], starts.a, rtol=0, atol=5e-16)
    np.testing.assert_allclose(result.b[:, 0], starts.b, rtol=0, atol=5e-16)
    assert (result.tau == 0).all()


@pytest.mark.parametrize("depth", [2, 3, 7])
def test_single_numbers_follow_the_scalar_bernoulli_equation(depth):
    # W = s with u = v = 1: directions are exact, and at N = 2 s has an elementary solution.
    target = Target([2.0], shape=(1, 1))
    starts = StartingPoints([[1.0], [1.0], [1.0]], [[1.0], [1.0], [-1.0]], [0.1, 2.0, 0.5])
    times = np.array([0.0, 0.3, 2.0, 1e12])
    result = solve(target, depth, starts, times)
    assert (result.s[1] == 2.0).all()  # a start at its limit, exactly
    assert (result.excess[1] == 0.0).all()
    assert (result.alignment.values == [[2.0], [2.0], [-2.0]]).all()
    if depth == 2:
        up = 2 / (1 + (2 / 0.1 - 1) * np.exp(-4 * times))
        down = 2 / ((2 / 0.5 + 1) * np.exp(np.minimum(4 * times, 600)) - 1)
        np.testing.assert_allclose(result.s[0], up, rtol=2e-15)
        np.testing.assert_allclose(result.s[2, :3], down[:3], rtol=4e-15)
        # Far below the smallest float, only the logarithm is left.
        assert result.s[2, 3] == 0
        np.testing.assert_allclose(result.log_s[2, 3], np.log(2 / 5) - 4e12, rtol=4e-16)
    else:
        q = 1 - 2 / depth
        np.testing.assert_allclose(result.s[:2, 3], 2.0, rtol=2e-16)
        law = ((depth - 2) * 2 * times[3]) ** (-1 / q)
        # The law's next term is a power of 1/t smaller.
        np.testing.assert_allclose(result.s[2, 3], law, rtol=1e-9)


@pytest.mark.parametrize("depth", [2, 3, 4, 10])
def test_boundary_layer_of_a_large_start_is_resolved(depth):
    # For s_0 >> σ, s' = -N s^{3-2/N} up to c/s: s = (s_0^-p + p N t)^(-1/p), p = 2 - 2/N.
    # Here t is where s is still a thousand times σ, and c/s changes s by as little.
    s_0, p = 1e6, 2 - 2 / depth
    starts = StartingPoints([[1.0, 0.0]], [[1.0, 0.0]], s_0)
    times = np.geomspace(1e-3, 100, 8) * s_0**-p
    s = solve(Target([1.0, 0.5], (2, 2)), depth, starts, times).s.values[0]
    law = (s_0**-p + p * depth * times) ** (-1 / p)
    assert law[-1] > 1e3
    np.testing.assert_allclose(s, law, rtol=1e-2 if depth > 4 else 2e-3)
    assert (s > law).all()  # the neglected term, N c s^{2-2/N}, is positive


@pytest.mark.parametrize("depth", [2, 3])
def test_any_grid_of_times_gives_the_same_states(depth):
    starts = sample(2)
    many = np.linspace(0, 20, 50_001)
    few = many[::10_000]
    dense = solve(TARGET, depth, starts, many, variables=("s", "a"))
    sparse = solve(TARGET, depth, starts, few, variables=("s", "a"))
    # The panels do not depend on the times, only the order of sums within a vector register does.
    np.testing.assert_allclose(dense.s[:, ::10_000], sparse.s, rtol=5e-15)
    np.testing.assert_allclose(dense.a[:, ::10_000], sparse.a, rtol=0, atol=5e-15)


def test_an_escape_from_collapse_is_followed_below_the_range_of_squares():
    # α_1 = 1e-287, whose square is no float. All else is on the origin's stable set, so s falls by
    # e^{-440} before it grows to σ_1: E = A² (e^{4t} + e^{-4t}) + e^{-2t}, A = α_1/2, and N = 2.
    target = Target([2.0, 1.0], shape=(2, 2))
    starts = StartingPoints([[1e-287, 1.0]], [[0.0, -1.0]], 0.5)
    times = np.linspace(0, 800, 161)
    log_s = solve(target, 2, starts, times, variables=("log_s",)).log_s.values[0]
    with mp.workdps(60):
        square = (mp.mpf(1e-287) / 2) ** 2
        for time, value in zip(times, log_s, strict=True):
            t = mp.mpf(time)
            energy = square * 2 * mp.cosh(4 * t) + mp.exp(-2 * t)
            integral = square * mp.sinh(4 * t) / 2 - mp.expm1(-2 * t) / 2
            # Adding up the logarithms of a hundred panels, up to 440, rounds.
            assert abs(value - mp.log(energy / (2 + 2 * integral))) < 1e-12


def test_variables_can_be_chosen_without_changing_them():
    for depth in (2, 3):
        every = solve(TARGET, depth, sample(), TIMES)
        for name in VARIABLES:
            alone = solve(TARGET, depth, sample(), TIMES, variables=(name,))
            assert list(alone.data_vars) == [name, "singular_values"]
            np.testing.assert_allclose(alone[name], every[name], rtol=1e-14, atol=1e-15)


def test_what_cannot_be_resolved_is_refused(monkeypatch):
    # With wide panels only, the boundary layer of this start is out of reach. The panels' tables
    # are cached by depth and rates, and no other test uses these.
    monkeypatch.setattr(_panels, "LEVELS", range(-4, 42))
    target = Target([1.234567, 0.7654321], shape=(2, 2))
    starts = StartingPoints([[0.6, 0.8]] * 2, [[0.8, 0.6]] * 2, [0.3, 1e6])
    with pytest.raises(ArithmeticError) as error:
        solve(target, 3, starts, [0.0, 1.0])
    message = str(error.value)
    assert "got 1 that are not, the first at index 1; shorten the times" in message
    assert "\n" not in message


OVERFLOWS = {
    "square of s": (1.0, 1e200, 1.0),
    "reciprocal of s": (1.0, 5e-324, 1.0),
    "square of the largest singular value": (1e200, 1.0, 1.0),
    "reciprocal of its square": (1e-200, 1.0, 1.0),
    # In units of σ^-(2 - 2/N); for N = 2 the unit is within reach of the times that are taken.
    "time in its units": (1e150, 1.0, 1e150),
}


@pytest.mark.parametrize("depth", [2, 3, 100])
@pytest.mark.parametrize("what", OVERFLOWS)
def test_what_would_overflow_is_refused(what, depth):
    sigma, s, time = OVERFLOWS[what]
    starts = StartingPoints([[1.0]], [[1.0]], s)
    if what == "time in its units" and depth == 2:
        assert solve(Target([sigma], (1, 1)), depth, starts, [time]).s.item() == sigma
        return
    with pytest.raises(ArithmeticError, match="got 1 that are not, the first at index 0"):
        solve(Target([sigma], (1, 1)), depth, starts, [time])


GOOD = {"target": TARGET, "depth": 3, "starts": sample(), "times": TIMES}
BAD = [
    ({"target": [3.0, 2.0]}, TypeError, "target must be a Target, got list; make one with"),
    ({"starts": np.ones((2, 4))}, TypeError, "starts must be StartingPoints, got ndarray; make"),
    (
        {"starts": sample(target=Target([1.0], (2, 2)))},
        ValueError,
        r"shape \(d_y, d_x\) = \(4, 3\), got \(2, 2\); make them for this target",
    ),
    (
        {"starts": StartingPoints([[1.0, 1e-310, 0.0, 0.0]], [[1.0, 0.0, 0.0]], 1.0)},
        ValueError,
        "entries of a that are zero or at least 1e-290 in size, got 1e-310; set such",
    ),
    ({"depth": 1}, ValueError, r"depth must lie in 2\.\.1000000, got 1; pass the number of"),
    ({"times": [0.0, 0.7, 0.5]}, ValueError, r"times\[2\] = 0.5 follows 0.7; sort them"),
    ({"variables": ("S",)}, ValueError, "must name known quantities, got 'S'"),
    ({"threads": 0}, ValueError, "threads must be a positive integer, got 0; leave it out"),
    ({"threads": True}, TypeError, "threads must be a positive integer, got True; leave it out"),
    ({"threads": 1.5}, TypeError, "threads must be a positive integer, got 1.5; leave it out"),
]


@pytest.mark.parametrize(("change", "error", "message"), BAD)
def test_bad_arguments_are_named_in_one_sentence(change, error, message):
    with pytest.raises(error, match=message) as raised:
        solve(**{**GOOD, **change})
    assert "\n" not in str(raised.value)


def test_processors_are_counted_where_the_system_does_not_tell_which_are_allowed(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for count in (3, None):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        assert solve(**GOOD).identical(solve(**GOOD, threads=1))


def test_importing_needs_no_place_for_a_cache(tmp_path):
    package = tmp_path / "dlnpaper"
    shutil.copytree(
        Path(dlnpaper.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    (package / "one_neuron/__pycache__").touch()  # neither beside the code ...
    nowhere = {"HOME": os.devnull, "XDG_CACHE_HOME": os.devnull}  # ... nor at the user's
    script = """
import numba
from dlnpaper.one_neuron import _kernel as kernel
try:
    exec(compile("def f(): pass", kernel.__file__, "exec"))
    numba.njit(cache=True)(f)
except RuntimeError:
    print("no cache", kernel.__file__)
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA")} | nowhere
    environment |= {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = f"no cache {package / 'one_neuron/_kernel.py'}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, found, "")
