"""Directions and magnitudes to start from: random, one reproducible row per start, or a grid."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import scipy

from dlnpaper._checks import S_RANGE, as_numbers, shown, validate_integer
from dlnpaper._draws import uniform_rows, unit_vectors
from dlnpaper._target import Target
from dlnpaper.layers._gaussian import all_widths, free_widths

#: The finest grid, of a hundred million starts.
LARGEST_GRID = 10_000

#: How many times larger than α_i an entry a_i may be, for floats to hold α_i to a millionth.
ALPHA_RESOLUTION = 2.0**33

#: ``a`` and ``b`` must have norm 1 to this.
UNIT_TOLERANCE = 1e-12


def limit_group(target: Target, limit: int | Literal["origin"]) -> slice:
    """Return the indices of the singular values equal to the limit's, none for the origin."""
    number = validate_limit(target, limit)
    if number is None:
        return slice(target.rank, target.rank)
    group = next(group for group in target.groups if number < group.stop)
    if group.start == 0:
        raise ValueError(
            f"limit must be a saddle, got {limit}, whose singular value "
            f"{target.singular_values[0]:g} is the largest and belongs to global minimizers; "
            "use sample, since almost every start ends there"
        )
    return group


def validate_limit(target: Target, limit: int | Literal["origin"]) -> int | None:
    """Return the index of a limit's singular value, None for the origin, or raise."""
    if isinstance(limit, str) and limit == "origin":
        return None
    integer = isinstance(limit, int | np.integer) and not isinstance(limit, bool)
    if not integer or not 0 <= int(limit) < target.rank:
        raise ValueError(
            f'limit must be "origin" or the index of a singular value, 0 to {target.rank - 1}, '
            f"got {shown(limit)}; count from 0"
        )
    return int(limit)


def opposed_unit_vectors(
    uniforms: np.ndarray, shape: tuple[int, int], m: int
) -> tuple[np.ndarray, np.ndarray]:
    """Turn rows of uniforms into pairs of unit vectors with ``b_i = -a_i`` for the first m entries.

    Uniform in the surface measure of these pairs: `dlnpaper.StartingPoints.on_stable_set` says how.
    The uniforms, (size, d_y + d_x - m + 1), are for the shared entries, the rest of a, the rest of
    b, and the squared norm of a rest; d_y and d_x are at least m ≥ 1.
    """
    p, q = shape[0] - m, shape[1] - m
    shared, rest_a, rest_b, rest = np.split(uniforms, [m, m + p, m + p + q], axis=1)
    # A rest on one side alone has norm zero, since the norms of a and b are equal.
    y = scipy.special.betaincinv((p + q - 1) / 2, m / 2, rest) if min(p, q) else np.zeros_like(rest)
    shared = np.sqrt(1 - y) * unit_vectors(shared)
    a = np.hstack([shared, np.sqrt(y) * unit_vectors(rest_a)])
    b = np.hstack([-shared, np.sqrt(y) * unit_vectors(rest_b)])
    return a, b


def leave_stable_set(
    a: np.ndarray, b: np.ndarray, alpha: np.ndarray, rank: int
) -> tuple[np.ndarray, np.ndarray]:
    """Move starts with ``b_i = -a_i`` for the first m entries to other α_i = a_i + b_i there.

    `dlnpaper.StartingPoints.near_stable_set` says how. Entries where α_i is and stays zero keep
    every bit, so that the zero remains exact; norms are restored by the others.

    Parameters
    ----------
    a, b : ndarray, (M, d_y) and (M, d_x)
        Unit vectors.
    alpha : ndarray, (M, m)
    rank : int
        Number of entries that have an α_i.

    Raises
    ------
    ValueError
        If no unit vector has such an α, or no other entry is left to restore the norm.
    """
    a, b = a.copy(), b.copy()
    m, moved = alpha.shape[1], alpha != 0
    fixed = a[:, :rank] + b[:, :rank] == 0
    fixed[:, :m] = True
    largest = np.where(moved, np.abs(alpha) * ALPHA_RESOLUTION, np.inf)
    shared = np.clip(a[:, :m], -largest, largest)
    shared = shared * _room(shared, alpha)[:, None]
    changed = (shared != a[:, :m]).any(axis=1)
    a[:, :m], b[:, :m] = shared, np.where(moved, alpha - shared, -shared)
    a[changed] = _restore_norm(a[changed], fixed[changed])
    return a, _restore_norm(b, fixed)


def _room(shared: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return by what the shared entries, (M, m), must shrink for ``alpha - shared`` to fit in b.

    The factor, (M,), is 1 where the other entries of b keep a quarter of their square. Elsewhere it
    is such that b's part in the m entries is as large as before, and a's gives way.
    """
    square, size = np.sum(shared**2, axis=1), np.sum(alpha**2, axis=1)
    along = np.sum(shared * alpha, axis=1)
    tight = (size - 2 * along > 0.75 * (1 - square)) & (size < square)
    root = np.sqrt(np.where(tight, along**2 + square * (square - size), 0.0))
    return np.where(tight, (along + root) / np.where(tight, square, 1.0), 1.0)


def _restore_norm(vectors: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Scale the entries that are not fixed, (M, d), such that all rows have norm one."""
    free = ~np.pad(fixed, ((0, 0), (0, vectors.shape[1] - fixed.shape[1])))
    squares = vectors**2
    rest = 1 - np.sum(np.where(free, 0.0, squares), axis=1)
    others = np.sum(np.where(free, squares, 0.0), axis=1)
    wrong = (rest < 0) | (others == 0)
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(
            "alpha must leave room for other entries of unit vectors, got a norm of "
            f"{np.sqrt(1 - rest[i]):.3g} without them in start {i}; choose a smaller alpha, or for "
            "the origin a target with null directions on both sides"
        )
    return np.where(free, vectors * np.sqrt(rest / others)[:, None], vectors)


def log_uniform(low: float, high: float, uniforms: np.ndarray) -> np.ndarray:
    """Turn uniforms into magnitudes log-uniform from ``low`` to ``high``, ends included."""
    if low == high:
        return np.full(len(uniforms), low)
    # Rounding must not take a draw out of the interval, whose ends may be the last floats.
    log_s = np.log(low) + (np.log(high) - np.log(low)) * uniforms
    return np.clip(np.exp(np.minimum(log_s, np.log(high))), low, high)


def validate_interval(s: float | tuple[float, float]) -> tuple[float, float]:
    """Return the ends of an interval of magnitudes, equal for a single one, or raise."""
    ends = tuple(s) if isinstance(s, tuple | list) and len(s) == 2 else (s, s)
    low, high = (as_numbers("s", end, "must hold real numbers") for end in ends)
    if low.ndim or high.ndim or not 0 < float(low) <= float(high) < np.inf:
        raise ValueError(
            "s must be a positive number or an interval 0 < low <= high, got "
            f"{shown(s)}; order its ends"
        )
    return float(low), float(high)


def validate_unit(name: str, vectors: np.ndarray) -> None:
    """Raise ValueError unless all rows have norm 1."""
    with np.errstate(over="ignore"):
        excess = np.linalg.norm(vectors, axis=1) - 1
    if len(excess) and np.abs(excess).max() > UNIT_TOLERANCE:
        i = np.abs(excess).argmax()
        raise ValueError(
            f"{name} must hold unit vectors to {UNIT_TOLERANCE:g}, got norm 1 {excess[i]:+.3g} in "
            f"row {i}; divide by the norm, a and b by the same number where α must stay zero"
        )


def torus(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of n equally spaced points on a circle, each (n², 2), or raise."""
    remedy = "give the number of angles"
    n = validate_integer("n", n, "must be at least 1", 1, LARGEST_GRID, remedy)
    points = circle(n)
    return np.repeat(points, n, axis=0), np.tile(points, (n, 1))


def circle(n: int) -> np.ndarray:
    """Return (cos, sin) of the angles 2πk/n for k < n, (n, 2).

    All reflections are exact in floating point: the cosines of θ and π − θ add up to zero.
    """
    position = 4 * np.arange(n)
    return np.column_stack([_cosine(position, n), _cosine(position - n, n)])


def _cosine(position: np.ndarray, quarter: int) -> np.ndarray:
    """Return the cosine of angles in a unit of which ``quarter`` make a right angle.

    Folding the integers into the first quadrant is exact; folding the angles would not be.
    """
    folded = np.abs((position + 2 * quarter) % (4 * quarter) - 2 * quarter)
    obtuse = folded > quarter
    folded = np.where(obtuse, 2 * quarter - folded, folded)
    return np.where(obtuse, -1.0, 1.0) * np.sin(np.pi / 2 * (quarter - folded) / quarter)


def gaussian_starts(
    target: Target, widths: Sequence[int], size: int, rng: np.random.Generator | int, first: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a, b and s of the end-to-end matrices of Gaussian layers, one of them of one neuron."""
    sizes = all_widths(target, widths)
    if 1 not in sizes:
        raise ValueError(
            f"widths must hold a 1, so that W has rank one, got {shown(widths)}; "
            "dlnpaper.layers.gaussian draws layers of any widths"
        )
    freedom = np.array(free_widths(sizes), float)
    d_y, d_x = target.shape
    uniforms = uniform_rows(rng, size, d_y + d_x + freedom.size, first)
    a, b, squares = np.split(uniforms, [d_y, d_y + d_x], axis=1)
    scale = np.sum(np.log(sizes[:-1]))
    log_s = (
        np.sum(np.log(2 * scipy.special.gammaincinv(freedom / 2, squares)), axis=1) - scale
    ) / 2
    low, high = np.log(S_RANGE)
    if not (low <= log_s).all() or not (log_s <= high).all():
        worst = log_s[np.abs(log_s).argmax()]
        raise ValueError(
            f"widths must make s from {S_RANGE[0]:g} to {S_RANGE[1]:g}, got one whose logarithm is "
            f"{worst:g}; take fewer or wider layers"
        )
    return unit_vectors(a), unit_vectors(b), np.exp(log_s)
