"""Descent of over-parameterized networks, and the rates that their Gram matrix predicts.

Networks have ``weights``, a list of arrays, and functions of such a list: ``pull`` returns the
residual and the gradient of half its square, ``gram`` the matrix H. Small steps of gradient descent
multiply the residual by I − ηH (docs/steps.md, section 8).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from dlnpaper._descent import DescentMethod
from dlnpaper._local_rates import local_rate

#: Of 1/√κ, the part that a step with momentum removes: less than the most, where two roots meet
#: and the residual falls like k ρ^k instead of ρ^k.
SHARE = 0.65


class Network(Protocol):
    """What can be trained."""

    weights: list[np.ndarray]

    def pull(self, weights: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the residual, and the gradient of half its square in each of the weights."""

    def gram(self, weights: Sequence[np.ndarray]) -> np.ndarray:
        """Return H."""


class Tuning(NamedTuple):
    """Parameters of a method, and the predicted part of the residual that a step removes."""

    method: DescentMethod
    step: float
    momentum: float
    gap: float
    condition: float


def tuned(gram: np.ndarray, method: DescentMethod) -> Tuning:
    """Return parameters for the Gram matrix H at the start.

    The step is 1/λ_max. On the smallest eigenvalue gradient descent contracts by 1 − 1/κ; the
    momentum is such that the others have the real root 1 − s/√κ there, s = `SHARE`.
    """
    eigenvalues = np.linalg.eigvalsh(gram)
    largest, smallest = eigenvalues[-1], eigenvalues[0]
    condition = float(largest / smallest)
    root = np.sqrt(1 / condition)
    if method == "gradient_descent":
        return Tuning(method, 1 / largest, 0.0, 1 / condition, condition)
    share = max(SHARE, root)  # no momentum where κ is so small that none is needed
    momentum = (1 - share * root) * (1 - root / share)
    if method == "nesterov":
        momentum /= 1 - root**2
    return Tuning(method, 1 / largest, float(momentum), float(share * root), condition)


class Path(NamedTuple):
    """What descent leaves behind."""

    residuals: np.ndarray  # (K,): norms over that at the start
    weights: list[np.ndarray]


def train(network: Network, tuning: Tuning, floor: float, most: int) -> Path:
    """Descend until the residual is below a part of its start, or for at most so many steps."""
    ahead = tuning.momentum if tuning.method == "nesterov" else 0.0
    weights = [each.copy() for each in network.weights]
    velocity = [np.zeros_like(each) for each in weights]
    residuals = np.empty(most)
    for k in range(most):
        at = weights
        if ahead:
            at = [w + ahead * v for w, v in zip(weights, velocity, strict=True)]
        residual, gradients = network.pull(at)
        residuals[k] = np.sqrt(np.vdot(residual, residual))
        if not floor * residuals[0] < residuals[k] < 1e6 * residuals[0]:
            return Path(residuals[: k + 1] / residuals[0], weights)
        for w, v, gradient in zip(weights, velocity, gradients, strict=True):
            v *= tuning.momentum
            v -= tuning.step * gradient
            w += v
    return Path(residuals / residuals[0], weights)


def recursion(
    gram: np.ndarray, residual: np.ndarray, tuning: Tuning, floor: float, most: int
) -> np.ndarray:
    """Return the norms of a residual over that at the start, if H stays what it is.

    H is (n, n) and the residual at the start (n,). The norms are taken where `train` takes them,
    at the points at which a method has its gradients, and end as they do there.
    """
    ahead = tuning.momentum if tuning.method == "nesterov" else 0.0
    eigenvalues, vectors = np.linalg.eigh(gram)
    error, velocity = vectors.T @ residual, np.zeros(len(eigenvalues))
    norms = [np.linalg.norm(error)]
    while len(norms) < most and norms[-1] > floor * norms[0]:
        pulled = tuning.step * eigenvalues * (error + ahead * velocity)
        velocity = tuning.momentum * velocity - pulled
        error = error + velocity
        norms.append(np.linalg.norm(error + ahead * velocity))
    return np.array(norms) / norms[0]


def measured_gap(residuals: np.ndarray, floor: float) -> float:
    """Return the part that a step removes, fitted while the residual falls from 100 floors to one.

    NaN if it does not get there.
    """
    if residuals[-1] > 1.01 * floor:
        return float("nan")
    chosen = np.flatnonzero(residuals <= 100 * floor)
    chosen = np.arange(chosen[0], len(residuals))
    slope = np.polyfit(chosen - chosen[0], np.log(residuals[chosen]), 1)[0]
    return float(-np.expm1(slope))


def predicted_gap(gram: np.ndarray, tuning: Tuning) -> float:
    """Return the part of the residual that a step finally removes with a Gram matrix H."""
    rate = local_rate(
        np.linalg.eigvalsh(gram),
        method=tuning.method,
        step=tuning.step,
        momentum=tuning.momentum,
    )
    return 1 - rate


def movement(last: np.ndarray, first: np.ndarray) -> float:
    """Return how far a Gram matrix has moved, relative to its norm."""
    return float(np.linalg.norm(last - first, 2) / np.linalg.norm(first, 2))
