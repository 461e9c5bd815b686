"""Starts on the stable set of a saddle, followed in singular coordinates and in a rotated basis.

In singular coordinates the zeros that keep a trajectory on the stable set are exact. In the
coordinates of a matrix they are rounding errors, which grow like ``e^{(σ_1 − σ_k) τ}``
(docs/theory.md, section 4): a solver then leaves the saddle and reports another limit.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, described, flagged, variable
from companion.ensembles import starts_of, target_of, time_grid
from companion.outcomes import OUTCOMES, reached
from dlnpaper._decomposition import EPS
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._flows import integrate
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints

__all__ = ["departures", "follow", "measure", "rotated"]

CLOSED_FORM = "closed form"
METHODS = ("LSODA", "RK45", "Radau", "DOP853", "BDF")
TOLERANCES = (1e-6, 1e-10)

#: ``ln 2^53``: how long, over a growth rate, half a unit in the last place of 1 needs to reach 1.
ROUNDING_DIGITS = -float(np.log(EPS / 2))

_VARIABLES = ("s", "alignment", "tau", "a", "b")


class _Case(NamedTuple):
    """One choice of coordinates."""

    target: Target
    starts: StartingPoints
    flow: str


def measure(
    starts: xr.Dataset, *, depths: Sequence[int], times: Mapping, rotation_seed: int
) -> xr.Dataset:
    """Follow starts in both coordinates, and measure when and where they leave their saddle.

    The ``starts``, of `companion.ensembles.generate`, are on the stable sets of saddles; ``times``
    are the arguments of `companion.ensembles.time_grid`, and a seed stands for the random bases.

    Returns, over (coordinates, run, depth, start, time): ``s``, ``tau``, and ``alpha_1``, the
    absolute value of a_1 + b_1; ``limit`` (start), the singular value of the exact limit;
    ``within_rounding`` (coordinates, start), whether `dlnpaper.limits` warns that round-off leaves
    the limit undecided; ``singular_values`` (mode); and all of `departures`. Coordinates ``solver``
    and ``rtol`` (run), the latter 0 for the closed form, which comes first.
    """
    runs = [(CLOSED_FORM, 0.0), *product(METHODS, TOLERANCES)]
    followed = follow(starts, depths, time_grid(**times), runs, rotation_seed)
    alpha_1 = abs(followed["a"].isel(left=0) + followed["b"].isel(right=0))
    alpha_1 = alpha_1.assign_attrs(described("absolute value of a_1 + b_1"))
    kept = followed.drop_vars(["alignment", "a", "b"]).assign(departures(followed))
    return kept.assign(alpha_1=alpha_1)


def rotated(target: Target, seed: int) -> Target:
    """Return the target with the same singular values in random orthonormal bases."""
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((size, size)))[0] for size in target.shape)
    return Target(target.singular_values, target.shape, left=left, right=right)


def follow(
    starts: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    runs: Sequence[tuple[str, float]],
    rotation_seed: int,
) -> xr.Dataset:
    """Follow starts in both coordinates, each run with a solver and a relative tolerance.

    In singular coordinates the induced flow of the nonzero α and β is integrated. In the rotated
    basis s, u and v are, in the coordinates of the matrix, from ``StartingPoints.from_vectors``.

    Returns what `measure` returns, with ``alignment`` (coordinates, run, depth, start, time), ``a``
    (..., left) and ``b`` (..., right) in place of ``alpha_1``.
    """
    target, exact = target_of(starts), starts_of(starts)
    turned = rotated(target, rotation_seed)
    u, v = exact.a @ turned.left.T, exact.b @ turned.right.T
    cases = {
        "singular": _Case(target, exact, "induced"),
        "rotated": _Case(turned, StartingPoints.from_vectors(turned, u, v, exact.s), "vectors"),
    }
    followed = xr.combine_nested(
        [
            [[_follow_one(case, depth, times, *run) for depth in depths] for run in runs]
            for case in cases.values()
        ],
        concat_dim=["coordinates", "run", "depth"],
        combine_attrs="drop_conflicts",
    ).transpose("coordinates", "run", "depth", "start", "time", ...)
    warned = [limits(case.target, case.starts)["within_rounding"] for case in cases.values()]
    solvers, tolerances = map(list, zip(*runs, strict=True))
    return followed.assign(
        limit=limits(target, exact)["value"],
        within_rounding=xr.concat(warned, dim="coordinates"),
        singular_values=starts["singular_values"],
    ).assign_coords(
        coordinates=("coordinates", list(cases), {"long_name": "basis of the integration"}),
        depth=depth_axis(depths),
        solver=("run", solvers, {"long_name": "closed form or method of solve_ivp"}),
        rtol=variable("run", tolerances, "relative tolerance of a step, 0 for the closed form"),
    )


def departures(followed: xr.Dataset) -> xr.Dataset:
    """Measure when trajectories leave their saddle, and predict it.

    A trajectory has left once the alignment is past the middle between the singular value of the
    saddle and the next larger one; the moment is interpolated between output times.

    Returns, over (coordinates, run, depth, start): ``left``, whether the trajectory leaves at all;
    ``escape_tau`` and ``escape_time``, when it does, 0 if it does not; ``reached``, position of the
    kind of its end in `companion.outcomes.OUTCOMES`. Over (start): ``predicted_tau``, when a
    round-off error has grown to 1, ``ln 2^53 / (σ_1 − σ_k)``.
    """
    sigma = np.unique(followed["singular_values"])
    next_larger = sigma[np.searchsorted(sigma, followed["limit"], side="right")]
    level = ((followed["limit"] + next_larger) / 2).values[:, None]
    tau, alignment = followed["tau"], followed["alignment"].values
    time = np.broadcast_to(followed["time"], tau.shape)
    shape = followed.sizes["left"], followed.sizes["right"]
    target = Target(followed["singular_values"].values, shape)
    end = reached(target, followed.isel(time=-1, drop=True))
    predicted = ROUNDING_DIGITS / (sigma[-1] - followed["limit"])
    dims, text = tau.dims[:-1], "at which the saddle is left, 0 if it is not"
    leaves = {"long_name": "whether the saddle is left"}
    return xr.Dataset(
        {
            "left": (dims, (alignment >= level).any(axis=-1), leaves),
            "escape_tau": variable(
                dims, _first_crossing(tau.values, alignment, level), f"time tau {text}"
            ),
            "escape_time": variable(dims, _first_crossing(time, alignment, level), f"time {text}"),
            "reached": end.assign_attrs(flagged("kind of limit at the end", OUTCOMES)),
            "predicted_tau": predicted.assign_attrs(
                described("time tau at which a round-off error has grown to 1")
            ),
        }
    )


def _follow_one(case: _Case, depth: int, times: np.ndarray, solver: str, rtol: float) -> xr.Dataset:
    problem = case.target, depth, case.starts, times
    if solver == CLOSED_FORM:
        found = solve(*problem, variables=_VARIABLES, threads=1)
    else:
        options = {"flow": case.flow, "method": solver, "rtol": rtol}
        found = integrate(*problem, variables=_VARIABLES, **options)  # type: ignore[arg-type]
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
