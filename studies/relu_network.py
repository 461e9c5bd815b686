"""Two-layer ReLU networks whose first layer is trained (docs/steps.md, section 8).

``f(x) = m^(-1/2) Σ_r a_r max(0, w_rᵀx)`` with fixed signs a_r. Neurons come in pairs with the same
w and opposite signs, so that the network is zero at the start, to rounding.
"""

from collections.abc import Sequence

import numpy as np


class ReluNetwork:
    """A network of m neurons that is to map inputs (d, n) to targets (n,)."""

    def __init__(
        self, width: int, inputs: np.ndarray, targets: np.ndarray, rng: np.random.Generator
    ):
        half = rng.standard_normal((width // 2, len(inputs)))
        self.inputs, self.targets = inputs, targets
        self.signs = np.repeat([1.0, -1.0], width // 2) / np.sqrt(2 * (width // 2))
        self.weights = [np.vstack([half, half])]

    def pull(self, weights: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the residual, (n,), and the gradient of half its square in the weights."""
        before = weights[0] @ self.inputs
        active = before > 0
        residual = self.signs @ np.where(active, before, 0.0) - self.targets
        gradient = (active * residual) @ self.inputs.T
        gradient *= self.signs[:, None]
        return residual, [gradient]

    def gram(self, weights: Sequence[np.ndarray]) -> np.ndarray:
        """Return H, (n, n): x_iᵀx_k times the share of neurons that are active on both."""
        active = (weights[0] @ self.inputs > 0).astype(float)
        return self.inputs.T @ self.inputs * (active.T @ active) / len(active)


def expected_gram(inputs: np.ndarray) -> np.ndarray:
    """Return the expectation of H over Gaussian weights, x_iᵀx_k (π − angle) / 2π."""
    norms = np.linalg.norm(inputs, axis=0)
    cosines = np.clip(inputs.T @ inputs / np.outer(norms, norms), -1.0, 1.0)
    return inputs.T @ inputs * (np.pi - np.arccos(cosines)) / (2 * np.pi)
