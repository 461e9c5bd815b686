"""Rates and numbers of steps near the minimizer, by theory (docs/steps.md, section 5)."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

#: What is left of the error when steps are counted.
LEFT = 1e-8

#: 1 − rate, of the condition number: of methods at their best parameters, and of Nesterov's with
#: the usual step 1/L.
LAWS: dict[str, Callable[[Any], Any]] = {
    "gradient_descent": lambda condition: 2 / (condition + 1),
    "heavy_ball": lambda condition: 2 / (np.sqrt(condition) + 1),
    "nesterov": lambda condition: 2 / np.sqrt(3 * condition + 1),
    "usual_nesterov": lambda condition: 1 / np.sqrt(condition),
}


def steps_law(tuning: str, condition: float) -> float:
    """Return the number of steps, not rounded, after which `LEFT` of the error is left.

    From rest the error is ρ^k for gradient descent, and (1 + k (1 − ρ)) ρ^k at a double root.
    """
    gap = float(LAWS[tuning](condition))
    folds, rate = -np.log(LEFT), -np.log1p(-gap)
    if tuning == "gradient_descent":
        return folds / rate
    return float(brentq(lambda k: folds + np.log1p(k * gap) - k * rate, 0, 10 * folds / rate))
