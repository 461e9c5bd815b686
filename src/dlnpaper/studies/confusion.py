"""Where integrated trajectories end, against where theory says so (docs/theory.md, section 4)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.limits import KINDS, limits
from dlnpaper.target import Target

#: How close to a stationary value, relative to σ_1, an end counts as having reached it.
TOLERANCE = 1e-3

#: The kinds of `dlnpaper.limits.limits`, and what is at none of them.
OUTCOMES = (*KINDS, "undecided")


def confusion(
    starts: xr.Dataset, witness: xr.Dataset, tolerance: float = TOLERANCE
) -> pd.DataFrame:
    """Count the kinds of limit that integrated trajectories reach, by the kind predicted.

    Parameters
    ----------
    starts : xarray.Dataset
        Starts as `dlnpaper.ensembles.generate` returns them; drawn at random if their family is
        ``sampled``, else constructed.
    witness : xarray.Dataset
        ``s`` (depth, start, time), ``a`` (depth, start, time, left) and ``b`` (depth, start, time,
        right) from the same starts; only the last time is used.
    tolerance : float
        See `reached`.

    Returns
    -------
    pandas.DataFrame
        One row for each depth, origin of the starts and predicted kind: how many reached each of
        `OUTCOMES`, and the largest distance ‖W − W_∞‖ of an end from the predicted limit.
    """
    target = target_of(starts)
    predicted = limits(target, starts_of(starts))
    end = witness.isel(time=-1)
    limit = _end_to_end(predicted["value"], predicted["a"], predicted["b"])
    difference = _end_to_end(end["s"], end["a"], end["b"]) - limit
    distance = (difference**2).sum(["left", "right"]) ** 0.5
    names = starts["family"].attrs["flag_meanings"].split()
    drawn = np.array([names[flag] == "sampled" for flag in starts["family"].values])
    cases = pd.DataFrame(
        {
            "depth": np.repeat(end["depth"].values, end.sizes["start"]),
            "starts": np.tile(np.where(drawn, "sampled", "constructed"), end.sizes["depth"]),
            "predicted": np.tile(np.array(KINDS)[predicted["kind"].values], end.sizes["depth"]),
            "reached": np.array(OUTCOMES)[reached(target, end, tolerance).values.ravel()],
            "distance": distance.values.ravel(),
        }
    )
    grouped = cases.groupby(["depth", "starts", "predicted"])
    counts = grouped["reached"].value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=list(OUTCOMES), fill_value=0)
    table = counts.assign(largest_distance=grouped["distance"].max()).reset_index()
    table.insert(0, "singular_values", ", ".join(f"{value:g}" for value in target.singular_values))
    table.insert(1, "shape", f"{target.shape[0]} x {target.shape[1]}")
    return table.rename_axis(columns=None)


def reached(target: Target, end: xr.Dataset, tolerance: float = TOLERANCE) -> xr.DataArray:
    """Judge from the end of trajectories alone which kind of stationary point they are at.

    Parameters
    ----------
    target : Target
    end : xarray.Dataset
        ``s``, ``a`` (..., left) and ``b`` (..., right) of one time.
    tolerance : float
        An end is at the origin if ``s ≤ tolerance σ_1``; at a saddle or global minimizer with
        singular value σ_k if both s and the alignment c are within ``tolerance σ_1`` of it; else it
        is undecided.

    Returns
    -------
    xarray.DataArray
        Positions in `OUTCOMES`, int8.
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


def _end_to_end(s: xr.DataArray, a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    return s * a * b
