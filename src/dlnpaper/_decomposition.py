"""Singular value decompositions with fixed signs and without values at round-off level."""

from __future__ import annotations

from typing import Any

import numpy as np

EPS = float(np.finfo(float).eps)


def decompose(
    matrix: np.ndarray, threshold: float, tie_tolerance: float
) -> tuple[dict[str, Any], int]:
    """Decompose a matrix whose singular values up to ``threshold`` are round-off.

    Parameters
    ----------
    matrix : ndarray, (d_y, d_x)
    threshold : float
        Absolute, and less than the largest singular value.
    tie_tolerance : float
        Neighbors closer than this times the largest singular value become equal, to their mean.

    Returns
    -------
    fields : dict
        ``shape``, ``singular_values`` (r,), complete bases ``left`` (d_y, d_y) and ``right``
        (d_x, d_x) with fixed signs, and ``basis_error``, as `dlnpaper.Target` takes them.
    dropped : int
        Number of singular values up to the threshold.
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
    gap = np.abs(np.diff(levels)).min() if len(levels) > 1 else kept[0]
    with np.errstate(over="ignore"):  # a subnormal gap makes the error 1
        relative_gap = kept[0] / gap
    fields = {
        "singular_values": kept,
        "shape": matrix.shape,
        "left": left * left_signs,
        "right": right * right_signs,
        "basis_error": min(1.0, 8 * max(matrix.shape) * EPS * relative_gap),
    }
    return fields, len(values) - r


def whiten(inputs: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the whitening map (rank, features) and the whitened inputs (rank, k).

    Singular values of ``inputs`` (features, k) up to ``tolerance`` times the largest are dropped.

    Raises
    ------
    ValueError
        If the inputs have rank 0.
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


def _leading_signs(columns: np.ndarray) -> np.ndarray:
    largest = np.abs(columns).argmax(axis=0)
    return np.where(columns[largest, np.arange(columns.shape[1])] < 0, -1.0, 1.0)


def _merge_ties(values: np.ndarray, distance: float) -> np.ndarray:
    """Give runs of falling values whose neighbors differ by at most ``distance`` their mean."""
    if distance == 0:
        return values
    runs = np.split(values, np.flatnonzero(-np.diff(values) > distance) + 1)
    return np.concatenate([np.full(len(run), run.mean()) for run in runs])
