"""The confusion matrix of predicted and reached limits (docs/theory.md, section 4)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from companion.datasets import flag_names
from companion.ensembles import family_names, select, starts_of, target_of
from companion.outcomes import OUTCOMES, reached
from dlnpaper.one_neuron._limits import limits

__all__ = ["confusion_matrix", "table"]


def table(starts: Sequence[xr.Dataset], reference: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Join the confusion matrices of several targets."""
    parts = [confusion_matrix(*pair) for pair in zip(starts, reference, strict=True)]
    return pd.concat(parts, ignore_index=True)


def confusion_matrix(starts: xr.Dataset, reference: xr.Dataset) -> pd.DataFrame:
    """Count the kinds of limit that integrated trajectories reach, by the kind predicted.

    Parameters
    ----------
    starts : xarray.Dataset
        Starts as `companion.ensembles.generate` returns them; drawn at random if their family is
        ``sampled``, else constructed.
    reference : xarray.Dataset
        ``s`` (depth, start, time), ``a`` (..., left) and ``b`` (..., right) from the same starts;
        only the last time is used.

    Returns one row for each depth, origin of the starts and predicted kind: how many reached each
    of `companion.outcomes.OUTCOMES`, and the largest distance ‖W − W_∞‖ of an end from the
    predicted limit.
    """
    target, starts = target_of(starts), select(starts, family_names(reference))
    predicted = limits(target, starts_of(starts))
    end = reference.isel(time=-1)
    limit = predicted["value"] * predicted["a"] * predicted["b"]
    difference = end["s"] * end["a"] * end["b"] - limit
    distance = (difference**2).sum(["left", "right"]) ** 0.5
    drawn = flag_names(starts["family"]) == "sampled"
    cases = pd.DataFrame(
        {
            "depth": np.repeat(end["depth"].values, end.sizes["start"]),
            "starts": np.tile(np.where(drawn, "sampled", "constructed"), end.sizes["depth"]),
            "predicted": np.tile(flag_names(predicted["kind"]), end.sizes["depth"]),
            "reached": np.array(OUTCOMES)[reached(target, end).values.ravel()],
            "distance": distance.values.ravel(),
        }
    )
    grouped = cases.groupby(["depth", "starts", "predicted"])
    counts = grouped["reached"].value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=list(OUTCOMES), fill_value=0)
    matrix = counts.assign(largest_distance=grouped["distance"].max()).reset_index()
    matrix.insert(0, "singular_values", ", ".join(f"{value:g}" for value in target.singular_values))
    matrix.insert(1, "shape", f"{target.shape[0]} x {target.shape[1]}")
    return matrix.rename_axis(columns=None)
