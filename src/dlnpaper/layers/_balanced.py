"""From balanced layers of rank one to their product s u vᵀ, and back."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    S_RANGE,
    as_numbers,
    shown,
    validate_array,
    validate_integer,
    validate_largest,
)
from dlnpaper._decomposition import EPS

#: The most weights that a network may have: they take a gigabyte.
MOST_WEIGHTS = 100_000_000

#: Of imbalance and rank, where the type of the layers does not ask for more.
LEAST_TOLERANCE = 1e-10


class _Allowed(NamedTuple):
    """How far from balanced and of rank one layers may be, and why."""

    tolerance: float
    reason: str = ""


def factor_layers(
    layers: Sequence[ArrayLike], shape: tuple[int, int], tolerance: float | None
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return unit vectors u (d_N,) and v (d_0,), s, and the error of the layers' ``s u vᵀ``.

    The error is the absolute uncertainty of the entries of u and v: ``4 N max_j d_j eps`` for
    rounding, plus the relative imbalance and the ratio of second to first singular value that were
    measured. ValueError if one of these two exceeds the tolerance, by default that of the layers'
    type, or the layers do not chain to ``shape``, are zero or not finite.
    """
    layers = list(layers) if np.iterable(layers) else layers
    matrices = validate_chain(layers, shape)
    allowed = _Allowed(tolerance) if tolerance is not None else _allowed_by_type(layers)
    for j, matrix in enumerate(matrices):
        if not matrix.any():
            raise ValueError(
                f"layers[{j}] must not be zero, got zeros of shape {matrix.shape}; "
                "leave out W = 0, which is stationary"
            )
        validate_largest(f"layers[{j}]", matrix)
    imbalance = _validate_balance(matrices, allowed)
    excess_rank = _validate_rank_one(matrices, allowed)
    v = np.linalg.svd(matrices[0])[2][0]
    u, log_s = v, 0.0
    for matrix in matrices:
        u = matrix @ u
        norm = np.linalg.norm(u)
        u, log_s = u / norm, log_s + np.log(norm)
    low, high = np.log(S_RANGE)
    if not low <= log_s <= high:
        raise ValueError(
            f"layers must have a product of size {S_RANGE[0]:g} to {S_RANGE[1]:g}, got one whose "
            f"logarithm is {log_s:g}; change the unit"
        )
    widest = max(max(matrix.shape) for matrix in matrices)
    rounding = 4 * len(matrices) * widest * EPS
    return u, v, float(np.exp(log_s)), rounding + imbalance + excess_rank


def build_layers(
    u: np.ndarray, v: np.ndarray, s: float, widths: Sequence[int], rng: np.random.Generator
) -> list[np.ndarray]:
    """Build W_1, ..., W_N, ``W_j = s^{1/N} w_j w_{j-1}ᵀ`` with w_0 = v (d_x,) and w_N = u (d_y,).

    The hidden unit vectors are drawn in order, ``rng.standard_normal(d_j)`` each.
    """
    weights = sum(rows * columns for rows, columns in pairwise([len(v), *widths, len(u)]))
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"widths must make at most {MOST_WEIGHTS} weights, got {shown(list(widths))}, which "
            f"makes {weights}; reduce them"
        )
    hidden = [rng.standard_normal(width) for width in widths]
    chain = [v, *(vector / np.linalg.norm(vector) for vector in hidden), u]
    scale = s ** (1 / (len(widths) + 1))
    return [scale * np.outer(out, into) for into, out in pairwise(chain)]


def validate_widths(widths: int | Sequence[int], depth: int) -> list[int]:
    """Return the widths of ``depth - 1`` hidden layers as positive ints, or raise."""
    every = list(widths) if np.iterable(widths) else [widths] * (depth - 1)
    expected = f"must hold depth - 1 = {depth - 1} positive integers"
    remedy = "give the width of every hidden layer"
    for width in every:
        validate_integer("widths", width, expected, np.iinfo(int).min, MOST_WEIGHTS, remedy)
    if len(every) != depth - 1 or min(every) < 1:
        raise ValueError(f"widths {expected}, got {shown(every)}; {remedy}")
    return [int(width) for width in every]


def validate_chain(layers: Sequence[ArrayLike], shape: tuple[int, int]) -> list[np.ndarray]:
    """Return at least two layers that chain from d_0 to d_N as new float arrays, or raise."""
    if not np.iterable(layers):
        raise TypeError(f"layers must be a list of matrices, got {shown(layers)}; give W_1 to W_N")
    matrices = [validate_array(f"layers[{j}]", layer, 2) for j, layer in enumerate(layers)]
    if len(matrices) < 2:
        raise ValueError(
            f"layers must be at least 2 matrices, got {len(matrices)}; give W_1, ..., W_N"
        )
    sizes = [shape[1], *(len(matrix) for matrix in matrices)]
    for j, matrix in enumerate(matrices):
        if matrix.shape[1] != sizes[j]:
            raise ValueError(
                f"layers[{j}] must have {sizes[j]} columns to follow what comes before it, "
                f"got shape {matrix.shape}; give W_1, which sees the input, first"
            )
    if sizes[-1] != shape[0]:
        raise ValueError(
            f"layers[{len(matrices) - 1}] must have {shape[0]} rows for a target of shape {shape}, "
            f"got {sizes[-1]}; give W_N, which makes the output, last"
        )
    return matrices


def _allowed_by_type(layers: Sequence[ArrayLike]) -> _Allowed:
    """Return the tolerance of the least precise floats among the layers."""
    types = [as_numbers("layers", layer, "must hold real numbers").dtype for layer in layers]
    floats = [kind for kind in types if kind.kind == "f"]
    if not floats:
        return _Allowed(LEAST_TOLERANCE)
    coarsest = max(floats, key=lambda kind: np.finfo(kind).eps)
    rounding = 100 * float(np.finfo(coarsest).eps)
    if rounding <= LEAST_TOLERANCE:
        return _Allowed(LEAST_TOLERANCE)
    return _Allowed(rounding, f" (100 times the rounding of {coarsest})")


def _validate_balance(matrices: list[np.ndarray], allowed: _Allowed) -> float:
    """Return the largest relative imbalance, or raise."""
    worst = 0.0
    for j, (lower, upper) in enumerate(pairwise(matrices)):
        # Scaled by the larger layer, so that the squares of tiny weights do not vanish.
        scale = max(np.abs(lower).max(), np.abs(upper).max())
        lower, upper = lower / scale, upper / scale
        before, after = lower @ lower.T, upper.T @ upper
        size = np.maximum(np.linalg.norm(before), np.linalg.norm(after))
        imbalance = float(np.linalg.norm(after - before) / size)
        if imbalance > allowed.tolerance:
            raise ValueError(
                f"layers must be balanced to {allowed.tolerance:.2g}{allowed.reason}, got a "
                f"relative imbalance of {imbalance:.3g} between layers[{j}] and layers[{j + 1}]; "
                "the flow conserves it, so start from balanced weights"
            )
        worst = max(worst, imbalance)
    return worst


def _validate_rank_one(matrices: list[np.ndarray], allowed: _Allowed) -> float:
    """Return the largest ratio of a second singular value to the first, or raise."""
    worst = 0.0
    for j, matrix in enumerate(matrices):
        values = np.linalg.svd(matrix, compute_uv=False)
        ratio = values[1] / values[0] if len(values) > 1 else 0.0
        if ratio > allowed.tolerance:
            raise ValueError(
                f"layers must be of rank one to {allowed.tolerance:.2g}{allowed.reason}, got a "
                f"second singular value of {ratio:.3g} times the first in layers[{j}]; use a "
                "network with a one-neuron layer"
            )
        worst = max(worst, ratio)
    return worst
