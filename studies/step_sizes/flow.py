"""Distances of finite steps to the exact flow (docs/steps.md, section 6)."""

from collections.abc import Mapping, Sequence

import numpy as np

from dlnpaper._descent import DescentMethod
from dlnpaper._local_rates import stable_step
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._end_to_end import end_to_end
from dlnpaper.one_neuron._hessian import hessian_spectrum
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.step_sizes.first_order import bend_and_lag, clock, responses

#: Times at which steps and flow are compared.
TIMES = 40


def distances(
    target: Target,
    depth: int,
    starts: StartingPoints,
    horizon: float,
    shares: Sequence[float],
    momenta: Mapping[DescentMethod, float],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return steps, and the largest distances to the flow, measured and to first order.

    All three are (method, share). A step is a share of ``(1-β)²`` times the largest stable step of
    gradient descent, or a little less: a whole number of steps leads from each time to the next.
    Distances are those of W, over all starts and times, in units of σ_1.
    """
    times = horizon * np.arange(1, TIMES + 1) / TIMES
    exact = end_to_end(target, solve(target, depth, starts, times)).values
    changes = [responses(target, depth, starts[[i]], times) for i in range(len(starts))]
    by_bend, by_lag = (np.array(each) for each in zip(*changes, strict=True))
    edge = stable_step(hessian_spectrum(target, depth, 0), method="gradient_descent")
    steps, measured, predicted = np.empty((3, len(momenta), len(shares)))
    for i, (method, momentum) in enumerate(momenta.items()):
        for k, share in enumerate(shares):
            largest = share * edge * (1 - momentum) ** 2
            between = int(np.ceil(times[0] / clock(largest, momentum)))
            steps[i, k] = step = largest * times[0] / (between * clock(largest, momentum))
            how = {"method": method, "momentum": momentum, "step": step, "every": between}
            path = descend(target, depth, starts, steps=between * TIMES, threads=1, **how)
            found = end_to_end(target, path).values[:, 1:]
            bend, lag = bend_and_lag(method, step, momentum)
            measured[i, k] = _largest(found - exact)
            predicted[i, k] = _largest(bend * by_bend + lag * by_lag)
    sigma = target.singular_values[0]
    return steps, measured / sigma, predicted / sigma


def _largest(matrices: np.ndarray) -> float:
    return float(np.linalg.norm(matrices, axis=(-2, -1)).max())
