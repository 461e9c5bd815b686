"""Linear networks on data: their residual, gradients and Gram matrix (docs/steps.md, section 8)."""

from collections.abc import Sequence

import numpy as np

from studies.overparameterized.starts import Network


class LinearNetwork:
    """A product of layers, some of them trained; inputs are (d, n) and wanted outputs (d_y, n)."""

    def __init__(self, network: Network, inputs: np.ndarray, outputs: np.ndarray):
        self.network, self.inputs, self.outputs = network, inputs, outputs
        self.weights = [layer for layer, trained in self._flagged(network.layers) if trained]

    def pull(self, weights: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the residual, (d_y, n), and the gradient of half its square in the weights."""
        layers, states = self._with(weights), [self.inputs]
        for layer in layers:
            states.append(layer @ states[-1])
        residual = self.network.factor * states[-1] - self.outputs
        back, gradients = self.network.factor * residual, []
        for (layer, trained), state in zip(
            self._flagged(layers)[::-1], states[-2::-1], strict=True
        ):
            if trained:
                gradients.append(back @ state.T)
            back = layer.T @ back
        return residual, gradients[::-1]

    def gram(self, weights: Sequence[np.ndarray]) -> np.ndarray:
        """Return H = Σ_j (X_jᵀX_j) ⊗ (B_j B_jᵀ), of the residual stacked by columns.

        X_j is the input of a trained layer and B_j the product of the layers above.
        """
        layers, state = self._with(weights), self.inputs
        above = [self.network.factor * np.eye(len(self.outputs))]
        for layer in layers[:0:-1]:
            above.append(above[-1] @ layer)
        gram = np.zeros((self.outputs.size, self.outputs.size))
        for (layer, trained), product in zip(self._flagged(layers), above[::-1], strict=True):
            if trained:
                gram += np.kron(state.T @ state, product @ product.T)
            state = layer @ state
        return gram

    def _with(self, weights: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return all layers, the trained ones with these weights."""
        given = iter(weights)
        return [
            next(given) if trained else layer
            for layer, trained in self._flagged(self.network.layers)
        ]

    def _flagged(self, layers: Sequence[np.ndarray]) -> list[tuple[np.ndarray, bool]]:
        """Return each layer with whether it is trained."""
        return list(zip(layers, self.network.trained, strict=True))
