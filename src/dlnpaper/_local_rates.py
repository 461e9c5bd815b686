"""How fast methods of descent contract where the loss is quadratic (docs/steps.md, section 5)."""

import math
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import validate_array, validate_choice
from dlnpaper._descent import (
    DESCENT_METHODS,
    DescentMethod,
    validate_descent,
    validate_momentum,
)

Eigenvalues = ArrayLike | xr.Dataset


class Tuning(NamedTuple):
    """Parameters of a method with which it contracts fastest, and how fast."""

    step: float
    momentum: float
    rate: float
    condition: float


def local_rate(
    eigenvalues: Eigenvalues, *, method: DescentMethod, step: float, momentum: float = 0.0
) -> float:
    """Return the factor by which a method finally contracts each step where the loss is quadratic.

    It is the spectral radius of a step, over all given eigenvalues λ of the Hessian: the largest
    ``|1 - ηλ|`` for gradient descent, the largest root of ``z² - (1 + β - ηλ) z + β`` for heavy
    ball, and of ``z² - (1 + β)(1 - ηλ) z + β (1 - ηλ)`` for Nesterov's method.

    Parameters
    ----------
    eigenvalues : array_like or xarray.Dataset
        Of a Hessian or a Gram matrix; or the result of `dlnpaper.hessian_spectrum`. Exact zeros are
        flat directions, in which nothing moves, and are left out.
    method : {"gradient_descent", "heavy_ball", "nesterov"}
        As in `dlnpaper.descend`.
    step, momentum : float
        η > 0 and β, from 0 to below 1.

    Returns
    -------
    float
        Below 1 where the method converges, above 1 where it leaves: at a saddle, or with too large
        a step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind or range, or all eigenvalues are zero.

    References
    ----------
    docs/steps.md, section 5.

    Examples
    --------
    >>> round(local_rate([1.0, 4.0], method="gradient_descent", step=0.4), 12)
    0.6
    """
    curved, how = _validate_eigenvalues(eigenvalues), validate_descent(method, step, momentum)
    curvature = how.step * curved
    if method == "heavy_ball":
        return float(_heavy_ball(curvature, how.momentum).max())
    return float(_nesterov(curvature, how.momentum).max())  # gradient descent without momentum


def _heavy_ball(curvature: np.ndarray, momentum: float) -> np.ndarray:
    """Return the largest root in size, for each ηλ."""
    root = math.sqrt(momentum)
    # The discriminant, factored: no digits cancel where the roots are nearly equal.
    discriminant = ((1 + root) ** 2 - curvature) * ((1 - root) ** 2 - curvature)
    real = (np.abs(1 + momentum - curvature) + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, root, real)


def _nesterov(curvature: np.ndarray, momentum: float) -> np.ndarray:
    """Return the largest root in size, for each ηλ."""
    contraction = 1 - curvature
    discriminant = contraction * ((1 + momentum) ** 2 * contraction - 4 * momentum)
    sizes = np.abs((1 + momentum) * contraction)
    real = (sizes + np.sqrt(np.maximum(discriminant, 0))) / 2
    return np.where(discriminant < 0, np.sqrt(np.abs(momentum * contraction)), real)


def stable_step(eigenvalues: Eigenvalues, *, method: DescentMethod, momentum: float = 0.0) -> float:
    """Return the step below which a method converges where the loss is quadratic.

    With the largest eigenvalue λ it is ``2/λ`` for gradient descent, ``2 (1 + β)/λ`` for heavy ball
    and ``2 (1 + β)/((1 + 2β) λ)`` for Nesterov's method.

    Parameters
    ----------
    eigenvalues : array_like or xarray.Dataset
        As in `local_rate`, none negative.
    method, momentum : str, float
        As in `local_rate`.

    Returns
    -------
    float
        At this step `local_rate` is 1, below it is less.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind or range, or an eigenvalue is negative.

    References
    ----------
    docs/steps.md, section 4.
    """
    largest = _validate_positive(eigenvalues).max()
    validate_choice("method", method, DESCENT_METHODS)
    momentum = validate_momentum(method, momentum)
    ahead = 1 + 2 * momentum if method == "nesterov" else 1.0
    return float(2 * (1 + momentum) / (ahead * largest))


def best_parameters(eigenvalues: Eigenvalues, *, method: DescentMethod) -> Tuning:
    """Return step and momentum with which a method contracts fastest where the loss is quadratic.

    Parameters
    ----------
    eigenvalues : array_like or xarray.Dataset
        As in `local_rate`, none negative; only the largest, L, and the smallest, l, matter.
    method : {"gradient_descent", "heavy_ball", "nesterov"}
        As in `local_rate`.

    Returns
    -------
    Tuning
        ``step``, ``momentum``, ``rate`` and ``condition``, κ = L/l. The rate is
        ``(κ - 1)/(κ + 1)`` for gradient descent, ``(√κ - 1)/(√κ + 1)`` for heavy ball and
        ``1 - 2/√(3κ + 1)`` for Nesterov's method.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind or range, or an eigenvalue is negative.

    Notes
    -----
    Nesterov's method is more often used with the step ``1/L`` and β = (√κ - 1)/(√κ + 1), which
    contracts by ``1 - 1/√κ``.

    References
    ----------
    docs/steps.md, section 5; Polyak 1964; Lessard, Recht & Packard 2016, proposition 1.
    """
    positive = _validate_positive(eigenvalues)
    validate_choice("method", method, DESCENT_METHODS)
    largest, smallest = float(positive.max()), float(positive.min())
    condition = largest / smallest
    if method == "gradient_descent":
        rate = (condition - 1) / (condition + 1)
        return Tuning(2 / (largest + smallest), 0.0, rate, condition)
    if method == "heavy_ball":
        rate = (math.sqrt(condition) - 1) / (math.sqrt(condition) + 1)
        step = (2 / (math.sqrt(largest) + math.sqrt(smallest))) ** 2
        return Tuning(step, rate**2, rate, condition)
    root = math.sqrt(3 * condition + 1)
    step = 4 / (3 * largest + smallest)
    return Tuning(step, (root - 2) / (root + 2), 1 - 2 / root, condition)


def _validate_eigenvalues(eigenvalues: Eigenvalues) -> np.ndarray:
    """Return the eigenvalues that are not zero, (n,), or raise."""
    values = eigenvalues
    if isinstance(eigenvalues, xr.Dataset):
        if "eigenvalue" not in eigenvalues:
            raise ValueError(
                "eigenvalues must have the variable eigenvalue, got "
                f"{', '.join(map(str, eigenvalues.data_vars)) or 'none'}; give an array, or a "
                "result of hessian_spectrum"
            )
        values = eigenvalues["eigenvalue"].values
    curved = validate_array("eigenvalues", values, None).ravel()
    curved = curved[curved != 0]
    if not curved.size:
        raise ValueError("eigenvalues must not all be zero, got no other; nothing moves there")
    return curved


def _validate_positive(eigenvalues: Eigenvalues) -> np.ndarray:
    """Return the eigenvalues that are not zero, or raise if one is negative."""
    curved = _validate_eigenvalues(eigenvalues)
    if curved.min() < 0:
        raise ValueError(
            f"eigenvalues must not be negative, got {curved.min():g}; no step is stable at a "
            "saddle, where local_rate says how fast a method leaves"
        )
    return curved
