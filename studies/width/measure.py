"""Networks of several widths on the digits: exact losses, and gradient descent on their layers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import xarray as xr

from companion.datasets import variable
from companion.ensembles import target_of, time_grid
from companion.rate_measurement import tightest_fit
from dlnpaper._target import Target
from dlnpaper.two_layers._closed_form import solve
from dlnpaper.two_layers._starts import Starts

__all__ = ["best_losses", "descend", "excess_rate", "measure"]

#: The steps whose distances to the exact trajectory are compared, over the least of them.
FACTORS = (8, 4, 2, 1)

#: Time until which they are compared, and the number of times at which they are.
COMPARED, MARKS = 4.0, 40

#: An excess is followed for so many e-folds of its predicted decay, on so many times.
_FOLDS, _SAMPLES = 60.0, 601

#: An excess below the smallest normal floats loses digits.
_EXCESS_ERROR = 1e-300


def measure(
    starts: xr.Dataset,
    *,
    widths: Sequence[int],
    scale: float,
    step: float,
    long_step: float,
    times: Mapping,
    seed: int,
) -> xr.Dataset:
    """Follow one start of each width exactly, and by gradient descent with several steps.

    The target is that of the ``starts``, which are not used. All is in its singular coordinates, in
    which gradient descent on the layers takes the course that it takes on the whitened data.

    Returns
    -------
    xarray.Dataset
        loss (width, time)
            Of the exact W(t).
        best_loss (width), zero_loss ()
            The least loss of a matrix whose rank is at most the width, and that of W = 0.
        descent_loss (width, mark), long_loss (width, long_mark), long_step ()
            Of gradient descent: with the least of the compared steps, and with the long step.
        distance (step, width)
            Largest distance over the marks of gradient descent with this step from the exact W(t),
            in units of σ_1.
        extrapolated (halved_step, width)
            The same of ``2 W_η - W_2η``, of two descents with steps η and 2η, by the smaller step.
        rate, predicted_rate (width)
            At which the excess over the best loss decays, see `excess_rate`.
    """
    target, grid, widths = target_of(starts), time_grid(**times), sorted(widths)
    begun = [
        Starts.sample(target, 1, np.random.default_rng([seed, h]), hidden=h, scale=scale)
        for h in widths
    ]
    exact = [solve(target, start, grid, variables=["loss"])["loss"].values[0] for start in begun]
    rates = np.array([excess_rate(target, start) for start in begun])
    best, long_marks = best_losses(target, [0, *widths]), _marks(long_step, grid[-1])
    late = descend(target, begun, long_step, long_marks)
    by_descent = "loss of gradient descent"
    unfit = {"missing_data": "the width exceeds the rank, or the window of the fit was not reached"}
    values = {
        "loss": variable(("width", "time"), exact, "loss of the exact matrix"),
        "best_loss": variable("width", best[1:], "least loss of a matrix of this rank"),
        "zero_loss": variable((), best[0], "loss of W = 0"),
        "long_loss": variable(("width", "long_mark"), _losses(target, late), by_descent),
        "long_step": variable((), long_step, "step of this gradient descent"),
        "rate": variable("width", rates[:, 0], "measured rate of the excess loss", **unfit),
        "predicted_rate": variable("width", rates[:, 1], "predicted rate of it", **unfit),
    }
    coordinates = {
        "width": variable("width", np.array(widths), "number of hidden neurons"),
        "time": variable("time", grid, "gradient flow time"),
        "long_mark": variable("long_mark", long_marks, "gradient flow time"),
    }
    return _with_small_steps(target, begun, step).assign(values).assign_coords(coordinates)


def best_losses(target: Target, ranks: Sequence[int]) -> np.ndarray:
    """Return the least loss of a matrix of each rank (Eckart and Young 1936), (ranks,)."""
    sigma = target.singular_values
    return np.array([np.sum(sigma[rank:] ** 2) / 2 + target.loss_offset for rank in ranks])


def descend(target: Target, starts: Sequence[Starts], step: float, times: np.ndarray) -> np.ndarray:
    """Return W_2 W_1 of gradient descent, (starts, T, d_y, d_x), at times that are whole steps.

    All networks are followed at once: neurons that one does not have are zero, and stay so.
    """
    most = max(start.hidden for start in starts)
    spare = [(0, most - start.hidden) for start in starts]
    pairs = list(zip(starts, spare, strict=True))
    first = np.array([np.pad(start.first[0], (rows, (0, 0))) for start, rows in pairs])
    second = np.array([np.pad(start.second[0], ((0, 0), columns)) for start, columns in pairs])
    path = []
    for count in np.diff(np.rint(times / step).astype(int), prepend=0):
        for _ in range(count):
            error = second @ first - target.matrix
            first, second = first - step * second.mT @ error, second - step * error @ first.mT
        path.append(second @ first)
    return np.stack(path, axis=1)


def excess_rate(target: Target, start: Starts) -> tuple[float, float]:
    """Return the measured rate at which the excess loss decays, and ``2(σ_h - σ_{h+1})``.

    Both are nan beyond the rank, where neurons that no mode takes fade by a power law.
    """
    sigma = np.append(target.singular_values, 0.0)
    if start.hidden > target.rank:
        return np.nan, np.nan
    predicted = 2 * (sigma[start.hidden - 1] - sigma[start.hidden])
    times = np.linspace(0.0, _FOLDS / predicted, _SAMPLES)
    excess = solve(target, start, times, variables=["excess"])["excess"].values[0]
    fit = tightest_fit(times, excess, "exponential", _EXCESS_ERROR)[1]
    return np.nan if fit.rate is None else fit.rate, predicted


def _with_small_steps(target: Target, starts: Sequence[Starts], step: float) -> xr.Dataset:
    """Compare gradient descent by some steps with the exact trajectories."""
    steps = np.multiply(FACTORS, step)
    marks = _marks(steps[0], COMPARED)
    paths = [descend(target, starts, each, marks) for each in steps]
    solved = [solve(target, start, marks, variables=["end_to_end"]) for start in starts]
    exact = np.array([each["end_to_end"].values[0] for each in solved])
    extrapolated = [2 * finer - coarser for coarser, finer in pairwise(paths)]
    away, further = (
        [
            np.linalg.norm(path - exact, axis=(2, 3)).max(axis=1) / target.singular_values[0]
            for path in each
        ]
        for each in (paths, extrapolated)
    )
    text, by_step = "largest distance of gradient descent from the exact matrix", "step of it"
    return xr.Dataset(
        {
            "descent_loss": variable(
                ("width", "mark"), _losses(target, paths[-1]), "loss of gradient descent"
            ),
            "distance": variable(("step", "width"), away, text),
            "extrapolated": variable(("halved_step", "width"), further, f"{text}, extrapolated"),
        },
        coords={
            "mark": variable("mark", marks, "gradient flow time"),
            "step": variable("step", steps, by_step),
            "halved_step": variable("halved_step", steps[1:], by_step),
        },
    )


def _marks(step: float, last: float) -> np.ndarray:
    """Return whole steps, geometrically spaced, of which the last is the last time."""
    return step * np.unique(np.rint(np.geomspace(1, last / step, MARKS)))


def _losses(target: Target, path: np.ndarray) -> np.ndarray:
    return np.sum((path - target.matrix) ** 2, axis=(2, 3)) / 2 + target.loss_offset
