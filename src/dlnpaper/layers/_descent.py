"""Descent of any deep linear network with finite steps."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import validate_weight_decay
from dlnpaper._descent import (
    LARGEST_SQUARE,
    Descent,
    DescentMethod,
    divergence,
    validate_descent,
    validate_steps,
)
from dlnpaper._target import Target, validate_target
from dlnpaper.layers._arguments import validate_layers, validate_second_moment
from dlnpaper.layers._balanced import MOST_WEIGHTS
from dlnpaper.layers._paths import OBSERVED, assemble, observe
from dlnpaper.layers._products import descent_directions, end_to_end


def descend(
    target: Target,
    layers: Sequence[ArrayLike],
    *,
    step: float,
    steps: int,
    method: DescentMethod = "gradient_descent",
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    second_moment: ArrayLike | None = None,
    every: int = 1,
) -> xr.Dataset:
    """Descend with finite steps from layers of any widths, which need not be balanced.

    The loss is that of `dlnpaper.layers.integrate`. The matrices are the state: nothing is assumed
    of them.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x). With a ``second_moment`` its matrix is that of least squares,
        ``Z = Y Xᵀ Σ⁻¹``.
    layers : sequence of array_like
        W_1, ..., W_N with N ≥ 2, ``W_j`` of shape (d_j, d_{j-1}) for one network, or
        (M, d_j, d_{j-1}) for M of them; d_0 = d_x and d_N = d_y. In the coordinates of the target's
        matrix.
    step, steps, method, momentum, every
        As in `dlnpaper.descend`.
    weight_decay, second_moment
        As in `dlnpaper.layers.integrate`.

    Returns
    -------
    xarray.Dataset
        As of `dlnpaper.layers.integrate`, with ``step``, the number of steps taken, in place of
        ``time``: ``end_to_end``, ``loss``, ``layer_1`` to ``layer_N``, ``distance``, ``norm`` and
        ``imbalance``. ``diverged`` and ``diverged_at`` (start) are those of `dlnpaper.descend`:
        from there on loss, distance, norm and imbalance are infinite, and matrices stay at the last
        of the returned states before.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.

    References
    ----------
    docs/steps.md, section 1.

    Examples
    --------
    >>> target = Target([2.0], shape=(1, 1))
    >>> path = descend(target, [[[0.5]], [[1.0]]], step=0.1, steps=200, every=200)
    >>> path.end_to_end.values.ravel().round(8).tolist()
    [0.5, 2.0]
    """
    validate_target(target)
    stacks = validate_layers(layers, target.shape, MOST_WEIGHTS)
    how, numbers = validate_descent(method, step, momentum), validate_steps(steps, every)
    decay = validate_weight_decay(weight_decay)
    moment = validate_second_moment(second_moment, target.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        weights, diverged_at = _descend(target.matrix, stacks, how, decay, moment, numbers)
        values = _observe(target, stacks, weights, moment)
    for i in np.flatnonzero(diverged_at >= 0):
        for name in ("loss", "distance", "norm", "imbalance"):
            values[name][i, ..., numbers >= max(diverged_at[i], 1)] = np.inf
    attrs = {"method": method, "eta": how.step, "momentum": how.momentum, "weight_decay": decay}
    axis = xr.Variable("step", numbers, {"long_name": "number of steps taken", "units": "1"})
    return assemble(axis, values, OBSERVED, weights, attrs).assign(divergence(diverged_at))


def _descend(
    matrix: np.ndarray,
    start: list[np.ndarray],
    how: Descent,
    decay: float,
    moment: np.ndarray | None,
    numbers: np.ndarray,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the layers after the numbers of steps, (M, K, d_j, d_{j-1}), and `diverged_at`."""
    now = [layer.copy() for layer in start]
    velocity = [np.zeros_like(layer) for layer in start]
    kept = [np.empty((len(layer), numbers.size, *layer.shape[1:])) for layer in start]
    diverged_at, taken = np.full(len(start[0]), -1), 0
    for k, number in enumerate(numbers):
        while taken < number:
            at = now
            if how.lookahead:
                at = [w + how.lookahead * v for w, v in zip(now, velocity, strict=True)]
            product, directions = descent_directions(matrix, at, moment, decay)
            _stop(taken, product, at, now, [velocity, directions], diverged_at)
            velocity = [
                how.momentum * v + how.step * d for v, d in zip(velocity, directions, strict=True)
            ]
            now = [w + v for w, v in zip(now, velocity, strict=True)]
            taken += 1
        _stop(taken, end_to_end(now), now, now, [velocity], diverged_at)
        held = (diverged_at >= 0) & (number > 0)
        for all_kept, layer in zip(kept, now, strict=True):
            all_kept[:, k] = np.where(held[:, None, None], all_kept[:, k - 1], layer)
    return kept, diverged_at


def _stop(
    taken: int,
    product: np.ndarray,
    at: list[np.ndarray],
    now: list[np.ndarray],
    others: list[list[np.ndarray]],
    diverged_at: np.ndarray,
) -> None:
    """Record which networks have diverged, and set them to zero, where they stay.

    ``at`` is where the gradient is taken. If that has diverged but not the state ``now``, it is the
    next step that does.
    """
    stopped = ~_are_moderate(product, at)
    if stopped.any():
        numbers = taken + (_are_moderate(end_to_end(now), now) if at is not now else 0)
        diverged_at[:] = np.where(stopped & (diverged_at < 0), numbers, diverged_at)
        for state in (now, *others):
            for layer in state:
                layer[stopped] = 0.0


def _are_moderate(product: np.ndarray, layers: list[np.ndarray]) -> np.ndarray:
    """Return which networks have not diverged; NaN has."""
    squares = sum(np.einsum("mij,mij->m", each, each) for each in (product, *layers))
    return np.asarray(squares < LARGEST_SQUARE)


def _observe(
    target: Target,
    start: list[np.ndarray],
    weights: list[np.ndarray],
    moment: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Return the values of `OBSERVED`, those of M networks along the first axis."""
    networks, paths = zip(*start, strict=True), zip(*weights, strict=True)
    observed = [
        observe(target, network, path, moment)
        for network, path in zip(networks, paths, strict=True)
    ]
    return {name: np.stack([each[name] for each in observed]) for name in OBSERVED}
