"""Random starts of an ensemble, computed again in extended precision and compared."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import xarray as xr

from companion.ensembles import starts_of, target_of
from companion.extended_precision import PANEL_WIDTH, recompute
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._starting_points import StartingPoints

#: What is audited, and how its error is measured.
AUDITED_QUANTITIES = {
    "s": "relative error of s",
    "log_s": "error of log s, relative where |log s| > 1",
    "alignment": "error of the alignment relative to the largest singular value",
    "directions": "error of the entries of the directions",
    "excess": "relative error of the excess loss",
}

#: One pair in so many is computed a third time, for the uncertainty of the reference.
CHECKED = 5

#: Errors of smaller numbers are relative to this: near the least float, digits are lost.
SMALLEST = 1e-290

_COUNTS = {
    "start": "index of the start",
    "depth": "number of layers",
    "times": "number of times compared",
    "beyond_estimate": "times at which the error exceeds its estimate",
}


def audit(
    ensemble: str,
    dataset: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    *,
    size: int,
    moments: int,
    seed: int,
) -> xr.Dataset:
    """Compare `dlnpaper.solve` with `recompute` for random starts at random depths and times.

    Parameters
    ----------
    ensemble : str
        Its name and the seed decide the draws.
    dataset : xarray.Dataset
        Starts and target, as `companion.ensembles.generate` returns them.
    depths : sequence of int
        Each start may be followed at each of them.
    times : ndarray, (T,)
        Times of which ``moments`` are drawn, the same for all pairs.
    size : int
        How many different pairs of a start and a depth to draw; all, where there are fewer.

    Returns, over ``pair``: ``start`` and ``depth``; the number of ``times``; of
    `AUDITED_QUANTITIES` the largest error at any time, ``error_...``, and for one pair in `CHECKED`
    how uncertain the reference itself is, ``reference_error_...``: the largest difference from a
    run on narrower panels; ``beyond_estimate``, at how many times the error exceeds what
    `dlnpaper.solve` estimates; and the name of the ``ensemble``.
    """
    target, starts = target_of(dataset), starts_of(dataset)
    rng = np.random.Generator(np.random.Philox([seed, crc32(ensemble.encode())]))
    pairs = len(starts) * len(depths)
    drawn = np.sort(rng.choice(pairs, min(size, pairs), replace=False))
    chosen = np.sort(rng.choice(times, min(moments, len(times)), replace=False))
    which, depth = drawn // len(depths), np.array(depths)[drawn % len(depths)]
    columns = {"start": which, "depth": depth, "times": np.full(len(drawn), len(chosen))}
    for value in np.unique(depth):
        rows = np.flatnonzero(depth == value)
        for name, column in _compared(target, int(value), starts[which[rows]], chosen).items():
            whole = columns.setdefault(name, np.zeros(len(drawn), column.dtype))
            whole[rows] = column
    audited = {name: ("pair", column, _attrs(name)) for name, column in columns.items()}
    named = ("pair", [ensemble] * len(drawn), {"long_name": "ensemble of the start"})
    return xr.Dataset({**audited, "ensemble": named})


def _compared(
    target: Target, depth: int, starts: StartingPoints, times: np.ndarray
) -> dict[str, np.ndarray]:
    solved = solve(target, depth, starts, times)
    values = {name: solved[name].values for name in ("s", "log_s", "alignment", "excess", "a", "b")}
    reference = recompute(target, depth, starts, times)
    errors = _errors(values, reference, target.singular_values[0])
    narrow = recompute(target, depth, starts[::CHECKED], times, 0.7 * PANEL_WIDTH)
    checked = {name: value[::CHECKED] for name, value in reference.items()}
    columns = {f"error_{name}": error.max(axis=1) for name, error in errors.items()}
    for name, error in _errors(narrow, checked, target.singular_values[0]).items():
        columns[f"reference_error_{name}"] = uncertainty = np.full(len(starts), np.nan)
        uncertainty[::CHECKED] = error.max(axis=1)
    # What `solve` estimates is the error of s and of the directions.
    estimated = np.maximum(errors["s"], errors["directions"]) - solved["error"].values
    return {**columns, "beyond_estimate": (estimated > 0).sum(axis=1)}


def _errors(
    values: dict[str, np.ndarray], reference: dict[str, np.ndarray], largest: float
) -> dict[str, np.ndarray]:
    """Return the error of each quantity, each (M, T)."""
    apart = {name: np.abs(values[name] - reference[name]) for name in values}
    errors = {
        "s": apart["s"] / np.maximum(reference["s"], SMALLEST),
        "log_s": apart["log_s"] / np.maximum(1, np.abs(reference["log_s"])),
        "alignment": apart["alignment"] / largest,
        "directions": np.maximum(apart["a"].max(axis=-1), apart["b"].max(axis=-1)),
        "excess": apart["excess"] / np.maximum(reference["excess"], SMALLEST),
    }
    return {name: error.astype(float) for name, error in errors.items()}


def _attrs(name: str) -> dict[str, str]:
    if name in _COUNTS:
        return {"long_name": _COUNTS[name], "units": "1"}
    kind, _, quantity = name.partition("error_")
    error = AUDITED_QUANTITIES[quantity]
    if not kind:
        return {"long_name": f"largest {error}", "units": "1"}
    missing = "the reference was computed only once"
    said = f"uncertainty of the reference: {error}"
    return {"long_name": said, "units": "1", "missing_data": missing}
