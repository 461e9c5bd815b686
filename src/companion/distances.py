"""How far a trajectory is from its limit, without cancellation (docs/theory.md, section 5.6)."""

import numpy as np
import xarray as xr

from dlnpaper._target import Target
from dlnpaper.one_neuron._laws import LAW_QUANTITIES
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints

EPS = float(np.finfo(float).eps)

# Relative error of a trajectory's excess and directions: what the closed form mostly keeps below.
_RELATIVE_ERROR = 1e-13
# Smaller squares lose digits.
_SMALLEST_SQUARE = float(np.finfo(float).tiny)


def distances(target: Target, starts: StartingPoints, trajectories: xr.Dataset) -> xr.Dataset:
    """Measure every quantity of `dlnpaper.rates` along trajectories.

    Nothing that decays is taken as a difference of things that do not, except for s where nothing
    better is known: the uncertainty says down to where the distances can be trusted.

    The trajectories are those of the starts at one or more depths, as `dlnpaper.solve` returns
    them: ``s`` and ``excess`` (..., start, time), ``a`` (..., start, time, left) and ``b`` (...,
    start, time, right).

    Returns, over ``quantity`` and the dimensions of ``s``: ``distance``, and its ``uncertainty``,
    an absolute one that leaves out relative errors of the trajectory itself. At the origin
    ``directions`` and ``alignment_gap`` are zero with infinite uncertainty, since the zero matrix
    has no directions.
    """
    end = limits(target, starts)
    value, s, excess = end["value"], trajectories["s"], trajectories["excess"]
    square_a = _direction_gap(trajectories["a"], end["a"], "left")
    square_b = _direction_gap(trajectories["b"], end["b"], "right")
    c_deviation, c_uncertainty = _c_deviation(target, trajectories, value)
    s_gap, s_uncertainty = _s_gap(s, excess, c_deviation, value)
    # One minus the product of the two overlaps, 1 - square/2 each.
    apart = square_a / 2 + (1 - square_a / 2) * square_b / 2
    found: dict[str, xr.DataArray] = {
        "directions": (square_a + square_b) ** 0.5,
        "alignment_gap": c_deviation,
        "excess": excess,
        "s_gap": s_gap,
        "end_to_end": (s_gap**2 + 2 * s * value * apart) ** 0.5,
    }
    # In a tie the limit has several entries, and what approaches it there is a difference.
    tied = np.count_nonzero(end["a"], axis=1) > 1
    along = xr.where(tied, 8 * EPS, 0.0)
    smallest = np.sqrt(_SMALLEST_SQUARE)
    uncertainty: dict[str, xr.DataArray] = {
        "directions": along + smallest,
        "alignment_gap": c_uncertainty,
        "excess": xr.zeros_like(s) + _SMALLEST_SQUARE,
        "s_gap": s_uncertainty,
        "end_to_end": value * along + s_uncertainty * s_gap / (found["end_to_end"] + smallest),
    }
    for name in ("directions", "alignment_gap"):
        found[name] = found[name].where(value > 0, 0.0)
        uncertainty[name] = xr.where(value > 0, uncertainty[name], np.inf)
    return xr.Dataset(
        {"distance": _stacked(found, s), "uncertainty": _stacked(uncertainty, s)},
        coords={"quantity": ("quantity", list(LAW_QUANTITIES), {"long_name": "what is measured"})},
    )


def _direction_gap(vectors: xr.DataArray, limit: xr.DataArray, side: str) -> xr.DataArray:
    """Return the squared distance of unit vectors from their limit."""
    overlap = (vectors * limit).sum(side)
    across = ((vectors - overlap * limit) ** 2).sum(side)
    # 2 (1 - x) = 2 (1 - x²) / (1 + x), with 1 - x² the square of the part across.
    near = 2 * across / (1 + np.abs(overlap))
    return near.where(overlap > 0, 2 * (1 - overlap))


def _c_deviation(
    target: Target, trajectories: xr.Dataset, value: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return δ_c = σ_k − c, summed over the modes (section 3.4), and its uncertainty."""
    sigma = xr.DataArray(target.singular_values, dims="mode")
    modes, null = slice(0, target.rank), slice(target.rank, None)
    a = trajectories["a"].isel(left=modes).rename(left="mode")
    b = trajectories["b"].isel(right=modes).rename(right="mode")
    rest_a = (trajectories["a"].isel(left=null) ** 2).sum("left")
    rest_b = (trajectories["b"].isel(right=null) ** 2).sum("right")
    growing = ((value - sigma) * (a + b) ** 2).sum("mode")
    decaying = ((value + sigma) * (a - b) ** 2).sum("mode")
    c_deviation = (growing + decaying) / 4 + value * (rest_a + rest_b) / 2
    # Of all that decays, only this is a difference of large numbers.
    in_limit = abs(a - b).where(sigma == value, 0.0).sum("mode")
    return c_deviation, 2 * EPS * value * in_limit + _SMALLEST_SQUARE


def _s_gap(
    s: xr.DataArray, excess: xr.DataArray, c_deviation: xr.DataArray, value: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return |s − σ_k| with its uncertainty, from s or from the excess, whichever knows it better.

    The excess is ½(s − c)² + ½(σ_k² − c²). Where the first term is most of it, as with exact
    directions, it gives s − c = s − σ_k + (σ_k − c) long after s agrees with σ_k to all digits.
    """
    plain = s - value
    rounding = xr.where(value > 0, 2 * EPS * value, np.sqrt(_SMALLEST_SQUARE))
    square = 2 * excess - c_deviation * (2 * value - c_deviation)
    size = np.sqrt(np.maximum(square, _SMALLEST_SQUARE))
    from_alignment = plain + c_deviation
    derived = size * xr.where(from_alignment > 0, 1.0, -1.0) - c_deviation
    unsure = _RELATIVE_ERROR * 2 * excess / size + np.sqrt(_SMALLEST_SQUARE)
    # Where the sign of s − c is lost.
    unsure = unsure + c_deviation.where(abs(from_alignment) <= rounding, 0.0)
    better = (unsure < rounding) & (value > 0)
    return np.abs(xr.where(better, derived, plain)), xr.where(better, unsure, rounding)


def _stacked(arrays: dict[str, xr.DataArray], like: xr.DataArray) -> xr.DataArray:
    """Join arrays along ``quantity``, each broadcast to the dimensions of ``like``."""
    full = [(array + xr.zeros_like(like)).transpose(*like.dims) for array in arrays.values()]
    return xr.concat(full, dim="quantity")
