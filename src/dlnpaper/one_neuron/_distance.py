"""How far the layers move from their initialization: the lazy regime and the rich one."""

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_depth
from dlnpaper._target import Target
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Attributes of the distance.
ATTRS = {"long_name": "distance of the layers to their start over their norm", "units": "1"}


def distance_from_initialization(
    target: Target, depth: int, starts: StartingPoints
) -> xr.DataArray:
    """Compute how far the layers move, relative to their norm at initialization.

    With x = (σ_K/s)^(1/N), σ_K the singular value of the limit, u, v the directions of the start
    and u_∞, v_∞ those of the limit,

        ``Σ_j ‖W_j(∞) − W_j(0)‖² / Σ_j ‖W_j(0)‖² = (1 − x)² + (2x/N) (2 − u·u_∞ − v·v_∞)`` .

    Its root is small only near the limit, and grows like ``s^(−1/N)`` as s → 0.

    Takes M starts of a target of their shape and a depth N ≥ 2. Returns the root of the ratio over
    ``start``: 1 for starts that end at the origin.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.

    References
    ----------
    docs/theory.md, section 7.
    """
    depth, end = validate_depth(depth), limits(target, starts)
    x = _scale_ratio(end["value"].values, starts.s, depth)
    # 1 - u·u_∞ of unit vectors, without cancellation where they agree.
    turned_a = 0.5 * np.sum((starts.a - end["a"].values) ** 2, axis=1)
    turned_b = 0.5 * np.sum((starts.b - end["b"].values) ** 2, axis=1)
    ratio = np.sqrt((1 - x) ** 2 + 2 * x / depth * (turned_a + turned_b))
    return xr.DataArray(ratio, dims="start", attrs=ATTRS)


def _scale_ratio(value: np.ndarray, s: np.ndarray, depth: int) -> np.ndarray:
    """Return how many times as large as at the start the layers are in the limit."""
    return (value / s) ** (1 / depth)
