"""Weight decay on one singular value: stationary points, their thresholds, and shrinkage."""

from functools import partial
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    validate_array,
    validate_choice,
    validate_depth,
    validate_weight_decay,
)
from dlnpaper.one_neuron._depths import Depth, are_several, for_each_depth

RULES = ("global_minimizer", "large_start")
_MAX_NEWTON = 200


def thresholds(depth: Depth, weight_decay: float) -> xr.Dataset:
    """Find the singular values from which weight decay leaves a mode a minimum other than zero.

    With the alignment c of `dlnpaper.solve` at its limit σ, the stationary points solve
    ``s + μ s^-(1-2/N) = σ``. For N ≥ 3 there are none below ``σ_c``, and a stable and an unstable
    one above it; the stable one is a global minimizer of the regularized loss from ``σ_g`` on. At
    N = 2 both thresholds are μ.

    Parameters
    ----------
    depth : int or sequence of int
        Number of layers N, or several of them.
    weight_decay : float
        μ ≥ 0, of the penalty ``½ μ Σ_j ‖W_j‖²``.

    Returns
    -------
    xarray.Dataset
        ``sigma_collapse``, σ_c, ``sigma_global``, σ_g, and ``s_collapse`` and ``s_global``, the
        stable s there; dimensionless. Several depths make a dimension ``depth``.

    Raises
    ------
    ValueError, TypeError
        If an argument is not of its stated kind or range.

    References
    ----------
    docs/weight_decay.md of the source distribution, section 3.
    """
    if are_several(depth):
        return for_each_depth(partial(thresholds, weight_decay=weight_decay), depth)
    depth, mu = validate_depth(depth), validate_weight_decay(weight_decay)
    values = _thresholds(depth, mu)
    return xr.Dataset(
        {
            name: ((), value, {"long_name": _LONG_NAMES[name], "units": "1"})
            for name, value in values.items()
        },
        attrs={"depth": depth, "weight_decay": mu},
    )


_LONG_NAMES = {
    "sigma_collapse": "least singular value with a positive stationary point",
    "s_collapse": "positive stationary point at the least singular value that has one",
    "sigma_global": "least singular value with a positive global minimizer",
    "s_global": "positive global minimizer at the least singular value that has one",
}


def shrinkage(
    values: ArrayLike,
    depth: int,
    weight_decay: float,
    *,
    rule: Literal["global_minimizer", "large_start"] = "global_minimizer",
) -> np.ndarray:
    """Shrink singular values, or coefficients of either sign, as weight decay does.

    A mode σ alone has the regularized loss ``½ (s - σ)² + ½ N μ |s|^(2/N)``. The rule is soft
    thresholding, ``(σ - μ)_+``, at N = 2, and tends to hard thresholding as N grows.

    Parameters
    ----------
    values : array_like
        σ, of any shape; the result is odd in them.
    depth : int
        Number of layers N.
    weight_decay : float
        μ ≥ 0, of the penalty ``½ μ Σ_j ‖W_j‖²``.
    rule : {"global_minimizer", "large_start"}
        "global_minimizer": the global minimizer, zero below σ_g of `thresholds`; at σ_g, where zero
        is one as well, the positive one. "large_start": the limit of gradient flow of this mode
        alone from any s ≥ σ, zero below σ_c.

    Returns
    -------
    ndarray
        s, of the shape of ``values``, with their signs.

    Raises
    ------
    ValueError, TypeError
        If an argument is not of its stated kind or range.

    References
    ----------
    docs/weight_decay.md of the source distribution, section 3.
    """
    sigma = validate_array("values", values, None)
    depth, mu = validate_depth(depth), validate_weight_decay(weight_decay)
    validate_choice("rule", rule, RULES)
    least = (collapse_threshold if rule == "large_start" else global_threshold)(depth, mu)
    return np.copysign(stable_point(np.abs(sigma), depth, mu, least), sigma)


def _thresholds(depth: int, mu: float) -> dict[str, float]:
    """Return σ_c, s there, σ_g and s there."""
    q = 1 - 2 / depth
    root = mu ** (1 / (1 + q))
    # In a form that has the limit q = 0.
    return {
        "sigma_collapse": root * q ** (-q / (1 + q)) * (1 + q),
        "s_collapse": root * q ** (1 / (1 + q)),
        "sigma_global": root * (depth - 2) ** (-q / (1 + q)) * (depth - 1),
        "s_global": root * (depth - 2) ** (1 / (1 + q)),
    }


def collapse_threshold(depth: int, mu: float) -> float:
    """Return σ_c."""
    return _thresholds(depth, mu)["sigma_collapse"]


def global_threshold(depth: int, mu: float) -> float:
    """Return σ_g."""
    return _thresholds(depth, mu)["sigma_global"]


def stable_point(
    sigma: np.ndarray, depth: int, mu: float, least: float | None = None
) -> np.ndarray:
    """Return the larger root of ``s + μ s^-(1-2/N) = σ``; zero below ``least``, by default σ_c.

    Newton's method from s = σ, above the larger root of a convex function, falls to it.
    """
    if mu == 0:
        return np.asarray(sigma, float)
    if depth == 2:
        return np.maximum(sigma - mu, 0.0)
    q = 1 - 2 / depth
    known = _thresholds(depth, mu)
    exists = sigma >= (known["sigma_collapse"] if least is None else least)
    sigma = np.where(exists, sigma, 2 * known["sigma_global"])
    s = sigma
    for _ in range(_MAX_NEWTON):
        pull = mu * s**-q
        with np.errstate(divide="ignore", invalid="ignore"):
            fall = (s + pull - sigma) / (1 - q * pull / s)
        moved = np.where(fall > 0, np.maximum(s - fall, known["s_collapse"]), s)
        if (moved == s).all():
            break
        s = moved
    return np.where(exists, s, 0.0)
