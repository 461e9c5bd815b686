"""Starts on the stable set of a saddle, followed in singular coordinates and in a rotated basis.

In singular coordinates the zeros that keep a trajectory on the stable set are exact. In the
coordinates of a matrix they are rounding errors, which grow like ``e^{(σ_1 − σ_k) τ}``
(docs/theory.md, section 4): a solver then leaves the saddle and reports another limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.closed_form import solve
from dlnpaper.decomposition import EPS
from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.flows import integrate
from dlnpaper.limits import limits
from dlnpaper.starting_points import StartingPoints
from dlnpaper.studies.confusion import OUTCOMES, reached
from dlnpaper.target import Target

CLOSED_FORM = "closed form"

#: ``ln 2^53``: how long, over a growth rate, half a unit in the last place of 1 needs to reach 1.
ROUNDING_DIGITS = -float(np.log(EPS / 2))

_VARIABLES = ("s", "alignment", "tau", "a", "b")


class _Case(NamedTuple):
    """One choice of coordinates."""

    target: Target
    starts: StartingPoints
    flow: str


def rotated(target: Target, seed: int) -> Target:
    """Return the target with the same singular values in random orthonormal bases."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((size, size)))[0] for size in target.shape)
    return Target(target.singular_values, target.shape, left=left, right=right)


def follow(
    starts: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    methods: Sequence[str],
    rtol: Sequence[float],
    rotation_seed: int,
) -> xr.Dataset:
    """Follow starts in both coordinates, in closed form and with every method and tolerance.

    In singular coordinates the induced flow of the nonzero α and β is integrated. In the rotated
    basis s, u and v are, in the coordinates of the matrix, from ``StartingPoints.from_vectors``.

    Parameters
    ----------
    starts : xarray.Dataset
        Starts as `dlnpaper.ensembles.generate` returns them.
    depths : sequence of int
    times : ndarray, (T,)
    methods : sequence of str
        Methods of solve_ivp.
    rtol : sequence of float
        Relative tolerances, each for every method.
    rotation_seed : int
        Of the random bases.

    Returns
    -------
    xarray.Dataset
        ``s``, ``alignment`` and ``tau`` (coordinates, run, depth, start, time), ``a`` (..., left)
        and ``b`` (..., right); coordinates ``solver`` and ``rtol`` (run), the latter 0 for the
        closed form, which comes first; ``within_rounding`` (coordinates, start), whether
        `dlnpaper.limits.limits` warns that rounding leaves the limit undecided; ``limit`` (start),
        the singular value of the exact limit; ``singular_values`` (mode); attribute ``shape``.
    """
    target, exact = target_of(starts), starts_of(starts)
    turned = rotated(target, rotation_seed)
    u, v = exact.a @ turned.left.T, exact.b @ turned.right.T
    cases = {
        "singular": _Case(target, exact, "induced"),
        "rotated": _Case(turned, StartingPoints.from_vectors(turned, u, v, exact.s), "vectors"),
    }
    runs = [(CLOSED_FORM, 0.0), *((method, value) for method in methods for value in rtol)]
    followed = xr.combine_nested(
        [
            [[_follow_one(case, depth, times, *run) for depth in depths] for run in runs]
            for case in cases.values()
        ],
        concat_dim=["coordinates", "run", "depth"],
        combine_attrs="drop_conflicts",
    ).transpose("coordinates", "run", "depth", "start", "time", ...)
    warned = [limits(case.target, case.starts)["within_rounding"] for case in cases.values()]
    return (
        followed.assign_attrs(shape=np.array(target.shape))
        .assign(
            limit=limits(target, exact)["value"],
            within_rounding=xr.concat(warned, dim="coordinates"),
            singular_values=("mode", target.singular_values, starts["singular_values"].attrs),
        )
        .assign_coords(
            coordinates=("coordinates", list(cases), {"long_name": "basis of the integration"}),
            depth=("depth", list(depths), {"long_name": "number of layers", "units": "1"}),
            solver=("run", [solver for solver, _ in runs], {"long_name": "closed form or method"}),
            rtol=(
                "run",
                [value for _, value in runs],
                {"long_name": "relative tolerance of a step, 0 for the closed form", "units": "1"},
            ),
        )
    )


def departures(followed: xr.Dataset) -> xr.Dataset:
    """Measure when trajectories leave their saddle, and predict it.

    A trajectory has left once the alignment is past the middle between the singular value of the
    saddle and the next larger one; the moment is interpolated between output times.

    Parameters
    ----------
    followed : xarray.Dataset
        As `follow` returns it, of starts whose limits are saddles.

    Returns
    -------
    xarray.Dataset
        Over (coordinates, run, depth, start): ``left``, whether the trajectory leaves at all;
        ``escape_tau`` and ``escape_time``, when it does, 0 if it does not; ``reached``, position
        of the kind of its end in `dlnpaper.studies.confusion.OUTCOMES`; ``end``, its last s. Over
        (start): ``predicted_tau``, when an error of rounding has grown to 1,
        ``ln 2^53 / (σ_1 − σ_k)``.
    """
    sigma = np.unique(followed["singular_values"])
    next_larger = sigma[np.searchsorted(sigma, followed["limit"], side="right")]
    level = ((followed["limit"] + next_larger) / 2).values[:, None]
    tau, alignment = followed["tau"], followed["alignment"].values
    time = np.broadcast_to(followed["time"], tau.shape)
    end = followed.isel(time=-1, drop=True)
    d_y, d_x = followed.attrs["shape"]
    target = Target(followed["singular_values"].values, (int(d_y), int(d_x)))
    dims = tau.dims[:-1]
    return xr.Dataset(
        {
            "left": (dims, (alignment >= level).any(axis=-1)),
            "escape_tau": (dims, _first_crossing(tau.values, alignment, level)),
            "escape_time": (dims, _first_crossing(time, alignment, level)),
            "reached": reached(target, end),
            "end": end["s"],
            "predicted_tau": ROUNDING_DIGITS / (sigma[-1] - followed["limit"]),
        }
    )


def saddle_trap(followed: xr.Dataset) -> pd.DataFrame:
    """Tabulate where each solver says that starts on the stable set of a saddle end.

    Parameters
    ----------
    followed : xarray.Dataset
        As `follow` returns it.

    Returns
    -------
    pandas.DataFrame
        One row for each depth, start, coordinates, solver and rtol (0 for the closed form): the
        singular value of the exact limit; the kind of limit reported and the s reported at the end;
        whether the trajectory left the saddle, and if so when (τ and time) and how that τ compares
        with the prediction; and whether `dlnpaper.limits.limits` warns of rounding.
    """
    measured = departures(followed)
    rows = []
    for index in np.ndindex(*(measured.sizes[dim] for dim in _ORDER)):
        case = measured.isel(dict(zip(_ORDER, index, strict=True)))
        left = case["left"].item()
        warned = followed["within_rounding"].sel(coordinates=case["coordinates"])
        rows.append(
            {
                "depth": case["depth"].item(),
                "exact_limit": followed["limit"][index[1]].item(),
                "coordinates": case["coordinates"].item(),
                "solver": case["solver"].item(),
                "rtol": case["rtol"].item(),
                "reported_kind": OUTCOMES[case["reached"].item()],
                "reported_s": case["end"].item(),
                "left_saddle": left,
                "escape_tau": case["escape_tau"].item() if left else np.nan,
                "predicted_tau": case["predicted_tau"].item(),
                "ratio": (case["escape_tau"] / case["predicted_tau"]).item() if left else np.nan,
                "escape_time": case["escape_time"].item() if left else np.nan,
                "within_rounding": warned[index[1]].item(),
            }
        )
    return pd.DataFrame(rows)


_ORDER = ("depth", "start", "coordinates", "run")


def _follow_one(case: _Case, depth: int, times: np.ndarray, solver: str, rtol: float) -> xr.Dataset:
    if solver == CLOSED_FORM:
        found = solve(case.target, depth, case.starts, times, variables=_VARIABLES, threads=1)
    else:
        found = integrate(
            case.target,
            depth,
            case.starts,
            times,
            flow=case.flow,
            method=solver,
            rtol=rtol,
            variables=_VARIABLES,
        )
    # Attributes of the dataset, its method say, are those of one run.
    return found[list(_VARIABLES)].drop_attrs(deep=False)


def _first_crossing(values: np.ndarray, rising: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Interpolate ``values`` to where ``rising`` first reaches ``level``; 0 where it never does."""
    past = rising >= level
    last = past.argmax(axis=-1)[..., None]
    before = np.maximum(last - 1, 0)
    low, high = (np.take_along_axis(rising, index, axis=-1) for index in (before, last))
    start, end = (np.take_along_axis(values, index, axis=-1) for index in (before, last))
    step = np.where(high > low, high - low, 1.0)
    found = start + (end - start) * (level - low) / step
    return np.where(past.any(axis=-1), found[..., 0], 0.0)
