"""The stages of ensembles, compared with their bounds (docs/theory.md, section 6)."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import starts_of, target_of
from dlnpaper.one_neuron._stages import BOUNDED, stages, violated

#: Edges of the bins in log10 of what is observed, and of the ratio of observed to bound. The last
#: bins also hold what lies beyond them. A ratio of one is an edge, so that no bin straddles it.
OBSERVED_EDGES = np.arange(-40, 81) / 10
RATIO_EDGES = np.arange(-80, 11) / 10

_LONG_NAMES = {
    "positive": "number of starts in which the observed value is positive",
    "observed_median": "median of the positive observed values",
    "observed_largest": "largest observed value",
    "bound_median": "median of the bounds of these starts",
    "ratio_median": "median of observed / bound over these starts",
    "ratio_largest": "largest observed / bound: the tightest a bound comes",
    "violations": "number of starts beyond their bound",
    "count": "number of these starts by log10 of the observed value and of observed / bound",
}
_MISSING = "no start has a positive observed value"


def measure(starts: xr.Dataset, *, depths: Sequence[int], part: str) -> xr.Dataset:
    """Compare every bound with what is observed, at several depths.

    Stages that a start does not go through have length zero. They are within any bound, and enter
    the number of starts and of violations, but no median, ratio or bin.

    Parameters
    ----------
    starts : xarray.Dataset
        Of `companion.ensembles.generate`, with α_1 ≠ 0 and σ_1 > σ_2 or rank one.
    part : str
        The ensemble, ``stages_<case>``.

    Returns
    -------
    xarray.Dataset
        Counts, medians and extremes over ``depth`` and ``quantity``, and ``count`` over the bins
        ``observed`` and ``ratio`` as well; ``starts`` (depth), ``case``, ``singular_values`` (mode)
        and the attribute ``shape``. Quantities are those of `dlnpaper.stages`, with ``inverse_s``
        and ``envelope`` in place of their logarithms. A violation is what
        `dlnpaper.one_neuron._stages.violated` says.
    """
    target, points = target_of(starts), starts_of(starts)
    by_depth = []
    for depth in depths:
        measured = stages(target, depth, points)
        values = {str(name): measured[name].values for name in measured}
        beyond = violated(values, target, depth)
        by_depth.append([_compared(values, name, beyond[name]) for name in BOUNDED])
    axes = ("depth", "quantity", "observed", "ratio")
    variables: dict[str, xr.Variable] = {}
    for name, long_name in _LONG_NAMES.items():
        array = np.array([[row[name] for row in rows] for rows in by_depth])
        variables[name] = variable(axes[: array.ndim], array, long_name)
        if array.dtype.kind == "f":
            variables[name].attrs["missing_data"] = _MISSING
    quantities = [name.removeprefix("log_") for name in BOUNDED]
    edges, number = "edges of the bins in log10", [len(points)] * len(depths)
    return xr.Dataset(
        {
            **variables,
            "starts": variable("depth", number, "number of starts"),
            "case": ((), part.removeprefix("stages_"), {"long_name": "which ensemble"}),
            "singular_values": starts["singular_values"],
            "observed_edges": variable("observed_edge", OBSERVED_EDGES, edges),
            "ratio_edges": variable("ratio_edge", RATIO_EDGES, edges),
        },
        coords={
            "depth": depth_axis(depths),
            "quantity": ("quantity", quantities, {"long_name": "quantity that has a bound"}),
        },
        attrs={"shape": np.array(target.shape)},
    )


def _compared(values: Mapping[str, np.ndarray], name: str, beyond: np.ndarray) -> dict[str, object]:
    """Return the values of `_LONG_NAMES` for one bound."""
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
    found: dict[str, tuple[Callable, np.ndarray]] = {
        "observed_median": (np.median, log_observed),
        "observed_largest": (np.max, log_observed),
        "bound_median": (np.median, log_bound),
        "ratio_median": (np.median, log_ratio),
        "ratio_largest": (np.max, log_ratio),
    }
    some = positive.any()
    return {
        "positive": positive.sum(),
        **{name: np.exp(pick(x)) if some else np.nan for name, (pick, x) in found.items()},
        "violations": beyond.sum(),
        "count": _binned(log_observed / np.log(10), log_ratio / np.log(10)),
    }


def _binned(observed: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Count by bins that include their upper edge: a ratio of one is on its right side."""
    shape = len(OBSERVED_EDGES) - 1, len(RATIO_EDGES) - 1
    rows = np.clip(np.searchsorted(OBSERVED_EDGES, observed) - 1, 0, shape[0] - 1)
    columns = np.clip(np.searchsorted(RATIO_EDGES, ratio) - 1, 0, shape[1] - 1)
    return np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1]).reshape(shape)
