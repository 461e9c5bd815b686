"""Checks of the weights of two layers, and their imbalance."""

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import as_numbers
from dlnpaper._decomposition import EPS

#: The imbalance may differ from a multiple of the identity by this, relative to the layers.
TOLERANCE = 1e-10

#: Rounding of sums of squares of weights, relative to their sum.
ROUNDING = 16 * EPS

#: Weights whose squares, and sums of these, are representable.
LARGEST = 1e100


def validate_shapes(first: np.ndarray, second: np.ndarray) -> None:
    if first.shape[1] != second.shape[2] or len(first) != len(second):
        raise ValueError(
            "first and second must have shapes (M, h, d_x) and (M, d_y, h), got "
            f"{first.shape} and {second.shape}; give W_1 and W_2 of the same networks"
        )
    if min(first.shape[1:]) < 1 or second.shape[1] < 1:
        raise ValueError(
            "first and second must have a hidden neuron, an input and an output, got shapes "
            f"{first.shape} and {second.shape}; leave out networks without"
        )
    for name, layers in (("first", first), ("second", second)):
        size = float(np.abs(layers).max(initial=0.0))
        if size > LARGEST:
            raise ValueError(
                f"{name} must have entries up to {LARGEST:g} in size, got {size:g}; change the unit"
            )


def validate_balance(
    first: np.ndarray, second: np.ndarray, given: np.ndarray | None, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return λ, and what weights must be uncertain by for the rest of the imbalance, (M,) each."""
    hidden = first.shape[1]
    unit = np.maximum(largest(first), largest(second))
    unit = np.where(unit > 0, unit, 1.0)[:, None, None]
    lower, upper = first / unit, second / unit
    imbalance = upper.mT @ upper - lower @ lower.mT
    size = np.sum(lower**2, axis=(1, 2)) + np.sum(upper**2, axis=(1, 2))
    unit = unit[:, 0, 0]
    measured = np.trace(imbalance, axis1=1, axis2=2) / hidden
    measured = np.where(np.abs(measured) > ROUNDING * size, measured, 0.0)
    value = measured if given is None else given / unit**2
    rest = np.linalg.norm(imbalance - value[:, None, None] * np.eye(hidden), axis=(1, 2))
    relative = rest / np.where(size > 0, size, 1.0)
    if (relative > tolerance).any():
        i = int(relative.argmax())
        raise ValueError(
            f"first and second must have W_2ᵀW_2 − W_1W_1ᵀ = λI to {tolerance:.2g} of "
            f"‖W_1‖² + ‖W_2‖², got start {i}, which misses λ = {value[i] * unit[i] ** 2:.6g} by "
            f"{relative[i]:.3g}; the flow conserves it, so start from such weights, or integrate "
            "the layers by dlnpaper.layers.integrate"
        )
    uncertain = np.where(relative > ROUNDING, relative, 0.0) * unit
    return (measured * unit**2 if given is None else given), uncertain


def spacing(layer: ArrayLike) -> float:
    """Return the spacing at 1 of floats as coarse as the layer's, 0 for integers."""
    kind = as_numbers("layers", layer, "must hold real numbers").dtype
    return float(np.finfo(kind).eps) if kind.kind == "f" else 0.0


def largest(layers: np.ndarray) -> np.ndarray:
    return np.abs(layers).max(axis=(1, 2), initial=0.0)
