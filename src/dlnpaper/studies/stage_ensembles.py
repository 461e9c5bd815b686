"""The stages of ensembles, measured and compared with their bounds (docs/theory.md, section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.stage_records import BOUNDED, LONG_NAMES, OBSERVED_EDGES, RATIO_EDGES, SUMMARY
from dlnpaper.stages import stages, violated
from dlnpaper.starting_points import StartingPoints
from dlnpaper.target import Target

__all__ = ["measure", "summarize"]


def measure(dataset: xr.Dataset, depths: Sequence[int]) -> xr.Dataset:
    """Measure the stages of all starts of a dataset, at several depths.

    Parameters
    ----------
    dataset : xarray.Dataset
        Starts and target, as `dlnpaper.ensembles.generate` returns them.
    depths : sequence of int

    Returns
    -------
    xarray.Dataset
        The variables of `dlnpaper.stages.stages` (depth, start), and the ``family`` of every start.
    """
    target, starts = target_of(dataset), starts_of(dataset)
    parts = [stages(target, depth, starts) for depth in depths]
    joined = xr.concat(parts, dim=_depth_axis(depths), combine_attrs="drop_conflicts")
    joined.attrs.pop("depth", None)
    return joined.assign(family=dataset["family"])


def summarize(target: Target, starts: StartingPoints, depths: Sequence[int]) -> xr.Dataset:
    """Compare every bound with what is observed, at several depths.

    Stages that a start does not go through have length zero. They are within any bound, and enter
    the number of starts and of violations, but no median, ratio or bin.

    Parameters
    ----------
    target : Target
        With σ_1 > σ_2, or rank one.
    starts : StartingPoints
        M starts with α_1 ≠ 0.
    depths : sequence of int

    Returns
    -------
    xarray.Dataset
        The variables of `SUMMARY` with a leading dimension ``depth``. Quantities are those of
        `dlnpaper.stages.stages`, with ``inverse_s`` and ``envelope`` in place of their logarithms.
        A violation is what `dlnpaper.stages.violated` says.

    Raises
    ------
    ValueError
        See `dlnpaper.stages.stages`.
    """
    parts = []
    for depth in depths:
        measured = stages(target, depth, starts)
        values = {name: measured[name].values for name in measured}
        beyond = violated(values, target, depth)
        rows = [_compared(values, name, beyond[name]) for name in BOUNDED]
        parts.append({name: np.array([row[name] for row in rows]) for name in rows[0]})
    dims = {name: ("depth", *SUMMARY.required[name].dims) for name in parts[0]}
    summary = xr.Dataset(
        {
            name: (dims[name], np.array([part[name] for part in parts]), _attributes(name))
            for name in parts[0]
        },
        coords={
            "depth": _depth_axis(depths),
            "quantity": (
                "quantity",
                [name.removeprefix("log_") for name in BOUNDED],
                {"long_name": "quantity that has a bound"},
            ),
        },
        attrs={"shape": np.array(target.shape)},
    )
    sigma = {"long_name": "singular values of the target", "units": "1"}
    return summary.assign(
        starts=("depth", np.full(len(depths), len(starts)), _attributes("starts")),
        singular_values=("mode", target.singular_values, sigma),
    )


def _compared(values: Mapping[str, np.ndarray], name: str, beyond: np.ndarray) -> dict[str, object]:
    observed, bound = values[name], values[BOUNDED[name]]
    if name.startswith("log_"):
        log_observed, log_bound = observed, bound
    else:
        with np.errstate(divide="ignore"):
            log_observed, log_bound = np.log(observed), np.log(bound)
    positive = log_observed > -np.inf
    log_observed, log_bound = log_observed[positive], log_bound[positive]
    log_ratio = log_observed - log_bound
    # Rounding may carry the ratio to a bound that is attained past one.
    log_ratio = np.where(beyond[positive], log_ratio, np.minimum(log_ratio, 0.0))
    none = not positive.any()
    return {
        "positive": int(positive.sum()),
        "observed_median": np.nan if none else np.exp(np.median(log_observed)),
        "observed_largest": np.nan if none else np.exp(log_observed.max()),
        "bound_median": np.nan if none else np.exp(np.median(log_bound)),
        "ratio_median": np.nan if none else np.exp(np.median(log_ratio)),
        "ratio_largest": np.nan if none else np.exp(log_ratio.max()),
        "violations": int(beyond.sum()),
        "count": _binned(log_observed / np.log(10), log_ratio / np.log(10)),
    }


def _depth_axis(depths: Sequence[int]) -> xr.DataArray:
    attributes = {"long_name": "number of layers", "units": "1"}
    return xr.DataArray(np.array(depths), dims="depth", name="depth", attrs=attributes)


def _binned(observed: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Count by bins that include their upper edge: a ratio of one is on its right side."""
    shape = len(OBSERVED_EDGES) - 1, len(RATIO_EDGES) - 1
    rows = np.clip(np.searchsorted(OBSERVED_EDGES, observed) - 1, 0, shape[0] - 1)
    columns = np.clip(np.searchsorted(RATIO_EDGES, ratio) - 1, 0, shape[1] - 1)
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)


def _attributes(name: str) -> dict[str, str]:
    return {"long_name": LONG_NAMES[name], "units": "1"}
