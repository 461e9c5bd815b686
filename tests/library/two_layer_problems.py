"""Targets, starts and references of two layers that several tests share."""

import json
from pathlib import Path

import numpy as np

import dlnpaper
from dlnpaper import Target
from tests.library.problems import random_bases

two = dlnpaper.two_layers

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "references" / "two_layers.json").read_text(encoding="utf-8")
)
NAMES = [f"{i}-{case['family']}-h{case['hidden']}" for i, case in enumerate(REFERENCE)]

#: From none to far more than the singular values, of both signs.
IMBALANCES = (0.0, 1e-15, -1e-15, 1e-12, 1e-8, -1e-3, 1.0, -1.0, 32.0, -32.0)


def reference_problem(case):
    """Return target, starts, times and weight decay of a reference case."""
    target = Target(case["singular_values"], shape=case["shape"])
    starts = two.Starts([case["first"]], [case["second"]], imbalance=[case["imbalance"]])
    return target, starts, case["times"], case["weight_decay"]


def balanced(rng, shape, hidden, imbalance=0.0, scale=0.5):
    """Return one λ-balanced start, built from its singular value decompositions.

    W_1 = H S_1 Vᵀ and W_2 = U S_2 Hᵀ with S_2² − S_1² = λ and random orthogonal H, U and V. A
    hidden unit that has no room in the narrower of the two is zero there.
    """
    d_y, d_x = shape
    U, V, H = random_bases((d_y, d_x, hidden), rng.integers(2**32))
    small = np.zeros(hidden)
    room = min(hidden, d_y, d_x)
    small[:room] = scale * rng.uniform(0.2, 1, room)
    large = np.sqrt(small**2 + abs(imbalance))
    s_1, s_2 = (small, large) if imbalance >= 0 else (large, small)
    first = H[:, :d_x] * s_1[:d_x] @ V[:, :hidden].T
    second = U[:, :hidden] * s_2[:d_y] @ H[:, :d_y].T
    return two.Starts([first], [second], imbalance=[imbalance])


def widths(shape, imbalance):
    """Return the greatest width that layers of this imbalance can have, or none for balance."""
    return {-1: shape[1], 0: None, 1: shape[0]}[int(np.sign(imbalance))]


def draw_target(rng, largest=4):
    """Draw a target of any shape and rank; in one of three, two singular values are equal."""
    d_y, d_x = (int(n) for n in rng.integers(1, largest + 1, 2))
    rank = int(rng.integers(1, min(d_y, d_x) + 1))
    sigma = np.sort(rng.uniform(0.3, 3, rank))[::-1]
    if rank > 1 and rng.random() < 1 / 3:
        i = rng.integers(rank - 1)
        sigma[i + 1] = sigma[i]
    return Target(sigma, (d_y, d_x))


def draw_problem(rng):
    """Draw target, one start and weight decay, small enough for the reference's minors."""
    target = draw_target(rng, int(rng.choice([4, 6])))
    most = 3 if sum(target.shape) > 8 else 6
    imbalance = float(rng.choice(IMBALANCES)) if rng.random() < 0.7 else 0.0
    max_width = widths(target.shape, imbalance) or most
    hidden = int(rng.integers(1, min(most, max_width) + 1))
    scale = 10.0 ** rng.uniform(-6, 1)
    decay = 10.0 ** rng.uniform(-3, 0.5) if imbalance == 0 and rng.random() < 0.4 else 0.0
    if rng.random() < 0.3:
        # Layers of an imbalance have room for modes and null directions only.
        least = 0 if imbalance == 0 else hidden - (max_width - target.rank)
        count = int(rng.integers(max(least, 0), min(hidden, target.rank) + 1))
        modes = sorted(rng.choice(target.rank, count, replace=False).tolist())
        options = {"hidden": hidden, "scale": scale, "imbalance": imbalance}
        return target, two.Starts.on_stable_set(target, modes, 1, rng, **options), decay
    return target, balanced(rng, target.shape, hidden, imbalance, scale), decay


def conditioning(target, start):
    """Return how much a relative rounding of the start may be magnified in W(t), late.

    The hidden units are assigned to the modes by the leading rows of the growing coefficients, as
    by elimination: the worst condition number of a leading block with as many rows as columns.
    """
    growing = start.growing[0] if start.growing is not None else growing_part(target, start)
    widest = min(growing.shape)
    conditions = [1.0]
    for count in range(1, widest + 1):
        values = np.linalg.svd(growing[:count], compute_uv=False)
        conditions.append(np.linalg.norm(growing) / max(values[-1], 1e-300))
    return max(conditions)


def growing_part(target, start):
    """Return the coefficients of the only start along the growing eigenvectors, (r, h)."""
    r, half = target.rank, start.imbalance[0] / 2
    angle = np.arctan2(np.hypot(target.singular_values, half) + half, target.singular_values)
    first, second = start.first[0].T[:r], start.second[0][:r]
    return np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second
