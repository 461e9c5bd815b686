"""SciPy's solvers, run so that whatever they return is finite and complete, or raises."""

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import scipy

from dlnpaper._checks import validate_choice, validate_number

Method = Literal["LSODA", "Radau", "BDF", "DOP853", "RK45", "RK23"]
METHODS: tuple[Method, ...] = get_args(Method)

#: solve_ivp itself raises a lower tolerance to this, with a warning.
SMALLEST_RTOL = 100 * float(np.finfo(float).eps)

#: Evaluations of a right-hand side for one start, where a run normally takes thousands. Without a
#: limit an explicit method never returns from a stiff start.
MOST_EVALUATIONS = 1_000_000

#: Weights of one network: the implicit methods keep the square of this many numbers.
MOST_WEIGHTS = 10_000


class IntegrationError(RuntimeError):
    """A flow could not be integrated to the requested accuracy."""


class System(NamedTuple):
    """One initial value problem with a state of n numbers."""

    rhs: Callable[[float, np.ndarray], np.ndarray]
    initial: np.ndarray  # (n,)
    scale: np.ndarray  # (n,), default absolute tolerance of each entry, over rtol
    read: Callable[[np.ndarray], Any]  # from states (T, n) to what they stand for


def run(
    system: System, times: np.ndarray, method: str, rtol: float, atol: float | None, what: str
) -> np.ndarray:
    """Return the states at the checked ``times``, (T, n); ``what`` names the problem in errors.

    Raises
    ------
    IntegrationError
        If the solver fails, returns a state that is not finite or too few of them (solve_ivp can
        call that a success), or needs more than `MOST_EVALUATIONS`.
    """
    if times[-1] == 0:
        return system.initial[None]
    evaluations, reached = 0, 0.0

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
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
