"""The kind of limit that integrated trajectories reach (docs/theory.md, section 4)."""

import numpy as np
import xarray as xr

from dlnpaper._target import Target
from dlnpaper.one_neuron._limits import LIMIT_KINDS

#: How close to a stationary value, relative to σ_1, an end counts as having reached it.
TOLERANCE = 1e-3

#: The kinds of `dlnpaper.limits`, and ends at none of them.
OUTCOMES = (*LIMIT_KINDS, "undecided")


def reached(target: Target, end: xr.Dataset, tolerance: float = TOLERANCE) -> xr.DataArray:
    """Return the kind of stationary point that trajectories end at, from their ends alone.

    An end, ``s``, ``a`` (..., left) and ``b`` (..., right) of one time, is at the origin if ``s ≤
    tolerance σ_1``; at a saddle or global minimizer with singular value σ_k if both s and the
    alignment c are within ``tolerance σ_1`` of it; else it is undecided. The result holds positions
    in `OUTCOMES`, int8.
    """
    sigma = target.singular_values
    modes = slice(0, target.rank)
    a, b = end["a"].isel(left=modes), end["b"].isel(right=modes)
    alignment = (
        a.rename(left="mode") * b.rename(right="mode") * xr.DataArray(sigma, dims="mode")
    ).sum("mode")
    near = tolerance * sigma[0]
    kind = xr.full_like(end["s"], OUTCOMES.index("undecided"), dtype=np.int8)
    for value in np.unique(sigma):
        at_value = (np.abs(end["s"] - value) <= near) & (np.abs(alignment - value) <= near)
        name = "global_minimizer" if value == sigma[0] else "saddle"
        kind = kind.where(~at_value, np.int8(OUTCOMES.index(name)))
    return kind.where(end["s"] > near, np.int8(OUTCOMES.index("origin"))).astype(np.int8)
