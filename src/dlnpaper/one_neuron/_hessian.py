"""The Hessian of the layers' loss at a limit (docs/steps.md, section 3)."""

from typing import Literal

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_depth
from dlnpaper._target import Target, validate_target
from dlnpaper.one_neuron._draws import validate_limit


def hessian_spectrum(target: Target, depth: int, limit: int | Literal["origin"]) -> xr.Dataset:
    """Return all eigenvalues of the Hessian of the layers' loss at a limit with balanced layers.

    Parameters
    ----------
    target : Target
        Singular values and shape (d_y, d_x).
    depth : int
        Number of layers N.
    limit : int or "origin"
        Number of the mode, from 0, whose singular value and vectors the limit has; or the origin.

    Returns
    -------
    xarray.Dataset
        On ``direction``, by falling eigenvalue: ``eigenvalue`` and ``multiplicity``, and as a
        coordinate what moves: the "magnitude" of the limit; its "rotation" together with, or
        against, the mode named by ``mode``; the "null" directions of inputs and outputs; or nothing
        to second order, "flat". For ``mode`` -1 stands where there is none. Multiplicities are
        those of a chain, all of whose hidden layers have one neuron; wider layers beside one of one
        neuron add as many flat directions as they add weights.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind or range.

    References
    ----------
    docs/steps.md, section 3.

    Examples
    --------
    >>> target = Target([2.0, 1.0], shape=(2, 3))
    >>> hessian_spectrum(target, 2, 0)["eigenvalue"].values.tolist()
    [4.0, 3.0, 2.0, 1.0, 0.0]
    """
    validate_target(target)
    depth = validate_depth(depth)
    number = validate_limit(target, limit)
    sigma, weights = target.singular_values, sum(target.shape) + depth - 2
    nulls = sum(target.shape) - 2 * target.rank
    found: list[tuple[float, int, str, int]] = []
    if number is None:
        # Below quadratic order for three layers or more.
        if depth == 2:
            for i in range(target.rank):
                found += [(sign * sigma[i], 1, "rotation", i) for sign in (1.0, -1.0)]
    else:
        own = sigma[number]
        speed = own ** (1 - 2 / depth)
        found.append((depth * speed * own, 1, "magnitude", number))
        found.append((speed * own, nulls, "null", -1))
        for i in (i for i in range(target.rank) if i != number):
            found += [(speed * (own + sign * sigma[i]), 1, "rotation", i) for sign in (1.0, -1.0)]
    found.append((0.0, weights - sum(each[1] for each in found), "flat", -1))
    return _assemble([each for each in found if each[1]], target, depth)


def _assemble(found: list[tuple[float, int, str, int]], target: Target, depth: int) -> xr.Dataset:
    found.sort(key=lambda each: -each[0])
    values, counts, kinds, modes = zip(*found, strict=True)
    about = {
        "eigenvalue": (np.array(values), "eigenvalue of the Hessian of the layers' loss"),
        "multiplicity": (np.array(counts), "number of its eigenvectors"),
        "mode": (np.array(modes), "number of the mode, or -1"),
    }
    variables = {
        name: xr.Variable("direction", array, {"long_name": long_name, "units": "1"})
        for name, (array, long_name) in about.items()
    }
    kind = xr.Variable("direction", np.array(kinds), {"long_name": "what moves"})
    attrs = {"depth": depth, "shape": target.shape}
    return xr.Dataset(variables, {"direction": kind}, attrs)
