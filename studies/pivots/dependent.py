"""Starts in which modes that the limit lacks do grow, but only where others take their place."""

from collections.abc import Sequence

import numpy as np

from dlnpaper._target import Target
from dlnpaper.two_layers._starts import Starts

__all__ = ["dependent_start"]


def dependent_start(
    target: Target, modes: Sequence[int], rng: np.random.Generator, scale: float
) -> Starts:
    """Return a balanced start with one hidden unit for each of some modes of its limit.

    Unit by unit, the growing coefficients of modes before the unit's own are exactly zero, and all
    others are random. The coefficients of a mode that is left out are so a linear combination of
    those of larger modes, and only the pivots tell that the limit lacks it. (The starts of
    `dlnpaper.two_layers.Starts.on_stable_set` have zeros there.)

    Weights of the first layer have the standard deviation ``scale``.
    """
    d_y, d_x = target.shape
    first, second = np.zeros((0, d_x)), np.zeros((d_y, 0))
    for k in sorted(modes, reverse=True):
        inward = scale * rng.standard_normal(d_x)
        outward = np.concatenate([-inward[:k], np.zeros(d_y - k)])
        # From k on, products with the units made before must be those of the first layer.
        shares = np.linalg.lstsq(first[:, k:].T, inward[k:])[0]
        rest = np.linalg.norm(inward[k:] - shares @ first[:, k:])
        # A random direction across them, of either sign where only one is left.
        drawn = np.column_stack([second[k:], rng.standard_normal(d_y - k)])
        frame, triangle = np.linalg.qr(drawn)
        across = frame[:, -1] * np.sign(triangle[-1, -1])
        outward[k:] = second[k:] @ shares + rest * across
        first, second = np.vstack([inward, first]), np.column_stack([outward, second])
    return Starts(first[None], second[None], imbalance=0.0)
