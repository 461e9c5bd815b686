"""Random layers with a given imbalance, W_2ᵀ W_2 − W_1 W_1ᵀ = λ I, in singular coordinates."""

import numpy as np
from scipy.special import ndtri

from dlnpaper._target import Target
from dlnpaper.two_layers._eigenbasis import eigenbasis

Layers = tuple[np.ndarray, np.ndarray]


def columns(shape: tuple[int, int], hidden: int) -> int:
    """Return the number of uniforms that one start takes."""
    return hidden * sum(shape)


def draw_layers(
    target: Target,
    uniforms: np.ndarray,
    hidden: int,
    scale: float,
    imbalance: float,
    absent: np.ndarray,
) -> Layers:
    """Turn uniforms, (M, h (d_x + d_y)), into W_1 (M, h, d_x) and W_2 (M, d_y, h).

    `dlnpaper.two_layers.Starts.sample` and `on_stable_set` say how. Modes that are ``absent`` (r,)
    have no growing part: ``cos φ_i W_1[:, i] + sin φ_i W_2[i] = 0``. For λ < 0 the layers change
    places. For λ ≠ 0 the layer that is larger has at least h rows or columns that are not absent.
    """
    normals = scale * ndtri(uniforms)
    basis = eigenbasis(target, np.array([imbalance]))
    sides = normals[:, : hidden * target.shape[1]], normals[:, hidden * target.shape[1] :]
    first = sides[0].reshape(-1, hidden, target.shape[1])
    second = sides[1].reshape(-1, target.shape[0], hidden)
    if imbalance >= 0:
        return _complete(first, second, imbalance, absent, (basis.cosine / basis.sine)[0])
    opposite = _complete(second.mT, first.mT, -imbalance, absent, (basis.sine / basis.cosine)[0])
    return opposite[1].mT, opposite[0].mT


def reveal_missing_mode(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return balanced layers of a square, and their growing coefficients with the zeros they have.

    For d = d_y = d_x = r ≤ h, ``W_2 = Q W_1ᵀ`` with an orthogonal Q (d, d), and the coefficients
    are ``(I + Q) W_1ᵀ / √2``: of rank d − 1 where det Q = −1. Hidden units are rotated such that
    the coefficients are in the first d or d − 1 of them, (M, r, h).
    """
    d = second.shape[1]
    _, _, frames = np.linalg.svd(first.mT + second)
    first, second = frames @ first, second @ frames.mT
    growing = (first.mT + second) * np.sqrt(0.5)
    growing[:, :, d:] = 0.0
    reflected = np.linalg.det(second @ first) < 0
    growing[reflected, :, d - 1] = 0.0
    return first, second, growing


def _complete(
    first: np.ndarray,
    directions: np.ndarray,
    imbalance: float,
    absent: np.ndarray,
    ratio: np.ndarray,
) -> Layers:
    """Return W_1, reduced where W_2 has no room for it, and a W_2 that makes λ ≥ 0 with it.

    Rows of W_2 at absent modes are ``-ratio`` times the columns of W_1. The others have the Gram
    matrix that is missing, and left singular vectors that are uniform.
    """
    hidden, modes = first.shape[1], np.flatnonzero(absent)
    columns = np.setdiff1d(np.arange(first.shape[2]), modes)
    rows = np.setdiff1d(np.arange(directions.shape[1]), modes)
    first, second = first.copy(), np.zeros_like(directions)
    second[:, modes] = -ratio[modes, None] * first[:, :, modes].mT
    free, frames = first[:, :, columns], _uniform_frames(directions[:, rows])
    if len(rows) < hidden:  # only without imbalance, where ratio is 1
        left, values, right = np.linalg.svd(free, full_matrices=False)
        room = min(len(rows), values.shape[1])
        left, values, right = left[..., :room], values[:, None, :room], right[:, :room]
        first[:, :, columns] = (left * values) @ right
        second[:, rows] = (frames[..., :room] * values) @ left.mT
    else:
        fixed = first[:, :, modes] * np.sqrt(1 - ratio[modes] ** 2)
        # Not from the Gram matrix itself, whose vanishing eigenvalues have roots of rounding.
        left, values, _ = np.linalg.svd(np.concatenate([free, fixed], axis=2))
        values = np.pad(values, ((0, 0), (0, hidden - values.shape[1])))
        root = (left * np.sqrt(imbalance + values**2)[:, None]) @ left.mT
        second[:, rows] = frames @ root
    if absent.any() and imbalance == 0 and len(rows) == len(columns) == np.sum(~absent) > 0:
        # A reflection would miss one more mode: see `reveal_missing_mode`.
        reflected = np.linalg.det(second[:, rows] @ first[:, :, columns]) < 0
        second[reflected, rows[0]] *= -1
    return first, second


def _uniform_frames(normals: np.ndarray) -> np.ndarray:
    """Return orthonormal columns, uniform, as many as fit, from Gaussian matrices (M, n, k)."""
    if not normals.shape[1]:
        return normals[:, :, :0]
    frames, triangle = np.linalg.qr(normals)
    return frames * np.sign(np.diagonal(triangle, axis1=1, axis2=2))[:, None]
