"""Targets, bases and 40-digit trajectories that several tests share."""

import json
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

from dlnpaper import StartingPoints, Target

REFERENCE = json.loads((Path(__file__).parents[1] / "references" / "trajectories.json").read_text())
NAMES = [f"{i}-{case['family']}-N{case['depth']}" for i, case in enumerate(REFERENCE)]


def reference_problem(case):
    """Return target, depth, start and times of a reference case."""
    target = Target(case["singular_values"], shape=(len(case["a"]), len(case["b"])))
    return (
        target,
        case["depth"],
        StartingPoints([case["a"]], [case["b"]], case["s0"]),
        case["times"],
    )


def random_bases(shape, seed=0):
    """Return a random orthogonal matrix for each dimension."""
    rng = np.random.default_rng(seed)
    return [np.linalg.qr(rng.standard_normal((n, n)))[0] for n in shape]


def unit(*entries):
    """Return the entries as a unit vector."""
    vector = np.array(entries, float)
    return vector / np.linalg.norm(vector)


def flow_with_events(target, depth, start, horizon, *functions):
    """Integrate the induced flow in t by SciPy, with zeros of functions of s and c as events."""
    d_y = target.shape[0]

    def parts(state):
        s, u, v = np.exp(state[0]), state[1 : d_y + 1], state[d_y + 1 :]
        return s, u @ target.matrix @ v, u, v

    def flow(t, state):
        s, c, u, v = parts(state)
        speed = s ** (1 - 2 / depth)
        du, dv = target.matrix @ v - c * u, target.matrix.T @ u - c * v
        return np.concatenate([[depth * speed * (c - s)], speed * du, speed * dv])

    state = np.concatenate([np.log(start.s), start.a[0], start.b[0]])
    options = {"method": "DOP853", "rtol": 1e-11, "atol": 1e-12}
    events = [lambda t, state, at=function: at(*parts(state)[:2]) for function in functions]
    return solve_ivp(flow, (0, horizon), state, events=events, **options)


def energy(target, starts, tau):
    """E of docs/theory.md, section 3, as written there."""
    exponents = 2 * target.singular_values * tau[..., None]
    alpha, beta = starts.alpha(target)[:, None], starts.beta(target)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        growing = np.where(alpha == 0, 0, alpha**2 * np.exp(exponents))
        total = (growing + beta**2 * np.exp(-exponents)).sum(axis=2) / 4
    # A square below the least float times an exponential beyond the largest is either.
    return np.nan_to_num(total, nan=0.0) + starts.rho(target)[:, None] ** 2


def assert_within_bounds(result, target, starts, *, sums, s, norms):
    """Assert what holds at all times, up to round-off in sums of modes, in s and in norms."""
    sigma = target.singular_values[0]
    assert (np.diff(result.alignment) >= -sums * sigma).all()
    assert (np.abs(result.alignment) <= sigma * (1 + sums)).all()
    assert (result.s <= np.maximum(starts.s, sigma)[:, None] * (1 + s)).all()
    for name in ("s", "excess", "tau", "error"):
        assert (result[name] >= 0).all(), name
    assert (np.diff(result.tau) >= 0).all()
    # A start may be a unit vector to 1e-15 only, and a and b have one common factor. What its
    # squared norm lacks of 1 is conserved, while the norm that it is part of falls to √E.
    lost = np.minimum(energy(target, starts, result.tau.values), 1)
    for name in ("a", "b"):
        assert (np.abs(np.linalg.norm(result[name], axis=2) - 1) * lost <= norms).all()


def assert_zeros_stay(result, target, starts):
    """Assert that α and β that are exactly zero at the start are so at all times."""
    r = target.rank
    a, b = result.a.values[..., :r], result.b.values[..., :r]
    for start, later in ((starts.alpha(target), a + b), (starts.beta(target), a - b)):
        assert (later[np.broadcast_to((start == 0)[:, None], later.shape)] == 0).all()


def rotated(target, seed=0):
    """Return the target in random bases."""
    left, right = random_bases(target.shape, seed)
    return Target(target.singular_values, target.shape, left=left, right=right)
