"""The exact solution against the high-precision reference, on random cases of every family.

DLNPAPER_FUZZ sets the number of cases, for a long search: DLNPAPER_FUZZ=1000 takes an hour.
"""

import os

import mpmath as mp
import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, solve
from tests.library.problems import unit
from tests.references.high_precision import ExactTrajectory, TooManyPanelsError

CASES = int(os.environ.get("DLNPAPER_FUZZ", "40"))
PANELS = 450 if "DLNPAPER_FUZZ" not in os.environ else 5000
DEPTHS = (2, 2, 3, 3, 4, 4, 5, 6, 7, 10, 20, 50, 100)
EPS = float(np.finfo(float).eps)

#: What is promised is 1e-11; what is reached is 2e-14.
TOLERANCE = 2e-13
#: The time of a state is the sum of up to 100 panels' times, each rounded. Where the state changes
#: fast in relative terms of the time, nothing else matters.
ROUNDINGS = 50 * EPS

FAMILIES = (
    "generic", "saddle", "origin", "beside a saddle", "far beside a saddle", "beside the origin",
    "at a limit", "near a limit", "one exponential a mode",
)  # fmt: skip


def test_random_cases_of_every_depth():
    cases = [draw_case(np.random.default_rng(seed)) for seed in range(CASES)]
    compared = sum(agrees(f"seed {seed}", *case, PANELS) for seed, case in enumerate(cases))
    # Deep networks near close singular values take the reference too many panels.
    assert compared >= 0.5 * CASES


@pytest.mark.parametrize("family", FAMILIES)
def test_random_cases_of_every_family(family):
    rng = np.random.default_rng(FAMILIES.index(family))
    compared = 0
    while compared < 2:
        compared += agrees(family, *draw_case(rng, family, depths=(2, 3, 4, 5)), most_panels=250)


@mp.workdps(34)
def agrees(label, target, depth, starts, times, most_panels):
    """Assert that every variable is right, at the times and where panels of the reference end.

    Returns whether the reference has panels enough.
    """
    reference = ExactTrajectory(target, depth, starts, most_panels)
    try:
        reference.state(times[-1])
    except TooManyPanelsError:
        return False
    ends = np.array([float(knot.t) for knot in reference.knots[1:]])
    ends = ends[ends <= times[-1]]
    times = np.union1d(times, ends[:: 1 + len(ends) // 6])
    result = solve(target, depth, starts, times).isel(start=0)
    sigma = target.singular_values[0]
    for k, time in enumerate(times):
        got = {name: variable.values[k] for name, variable in result.items() if name in FIELDS}
        exact = reference.state(time)
        errors = {
            # One part in 1e16 of log s itself is rounding, where s is below 1e-300.
            "log_s": abs(float(exact["log_s"] - got["log_s"])) / (1 + 1e-3 * abs(got["log_s"])),
            "alignment": abs(float(exact["alignment"] - got["alignment"])) / sigma,
            "directions": max(float(abs(exact[name] - got[name]).max()) for name in ("a", "b")),
        }
        if got["log_s"] > -700:
            errors["log_s"] = max(errors["log_s"], abs(float(got["s"] / exact["s"] - 1)))
        # The reference takes the excess as a difference: it needs digits to spare.
        if float(exact["excess"]) > max(1e-38 * float(reference.limit) ** 2, 1e-290):
            errors["excess"] = abs(float(got["excess"] / exact["excess"] - 1))
        estimate = result.error.values[k]
        assert max(errors["log_s"], errors["directions"]) <= estimate, (label, time, errors)
        for name, error in errors.items():
            allowed = TOLERANCE + ROUNDINGS * float(exact["condition"][name])
            assert error <= allowed, (label, name, time, error, allowed)
        # Within a panel, positions are known to rounding of its width.
        tau = float(exact["tau"])
        allowed = TOLERANCE * (tau + 1 / sigma) + ROUNDINGS * float(exact["condition"]["tau"])
        assert abs(float(exact["tau"] - got["tau"])) <= allowed, (label, "tau", time)
    return True


FIELDS = ("s", "log_s", "alignment", "excess", "tau", "a", "b")


def draw_case(rng, family=None, depths=DEPTHS):
    """Draw target, depth, one start and times."""
    while True:
        target = draw_target(rng)
        depth = int(rng.choice(depths))
        chosen = family or rng.choice(FAMILIES)
        with np.errstate(invalid="ignore"):  # zero vectors are no unit vectors, and drawn anew
            a, b, s = draw_start(rng, target, chosen)
        if np.allclose([a @ a, b @ b], 1, rtol=1e-13):
            break
    # Times up to 1e12 in units of the fastest mode, and zero in most cases.
    unit = target.singular_values[0] ** -(2 - 2 / depth)
    end = 10.0 ** rng.uniform(-3, 12)
    times = np.geomspace(10.0 ** rng.uniform(-12, -3.1), end, rng.integers(1, 14)) * unit
    times = np.union1d(times, [0.0]) if rng.random() < 0.7 else np.unique(times)
    return target, depth, StartingPoints(a[None], b[None], s), times


def draw_target(rng):
    d_y, d_x = (int(n) for n in rng.integers(1, 7, 2))
    rank = int(rng.integers(1, min(d_y, d_x) + 1))
    sigma = np.sort(rng.uniform(0.05, 1, rank))[::-1] * 10.0 ** rng.uniform(-3, 3)
    if rank > 1 and rng.random() < 0.3:
        i = rng.integers(rank - 1)
        sigma[i + 1] = sigma[i]
    zeros = np.zeros(min(d_y, d_x) - rank if rng.random() < 0.5 else 0)
    return Target(np.concatenate([sigma, zeros]), (d_y, d_x))


def draw_start(rng, target, family):
    """Return a, b and s of one start; no unit vectors where the family needs more dimensions."""
    (d_y, d_x), rank, sigma = target.shape, target.rank, target.singular_values
    a, b = unit(*rng.standard_normal(d_y)), unit(*rng.standard_normal(d_x))
    s = 10.0 ** rng.uniform(-12, 6) * (sigma[0] if rng.random() < 0.5 else 1)
    tiny = 10.0 ** rng.uniform(-300, -8)
    some = int(rng.integers(rank))
    saddle = some if sigma[some] < sigma[0] else "origin"
    if family in ("saddle", "origin", "beside a saddle"):
        limit = "origin" if family == "origin" else saddle
        start = StartingPoints.on_stable_set(target, limit, 1, rng)
        a, b = start.a[0].copy(), start.b[0].copy()
    if family == "beside a saddle":  # α is a rounded difference, of any size from 1e-15 on
        b[some] += 10.0 ** rng.uniform(-15.5, -1) * rng.choice([-1, 1])
        b = unit(*b)
    elif family == "far beside a saddle":  # α is tiny because a and b are
        a[: some + 1] = b[: some + 1] = 0.0
        a, b = unit(*a), unit(*b)
        a[0], b[0] = tiny * rng.standard_normal(2) * [1, rng.random() < 0.5]
    elif family == "beside the origin":
        m = min(d_y, d_x)
        a, b = np.zeros(d_y), np.zeros(d_x)
        a[:m] = unit(*rng.standard_normal(m))
        a[some] = 0.0
        a = unit(*a)
        b[:m] = -a[:m]
        a[some] = tiny
    elif family == "at a limit":
        a, b = np.zeros(d_y), np.zeros(d_x)
        a[some], b[some] = 1.0, rng.choice([-1.0, 1.0])
        s = sigma[some] if rng.random() < 0.5 else s
    elif family == "near a limit":
        a, b = a * 10.0 ** rng.uniform(-150, -3), b * 10.0 ** rng.uniform(-150, -3)
        a[0] = b[0] = 1.0
        a, b = unit(*a), unit(*b)
        s = sigma[0] * (1 + 10.0 ** rng.uniform(-16, -2) * rng.choice([-1, 1]))
    elif family == "one exponential a mode":
        a, b = np.zeros(d_y), np.zeros(d_x)
        a[:rank] = unit(*rng.standard_normal(rank))
        b[:rank] = a[:rank] * rng.choice([-1.0, 1.0])
    return a, b, s
