"""Methods of descent with finite steps, and checks of their parameters (docs/steps.md, section 1).

All start at rest. With step η, momentum β and the gradient g of the regularized loss they are ::

    v⁺ = β v − η g(w + β' v),    w⁺ = w + v⁺,    β' = β for Nesterov's method, else 0.
"""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_choice, validate_integer, validate_number

DescentMethod = Literal["gradient_descent", "heavy_ball", "nesterov"]
DESCENT_METHODS: tuple[DescentMethod, ...] = get_args(DescentMethod)

#: Squares of weights above this are a divergence: their products soon exceed all floats.
LARGEST_SQUARE = 1e150
MOST_STEPS = 10**12


class Descent(NamedTuple):
    """How a method moves."""

    step: float  # η
    momentum: float  # β
    lookahead: float  # β': how far ahead, in steps, the gradient is taken


def validate_descent(method: Any, step: Any, momentum: Any) -> Descent:
    """Return what a method, its step and momentum do, or raise."""
    validate_choice("method", method, DESCENT_METHODS)
    step = validate_number(
        "step",
        step,
        "must be positive and finite",
        lambda number: 0 < number < np.inf,
        "stable_step gives the largest useful one",
    )
    momentum = validate_momentum(method, momentum)
    return Descent(step, momentum, momentum if method == "nesterov" else 0.0)


def validate_momentum(method: str, momentum: Any) -> float:
    """Return the momentum as a float, or raise unless it is one of this method."""
    momentum = validate_number(
        "momentum",
        momentum,
        "must lie from 0 to below 1",
        lambda number: 0 <= number < 1,
        "0.9 is usual",
    )
    if momentum and method == "gradient_descent":
        raise ValueError(
            f"momentum must be 0 for gradient_descent, got {momentum:g}; leave it out, or choose "
            "the method heavy_ball or nesterov"
        )
    return momentum


def validate_steps(steps: Any, every: Any) -> np.ndarray:
    """Return the numbers of the steps after which the state is returned, (K,), from 0 on."""
    expected = "must be an integer >= 0"
    steps = validate_integer("steps", steps, expected, 0, MOST_STEPS, "pass how many steps to take")
    remedy = "1 returns the state after every step"
    every = validate_integer("every", every, "must be a positive integer", 1, MOST_STEPS, remedy)
    return np.arange(0, steps + 1, every)


def divergence(diverged_at: np.ndarray) -> dict[str, xr.Variable]:
    """Return the variables that say which paths diverge, and when; -1 where they do not."""
    about = {"long_name": "whether the path diverges", "units": "1"}
    when = {"long_name": "number of steps after which it does, or -1", "units": "1"}
    return {
        "diverged": xr.Variable("start", diverged_at >= 0, about),
        "diverged_at": xr.Variable("start", diverged_at, when),
    }
