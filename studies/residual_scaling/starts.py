"""Starts of residual networks, and the exponents of their trained weights (docs/scaling.md)."""

from collections.abc import Sequence

import numpy as np

#: Quantities of trained weights whose exponents are measured.
QUANTITIES = ("size", "largest", "increments", "variation")


def names(betas: Sequence[float]) -> list[str]:
    """Return the names of all starts: without noise, and with noise of scale L^-β."""
    return ["zero", "smooth", *(f"noise {beta:g}" for beta in betas)]


def beta_of(name: str) -> float:
    """Return β of a start whose name says it."""
    return float(name.removeprefix("noise "))


def is_noise(name: str) -> bool:
    """Return whether a start is random."""
    return name.startswith("noise ")


def profile(x: np.ndarray) -> np.ndarray:
    """Return L times the weights of the smooth start, at l/L; its integral is 0."""
    return np.sin(2 * np.pi * x)


def draw(name: str, depth: int, shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Return start weights; ``shape`` has the layers along its second axis, after the draws.

    Noise is uniform, of variance L^-2β: it is bounded, so that 1 + w stays positive.
    """
    if is_noise(name):
        noise: np.ndarray = rng.uniform(-np.sqrt(3), np.sqrt(3), shape)
        return noise / depth ** beta_of(name)
    if name == "zero":
        return np.zeros(shape)
    x = np.arange(1, depth + 1) / depth
    return np.broadcast_to(profile(x) / depth, shape)


def exponent(quantity: str, name: str) -> float | None:
    """Return the exponent of L in a quantity of trained weights, section 3; None if it has none.

    The largest weight of noise is left out: its shift, of relative order L^(β-1), hides the power.
    """
    if is_noise(name):
        beta = beta_of(name)
        return {"size": -beta, "increments": -beta, "variation": 1 - 2 * beta}.get(quantity)
    flat = {"size": -1.0, "largest": -1.0}
    rough = {"increments": -2.0, "variation": -3.0} if name == "smooth" else {}
    return (flat | rough).get(quantity)


def observe(weights: np.ndarray) -> np.ndarray:
    """Return `QUANTITIES` of weights (draw, layer, ...), (quantity, draw); of matrices, by norm."""
    flat = weights.reshape(*weights.shape[:2], -1)
    squares = (flat**2).sum(axis=2)
    steps = (np.diff(flat, axis=1) ** 2).sum(axis=2)
    return np.stack(
        [
            np.sqrt(squares.mean(axis=1)),
            np.sqrt(squares.max(axis=1)),
            np.sqrt(steps.mean(axis=1)),
            steps.sum(axis=1),
        ]
    )
