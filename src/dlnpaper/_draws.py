"""Reproducible draws: a row of uniforms for every start."""

import numpy as np
import scipy
from numpy.typing import ArrayLike

from dlnpaper._checks import shown, validate_array, validate_integer
from dlnpaper._decomposition import EPS

#: The most starts of one draw, and the number of the last start that a seed stands for.
MOST_STARTS = 10**9
LAST_START = 2**64


def uniform_rows(
    rng: np.random.Generator | int, size: int, columns: int, first: int = 0
) -> np.ndarray:
    """Draw uniforms inside (0, 1), one row per start, (size, columns).

    Every row consumes the same number of draws, so no row depends on how many follow. The ``first``
    rows that a seed stands for are passed over at no cost, by setting the generator's counter.
    """
    expected, remedy = "must be a non-negative integer", "give a number of starts"
    size = validate_integer("size", size, expected, 0, MOST_STARTS, remedy)
    first = validate_integer("first", first, expected, 0, LAST_START, remedy)
    if first and isinstance(rng, np.random.Generator):
        raise ValueError(
            f"first must be 0 for a generator, which goes on from where it is, got {first}; "
            "give a seed instead"
        )
    draws = generator(rng, first * columns)
    # Quantiles of 0 are infinite: move it to half of the least positive draw.
    try:
        return np.maximum(draws.random((size, columns)), EPS / 4)
    except MemoryError:
        raise MemoryError(
            f"size must leave the draws room in memory, got {size} starts; draw them in parts, "
            "the next one from first = the number already drawn"
        ) from None


def generator(rng: np.random.Generator | int, passed: int = 0) -> np.random.Generator:
    """Return ``rng`` itself, or what a seed stands for, past its first ``passed`` uniforms."""
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        philox = np.random.Philox(int(rng))
        # One step of the counter makes four uniforms.
        philox.advance(passed // 4)
        draws = np.random.Generator(philox)
        draws.random(passed % 4)
        return draws
    raise TypeError(
        f"rng must be a numpy.random.Generator or a non-negative integer seed, got {shown(rng)}; "
        "only then is a draw reproducible"
    )


def unit_vectors(uniforms: np.ndarray) -> np.ndarray:
    """Turn rows of uniforms into uniform unit vectors, (size, d), by the normal quantile."""
    normals = scipy.special.ndtri(uniforms)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


def validate_per_start(name: str, values: ArrayLike, size: int) -> np.ndarray:
    """Return one number for each start, or raise."""
    values = validate_array(name, values, None)
    if values.ndim == 0:
        values = np.full(size, values)
    values = validate_array(name, values, 1)
    if len(values) != size:
        raise ValueError(
            f"{name} must have one entry per start, got {len(values)} for {size} starts; pair them"
        )
    return values
