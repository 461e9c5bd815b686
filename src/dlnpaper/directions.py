"""Unit vectors to start from: random ones, one reproducible row per start, and a circle."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, ndtri

from dlnpaper.decomposition import EPS


def uniform_rows(rng: np.random.Generator | int, size: int, columns: int) -> np.ndarray:
    """Draw uniforms inside (0, 1), one row per start.

    Every row consumes the same number of draws, so row k does not depend on how many follow.

    Parameters
    ----------
    rng : numpy.random.Generator or int
        A seed stands for ``Generator(Philox(seed))``.
    size, columns : int

    Returns
    -------
    ndarray, (size, columns)

    Raises
    ------
    TypeError
        If `rng` is neither a generator nor a non-negative integer.
    ValueError
        If `size` is not a non-negative integer.
    """
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 0:
        raise ValueError(
            f"size must be a non-negative integer, got {size!r}; give the number of starts"
        )
    # Quantiles of 0 are infinite: move it to half of the least positive draw.
    return np.maximum(generator(rng).random((size, columns)), EPS / 4)


def generator(rng: np.random.Generator | int) -> np.random.Generator:
    """Return ``rng`` itself, or the generator that a seed stands for."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return np.random.Generator(np.random.Philox(int(rng)))
    raise TypeError(
        f"rng must be a numpy.random.Generator or a non-negative integer seed, got {rng!r}; "
        "only then is a draw reproducible"
    )


def unit_vectors(uniforms: np.ndarray) -> np.ndarray:
    """Turn rows of uniforms into uniform unit vectors, (size, d), by the normal quantile."""
    normals = ndtri(uniforms)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def opposed_unit_vectors(
    uniforms: np.ndarray, shape: tuple[int, int], m: int
) -> tuple[np.ndarray, np.ndarray]:
    """Turn rows of uniforms into pairs of unit vectors with ``b_i = -a_i`` for the first m entries.

    Uniform in the surface measure of these pairs: `dlnpaper.StartingPoints.on_stable_set` says how.

    Parameters
    ----------
    uniforms : ndarray, (size, d_y + d_x - m + 1)
        For the shared entries, the rest of a, the rest of b, and the squared norm of a rest.
    shape : (int, int)
        (d_y, d_x), both at least m ≥ 1.
    m : int

    Returns
    -------
    a, b : ndarray, (size, d_y) and (size, d_x)
    """
    p, q = shape[0] - m, shape[1] - m
    shared, rest_a, rest_b, rest = np.split(uniforms, [m, m + p, m + p + q], axis=1)
    # A rest on one side alone has norm zero, since the norms of a and b are equal.
    y = betaincinv((p + q - 1) / 2, m / 2, rest) if min(p, q) else np.zeros_like(rest)
    shared = np.sqrt(1 - y) * unit_vectors(shared)
    a = np.hstack([shared, np.sqrt(y) * unit_vectors(rest_a)])
    b = np.hstack([-shared, np.sqrt(y) * unit_vectors(rest_b)])
    return a, b


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
