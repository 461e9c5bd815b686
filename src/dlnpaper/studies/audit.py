"""Random starts of a study, computed again in wide arithmetic and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.closed_form import solve
from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.schema import Field, Schema
from dlnpaper.starting_points import StartingPoints
from dlnpaper.studies.witness import PANEL_WIDTH, recompute
from dlnpaper.target import Target

#: How the error of each quantity is measured.
QUANTITIES = {
    "s": "relative error of s",
    "log_s": "error of log s, relative where |log s| > 1",
    "alignment": "error of the alignment relative to the largest singular value",
    "directions": "error of the entries of the directions",
    "excess": "relative error of the excess loss",
}

#: What a file of an audit holds (`dlnpaper.storage`).
AUDIT = Schema(
    "dlnpaper audit",
    version=1,
    required={
        "start": Field(("audited",), "int64"),
        "depth": Field(("audited",), "int64"),
        "times": Field((), "int64"),
        "beyond_estimate": Field(("audited",), "int64"),
        **{f"error_{name}": Field(("audited",)) for name in QUANTITIES},
        **{f"witness_error_{name}": Field(("audited",)) for name in QUANTITIES},
    },
)

#: One pair in so many is computed a third time, to see how uncertain the witness is.
CHECKED = 5

#: Below this, a float has no relative accuracy to speak of; log s is compared there.
SMALLEST = 1e-290


def audit(
    dataset: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    size: int,
    moments: int,
    seed: int | Sequence[int],
) -> xr.Dataset:
    """Compare `solve` with `recompute` for random starts at random depths and times.

    Parameters
    ----------
    dataset : xarray.Dataset
        Starts and target, as `dlnpaper.ensembles.generate` returns them.
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
        Over ``audited``: ``start`` and ``depth``; for every quantity of `QUANTITIES` the largest
        error at any time, ``error_...``, and for one pair in `CHECKED` how uncertain the witness
        itself is, ``witness_error_...``: the largest difference from a run on narrower panels; and
        ``beyond_estimate``, at how many times the error exceeds what `solve` estimates.
    """
    target, starts = target_of(dataset), starts_of(dataset)
    rng = np.random.Generator(np.random.Philox(seed))
    pairs = len(starts) * len(depths)
    drawn = np.sort(rng.choice(pairs, min(size, pairs), replace=False))
    chosen = np.sort(rng.choice(times, min(moments, len(times)), replace=False))
    which, depth = drawn // len(depths), np.array(depths)[drawn % len(depths)]
    columns: dict[str, np.ndarray] = {}
    for value in np.unique(depth):
        rows = np.flatnonzero(depth == value)
        for name, column in _compared(target, int(value), starts[which[rows]], chosen).items():
            whole = columns.setdefault(name, np.zeros(len(drawn), column.dtype))
            whole[rows] = column[: len(rows)]
    described = {name: ("audited", column, _attrs(name)) for name, column in columns.items()}
    return xr.Dataset(
        {
            "start": ("audited", which, {"long_name": "index of the start", "units": "1"}),
            "depth": ("audited", depth, {"long_name": "number of layers", "units": "1"}),
            "times": ((), len(chosen), {"long_name": "number of times compared", "units": "1"}),
            **described,
        }
    )


def tabulate_audit(audits: Iterable[xr.Dataset], studies: Iterable[str]) -> pd.DataFrame:
    """Return the worst errors, one row for each study and quantity."""
    rows = [
        {
            "study": study,
            "quantity": name,
            "audited": audited.sizes["audited"],
            "times": int(audited["times"]),
            "worst": float(audited[f"error_{name}"].max()),
            "witness_uncertainty": float(audited[f"witness_error_{name}"].max()),
            "beyond_estimate": int(audited["beyond_estimate"].sum()),
        }
        for audited, study in zip(audits, studies, strict=True)
        for name in QUANTITIES
    ]
    return pd.DataFrame(rows)


def _compared(
    target: Target, depth: int, starts: StartingPoints, times: np.ndarray
) -> dict[str, np.ndarray]:
    solved = solve(target, depth, starts, times)
    values = {name: solved[name].values for name in ("s", "log_s", "alignment", "excess", "a", "b")}
    witness = recompute(target, depth, starts, times)
    errors = _errors(values, witness, target.singular_values[0])
    narrow = recompute(target, depth, starts[::CHECKED], times, 0.7 * PANEL_WIDTH)
    checked = {name: value[::CHECKED] for name, value in witness.items()}
    uncertainties = _errors(narrow, checked, target.singular_values[0])
    # What `solve` estimates is the error of s and of the directions.
    estimated = np.maximum(errors["s"], errors["directions"]) - solved["error"].values
    return {
        **{f"error_{name}": error.max(axis=1) for name, error in errors.items()},
        **{f"witness_error_{name}": _spread(error) for name, error in uncertainties.items()},
        "beyond_estimate": (estimated > 0).sum(axis=1),
    }


def _errors(
    values: dict[str, np.ndarray], witness: dict[str, np.ndarray], largest: float
) -> dict[str, np.ndarray]:
    """Return the error of each quantity, each (M, T)."""
    apart = {name: np.abs(values[name] - witness[name]) for name in values}
    directions = np.maximum(apart["a"].max(axis=-1), apart["b"].max(axis=-1))
    errors = {
        "s": _relative(apart["s"], witness["s"]),
        "log_s": apart["log_s"] / np.maximum(1, np.abs(witness["log_s"])),
        "alignment": apart["alignment"] / largest,
        "directions": directions,
        "excess": _relative(apart["excess"], witness["excess"]),
    }
    return {name: error.astype(float) for name, error in errors.items()}


def _spread(errors: np.ndarray) -> np.ndarray:
    """Return the largest of each start that was checked, and NaN for the others."""
    spread = np.full((len(errors), CHECKED), np.nan)
    spread[:, 0] = errors.max(axis=1)
    return spread.ravel()


def _relative(apart: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return errors relative to the size; below the smallest, relative to that."""
    return apart / np.maximum(size, SMALLEST)


def _attrs(name: str) -> dict[str, str]:
    if name == "beyond_estimate":
        return {"long_name": "times at which the error exceeds its estimate", "units": "1"}
    kind, _, quantity = name.partition("error_")
    if kind:
        return {
            "long_name": f"uncertainty of the witness: {QUANTITIES[quantity]}",
            "units": "1",
            "missing_data": "the witness was computed once only",
        }
    return {"long_name": f"largest {QUANTITIES[quantity]}", "units": "1"}
