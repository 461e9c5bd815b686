"""Decompositions of matrices with fixed signs, and checks of what a target is made from."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import shown, validate_array, validate_fraction, validate_largest

EPS = float(np.finfo(float).eps)

#: Bases given by a caller must be orthonormal to this, entry by entry of ``left.T @ left``.
ORTHONORMAL_TOLERANCE = 1e-10

#: The largest d_y or d_x: bases of this dimension take a gigabyte.
LARGEST_DIMENSION = 10_000


def decompose(
    matrix: np.ndarray, threshold: float, tie_tolerance: float
) -> tuple[dict[str, Any], int]:
    """Return what `dlnpaper.Target` takes, with fixed signs, and how many values were dropped.

    Singular values of ``matrix`` (d_y, d_x) up to the absolute ``threshold``, below the largest,
    are round-off and dropped. Neighbors closer than ``tie_tolerance`` times the largest become
    equal, to their mean.
    """
    left, values, right_t = np.linalg.svd(matrix)
    right = right_t.T
    # The threshold may come from another decomposition, whose rounding differs.
    kept = values[: max(1, np.count_nonzero(values > threshold))]
    r = len(kept)
    left_signs, right_signs = _leading_signs(left), _leading_signs(right)
    right_signs[:r] = left_signs[:r]
    kept = _merge_ties(kept, tie_tolerance * kept[0])
    has_null = max(matrix.shape) > r
    levels = np.append(np.unique(kept)[::-1], [0.0] * has_null)
    separation = np.abs(np.diff(levels)).min() if len(levels) > 1 else kept[0]
    with np.errstate(over="ignore"):  # a subnormal separation makes the error 1
        condition = kept[0] / separation
    fields = {
        "singular_values": kept,
        "shape": matrix.shape,
        "left": left * left_signs,
        "right": right * right_signs,
        "basis_error": min(1.0, 8 * max(matrix.shape) * EPS * condition),
    }
    return fields, len(values) - r


def whiten(inputs: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the whitening map (rank, features) and the whitened inputs (rank, n).

    Singular values of ``inputs`` (features, n) up to ``tolerance`` times the largest are dropped.
    ValueError if the inputs have rank 0.
    """
    if not inputs.any():
        raise ValueError(
            f"inputs must have rank 1 at least, got rank 0 (zeros of shape {inputs.shape}); "
            "check how the data were read"
        )
    left, values, right_t = np.linalg.svd(inputs, full_matrices=False)
    keep = values > tolerance * values[0]
    signs = _leading_signs(left[:, keep])
    whitening = (left[:, keep] * (signs / values[keep])).T
    return whitening, right_t[keep] * signs[:, None]


def validate_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """Return the shape (d_y, d_x) of a target as two ints, or raise ValueError."""
    sizes = tuple(shape) if np.iterable(shape) else ()
    integers = [n for n in sizes if isinstance(n, int | np.integer) and not isinstance(n, bool)]
    if len(sizes) != 2 or len(integers) != 2 or min(integers) < 1:
        raise ValueError(
            f"shape must be two positive integers (d_y, d_x), got {shown(shape)}; "
            "give the shape of Z"
        )
    if max(integers) > LARGEST_DIMENSION:
        raise ValueError(
            f"shape must not exceed {LARGEST_DIMENSION}, got {shown(shape)}; reduce the data first"
        )
    return int(integers[0]), int(integers[1])


def validate_basis(name: str, basis: ArrayLike | None, size: int) -> np.ndarray:
    """Return a complete orthonormal basis, the identity for None, or raise."""
    if basis is None:
        return np.eye(size)
    basis = validate_array(name, basis, 2)
    if basis.shape != (size, size):
        raise ValueError(
            f"{name} must be a complete basis of shape ({size}, {size}), got {basis.shape}; "
            "add the null directions as further columns"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        error = np.abs(basis.T @ basis - np.eye(size)).max()
    if not error <= ORTHONORMAL_TOLERANCE:
        raise ValueError(
            f"{name} must have orthonormal columns to {ORTHONORMAL_TOLERANCE:g}, got an error of "
            f"{error:.3g}; orthonormalize it"
        )
    return basis


def validate_entries(name: str, matrix: ArrayLike) -> np.ndarray:
    """Return a finite matrix whose squares are representable, or raise."""
    matrix = validate_array(name, matrix, 2)
    if matrix.any():
        validate_largest(name, matrix)
    return matrix


def validate_tolerances(
    tolerance: float | None, tie_tolerance: float, shape: tuple[int, ...]
) -> tuple[float, float]:
    """Return both as floats; the default tolerance is the round-off of this shape."""
    remedy = "it is relative to the largest singular value"
    if tolerance is None:
        tolerance = max(shape) * EPS
    tolerance = validate_fraction("tolerance", tolerance, remedy)
    return tolerance, validate_fraction("tie_tolerance", tie_tolerance, remedy)


def _leading_signs(columns: np.ndarray) -> np.ndarray:
    largest = np.abs(columns).argmax(axis=0)
    return np.where(columns[largest, np.arange(columns.shape[1])] < 0, -1.0, 1.0)


def _merge_ties(values: np.ndarray, distance: float) -> np.ndarray:
    """Give runs of falling values whose neighbors differ by at most ``distance`` their mean."""
    if distance == 0:
        return values
    runs = np.split(values, np.flatnonzero(-np.diff(values) > distance) + 1)
    return np.concatenate([np.full(len(run), run.mean()) for run in runs])
