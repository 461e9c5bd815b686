"""The flows of `dlnpaper.integrate` as initial value problems, one start each, with weight decay μ.

Their ``read`` returns log s (T,), τ (T,), a (T, d_y) and b (T, d_x).
"""

from collections.abc import Sequence

import numpy as np

from dlnpaper._integration import System
from dlnpaper._target import Target
from dlnpaper.layers._products import (
    descent_directions,
    end_to_end,
    packed,
    unpacking,
)
from dlnpaper.one_neuron._starting_points import StartingPoints

Reading = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def induced(target: Target, depth: int, starts: StartingPoints, i: int, mu: float) -> System:
    """Return the flow of ``log s``, τ and the nonzero entries of (α, β, √2 null a, √2 null b).

    With z those entries and λ = (σ, −σ, 0, 0), ``|z|² = 4`` and the directions obey
    ``dz/dτ = (λ − c) z``, where c is the Rayleigh quotient ``Σ λ z² / Σ z²``. On unit vectors that
    is uᵀ Z v; off them it leaves |z| as it is, where uᵀ Z v < 0 would let its rounding grow.
    """
    a, b, s = starts.a[i], starts.b[i], starts.s[i]
    r, sigma = target.rank, target.singular_values
    d_y, root = target.shape[0], np.sqrt(2)
    full = np.concatenate([a[:r] + b[:r], a[:r] - b[:r], root * a[r:], root * b[r:]])
    kept = np.flatnonzero(full)
    lam = np.concatenate([sigma, -sigma, np.zeros(full.size - 2 * r)])[kept]
    power = 1 - 2 / depth

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        z = y[2:]
        square = z * z
        c = lam @ square / square.sum()
        rate = np.exp(power * y[0])
        growth = depth * rate * (c - np.exp(y[0])) - depth * mu
        return np.concatenate([[growth, rate], rate * (lam - c) * z])

    def read(states: np.ndarray) -> Reading:
        z = np.zeros((len(states), full.size))
        z[:, kept] = states[:, 2:]
        z *= 2 / np.linalg.norm(z, axis=1, keepdims=True)
        alpha, beta, null = np.split(z, [r, 2 * r], axis=1)
        null = null / root
        a = np.hstack([(alpha + beta) / 2, null[:, : d_y - r]])
        b = np.hstack([(alpha - beta) / 2, null[:, d_y - r :]])
        return states[:, 0], states[:, 1], a, b

    initial = np.concatenate([[np.log(s), 0.0], full[kept]])
    scale = np.concatenate([[1.0, s**power], np.abs(full[kept])])
    return System(rhs, initial, scale, read)


def vectors(target: Target, depth: int, starts: StartingPoints, i: int, mu: float) -> System:
    """Return the flow of ``s, τ, u, v`` in the coordinates of the target's matrix."""
    u, v = target.left @ starts.a[i], target.right @ starts.b[i]
    matrix, d_y = target.matrix, target.shape[0]
    power = 1 - 2 / depth

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        # A trial step may end below zero, where the fractional power is not defined.
        s, u, v = max(y[0], 0.0), y[2 : 2 + d_y], y[2 + d_y :]
        image, preimage = matrix @ v, u @ matrix
        c, rate = u @ image, s**power
        head = [depth * s * rate * (c - s) - depth * mu * s, rate]
        return np.concatenate([head, rate * (image - c * u), rate * (preimage - c * v)])

    def read(states: np.ndarray) -> Reading:
        u, v = states[:, 2 : 2 + d_y], states[:, 2 + d_y :]
        return np.log(states[:, 0]), states[:, 1], u @ target.left, v @ target.right

    initial = np.concatenate([[starts.s[i], 0.0], u, v])
    scale = np.concatenate([[starts.s[i], starts.s[i] ** power], np.ones(u.size + v.size)])
    return System(rhs, initial, scale, read)


def layers(
    target: Target,
    depth: int,
    starts: StartingPoints,
    i: int,
    mu: float,
    widths: Sequence[int],
    seed: int,
) -> System:
    """Return the flow of τ and the entries of W_1, ..., W_N, in singular coordinates."""
    weights = starts.layers(i, depth, widths, np.random.default_rng([seed, i]))
    unpack = unpacking([layer.shape for layer in weights])
    matrix = np.zeros(target.shape)
    np.fill_diagonal(matrix[: target.rank, : target.rank], target.singular_values)
    power = 1 - 2 / depth

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        product, directions = descent_directions(matrix, unpack(y[1:]), weight_decay=mu)
        # For a matrix of rank one the Frobenius norm is the spectral norm s, and far cheaper.
        return np.append(np.linalg.norm(product) ** power, packed(directions))

    def read(states: np.ndarray) -> Reading:
        product = end_to_end(unpack(states[:, 1:]))
        left, values, right = np.linalg.svd(product, full_matrices=False)
        a, b = left[:, :, 0], right[:, 0, :]
        # α, β and the null entries keep their signs for all time, so this sum stays positive.
        flip = np.where(a @ starts.a[i] + b @ starts.b[i] < 0, -1.0, 1.0)[:, None]
        return np.log(values[:, 0]), states[:, 0], flip * a, flip * b

    initial = np.append(0.0, packed(weights))
    norm = starts.s[i] ** (1 / depth)
    scale = np.concatenate([[starts.s[i] ** power], np.full(initial.size - 1, norm)])
    return System(rhs, initial, scale, read)
