"""Trajectories by numerical integration: the independent witness of the closed form.

Three flows, from the reduced to the raw. ``"induced"`` integrates the directions and the magnitude
in singular coordinates (docs/theory.md, section 2), ``"vectors"`` the same equations for s, u and v
in the coordinates of the target's matrix, and ``"layers"`` the gradient flow of the layers
themselves (docs/theory.md, section 1). None of them uses the closed form.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import scipy
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper.arguments import (
    shown,
    validate_choice,
    validate_depth,
    validate_integer,
    validate_number,
)
from dlnpaper.balanced_layers import validate_widths
from dlnpaper.flow_systems import System, induced, layers, vectors
from dlnpaper.scales import validate_scales
from dlnpaper.starting_points import StartingPoints, validate_problem
from dlnpaper.target import Target
from dlnpaper.trajectories import VARIABLES, assemble, validate_times, validate_variables

__all__ = ["FLOWS", "METHODS", "IntegrationError", "integrate", "run", "validate_solver"]

FLOWS = ("induced", "vectors", "layers")
METHODS = ("LSODA", "Radau", "BDF", "DOP853", "RK45", "RK23")
INTEGRATED = tuple(name for name in VARIABLES if name != "error")

#: solve_ivp itself raises a lower tolerance to this, with a warning.
SMALLEST_RTOL = 100 * float(np.finfo(float).eps)

#: Evaluations of a right-hand side for one start, where a run normally takes thousands. Without a
#: limit an explicit method never returns from a stiff start.
MOST_EVALUATIONS = 1_000_000

#: The implicit methods keep the square of this many numbers.
MOST_WEIGHTS = 10_000


class IntegrationError(RuntimeError):
    """A flow could not be integrated to the accuracy that was asked for."""


def integrate(
    target: Target,
    depth: int,
    starts: StartingPoints,
    times: ArrayLike,
    flow: str = "induced",
    method: str = "LSODA",
    rtol: float = 1e-10,
    atol: float | None = None,
    widths: int | Sequence[int] | None = None,
    seed: int = 0,
    variables: Sequence[str] | None = None,
) -> xr.Dataset:
    """Integrate gradient flow from every start with `scipy.integrate.solve_ivp`.

    Parameters
    ----------
    target : Target
        Target of shape (d_y, d_x).
    depth : int
        Number of layers N >= 2.
    starts : StartingPoints
        M starting points.
    times : array_like, shape (T,)
        Output times, increasing from at least 0, dimensionless.
    flow : {"induced", "vectors", "layers"}
        "induced": log s and the singular coordinates α, β. An entry that starts at an exact zero
        is left out of the state, so it stays zero to the bit, and a start on the stable set of a
        saddle stays on it. Integrating log s keeps the relative accuracy of the smallest s.
        "vectors": s, u and v in the coordinates of ``target.matrix``, the equations as they are
        usually written down. With rotated bases an α that should be zero is of the size of
        rounding, and the flow leaves a saddle that is the limit.
        "layers": the matrices W_1, ..., W_N in singular coordinates, balanced at the start, with
        random hidden unit vectors. It also leaves a saddle, by the rounding in the products.
    method : {"LSODA", "Radau", "BDF", "DOP853", "RK45", "RK23"}
        LSODA is the best witness. DOP853 is a poor one: it gives the values at ``times`` by an
        interpolant of lower order than its steps, and its error can exceed ``rtol`` a hundredfold.
    rtol : float
        Relative tolerance of a step, from 2.3e-14 to below 1.
    atol : float, optional
        Absolute tolerance of every entry of the state. Default: ``rtol`` times the entry's
        magnitude at the start (a layer's norm for its entries, the initial slope for τ), and
        ``rtol`` itself for log s, u and v.
    widths : int or sequence of int, optional
        Hidden widths d_1, ..., d_{N-1} of "layers", at least one of them (or d_y or d_x) equal
        to 1. Default: 1 throughout.
    seed : int
        Seed of the hidden unit vectors of "layers", with start i drawing from ``[seed, i]``.
    variables : sequence of str, optional
        Names out of `dlnpaper.trajectories.VARIABLES`; default all but ``error``, which a solver
        cannot tell.

    Returns
    -------
    xarray.Dataset
        The layout of `dlnpaper.trajectories.assemble`, as `dlnpaper.solve` returns it. The excess
        is relative to the loss at the exact limit of the start.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.
    IntegrationError
        If the solver fails, does not return a finite state for every time (solve_ivp can call that
        a success), or takes more than a million evaluations. It names the start.

    Examples
    --------
    >>> target = Target([2.0, 1.0], shape=(2, 2))
    >>> start = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=0.1)
    >>> float(integrate(target, 3, start, [50.0]).s[0, 0].round(8))
    1.0
    """
    validate_problem(target, starts)
    validate_scales(target, starts)
    depth, times = validate_depth(depth), validate_times(times)
    names = validate_variables(variables, INTEGRATED)
    validate_choice("flow", flow, FLOWS)
    rtol, atol = validate_solver(method, rtol, atol)
    widths = _validate_widths(flow, widths, depth, target)
    seed = validate_integer("seed", seed, "must be an integer >= 0", 0, 2**64, "0 is the default")
    limit_value = _limit_value(target, starts)

    shape = (len(starts), times.size)
    log_s, tau = np.empty(shape), np.empty(shape)
    a, b = np.empty((*shape, target.shape[0])), np.empty((*shape, target.shape[1]))
    for i in range(len(starts)):
        what = f"start {i} of the {flow} flow"
        system = _system(flow, target, depth, starts, i, widths, seed)
        states = run(system, times, method, rtol, atol, what)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_s[i], tau[i], a[i], b[i] = system.read(states)
        if not np.isfinite(log_s[i]).all():
            raise IntegrationError(
                f"{what} must keep s positive, got to zero or below; lower atol or rtol"
            )

    with np.errstate(over="ignore", invalid="ignore"):
        values = _observe(target, limit_value, log_s, a, b)
    values |= {"log_s": log_s, "tau": tau, "a": a, "b": b}
    for name in names:
        if not np.isfinite(values[name]).all():
            raise IntegrationError(f"{name} must be finite, got an overflow; rescale the starts")
    attrs = {"method": f"{method} {flow} flow", "rtol": rtol}
    if atol is not None:
        attrs["atol"] = atol
    return assemble(target, depth, starts, times, {name: values[name] for name in names}, attrs)


def _system(flow, target, depth, starts, i, widths, seed) -> System:
    if flow == "layers":
        return layers(target, depth, starts, i, widths, seed)
    return (induced if flow == "induced" else vectors)(target, depth, starts, i)


def run(
    system: System, times: np.ndarray, method: str, rtol: float, atol: float | None, what: str
) -> np.ndarray:
    """Return the states at ``times``, shape (T, n), or raise what went wrong with ``what``.

    The other arguments are those of `integrate`, checked.
    """
    if times[-1] == 0:
        return system.initial[None]
    evaluations, reached = 0, 0.0

    def rhs(t, y):
        nonlocal evaluations, reached
        evaluations, reached = evaluations + 1, t
        if evaluations > MOST_EVALUATIONS:
            raise IntegrationError(
                f"{what} must take at most {MOST_EVALUATIONS} evaluations to reach {times[-1]:g},"
                f" got to {t:g} with {method}; use LSODA or Radau, raise rtol, or shorten times"
            )
        return system.rhs(t, y)

    options = {"rtol": rtol, "atol": rtol * system.scale if atol is None else atol}
    # Trial steps may overflow and are then rejected; a failure is reported below, not by warnings.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = scipy.integrate.solve_ivp(
                rhs, (0.0, times[-1]), system.initial, method, t_eval=times, **options
            )
        except (ValueError, np.linalg.LinAlgError, ArithmeticError) as error:
            reason = str(error)
        else:
            states = np.transpose(result.y)
            if not result.success:
                reason = result.message
            elif len(states) == times.size and np.isfinite(states).all():
                return states
            else:
                reason = "the state is not finite"
    raise IntegrationError(
        f"{what} must reach time {times[-1]:g}, got to {reached:g} with {method}"
        f" ({' '.join(reason.split()).rstrip('.')}); change rtol or take another method"
    )


def _observe(target, limit_value, log_s, a, b):
    """Compute the variables that follow from s, a and b; shapes (M, T)."""
    r, sigma, s = target.rank, target.singular_values, np.exp(log_s)
    alignment = (a[..., :r] * b[..., :r]) @ sigma
    value = limit_value[:, None]
    alpha, beta = a[..., :r] + b[..., :r], a[..., :r] - b[..., :r]
    null = (a[..., r:] ** 2).sum(-1) + (b[..., r:] ** 2).sum(-1)
    # The distance of the alignment to its limit, without cancellation (docs/theory.md, section 3).
    gap = (
        (alpha**2 * (value[..., None] - sigma)).sum(-1) / 4
        + (beta**2 * (value[..., None] + sigma)).sum(-1) / 4
        + value * null / 2
    )
    excess = np.where(
        value > 0,
        (s - value + gap) ** 2 / 2 + gap * (2 * value - gap) / 2,
        s * (s / 2 + gap),
    )
    loss = (s**2 - 2 * s * alignment + sigma @ sigma) / 2 + target.loss_offset
    return {"s": s, "alignment": alignment, "excess": excess, "loss": loss}


def _limit_value(target, starts):
    """Return the singular value of each limit, 0 for the origin (docs/theory.md, section 4)."""
    present = starts.alpha(target) != 0
    leading = target.singular_values[present.argmax(axis=1)]
    return np.where(present.any(axis=1), leading, 0.0)


def validate_solver(method: str, rtol: float, atol: float | None) -> tuple[float, float | None]:
    """Return the tolerances as floats; raise unless they and the method are in their ranges."""
    validate_choice("method", method, METHODS)
    # SciPy's LSODA may crash the process when it is given a wider float.
    rtol = validate_number(
        "rtol",
        rtol,
        f"must lie from {SMALLEST_RTOL:.2g} to below 1",
        lambda number: SMALLEST_RTOL <= number < 1,
        "1e-10 suits most uses",
    )
    if atol is not None:
        atol = validate_number(
            "atol",
            atol,
            "must be positive and finite",
            lambda number: 0 < number < np.inf,
            "leave it out to scale it by the start",
        )
    return rtol, atol


def _validate_widths(flow, widths, depth, target):
    if flow != "layers":
        if widths is not None:
            raise ValueError(
                f"widths must be left out for flow={flow!r}, got {shown(widths)};"
                " take flow='layers'"
            )
        return None
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
