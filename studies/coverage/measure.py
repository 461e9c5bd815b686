"""The share of starts that each theory covers, over dimensions and over σ_2/σ_1."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._target import Target
from dlnpaper.one_neuron._guarantees import coverage, exact_coverage, guarantees
from dlnpaper.one_neuron._starting_points import StartingPoints

__all__ = ["choose_omega", "coverage_target", "measure"]


def measure(
    *,
    dimensions: Sequence[int],
    ratio: float,
    ratios: Sequence[float],
    ratio_dimensions: Sequence[int],
    s: float,
    omega_fraction: float,
    size: int,
    confidence: float,
    seed: int,
) -> xr.Dataset:
    """Compute and sample the coverage of square targets with σ_1 = 1.

    Parameters
    ----------
    dimensions, ratio
        Dimensions d = d_y = d_x of the targets of rank one and of those of rank two with one
        γ = σ_2/σ_1.
    ratios, ratio_dimensions
        Further values of γ, and the dimensions in which they are tried.
    s : float
        Magnitude of every start, relative to σ_1.
    omega_fraction : float
        Position of ω of Eftekhari's restricted set between γ and 1.
    size, confidence, seed
        Number of starts with uniform directions in each case, which draws from a generator of its
        own; confidence of the intervals.

    Returns, over ``case`` and ``guarantee``: ``exact``, and of the sample ``share``, ``low`` and
    ``high``. Over ``case``: ``dimension``, ``ratio`` (γ, 0 for a target of rank one) and ``omega``.
    Attributes: the arguments, with ``starts`` for the size and ``drawn_ratio``.

    References
    ----------
    docs/theory.md, section 7.
    """
    over_dimensions, over_ratios = (
        product(dimensions, [0.0, ratio]),
        product(ratio_dimensions, ratios),
    )
    cases = list(dict.fromkeys([*over_dimensions, *over_ratios]))
    parts, omegas = [], []
    for k, (dimension, gamma) in enumerate(cases):
        target, omega = coverage_target(dimension, gamma), choose_omega(gamma, omega_fraction)
        rng = np.random.Generator(np.random.Philox([seed, k]))
        starts = StartingPoints.sample(target, size, rng=rng, s=s)
        sampled = coverage(guarantees(target, starts, omega), confidence=confidence)
        parts.append(sampled.assign(exact=exact_coverage(target, s, omega)["share"]))
        omegas.append(omega)
    tried, gammas = zip(*cases, strict=True)
    return (
        xr.concat(parts, dim="case")
        .assign(
            dimension=variable("case", list(tried), "dimension d_y = d_x"),
            ratio=variable("case", list(gammas), "sigma_2 / sigma_1"),
            omega=variable("case", omegas, "omega of the restricted set"),
        )
        .assign_attrs(
            s=float(s),
            starts=size,
            confidence=confidence,
            omega_fraction=omega_fraction,
            drawn_ratio=ratio,
        )
    )


def coverage_target(dimension: int, ratio: float) -> Target:
    """Return the square target with singular values 1 and ``ratio``."""
    return Target([1.0, ratio], shape=(dimension, dimension))


def choose_omega(ratio: float, fraction: float) -> float:
    """Return ω at a fraction of the way from γ to 1."""
    return ratio + fraction * (1 - ratio)
