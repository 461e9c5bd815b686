"""The share of starts that each theory covers, over dimensions and over σ_2/σ_1."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.guarantees import GUARANTEES, coverage, exact_coverage, guarantees
from dlnpaper.starting_points import StartingPoints
from dlnpaper.target import Target

__all__ = [
    "choose_omega",
    "coverage_target",
    "list_cases",
    "sweep_coverage",
    "tabulate_coverage",
]


def list_cases(
    dimensions: Sequence[int],
    ratio: float,
    ratios: Sequence[float],
    ratio_dimensions: Sequence[int],
) -> list[tuple[int, float]]:
    """List the cases (d, γ): all dimensions at γ = 0 and at one γ > 0, some at all γ, each once."""
    over_dimensions = product(dimensions, [0.0, ratio])
    over_ratios = product(ratio_dimensions, ratios)
    return list(dict.fromkeys([*over_dimensions, *over_ratios]))


def sweep_coverage(
    cases: Sequence[tuple[int, float]],
    s: float,
    omega_fraction: float,
    size: int,
    confidence: float,
    seed: int,
) -> xr.Dataset:
    """Compute and sample the coverage of square targets with σ_1 = 1.

    Parameters
    ----------
    cases : sequence of (int, float)
        Dimension d = d_y = d_x and γ = σ_2/σ_1 of each case; γ = 0 makes the target one of rank
        one, any other one of rank two.
    s : float
        Magnitude of every start, relative to σ_1.
    omega_fraction : float
        Position of ω of Eftekhari's restricted set between γ and 1.
    size : int
        Number of starts with uniform directions in each case.
    confidence : float
        Of the intervals.
    seed : int
        Case k draws from a generator of its own, seeded with this and k.

    Returns
    -------
    xarray.Dataset
        Over ``case`` and ``guarantee``: ``exact``, and of the sample ``share``, ``low`` and
        ``high``. Over ``case``: ``dimension``, ``ratio`` (γ) and ``omega``. Attributes: ``s``,
        ``starts`` (size), ``confidence``,
        ``omega_fraction``.

    References
    ----------
    docs/theory.md, section 7.
    """
    parts, omegas = [], []
    for k, (dimension, ratio) in enumerate(cases):
        target, omega = coverage_target(dimension, ratio), choose_omega(ratio, omega_fraction)
        rng = np.random.Generator(np.random.Philox([seed, k]))
        starts = StartingPoints.sample(target, size, rng, s=s)
        sampled = coverage(guarantees(target, starts, omega), confidence)
        parts.append(sampled.assign(exact=exact_coverage(target, s, omega)["share"]))
        omegas.append(omega)
    dimensions, ratios = zip(*cases, strict=True)
    swept = xr.concat(parts, dim="case")
    swept.attrs = {
        "s": float(s),
        "starts": size,
        "confidence": confidence,
        "omega_fraction": omega_fraction,
    }
    return swept.assign(
        dimension=(
            "case",
            np.array(dimensions),
            {"long_name": "dimension d_y = d_x", "units": "1"},
        ),
        ratio=("case", np.array(ratios, float), {"long_name": "sigma_2 / sigma_1", "units": "1"}),
        omega=(
            "case",
            np.array(omegas),
            {"long_name": "omega of the restricted set", "units": "1"},
        ),
    )


def coverage_target(dimension: int, ratio: float) -> Target:
    """Return the square target with singular values 1 and ``ratio``."""
    return Target([1.0, ratio], shape=(dimension, dimension))


def choose_omega(ratio: float, fraction: float) -> float:
    """Return ω at a fraction of the way from γ to 1."""
    return ratio + fraction * (1 - ratio)


def tabulate_coverage(swept: xr.Dataset) -> pd.DataFrame:
    """Return `sweep_coverage` as a table, one row for each case and guarantee.

    ``predicted`` is the exact share and ``measured`` that of the sample, between ``low`` and
    ``high``; ``outside`` is 1 where this interval misses the exact share, else 0.
    """
    names = {"exact": "predicted", "share": "measured"}
    columns = ["dimension", "ratio", "omega", *names, "low", "high"]
    table = swept[columns].to_dataframe().reset_index()
    table = table[["guarantee", *columns]].rename(columns=names)
    missed = (table["predicted"] < table["low"]) | (table["predicted"] > table["high"])
    table.insert(1, "rank", np.where(table["ratio"] > 0, 2, 1))
    table["s"], table["starts"] = swept.attrs["s"], swept.attrs["starts"]
    table["outside"] = missed.astype(int)
    order = {name: position for position, name in enumerate(GUARANTEES)}
    return table.sort_values("guarantee", key=lambda column: column.map(order), kind="stable")
