"""Random starts of every ensemble, computed again in extended precision and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
import xarray as xr

from companion.ensembles import starts_of, target_of, time_grid
from companion.extended_precision import PANEL_WIDTH, recompute
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._starting_points import StartingPoints

#: How the error of each quantity is measured.
QUANTITIES = {
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


def audit_all(
    starts: Mapping[str, xr.Dataset],
    settings: Mapping[str, Mapping],
    *,
    size: int,
    moments: int,
    seed: int,
) -> xr.Dataset:
    """Compare `dlnpaper.solve` with `recompute` for random starts, depths and times of ensembles.

    Parameters
    ----------
    starts : mapping of str to xarray.Dataset
        By ensemble, starts and target as `companion.ensembles.generate` returns them.
    settings : mapping of str to mapping
        By ensemble, its ``depths`` and its ``times``, arguments of `companion.ensembles.time_grid`.
    size, moments
        As for `audit`.
    seed : int
        With an ensemble's name it seeds the draws of that ensemble.

    Returns
    -------
    xarray.Dataset
        Of each ensemble what `audit` returns, one after the other along ``pair``, and the name of
        the ``ensemble`` (pair).
    """
    parts = []
    for name, dataset in starts.items():
        audited = audit(
            dataset,
            settings[name]["depths"],
            time_grid(**settings[name]["times"]),
            size=size,
            moments=moments,
            seed=[seed, crc32(name.encode())],
        )
        named = ("pair", [name] * audited.sizes["pair"], {"long_name": "ensemble of the start"})
        parts.append(audited.assign(ensemble=named))
    return xr.concat(parts, dim="pair")


def audit(
    dataset: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    *,
    size: int,
    moments: int,
    seed: int | Sequence[int],
) -> xr.Dataset:
    """Compare `dlnpaper.solve` with `recompute` for random starts at random depths and times.

    Parameters
    ----------
    dataset : xarray.Dataset
        Starts and target, as `companion.ensembles.generate` returns them.
    depths : sequence of int
        Each start may be followed at each of them.
    times : ndarray, (T,)
        Times of which some are drawn.
    size : int
        How many different pairs of a start and a depth to draw; all, where there are fewer.
    moments : int
        How many times to draw, the same for all pairs.
    seed : int or sequence of int
        Stands for ``Generator(Philox(seed))``.

    Returns
    -------
    xarray.Dataset
        Over ``pair``: ``start`` and ``depth``; the number of ``times``; for every quantity of
        `QUANTITIES` the largest error at any time, ``error_...``, and for one pair in `CHECKED`
        how uncertain the reference itself is, ``reference_error_...``: the largest difference from
        a run on narrower panels; and ``beyond_estimate``, at how many times the error exceeds what
        `dlnpaper.solve` estimates.
    """
    target, starts = target_of(dataset), starts_of(dataset)
    rng = np.random.Generator(np.random.Philox(seed))
    pairs = len(starts) * len(depths)
    drawn = np.sort(rng.choice(pairs, min(size, pairs), replace=False))
    chosen = np.sort(rng.choice(times, min(moments, len(times)), replace=False))
    which, depth = drawn // len(depths), np.array(depths)[drawn % len(depths)]
    columns = {"start": which, "depth": depth, "times": np.full(len(drawn), len(chosen))}
    for value in np.unique(depth):
        rows = np.flatnonzero(depth == value)
        for name, column in _compared(target, int(value), starts[which[rows]], chosen).items():
            whole = columns.setdefault(name, np.zeros(len(drawn), column.dtype))
            whole[rows] = column[: len(rows)]
    return xr.Dataset({name: ("pair", column, _attrs(name)) for name, column in columns.items()})


def _compared(
    target: Target, depth: int, starts: StartingPoints, times: np.ndarray
) -> dict[str, np.ndarray]:
    solved = solve(target, depth, starts, times)
    values = {name: solved[name].values for name in ("s", "log_s", "alignment", "excess", "a", "b")}
    reference = recompute(target, depth, starts, times)
    errors = _errors(values, reference, target.singular_values[0])
    narrow = recompute(target, depth, starts[::CHECKED], times, 0.7 * PANEL_WIDTH)
    checked = {name: value[::CHECKED] for name, value in reference.items()}
    uncertainties = _errors(narrow, checked, target.singular_values[0])
    # What `solve` estimates is the error of s and of the directions.
    estimated = np.maximum(errors["s"], errors["directions"]) - solved["error"].values
    return {
        **{f"error_{name}": error.max(axis=1) for name, error in errors.items()},
        **{f"reference_error_{name}": _spread(error) for name, error in uncertainties.items()},
        "beyond_estimate": (estimated > 0).sum(axis=1),
    }


def _errors(
    values: dict[str, np.ndarray], reference: dict[str, np.ndarray], largest: float
) -> dict[str, np.ndarray]:
    """Return the error of each quantity, each (M, T)."""
    apart = {name: np.abs(values[name] - reference[name]) for name in values}
    directions = np.maximum(apart["a"].max(axis=-1), apart["b"].max(axis=-1))
    errors = {
        "s": _relative(apart["s"], reference["s"]),
        "log_s": apart["log_s"] / np.maximum(1, np.abs(reference["log_s"])),
        "alignment": apart["alignment"] / largest,
        "directions": directions,
        "excess": _relative(apart["excess"], reference["excess"]),
    }
    return {name: error.astype(float) for name, error in errors.items()}


def _spread(errors: np.ndarray) -> np.ndarray:
    """Return the largest error of each start that was checked, NaN for the others."""
    spread = np.full((len(errors), CHECKED), np.nan)
    spread[:, 0] = errors.max(axis=1)
    return spread.ravel()


def _relative(apart: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return errors relative to the size; below the smallest, relative to that."""
    return apart / np.maximum(size, SMALLEST)


def _attrs(name: str) -> dict[str, str]:
    if name in _LONG_NAMES:
        return {"long_name": _LONG_NAMES[name], "units": "1"}
    kind, _, quantity = name.partition("error_")
    if kind:
        return {
            "long_name": f"uncertainty of the reference: {QUANTITIES[quantity]}",
            "units": "1",
            "missing_data": "the reference was computed only once",
        }
    return {"long_name": f"largest {QUANTITIES[quantity]}", "units": "1"}


_LONG_NAMES = {
    "start": "index of the start",
    "depth": "number of layers",
    "times": "number of times compared",
    "beyond_estimate": "times at which the error exceeds its estimate",
}
