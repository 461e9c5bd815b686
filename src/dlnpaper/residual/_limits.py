"""Where gradient flow takes residual chains: one shift of all squares (docs/scaling.md)."""

import math

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import shown, validate_array

#: Factors and targets whose squares, and ratios of squares, floats can represent.
FACTOR_RANGE = (1e-50, 1e50)

#: Newton's method from the safe side takes some ten steps, and more only from extreme starts.
MOST_STEPS = 500


def limits(weights: ArrayLike, target: ArrayLike) -> xr.Dataset:
    """Return where gradient flow takes residual chains, exactly at any depth.

    A chain multiplies its input by ``P = Π (1 + w_l)``, and its loss is ``½(P − z)²``. Gradient
    flow adds one number θ to all the squares ``(1 + w_l)²``, the only one above their negatives for
    which ``P = z``.

    Simultaneously diagonal matrices ``I + A_l`` are as many chains, one for each common
    eigenvector: give a mode's eigenvalues of A_l as the weights of a start, and the target's
    eigenvalue as its z.

    Parameters
    ----------
    weights : array_like, (M, L) or (L,)
        Start weights w_l > −1 of M chains of L layers, or of one. Dimensionless, as all here.
    target : array_like, (M,) or a number
        z > 0 of each chain, or of all.

    Returns
    -------
    xarray.Dataset
        weights (start, layer)
            The trained weights; layers are counted from 1.
        change (start, layer)
            Trained less start weights, to rounding even where it is far below them.
        theta (start)
            θ, negative if z is below the start's product.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.

    Notes
    -----
    The solution is that of ``Σ log(1 + θ/(1 + w_l)²) = 2 log z − 2 Σ log(1 + w_l)``, by Newton's
    method, which is monotone from the side on which it starts.

    References
    ----------
    docs/scaling.md, section 2.

    Examples
    --------
    >>> found = limits([0.0, 0.0], 2.0)  # √2 · √2
    >>> found.weights.values.round(8).tolist(), found.theta.values.round(8).tolist()
    ([[0.41421356, 0.41421356]], [1.0])
    """
    starts, targets = _validate(weights, target)
    theta, change = np.empty(len(starts)), np.empty_like(starts)
    for i, (start, z) in enumerate(zip(starts, targets, strict=True)):
        theta[i], change[i] = _shift(start, float(z))
    variables = {
        "weights": _variable(("start", "layer"), starts + change, "trained weight of a layer"),
        "change": _variable(("start", "layer"), change, "trained less start weight of a layer"),
        "theta": _variable(("start",), theta, "common shift of the squares"),
    }
    layers = np.arange(1, starts.shape[1] + 1)
    return xr.Dataset(variables, {"layer": _variable("layer", layers, "number of the layer")})


def _validate(weights: ArrayLike, target: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return start weights (M, L) and targets (M,), or raise."""
    starts = validate_array("weights", weights, None)
    if starts.ndim not in (1, 2) or 0 in starts.shape:
        raise ValueError(
            "weights must have shape (L,), or (M, L) for M chains, with at least one of each, got "
            f"shape {starts.shape}; reshape them"
        )
    starts = np.atleast_2d(starts)
    least, most = FACTOR_RANGE
    wrong = ~((starts > -1) & (starts < most))
    if wrong.any():
        i, layer = np.argwhere(wrong)[0]
        raise ValueError(
            f"weights must lie above -1, where 1 + w > 0, and below {most:g}, got "
            f"{starts[i, layer]} in layer {layer + 1} of chain {i}; flip the signs of two layers, "
            "or start elsewhere"
        )
    targets = validate_array("target", target, None)
    if targets.ndim > 1 or targets.size not in (1, len(starts)):
        raise ValueError(
            f"target must be a number or have shape ({len(starts)},) for {len(starts)} chains, got "
            f"shape {targets.shape}; give a z for each"
        )
    wrong = ~((targets >= least) & (targets <= most))
    if wrong.any():
        raise ValueError(
            f"target must lie from {least:g} to {most:g}, got {shown(float(targets[wrong][0]))}; "
            "factors 1 + w > 0 that gradient flow keeps positive make no other"
        )
    return starts, np.broadcast_to(targets, len(starts))


def _shift(start: np.ndarray, z: float) -> tuple[float, np.ndarray]:
    """Return θ of one chain, and the change of its weights (L,).

    The unknown is x = log(1 + θ/q), q the least square at the start. In it the left side is convex
    and increasing, with a slope of at least 1, so that Newton's method from its right is monotone.
    """
    low, factors = start.min(), 1 + start
    least = float((1 + low) ** 2)
    ratios = least / factors**2
    gaps = (start - low) * (2 + start + low) / factors**2  # 1 − ratios, without cancellation
    # Terms of both signs, whose rounding errors would add up.
    sought = 2 * (np.log(z) - math.fsum(np.log1p(start)))
    x = 0.0
    if sought > 0:
        x = min(sought, sought / len(start) - float(np.log(ratios.min())))
    logs = _logs(ratios, gaps, x)
    for _ in range(MOST_STEPS):
        slope = (ratios * np.exp(x - logs)).sum()
        step = (logs.sum() - sought) / slope
        x -= step
        logs = _logs(ratios, gaps, x)
        if step <= 2 * np.finfo(float).eps * abs(x):  # or negative, by rounding
            break
    return least * float(np.expm1(x)), factors * np.expm1(logs / 2)


def _logs(ratios: np.ndarray, gaps: np.ndarray, x: float) -> np.ndarray:
    """Return log(1 + θ/(1 + w_l)²) of all layers, for θ = q (e^x − 1) and ratios q/(1 + w_l)²."""
    terms = ratios * np.expm1(x)
    with np.errstate(divide="ignore"):
        # Far below, 1 + terms would cancel where ratios are next to 1.
        logs = np.where(terms > -0.5, np.log1p(terms), np.log(gaps + ratios * np.exp(min(x, 0.0))))
    return np.where(gaps == 0, x, logs)  # exact, where e^x is too small for floats


def _variable(dims: str | tuple[str, ...], values: np.ndarray, long_name: str) -> xr.Variable:
    return xr.Variable(dims, values, {"long_name": long_name, "units": "1"})
