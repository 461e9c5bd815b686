"""Checks of the layers and of the inputs' second moment."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import SIGMA_RANGE, shown, validate_array
from dlnpaper.layers._balanced import validate_chain

#: A computed second moment is symmetric, and its zero eigenvalues are zero, to rounding.
ROUNDING = 1e-12


def validate_layers(
    layers: Sequence[ArrayLike], shape: tuple[int, int], most_weights: int
) -> list[np.ndarray]:
    """Return the layers of M networks, each (M, d_j, d_{j-1}), as new float arrays, or raise."""
    if not np.iterable(layers):
        raise TypeError(f"layers must be a list of matrices, got {shown(layers)}; give W_1 to W_N")
    stacks = list(_validate_stacks(layers))
    # All networks have the same shapes, so the first one chains for all.
    validate_chain([stack[0] for stack in stacks], shape)
    weights = sum(stack[0].size for stack in stacks)
    if weights > most_weights:
        raise ValueError(
            f"layers must have at most {most_weights} weights for this function, got {weights}; "
            "reduce their widths or number"
        )
    return stacks


def _validate_stacks(layers: Sequence[ArrayLike]) -> Iterator[np.ndarray]:
    """Yield every layer as (M, d_j, d_{j-1}), finite and of one M, or raise."""
    count = None
    for j, layer in enumerate(layers):
        stack = validate_array(f"layers[{j}]", layer, None)
        given = stack.shape
        if len(given) not in (2, 3) or 0 in given:
            raise ValueError(
                f"layers[{j}] must have shape (out, in), or (M, out, in) for M networks, with at "
                f"least one of each, got shape {given}; reshape it"
            )
        stack = stack if len(given) == 3 else stack[None]
        largest = float(np.abs(stack).max())
        if largest > SIGMA_RANGE[1]:
            raise ValueError(
                f"layers[{j}] must have entries up to {SIGMA_RANGE[1]:g}, got {largest:g}; "
                "change the unit"
            )
        count = count or len(stack)
        if len(stack) != count:
            raise ValueError(
                f"layers[{j}] must hold one matrix for each of the {count} networks of layers[0], "
                f"got shape {given}; stack as many"
            )
        yield stack


def validate_second_moment(moment: ArrayLike | None, d_x: int) -> np.ndarray | None:
    """Return Σ as a new float array, or raise unless it is a second moment of d_x inputs."""
    if moment is None:
        return None
    moment = validate_array("second_moment", moment, 2)
    if moment.shape != (d_x, d_x):
        raise ValueError(
            f"second_moment must have shape {(d_x, d_x)} for {d_x} inputs, got shape "
            f"{moment.shape}; give X Xᵀ with one sample a column"
        )
    allowed = ROUNDING * np.abs(moment).max()
    skew = float(np.abs(moment - moment.T).max())
    if skew > allowed:
        raise ValueError(
            f"second_moment must be symmetric, got entries that differ by {skew:.3g} from those "
            "across the diagonal; give X Xᵀ"
        )
    least = float(np.linalg.eigvalsh(moment)[0])
    if least < -d_x * allowed:
        raise ValueError(
            f"second_moment must be positive semidefinite, got an eigenvalue of {least:.3g}; "
            "give X Xᵀ"
        )
    return moment
