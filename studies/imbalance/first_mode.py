"""The first mode of one hidden neuron with an imbalance (docs/two_layers.md, sections 2 and 5)."""

from typing import NamedTuple

import numpy as np

from dlnpaper._target import Target

__all__ = ["FirstMode"]


class FirstMode(NamedTuple):
    """What theory says of the first mode of a target at an imbalance."""

    angle: float  #: φ_1: the weights grow along (cos φ_1, sin φ_1) and decay across.
    rate: float  #: m_1
    next_rate: float  #: m_2

    @classmethod
    def of(cls, target: Target, imbalance: float) -> "FirstMode":
        """Return that of a target."""
        half = imbalance / 2
        m_1, m_2 = (float(np.hypot(value, half)) for value in target.singular_values[:2])
        # tan φ = (m + λ/2)/σ, by the half-angle formula, which cancels nothing for λ < 0.
        return cls(float(np.pi / 4 + np.arctan2(half, target.singular_values[0]) / 2), m_1, m_2)

    @property
    def end(self) -> np.ndarray:
        """The weights ``(w_1, w_2)`` of the global minimizer, up to their sign."""
        return np.sqrt(2 * self.rate) * np.array([np.cos(self.angle), np.sin(self.angle)])
