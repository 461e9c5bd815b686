"""Every pattern of chosen modes: the limit predicted from the start, and the one that layers reach.

The prediction reads the pivots off the start (docs/two_layers.md, section 4). The layers are
integrated by themselves, and their end is judged by what a stationary point looks like alone.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import flagged, variable
from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from dlnpaper.two_layers._limits import limits
from dlnpaper.two_layers._starts import Starts
from studies.pivots.dependent import dependent_start

__all__ = ["Case", "horizon", "measure", "patterns", "stationary_near"]

#: Relative tolerance of the integrations.
RTOL = 1e-13

#: Of so many constructed starts one is followed.
DRAWS = 8

#: Drawn at random; made with exact zeros for modes that the limit lacks; or as `dependent_start`.
KINDS = ("sampled", "constructed", "dependent")

#: How close to a stationary point, relative to σ_1, an end counts as having reached it.
TOLERANCE = 1e-2

#: Trajectories are stopped when errors of the size of RTOL have grown to this power of it.
GROWN = 1 / 3


class Case(NamedTuple):
    """A target, the imbalance λ of all starts, and the weight decay μ."""

    target: Target
    imbalance: float
    weight_decay: float

    @property
    def growth(self) -> np.ndarray:
        """Eigenvalues of the modes, (r,)."""
        return np.hypot(self.target.singular_values, self.imbalance / 2) - self.weight_decay

    @property
    def values(self) -> np.ndarray:
        """Singular values of a limit on chosen modes, (r,): soft thresholding."""
        return np.maximum(self.target.singular_values - self.weight_decay, 0.0)


def measure(
    *, cases: Mapping[str, Mapping], sampled: int, scale: float, last: float, seed: int
) -> xr.Dataset:
    """Predict the limits of sampled and constructed starts, and integrate their layers.

    Returns, over ``start``: the flags ``case``, of the cases' names, and ``kind``, of `KINDS`;
    ``width``; and what `_compare` returns. Over ``case_number``: ``singular_values`` (..., mode),
    ``shape`` (..., side), ``imbalance`` and ``weight_decay``.
    """
    parts, described = [], []
    for k, settings in enumerate(cases.values()):
        case = Case(Target(**settings["target"]), settings["imbalance"], settings["weight_decay"])
        described.append(case)
        for width in settings["widths"]:
            rng = np.random.default_rng([seed, k, width])
            for kind, modes, starts in _families(case, width, sampled, scale, rng):
                if not len(starts):
                    continue
                found = _compare(case, modes, starts, last)
                numbers = np.array([k, KINDS.index(kind)], np.int8).repeat(len(starts))
                number, kind_number = numbers.reshape(2, -1)
                width_of = np.full(len(starts), width)
                parts.append(
                    found.assign(
                        case=("start", number, flagged("case", list(cases))),
                        kind=("start", kind_number, flagged("kind of start", KINDS)),
                        width=variable("start", width_of, "number of hidden neurons"),
                    )
                )
    return xr.concat(parts, dim="start").merge(_describe(described))


def _families(
    case: Case, width: int, sampled: int, scale: float, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[int, ...], Starts]]:
    """Yield starts, their kind, and the modes of the limit for which they are meant."""
    target, imbalance = case.target, case.imbalance
    options: Any = {"hidden": width, "scale": scale, "imbalance": imbalance}
    top = tuple(range(min(width, target.rank)))
    drawn = Starts.sample(target, sampled, rng, **options)
    misses_last = _misses_last(case, drawn)
    yield "sampled", top, drawn[~misses_last]
    yield "sampled", top[:-1], drawn[misses_last]
    for modes in patterns(case, width):
        drawn = Starts.on_stable_set(target, modes, DRAWS, rng, **options)
        yield "constructed", modes, _soonest(target, modes, drawn)
        if len(modes) == width > 1 and imbalance == case.weight_decay == 0:
            drawn = Starts.concatenate(
                dependent_start(target, modes, rng, scale) for _ in range(DRAWS)
            )
            yield "dependent", modes, _soonest(target, modes, drawn)


def _misses_last(case: Case, drawn: Starts) -> np.ndarray:
    """Return which balanced starts cannot reach a square target of full rank, (M,).

    No trajectory changes the sign of det W, and in singular coordinates that of the target is
    positive.
    """
    d_y, d_x = case.target.shape
    if case.imbalance or not d_y == d_x == case.target.rank <= drawn.hidden:
        return np.zeros(len(drawn), bool)
    return np.linalg.det(drawn.second @ drawn.first) < 0


def _soonest(target: Target, modes: tuple[int, ...], drawn: Starts) -> Starts:
    """Return the start in which the modes grow soonest, since errors leave little time for it."""
    growing = drawn.growing
    if growing is None:  # of balanced layers, up to a factor
        growing = drawn.first.mT[:, : target.rank] + drawn.second[:, : target.rank]
    least = np.linalg.svd(growing[:, list(modes)], compute_uv=False).min(axis=1, initial=np.inf)
    return drawn[[int(least.argmax())]]


def patterns(case: Case, width: int) -> Iterator[tuple[int, ...]]:
    """Yield the modes of the limits of this width, counted from 0; of tied modes the first ones.

    Hidden units that no mode takes must have somewhere to go. With an imbalance they need null
    directions of the larger layer; and without, where null directions on both sides would make
    their way as slow as 1/t, limits of lower rank are left out.
    """
    (d_y, d_x), rank = case.target.shape, case.target.rank
    if case.imbalance:
        left_over = (d_y if case.imbalance > 0 else d_x) - rank
    else:
        left_over = 0 if min(d_y, d_x) > rank and not case.weight_decay else width
    sigma = case.target.singular_values
    for size in range(max(width - left_over, 0), min(width, rank) + 1):
        for modes in combinations(range(rank), size):
            if all(k == 0 or k - 1 in modes or sigma[k - 1] != sigma[k] for k in modes):
                yield modes


def horizon(case: Case, modes: tuple[int, ...], width: int, last: float) -> float:
    """Return how long to integrate a trajectory with these modes in its limit.

    A mode that is left out and whose eigenvalue is larger than that of some hidden unit's end would
    take over there, by an error of the integration that grows with the difference. The layers hold
    no exact zeros along eigenvectors, and their balance drifts by the tolerance.
    """
    growth = case.growth
    nulls = case.target.shape[0 if case.imbalance > 0 else 1] - case.target.rank
    ends = [growth[k] for k in modes if growth[k] > 0]
    ends += [abs(case.imbalance) / 2] * min(nulls, width - len(ends))
    least = min(ends) if len(ends) == width else 0.0
    left_out = [growth[k] for k in range(len(growth)) if k not in modes]
    fastest = max(left_out, default=0.0) - least
    return min(last, -(1 - GROWN) * np.log(RTOL) / fastest) if fastest > 0 else last


class Nearest(NamedTuple):
    """The stationary point near an end-to-end matrix."""

    matrix: np.ndarray
    modes: np.ndarray  #: (r,), 1 for those in it; of a group of tied modes the first ones.
    values: np.ndarray  #: (r,), singular values of the end-to-end matrix itself on the modes.


def stationary_near(case: Case, end: np.ndarray) -> Nearest:
    """Find the stationary point near an end-to-end matrix.

    In every group of tied modes it has the directions in which the matrix has more than half of
    what their singular value is with weight decay.
    """
    sigma = case.target.singular_values
    found = Nearest(np.zeros_like(end), np.zeros(len(sigma), np.int8), np.zeros(len(sigma)))
    for value in np.unique(sigma):
        group, kept = np.flatnonzero(sigma == value), value - case.weight_decay
        block = end[np.ix_(group, group)]
        sizes, directions = np.linalg.eigh((block + block.T) / 2)
        inside = directions[:, sizes > kept / 2] if kept > 0 else directions[:, :0]
        found.matrix[np.ix_(group, group)] = kept * inside @ inside.T
        found.modes[group[: inside.shape[1]]] = 1
        found.values[group] = sizes[::-1]
    return found


def _compare(case: Case, modes: tuple[int, ...], starts: Starts, last: float) -> xr.Dataset:
    """Predict where starts end, and integrate their layers.

    Returns, over ``start``: 1 or 0 for every ``mode``, whether it is ``meant``, ``predicted`` and
    ``reached`` in the limit; ``value`` (start, mode), singular values of the end on the modes;
    whether the end is ``decided``, close to a stationary point; its ``distance`` to the predicted
    limit.
    """
    time = horizon(case, modes, starts.hidden, last)
    path = integrate(
        case.target,
        [starts.first, starts.second],
        [time],
        weight_decay=case.weight_decay,
        rtol=RTOL,
    )
    ends = path["end_to_end"].values[:, -1]
    ahead = limits(case.target, starts, weight_decay=case.weight_decay)["end_to_end"].values
    found = (stationary_near(case, end) for end in ends)
    nearest = Nearest(*map(np.array, zip(*found, strict=True)))
    predicted = np.array([stationary_near(case, limit).modes for limit in ahead])
    meant = np.zeros_like(predicted)
    meant[:, [k for k in modes if case.values[k] > 0]] = 1
    off = np.linalg.norm(ends - nearest.matrix, axis=(1, 2))
    distance = np.linalg.norm(ends - ahead, axis=(1, 2))
    by_mode = ("start", "mode")
    return xr.Dataset(
        {
            "meant": variable(by_mode, meant, "whether the start is made for a limit with it"),
            "predicted": variable(by_mode, predicted, "whether the predicted limit has it"),
            "reached": variable(by_mode, nearest.modes, "whether the end has it"),
            "value": variable(by_mode, nearest.values, "singular value at the end"),
            "decided": ("start", off <= TOLERANCE * case.target.singular_values[0], _DECIDED),
            "distance": variable("start", distance, "distance of the end to the predicted limit"),
        }
    )


_DECIDED = {"long_name": "whether the end is close to a stationary point"}


def _describe(cases: list[Case]) -> xr.Dataset:
    return xr.Dataset(
        {
            "singular_values": variable(
                ("case_number", "mode"),
                [case.target.singular_values for case in cases],
                "singular values of the target",
            ),
            "shape": variable(
                ("case_number", "side"),
                [case.target.shape for case in cases],
                "shape of the target",
            ),
            "imbalance": variable(
                "case_number", [case.imbalance for case in cases], "imbalance of the layers"
            ),
            "weight_decay": variable(
                "case_number", [case.weight_decay for case in cases], "weight decay"
            ),
        }
    )
