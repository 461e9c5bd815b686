"""The digits as a target, and networks that start as exact trajectories do."""

from typing import Any, NamedTuple

import numpy as np

from companion.bundled import data_target
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._end_to_end import end_to_end
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.training.framework import train

#: One is sampled; the other one is on the stable set of the second mode.
STARTS = ("sampled", "saddle")


class Networks(NamedTuple):
    """A data set as a target, and one network for each of `STARTS`.

    Matrices are in the coordinates of the whitened data, (d_y, d_x), and their distances in units
    of the largest singular value.
    """

    target: Target
    #: Whitened inputs (d_x, n) and centered outputs (d_y, n).
    inputs: np.ndarray
    outputs: np.ndarray
    depth: int
    starts: StartingPoints
    layers: list[list[np.ndarray]]

    @classmethod
    def of_digits(cls, depth: int, width: int, magnitude: float, seed: int) -> "Networks":
        """Build networks of the widths ``width, ..., width, 1``, and of this singular value."""
        target, data = data_target("digits")
        inputs = target.right @ data["inputs"].values
        outputs = target.left @ data["outputs"].values
        drawn: dict[str, Any] = {"size": 1, "rng": seed, "s": (magnitude, magnitude)}
        sampled = StartingPoints.sample(target, **drawn)
        saddle = StartingPoints.on_stable_set(target, limit=1, **drawn)
        starts = StartingPoints.concatenate([sampled, saddle])
        widths = (width,) * (depth - 2) + (1,)
        layers = [starts.layers(i, depth, widths, seed, target) for i in range(len(STARTS))]
        return cls(target, inputs, outputs, depth, starts, layers)

    def exact(self, start: str, times: np.ndarray) -> np.ndarray:
        """Return the matrices of the exact trajectory, (time, d_y, d_x)."""
        path = solve(self.target, self.depth, self._start(start), times)
        return end_to_end(self.target, path).values[0]

    def reduced(self, start: str, **options: Any) -> np.ndarray:
        """Return the matrices that the steps of `dlnpaper.descend` lead to, (step, d_y, d_x)."""
        path = descend(self.target, self.depth, self._start(start), threads=1, **options)
        return end_to_end(self.target, path).values[0]

    def train(self, start: str, **options: Any) -> np.ndarray:
        """Return what `studies.training.framework.train` makes of the layers of a start."""
        return train(self.layers[STARTS.index(start)], self.inputs, self.outputs, **options)

    def minimizer(self) -> np.ndarray:
        """Return the global minimizer."""
        first = np.outer(self.target.left[:, 0], self.target.right[:, 0])
        return self.target.singular_values[0] * first

    def distance(self, some: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return distances of matrices in units of σ_1."""
        return np.linalg.norm(some - others, axis=(-2, -1)) / self.target.singular_values[0]

    def loss(self, matrices: np.ndarray) -> np.ndarray:
        """Return the loss on the data."""
        return 0.5 * np.sum((self.outputs - matrices @ self.inputs) ** 2, axis=(-2, -1))

    def _start(self, start: str) -> StartingPoints:
        i = STARTS.index(start)
        return self.starts[i : i + 1]
