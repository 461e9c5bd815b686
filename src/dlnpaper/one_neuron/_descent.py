"""Descent of one-neuron networks with finite steps (docs/steps.md, section 2)."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_depth, validate_weight_decay
from dlnpaper._descent import (
    LARGEST_SQUARE,
    Descent,
    DescentMethod,
    divergence,
    validate_descent,
    validate_steps,
)
from dlnpaper._target import Target
from dlnpaper._threads import share, validate_threads
from dlnpaper.one_neuron import _descent_kernel as kernel
from dlnpaper.one_neuron._depths import Depth, are_several, for_each_depth
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem
from dlnpaper.one_neuron._trajectories import VARIABLES, VariableSpec, validate_variables

_STEPS = ("start", "step")

_VARIABLES = {
    "s": VariableSpec(_STEPS, VARIABLES["s"].long_name),
    "loss": VariableSpec(_STEPS, "quadratic loss"),
    "excess": VariableSpec(_STEPS, "quadratic loss above that of the best matrix of rank one"),
    "imbalance": VariableSpec(_STEPS, "largest difference of two layers' squared norms"),
    "a": VariableSpec((*_STEPS, "left"), VARIABLES["a"].long_name),
    "b": VariableSpec((*_STEPS, "right"), VARIABLES["b"].long_name),
    "last": VariableSpec((*_STEPS, "left"), "factor of the last layer in target coordinates"),
    "first": VariableSpec((*_STEPS, "right"), "factor of the first layer in target coordinates"),
    "inner": VariableSpec(_STEPS, "factor of each layer between"),
}


def descend(
    target: Target,
    depth: Depth,
    starts: StartingPoints,
    *,
    step: float,
    steps: int,
    method: DescentMethod = "gradient_descent",
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    every: int = 1,
    variables: Iterable[str] | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Descend with finite steps from balanced starts of a network with a one-neuron layer.

    What the layers of any widths do is computed from three factors: the layers of a start are
    ``W_N = x w_{N-1}ᵀ``, ``W_j = z w_j w_{j-1}ᵀ`` and ``W_1 = w_1 yᵀ`` with unit vectors w_j, and
    every step keeps them so. Nothing is approximated.

    Parameters
    ----------
    target : Target
        Singular values and shape (d_y, d_x) of the matrix to be learned.
    depth : int or sequence of int
        Number of layers N, from 2 on, or several of them.
    starts : StartingPoints
        M balanced starts, in singular coordinates.
    step : float
        η > 0, dimensionless.
    steps : int
        How many steps to take.
    method : {"gradient_descent", "heavy_ball", "nesterov"}
        With w after the last step, w⁻ before it (equal at the start) and the gradient g of the
        loss, the next weights are ``w - η g(w)``; ``w + β (w - w⁻) - η g(w)``; or ``p - η g(p)``
        with ``p = w + β (w - w⁻)``.
    momentum : float
        β, from 0 to below 1; 0 for gradient descent.
    weight_decay : float
        μ ≥ 0, of the penalty ``½ μ Σ_j ‖W_j‖²``.
    every : int
        Return the state after every so many steps.
    variables : iterable of str, optional
        Which of the result's variables to compute; all by default.
    threads : int, optional
        How many threads share the starts; all processors by default. No bit of the result depends
        on it.

    Returns
    -------
    xarray.Dataset
        On ``start, step``, where ``step`` is 0, ``every``, 2 ``every``, ... up to ``steps``: the
        singular value ``s`` of the end-to-end matrix; the quadratic ``loss``, without penalty, and
        its ``excess`` over that of the best matrix of rank one, with all digits near the global
        minimizer; ``imbalance``, the largest difference between the squared norms of two layers;
        and ``inner``, the factor z of each of the N - 2 layers between, 1 for N = 2. On ``start,
        step, left`` the singular vector ``a`` and the factor x of the ``last`` layer, on ``start,
        step, right`` b and the factor y of the ``first``. Where W is zero, a or b is. Several
        depths make a leading dimension ``depth``.

        ``diverged`` (start) marks paths on which the squared size of a layer or of W passes 1e150,
        or does so where the next gradient is taken, and ``diverged_at`` (start) is the number of
        steps after which it does, or -1. From there on s, loss, excess and imbalance are infinite;
        a, b and the factors stay at the last of the returned states before. `end_to_end` of such a
        state is infinite, or NaN where a or b is 0.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it must be.

    Notes
    -----
    Each step rounds, and no more: over 10,000 steps results agree with those of explicit layers to
    1e-12. An α_i that is exactly zero stays so only where ``|a_i| = |b_i|`` for all i; from other
    starts the steps themselves leave the stable set of a saddle, which the flow never does.

    References
    ----------
    docs/steps.md, sections 1 and 2.

    Examples
    --------
    >>> target = Target([2.0, 1.0], shape=(2, 2))
    >>> start = StartingPoints([[0.6, 0.8]], [[0.8, 0.6]], s=0.1)
    >>> path = descend(target, 3, start, step=0.1, steps=200, every=100)
    >>> path.s.values.round(6).tolist()
    [[0.1, 2.0, 2.0]]
    """
    if are_several(depth):
        options: dict[str, Any] = {
            "step": step,
            "steps": steps,
            "method": method,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "every": every,
            "variables": variables,
            "threads": threads,
        }
        each = partial(descend, target, starts=starts, **options)
        return for_each_depth(each, depth, shared=["singular_values"])
    validate_problem(target, starts)
    depth, how = validate_depth(depth), validate_descent(method, step, momentum)
    numbers, decay = validate_steps(steps, every), validate_weight_decay(weight_decay)
    names, threads = validate_variables(variables, _VARIABLES), validate_threads(threads)
    left, right = target.shape
    sizes = {"start": len(starts), "step": len(numbers), "left": left, "right": right}
    arrays = {
        name: np.empty([sizes[dim] if name in names else 0 for dim in spec.dims])
        for name, spec in _VARIABLES.items()
    }
    diverged_at = np.full(len(starts), -1)
    problem, outputs = _problem(target, depth, how, decay, every), kernel.Outputs(**arrays)
    each_layer = starts.s ** (1 / depth)
    factors = np.hstack([starts.a, starts.b]) * each_layer[:, None]
    scalars = each_layer if depth > 2 else np.ones(len(starts))

    def task(lo: int, hi: int) -> None:
        kernel.descend(lo, hi, factors, scalars, problem, len(numbers), outputs, diverged_at)

    share(task, -(-len(starts) // kernel.LANES), threads, least=1)
    wanted = {name: arrays[name] for name in names}
    attrs = {"method": method, "eta": how.step, "momentum": how.momentum, "weight_decay": decay}
    return _assemble(target, numbers, wanted, diverged_at, {**attrs, "depth": depth})


def _problem(
    target: Target, depth: int, how: Descent, weight_decay: float, every: int
) -> kernel.Problem:
    sigma = target.singular_values
    return kernel.Problem(
        sigma=sigma,
        left=target.shape[0],
        right=target.shape[1],
        inner=depth - 2,
        step=how.step,
        momentum=how.momentum,
        lookahead=how.lookahead,
        weight_decay=weight_decay,
        least=float(sigma[1:] @ sigma[1:]) / 2 + target.loss_offset,
        every=every,
        largest=LARGEST_SQUARE,
    )


def _assemble(
    target: Target,
    numbers: np.ndarray,
    arrays: Mapping[str, np.ndarray],
    diverged_at: np.ndarray,
    attrs: Mapping[str, object],
) -> xr.Dataset:
    variables = {
        name: xr.Variable(spec.dims, arrays[name], {"long_name": spec.long_name, "units": "1"})
        for name, spec in _VARIABLES.items()
        if name in arrays
    }
    about = {"long_name": "singular values of the target", "units": "1"}
    variables["singular_values"] = xr.Variable("mode", target.singular_values.copy(), about)
    variables |= divergence(diverged_at)
    about = {"long_name": "number of steps taken", "units": "1"}
    coords = {"step": xr.Variable("step", numbers, about)}
    return xr.Dataset(variables, coords, {"shape": target.shape, **attrs})
