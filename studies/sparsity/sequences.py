"""Sequences of means for the Gaussian sequence model, y = θ + z with z standard normal."""

from typing import NamedTuple

import numpy as np


class Case(NamedTuple):
    """A sequence of means, in units of the noise."""

    sequence: str  # "sparse" or "besov"
    at: float  # the value of the nonzero means, or the number of means
    means: np.ndarray  # those that differ
    counts: np.ndarray  # how often each occurs
    linear: float  # least risk of an estimator that shrinks each level by one factor

    @property
    def scale(self) -> float:
        """Factor of the summed squared errors: those of a function are per coefficient."""
        return 1 / self.at if self.sequence == "besov" else 1.0

    def summed(self, each: np.ndarray) -> np.ndarray:
        """Return what the means contribute, (..., mean), summed over the sequence."""
        return self.scale * (each @ self.counts)


def sparse(value: float, size: int, nonzero: int) -> Case:
    """Return a sequence in which ``nonzero`` of ``size`` means have a value, and all others 0."""
    counts = np.array([size - nonzero, nonzero])
    energy = nonzero * value**2
    return Case("sparse", value, np.array([0.0, value]), counts, energy * size / (energy + size))


def besov(octave: int, smoothness: float, integrability: float, radius: float) -> Case:
    """Return a sequence like the wavelet coefficients of a function of heterogeneous smoothness.

    There are n = 2^octave of them. Level 0 has one, ``C √n``; level j from 1 to octave - 1 has, for
    each i < j, 2^i of the size ``C √n 2^(-j(α + 1/2 - 1/p) - i/p)``; the rest are zero. So they lie
    in a ball of the Besov space of smoothness α and integrability p, but for a logarithm: on each
    level the weak norm takes the place of that in ℓ_p.
    """
    n, decay = 2**octave, linear_smoothness(smoothness, integrability)
    means, counts = [radius * np.sqrt(n)], [1]
    linear = means[0] ** 2 / (means[0] ** 2 + 1)
    for j in range(1, octave):
        i = np.arange(j)
        level, many = means[0] * 2.0 ** (-j * decay - i / integrability), 2**i
        energy = float(many @ level**2)
        linear += energy * 2**j / (energy + 2**j)
        means, counts = [*means, *level], [*counts, *many.tolist()]
    zero = n - sum(counts)
    return Case("besov", n, np.array([*means, 0.0]), np.array([*counts, zero]), linear / n)


def linear_smoothness(smoothness: float, integrability: float) -> float:
    """Return α + 1/2 - 1/p, what is left of the smoothness for an estimator that is linear."""
    return smoothness + 0.5 - 1 / integrability
