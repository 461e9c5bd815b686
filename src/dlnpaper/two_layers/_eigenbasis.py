"""The eigenvectors of the linear flow behind two layers (docs/two_layers.md, section 2)."""

from typing import NamedTuple

import numpy as np

from dlnpaper._target import Target


class Eigenbasis(NamedTuple):
    """Eigenvalues and eigenvectors for M imbalances λ."""

    heights: np.ndarray
    """m_i = sqrt(σ_i² + λ²/4), (M, r)."""
    sine: np.ndarray
    """sin φ_i, (M, r), with tan φ_i = (m_i + λ/2) / σ_i."""
    cosine: np.ndarray
    """cos φ_i, (M, r)."""
    tilt: np.ndarray
    """Ratio of the smaller of the two to the larger, less 1: from 0 at λ = 0 to -1, (M, r)."""


def eigenbasis(target: Target, imbalance: np.ndarray) -> Eigenbasis:
    """Return the eigenvectors for every λ; nothing is divided by it, so it may vanish."""
    sigma, half = target.singular_values, 0.5 * np.abs(imbalance)[:, None]
    heights = np.hypot(sigma, half)
    # σ_i and m_i + |λ|/2 are the legs of a right triangle with φ_i, or its complement for λ < 0.
    hypotenuse = np.hypot(heights + half, sigma)
    long, short = (heights + half) / hypotenuse, sigma / hypotenuse
    tilt = -half * (1 + half / (heights + sigma)) / (heights + half)
    raised = (imbalance >= 0)[:, None]
    return Eigenbasis(heights, np.where(raised, long, short), np.where(raised, short, long), tilt)


def eigenvalues(target: Target, imbalance: np.ndarray, weight_decay: float) -> np.ndarray:
    """Return all K = d_y + d_x eigenvalues, falling, (M, K).

    They belong to ψ_i^+, to the null directions of one side and of the other, the left ones first
    for λ ≥ 0, and to ψ_i^- in reverse.
    """
    heights = eigenbasis(target, imbalance).heights
    half = 0.5 * np.abs(imbalance)[:, None]
    left, right = np.array(target.shape) - target.rank
    raised = np.where(imbalance >= 0, left, right)[:, None]
    null = np.where(np.arange(left + right) < raised, half, -half)
    return np.concatenate([heights, null, -heights[:, ::-1]], axis=1) - weight_decay


def gaps(target: Target, imbalance: float) -> np.ndarray:
    """Return θ_k − θ_l for all pairs of eigenvalues, (K, K), without cancellation."""
    sigma, half = target.singular_values, 0.5 * abs(imbalance)
    heights = np.hypot(sigma, half)
    theta = eigenvalues(target, np.array([imbalance]), 0.0)[0]
    # θ less the eigenvalue of null directions on its side is σ² / (m + |λ|/2).
    above = np.zeros(len(theta))
    above[: len(sigma)] = sigma * (sigma / (heights + half))
    above[len(theta) - len(sigma) :] = -above[: len(sigma)][::-1]
    found = theta[:, None] - theta
    same = np.sign(theta)[:, None] == np.sign(theta)
    found = np.where(same, above[:, None] - above, found)
    both = (sigma[:, None] - sigma) * ((sigma[:, None] + sigma) / (heights[:, None] + heights))
    found[: len(sigma), : len(sigma)] = both
    found[len(theta) - len(sigma) :, len(theta) - len(sigma) :] = both[::-1, ::-1].T
    return found
