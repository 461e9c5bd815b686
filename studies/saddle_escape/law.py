"""What steps make of a growing part that is zero (docs/steps.md, sections 6 and 7)."""

from typing import NamedTuple

import numpy as np
from scipy.integrate import cumulative_simpson

from dlnpaper._descent import DescentMethod
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._draws import leave_stable_set
from dlnpaper.one_neuron._starting_points import StartingPoints

#: The integrals end where e^(−2σ_1τ) is e^-50; Simpson's rule then errs by less than 1e-9.
_REACH, _POINTS = 25.0, 2001


class _Path(NamedTuple):
    """The flow of starts on a grid of rescaled times, each but the times (M, T)."""

    tau: np.ndarray  # (T,)
    s: np.ndarray
    energy: np.ndarray  # E


def step_share(method: DescentMethod, momentum: float) -> float:
    """Return the step η of a method over its effective step, which governs what steps break."""
    ahead = {
        "gradient_descent": 1.0,
        "heavy_ball": 1 + momentum,
        "nesterov": 1 - momentum + 2 * momentum**2,
    }
    return (1 - momentum) ** 2 / ahead[method]


def growing_part(target: Target, depth: int, starts: StartingPoints) -> np.ndarray:
    """Return C, (M,): small steps act as if α_1 were C times the effective step at the start.

    The starts have α_1 = 0, on the stable set of a saddle.
    """
    flow = _flow(target, depth, starts)
    weight = flow.s ** (1 - 2 / depth) * np.exp(-2 * target.singular_values[0] * flow.tau)
    integrand = weight * _imbalance(target, starts, flow)
    return 0.5 * starts.beta(target)[:, 0] * _integral(flow.tau, integrand)[:, -1]


def imbalance(target: Target, depth: int, starts: StartingPoints, times: np.ndarray) -> np.ndarray:
    """Return ‖x‖² − ‖y‖² over the effective step, for small steps, at times of the flow, (M, T)."""
    flow = _flow(target, depth, starts)
    made = _imbalance(target, starts, flow)
    clock = _integral(flow.tau, flow.s ** (2 / depth - 1))
    pairs = zip(clock, made, strict=True)
    return np.array([np.interp(times, at, values) for at, values in pairs])


def moved(
    target: Target, depth: int, starts: StartingPoints, mode: int, effective_step: float
) -> StartingPoints:
    """Return starts with the growing part of the first mode that steps make on the way.

    They are on the stable set of the saddle with the number ``mode``, from 0.
    """
    alpha = np.zeros((len(starts), mode))
    alpha[:, 0] = growing_part(target, depth, starts) * effective_step
    a, b = leave_stable_set(starts.a, starts.b, alpha, target.rank)
    return StartingPoints(a, b, starts.s)


def leaving_times(
    target: Target,
    depth: int,
    starts: StartingPoints,
    mode: int,
    effective_step: float,
    times: np.ndarray,
) -> np.ndarray:
    """Return when the exact flow of the moved starts leaves the saddle, (M,); NaN if it does not.

    The times, (T,), are those between which the moment is interpolated.
    """
    near = moved(target, depth, starts, mode, effective_step)
    flow = solve(target, depth, near, times, variables=["a", "b"])
    return overtaking(times, flow["a"].values, flow["b"].values, mode)


def overtaking(times: np.ndarray, a: np.ndarray, b: np.ndarray, mode: int) -> np.ndarray:
    """Return when the growing part of mode 1 overtakes that of another, (M,); NaN if it does not.

    Left and right vectors, (M, T, d), of any length; the logarithm of the ratio is nearly linear
    there.
    """
    with np.errstate(divide="ignore"):
        ratio = np.log(np.abs(a[..., 0] + b[..., 0]) / np.abs(a[..., mode] + b[..., mode]))
    found = np.full(len(ratio), np.nan)
    for i, row in enumerate(ratio):
        after = int(np.argmax(row >= 0))
        if after > 0:
            found[i] = np.interp(0.0, row[after - 1 : after + 1], times[after - 1 : after + 1])
    return found


def _flow(target: Target, depth: int, starts: StartingPoints) -> _Path:
    """Follow the flow by its closed form (docs/theory.md, section 3)."""
    sigma = target.singular_values
    tau = np.linspace(0.0, _REACH / sigma[0], _POINTS)
    grown = np.exp(np.multiply.outer(sigma, tau))
    energy = (starts.alpha(target) ** 2 / 4) @ grown**2 + (starts.beta(target) ** 2 / 4) @ grown**-2
    energy += starts.rho(target)[:, None] ** 2
    power = energy ** (depth / 2)
    s = power / (1 / starts.s[:, None] + depth * _integral(tau, power))
    return _Path(tau, s, energy)


def _imbalance(target: Target, starts: StartingPoints, flow: _Path) -> np.ndarray:
    """Return ‖x‖² − ‖y‖² over the effective step, (M, T)."""
    lean = (starts.alpha(target) * starts.beta(target)) @ target.singular_values**2
    return -lean[:, None] * _integral(flow.tau, flow.s / flow.energy)


def _integral(grid: np.ndarray, values: np.ndarray) -> np.ndarray:
    return cumulative_simpson(values, x=grid, axis=1, initial=0)
