"""Steps just below and just above the edge of stability (docs/steps.md, section 4)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._descent import DescentMethod
from dlnpaper._local_rates import local_rate, stable_step
from dlnpaper._target import Target
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._hessian import hessian_spectrum
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.step_sizes.cycles import balance_factor, method_cycle

SHAPE = (5, 4)
#: Starts near the minimizer, at this distance in units of its size, and random ones.
NEAR, RANDOM, OFF = 8, 8, 1e-3
#: So close to the minimizer a start near it has converged, a random one, and one to its cycle.
CONVERGED, ARRIVED, ON_CYCLE = 1e-8, 1e-4, 1e-6
#: Methods with momentum, and random starts, are followed on a part of the targets.
_EVERY_TARGET = 4
#: What local contraction leaves after all steps, from near and from far.
_CONTRACTED, _FAR_CONTRACTED = 1e-26, 1e-104
#: What is left of differences of norms after half of the steps, and of growth above the edge.
_BALANCED, _GROWN = np.exp(-12.0), np.exp(40.0)


class Ends(NamedTuple):
    """How starts end, (start,) each."""

    distance: np.ndarray  #: of W to the best matrix of rank one, the larger of two states, over σ_1
    lower: np.ndarray  #: φ, the N-th root of s/σ_1, at the lower of these states
    upper: np.ndarray
    balance: np.ndarray  #: factor of differences of the layers' norms, in two steps; 0 where none


def survey(
    depth: int, count: int, margin: float, momenta: Mapping[DescentMethod, float], seed: int
) -> xr.Dataset:
    """Follow starts near the minimizers of random targets, on both sides of each method's edge.

    Returns ``targets`` (method), how many of them; ``converged`` and ``left`` (method, side), on
    which share of them all starts end at the minimizer, and none; of those above the edge
    ``cycle_error`` (method), the largest relative error of the two predicted values of φ between
    which they alternate, and ``amplitude`` (method), half the distance of the two, in the median.
    """
    targets = random_targets(count, seed)
    shares = np.empty((2, len(momenta), 2))
    errors, amplitudes = np.empty((2, len(momenta)))
    numbers = []
    for i, (method, momentum) in enumerate(momenta.items()):
        chosen = targets if method == "gradient_descent" else targets[::_EVERY_TARGET]
        for side, ratio in enumerate((1 - margin, 1 + margin)):
            runs = [
                follow(each, depth, near_starts(each, [seed, k]), method, momentum, ratio)
                for k, each in enumerate(chosen)
            ]
            distances = np.array([ends.distance for ends in runs])
            shares[0, i, side] = np.mean((distances < CONVERGED).all(axis=1))
            shares[1, i, side] = np.mean((distances >= CONVERGED).all(axis=1))
        errors[i] = max(cycle_errors(ends, depth, ratio, method, momentum).max() for ends in runs)
        amplitudes[i] = np.median([(ends.upper - ends.lower) / 2 for ends in runs])
        numbers.append(len(chosen))
    each = ("method", "side")
    return xr.Dataset(
        {
            "targets": variable("method", numbers, "number of targets"),
            "converged": variable(each, shares[0], "share of targets on which all starts converge"),
            "left": variable(each, shares[1], "share of targets on which no start converges"),
            "cycle_error": variable("method", errors, "largest relative error of the two-cycle"),
            "amplitude": variable("method", amplitudes, "half the width of the two-cycle"),
        }
    )


def survey_random_starts(depth: int, count: int, margin: float, seed: int) -> xr.Dataset:
    """Follow random starts by gradient descent, on both sides of the edge, on some of the targets.

    Returns ``arrived``, the share that ends at the minimizer below, and ``balance``, the factor by
    which two steps on the two-cycle above reduce differences of the layers' norms, in the median.
    """
    targets, ratios = random_targets(count, seed)[::_EVERY_TARGET], (1 - margin, 1 + margin)
    below, above = (
        [
            follow(
                each, depth, random_starts(each, [seed, k]), "gradient_descent", 0.0, ratio, True
            )
            for k, each in enumerate(targets)
        ]
        for ratio in ratios
    )
    arrived = np.mean([ends.distance < ARRIVED for ends in below])
    errors = np.array([cycle_errors(e, depth, ratios[1], "gradient_descent", 0.0) for e in above])
    # Some start may come so near to the minimizer that rounding keeps it there, unstable or not.
    factors = np.array([ends.balance for ends in above])[errors < ON_CYCLE]
    balance = np.median(factors) if factors.size else np.nan
    return xr.Dataset(
        {
            "arrived": variable((), arrived, "share of random starts that converge"),
            "balance": variable((), balance, "factor of the imbalance in two steps"),
        }
    )


def random_targets(count: int, seed: int) -> list[Target]:
    """Draw targets of rank four whose other singular values are 0.1 to 0.9 of the largest."""
    rng = np.random.default_rng(seed)

    def drawn() -> Iterator[Target]:
        for _ in range(count):
            shares = np.sort(rng.uniform(0.1, 0.9, 3))[::-1]
            yield Target(np.exp(rng.uniform(-1.0, 1.0)) * np.append(1.0, shares), SHAPE)

    return list(drawn())


def near_starts(target: Target, seed: Sequence[int], off: float = OFF) -> StartingPoints:
    """Draw starts near the global minimizer with ``u = u_1``, of relative distance ``off``."""
    rng, sigma = np.random.default_rng(seed), float(target.singular_values[0])
    a, b = (off * rng.standard_normal((NEAR, size)) for size in target.shape)
    a[:, 0], b[:, 0] = 1.0, 1.0
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (a, b))
    return StartingPoints(a, b, sigma * (1 + off * rng.standard_normal(NEAR)))


def random_starts(target: Target, seed: Sequence[int]) -> StartingPoints:
    """Draw starts with uniform directions and s from a tenth of σ_1 to σ_1."""
    sigma = float(target.singular_values[0])
    return StartingPoints.sample(target, RANDOM, np.random.default_rng(seed), s=(sigma / 10, sigma))


def follow(
    target: Target,
    depth: int,
    starts: StartingPoints,
    method: DescentMethod,
    momentum: float,
    ratio: float,
    far: bool = False,
) -> Ends:
    """Take steps of ``ratio`` times the largest stable one, from near the minimizer or from far."""
    spectrum = hessian_spectrum(target, depth, 0)["eigenvalue"].values
    step = ratio * stable_step(spectrum, method=method, momentum=momentum)
    if ratio < 1:
        rate = local_rate(spectrum, method=method, step=step, momentum=momentum)
        # Where a rate is above one, the edge is wrong, and as many steps show it.
        steps = -np.log(_FAR_CONTRACTED if far else _CONTRACTED) / abs(np.log(rate))
    elif far:
        steps = 2 * np.log(_BALANCED) / np.log(balance_factor(depth, ratio))
    else:
        steps = np.log(_GROWN) / np.log(2 * ratio - 1)
    every = 2 * int(steps / 4) + 1  # of an odd number, two see both phases of a cycle
    path = descend(
        target,
        depth,
        starts,
        step=step,
        steps=4 * every,
        method=method,
        momentum=momentum,
        every=every,
        variables=["s", "a", "b", "imbalance"],
        threads=1,
    )
    return _ends(target, depth, path, every)


def cycle_errors(
    ends: Ends, depth: int, ratio: float, method: DescentMethod, momentum: float
) -> np.ndarray:
    """Return the larger relative error of the two values of φ of the predicted cycle, (start,)."""
    lower, upper = method_cycle(depth, ratio, method, momentum)
    return np.maximum(np.abs(ends.lower / lower - 1), np.abs(ends.upper / upper - 1))


def _ends(target: Target, depth: int, path: xr.Dataset, every: int) -> Ends:
    """Read the ends of starts from the last three states, ``every`` steps apart."""
    sigma, best = target.singular_values[0], np.zeros(target.shape)
    best[0, 0] = 1.0
    s, a, b = (path[name].values[:, -2:] for name in ("s", "a", "b"))
    share = s / sigma
    matrices = share[..., None, None] * a[..., :, None] * b[..., None, :]
    distance = np.linalg.norm(matrices - best, axis=(2, 3))
    before, after = path["imbalance"].values[:, [-3, -1]].T
    moved = (before > 0) & (after > 0)
    factors = np.divide(after, before, out=np.zeros(len(after)), where=moved) ** (1 / every)
    phi = share ** (1 / depth)
    return Ends(distance.max(axis=1), phi.min(axis=1), phi.max(axis=1), factors)
