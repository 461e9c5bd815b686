"""Trajectories by numerical integration: the reference solution for the closed form.

Three flows, from the reduced to the raw: ``"induced"`` integrates directions and magnitude in
singular coordinates (docs/theory.md, section 2), ``"vectors"`` the same equations for s, u and v in
the coordinates of the target's matrix, and ``"layers"`` the gradient flow of the layers themselves
(docs/theory.md, section 1). None of them uses the closed form.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    shown,
    validate_choice,
    validate_depth,
    validate_integer,
    validate_times,
    validate_weight_decay,
)
from dlnpaper._integration import (
    METHODS,
    MOST_WEIGHTS,
    IntegrationError,
    Method,
    System,
    run,
    validate_solver,
)
from dlnpaper._target import Target
from dlnpaper.layers._balanced import validate_widths
from dlnpaper.one_neuron import _decayed_limits as decayed
from dlnpaper.one_neuron._depths import Depth, are_several, for_each_depth
from dlnpaper.one_neuron._flow_systems import induced, layers, vectors
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem
from dlnpaper.one_neuron._trajectories import VARIABLES, assemble, validate_variables

__all__ = ["FLOWS", "METHODS", "IntegrationError", "integrate"]

Flow = Literal["induced", "vectors", "layers"]
FLOWS: tuple[Flow, ...] = get_args(Flow)
INTEGRATED = tuple(name for name in VARIABLES if name != "error")


def integrate(
    target: Target,
    depth: Depth,
    starts: StartingPoints,
    times: ArrayLike,
    *,
    flow: Flow = "induced",
    method: Method = "LSODA",
    rtol: float = 1e-10,
    atol: float | None = None,
    weight_decay: float = 0.0,
    widths: int | Sequence[int] | None = None,
    seed: int = 0,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """Integrate gradient flow from every start with `scipy.integrate.solve_ivp`.

    Parameters
    ----------
    target, depth, starts, times
        As for `dlnpaper.solve`.
    flow : {"induced", "vectors", "layers"}
        "induced": log s, accurate for the smallest s, and the singular coordinates α, β. An entry
        that starts at an exact zero is left out of the state, so it stays exactly zero, and a start
        on the stable set of a saddle stays on it.
        "vectors": s, u and v in the coordinates of ``target.matrix``, the equations in their usual
        form. With rotated bases an α that should be zero is of the size of rounding, and the flow
        leaves a saddle that is the limit.
        "layers": the matrices W_1, ..., W_N in singular coordinates, balanced at the start, with
        random hidden unit vectors. It also leaves a saddle, by rounding in the products.
    method : {"LSODA", "Radau", "BDF", "DOP853", "RK45", "RK23"}
        LSODA is the best reference, DOP853 a poor one: it interpolates at ``times`` with a lower
        order than its steps have, and its error can exceed ``rtol`` a hundredfold.
    rtol : float
        Relative tolerance of a step, from 2.3e-14 to below 1.
    atol : float, optional
        Absolute tolerance of every entry of the state. Default: ``rtol`` times the entry's
        magnitude at the start (a layer's norm for its entries, the initial slope for τ), and
        ``rtol`` itself for log s, u and v.
    weight_decay : float
        As for `dlnpaper.solve`.
    widths : int or sequence of int, optional
        Hidden widths d_1, ..., d_{N-1} of "layers", at least one of them (or d_y or d_x) equal
        to 1. Default: 1 throughout.
    seed : int
        Seed of the hidden unit vectors of "layers", with start i drawing from ``[seed, i]``.
    variables : sequence of str, optional
        Which variables of `dlnpaper.solve` to return; default all but ``error``, which a solver
        cannot estimate.

    Returns
    -------
    xarray.Dataset
        In the layout of `dlnpaper.solve`. The excess is relative to the loss at the exact limit
        of the start.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.
    IntegrationError
        If the solver fails, does not return a finite state for every time, or takes more than a
        million evaluations. The error names the start.

    Examples
    --------
    >>> target = Target([2.0, 1.0], shape=(2, 2))
    >>> start = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=0.1)
    >>> float(integrate(target, 3, start, [50.0]).s[0, 0].round(8))
    1.0
    """
    if are_several(depth):
        options: dict[str, Any] = {"flow": flow, "method": method, "rtol": rtol, "atol": atol}
        options |= {"weight_decay": weight_decay, "widths": widths, "seed": seed}
        options |= {"variables": variables}
        each = partial(integrate, target, starts=starts, times=times, **options)
        return for_each_depth(each, depth, shared=["singular_values"])
    validate_problem(target, starts)
    validate_scales(target, starts)
    depth, times = validate_depth(depth), validate_times(times)
    names = validate_variables(variables, INTEGRATED)
    validate_choice("flow", flow, FLOWS)
    rtol, atol = validate_solver(method, rtol, atol)
    hidden = _validate_widths(flow, widths, depth, target)
    mu = validate_weight_decay(weight_decay)
    seed = validate_integer("seed", seed, "must be an integer >= 0", 0, 2**64, "0 is the default")
    build: dict[Flow, Callable[..., System]] = {
        "induced": induced,
        "vectors": vectors,
        "layers": partial(layers, widths=hidden, seed=seed),
    }

    shape = (len(starts), times.size)
    log_s, tau = np.empty(shape), np.empty(shape)
    a, b = np.empty((*shape, target.shape[0])), np.empty((*shape, target.shape[1]))
    for i in range(len(starts)):
        what = f"start {i} of the {flow} flow"
        system = build[flow](target, depth, starts, i, mu)
        states = run(system, times, method, rtol, atol, what)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_s[i], tau[i], a[i], b[i] = system.read(states)
        if not np.isfinite(log_s[i]).all():
            raise IntegrationError(
                f"{what} must keep s positive, got to zero or below; lower atol or rtol"
            )

    with np.errstate(over="ignore", invalid="ignore"):
        c_limit = limits(target, starts)["value"].values
        values = _observe(target, c_limit, log_s, a, b)
        if mu > 0:
            s_limit = decayed.limits(target, starts, depth=depth, weight_decay=mu)["value"].values
            values["excess"] = _regularized_excess(values, c_limit, s_limit, log_s, depth, mu)
    values |= {"log_s": log_s, "tau": tau, "a": a, "b": b}
    for name in names:
        if not np.isfinite(values[name]).all():
            raise IntegrationError(f"{name} must be finite, got an overflow; rescale the starts")
    attrs: dict[str, object] = {"method": f"{method} {flow} flow", "rtol": rtol}
    if mu > 0:
        attrs["weight_decay"] = mu
    if atol is not None:
        attrs["atol"] = atol
    return assemble(target, depth, starts, times, {name: values[name] for name in names}, attrs)


def _observe(
    target: Target, c_limit: np.ndarray, log_s: np.ndarray, a: np.ndarray, b: np.ndarray
) -> dict[str, np.ndarray]:
    """Compute the variables (M, T) that follow from s, a and b."""
    r, sigma, s = target.rank, target.singular_values, np.exp(log_s)
    alignment = (a[..., :r] * b[..., :r]) @ sigma
    c_limit = c_limit[:, None]
    alpha, beta = a[..., :r] + b[..., :r], a[..., :r] - b[..., :r]
    null = (a[..., r:] ** 2).sum(-1) + (b[..., r:] ** 2).sum(-1)
    # The alignment's distance from its limit, without cancellation (docs/theory.md, section 3.4).
    c_deviation = (
        (alpha**2 * (c_limit[..., None] - sigma)).sum(-1) / 4
        + (beta**2 * (c_limit[..., None] + sigma)).sum(-1) / 4
        + c_limit * null / 2
    )
    c = c_limit - c_deviation
    excess = np.where(
        (c_limit > 0) & (c > 0),
        (s - c_limit + c_deviation) ** 2 / 2 + c_deviation * (c_limit + c) / 2,
        s * (s / 2 - c) + c_limit**2 / 2,
    )
    loss = (s**2 - 2 * s * alignment + sigma @ sigma) / 2 + target.loss_offset
    return {
        "s": s,
        "alignment": alignment,
        "excess": excess,
        "loss": loss,
        "c_deviation": c_deviation,
    }


def _regularized_excess(
    values: dict[str, np.ndarray],
    c_limit: np.ndarray,
    s_limit: np.ndarray,
    log_s: np.ndarray,
    depth: int,
    mu: float,
) -> np.ndarray:
    """Return the regularized loss above its value in the limit (docs/weight_decay.md, section 5).

    The penalty is ``½ μ N s^(2/N)``, and its slope at the limit is ``σ_k − s_limit``.
    """
    s, c_deviation, end = values["s"], values["c_deviation"], s_limit[:, None]
    slope = c_limit[:, None] - end
    penalty = 0.5 * mu * depth * np.exp(2 / depth * log_s)
    above = penalty - 0.5 * mu * depth * end ** (2 / depth) - slope * (s - end)
    return np.where(
        end > 0,
        (s - end) ** 2 / 2 + above + s * c_deviation,
        s * (s / 2 - (c_limit[:, None] - c_deviation)) + penalty,
    )


def _validate_widths(
    flow: Flow, widths: int | Sequence[int] | None, depth: int, target: Target
) -> list[int]:
    """Return the hidden widths of "layers", none for the other flows, or raise."""
    if flow != "layers":
        if widths is not None:
            raise ValueError(
                f"widths must be left out for flow={flow!r}, got {shown(widths)};"
                " take flow='layers'"
            )
        return []
    every = validate_widths(1 if widths is None else widths, depth)
    if 1 not in (*every, *target.shape):
        raise ValueError(
            f"widths must hold a layer of one neuron, got {shown(every)}; make one of them 1"
        )
    sizes = [target.shape[1], *every, target.shape[0]]
    weights = sum(out * into for into, out in pairwise(sizes))
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"widths must make at most {MOST_WEIGHTS} weights to integrate, got {weights} from"
            f" {shown(every)}; reduce widths or depth"
        )
    return every
