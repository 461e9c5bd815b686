"""Gaussian layers, and the exact law of what they do to a vector (docs/scaling.md, section 5).

The entries of W_l, (n_l, n_{l-1}), are independent and N(0, 1/n_{l-1}). A fixed vector grows in
square by χ²(n_l)/n_{l-1} in each of them, independently of all that came before.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import xarray as xr
from scipy.special import digamma, polygamma

from dlnpaper._checks import shown, validate_integer
from dlnpaper._draws import generator
from dlnpaper._target import Target, validate_target
from dlnpaper.layers._balanced import MOST_WEIGHTS


def gaussian(
    target: Target, widths: Sequence[int], size: int, rng: np.random.Generator | int
) -> list[np.ndarray]:
    """Draw networks of independent Gaussian layers, of variance one over the number of inputs.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x), which says how many outputs and inputs there are.
    widths : sequence of int
        Of the hidden layers, n_1, ..., n_{N-1}.
    size : int
        Number of networks M.
    rng : numpy.random.Generator or int
        A seed stands for ``Generator(Philox(seed))``.

    Returns
    -------
    list of ndarray, (M, n_l, n_{l-1})
        W_1, ..., W_N, as `dlnpaper.layers.integrate` and `dlnpaper.layers.descend` take them; drawn
        in this order.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind or range.

    References
    ----------
    docs/scaling.md, section 5.
    """
    sizes = all_widths(target, widths)
    size = validate_integer(
        "size", size, "must be a positive integer", 1, MOST_WEIGHTS, "give a number of networks"
    )
    weights = size * sum(out * into for into, out in pairwise(sizes))
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"widths and size must make at most {MOST_WEIGHTS} weights, got {weights}; draw fewer "
            "networks at a time"
        )
    draws = generator(rng)
    return [
        draws.standard_normal((size, out, into)) / np.sqrt(into) for into, out in pairwise(sizes)
    ]


def gaussian_moments(target: Target, widths: Sequence[int]) -> xr.Dataset:
    """Return exact moments of networks of Gaussian layers at the start.

    Parameters
    ----------
    target, widths
        As in `dlnpaper.layers.gaussian`.

    Returns
    -------
    xarray.Dataset
        Of the growth ``q = ‖W x‖²/‖x‖²`` of any input x: ``q_mean``, E q; ``log_q_ratio``, the
        logarithm of E q²/(E q)²; and of its logarithm ``log_q_mean`` and ``log_q_variance``. Where
        a layer, the input or the output has one neuron, so that W has rank one, also
        ``log_s_mean`` and ``log_s_variance`` of its singular value.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind or range.

    References
    ----------
    docs/scaling.md, sections 5 and 6.

    Examples
    --------
    >>> target = Target([1.0], shape=(8, 8))
    >>> round(float(gaussian_moments(target, [8] * 7)["log_q_ratio"]), 4)
    1.7851
    """
    sizes = all_widths(target, widths)
    scale, outputs = np.sum(np.log(sizes[:-1])), np.array(sizes[1:], float)
    values = {
        "q_mean": sizes[-1] / sizes[0],
        "log_q_ratio": float(np.sum(np.log1p(2 / outputs))),
        "log_q_mean": _log_mean(outputs) - scale,
        "log_q_variance": _log_variance(outputs),
    }
    if 1 in sizes:
        freedom = np.array(free_widths(sizes), float)
        values["log_s_mean"] = (_log_mean(freedom) - scale) / 2
        values["log_s_variance"] = _log_variance(freedom) / 4
    variables = {
        name: xr.Variable((), value, {"long_name": _LONG_NAMES[name], "units": "1"})
        for name, value in values.items()
    }
    return xr.Dataset(variables, attrs={"widths": sizes})


_LONG_NAMES = {
    "q_mean": "mean growth of the square of an input",
    "log_q_ratio": "logarithm of the mean of its square over the square of its mean",
    "log_q_mean": "mean of its logarithm",
    "log_q_variance": "variance of its logarithm",
    "log_s_mean": "mean of the logarithm of the singular value",
    "log_s_variance": "variance of the logarithm of the singular value",
}


def all_widths(target: Target, widths: Sequence[int]) -> list[int]:
    """Return n_0, ..., n_N, those of inputs and outputs included, or raise."""
    validate_target(target)
    widths = list(widths) if np.iterable(widths) else widths
    if not np.iterable(widths) or not widths:
        raise ValueError(
            f"widths must list the hidden layers' widths, at least one, got {shown(widths)}; give "
            "n_1, ..., n_{N-1}"
        )
    for width in widths:
        validate_integer(
            "widths", width, "must hold positive integers", 1, MOST_WEIGHTS, "give each width"
        )
    return [target.shape[1], *(int(width) for width in widths), target.shape[0]]


def free_widths(sizes: Sequence[int]) -> list[int]:
    """Return the degrees of freedom in s² Π n_{l-1}: all widths but one of those that are 1."""
    at = sizes.index(1)
    return [*sizes[:at], *sizes[at + 1 :]]


def _log_mean(freedom: np.ndarray) -> float:
    """Return the mean of the logarithm of a product of χ² variables."""
    return float(np.sum(digamma(freedom / 2) + np.log(2)))


def _log_variance(freedom: np.ndarray) -> float:
    return float(np.sum(polygamma(1, freedom / 2)))
