"""Ranges of targets and starts whose squares and reciprocals floats represent with all digits."""

import numpy as np

from dlnpaper._checks import LEAST_ENTRY, S_RANGE, SIGMA_RANGE
from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints


def validate_scales(target: Target, starts: StartingPoints | None = None) -> None:
    """Raise ValueError where a square or reciprocal is not representable, or digits are lost."""
    low, high = SIGMA_RANGE
    sigma = target.singular_values
    if not low <= sigma[-1] <= sigma[0] <= high:
        raise ValueError(
            f"target must have singular values from {low:g} to {high:g}, got {sigma[-1]:g} to "
            f"{sigma[0]:g}; change the unit"
        )
    low, high = S_RANGE
    if starts is not None and len(starts) and not low <= starts.s.min() <= starts.s.max() <= high:
        i = int(np.argmax((starts.s < low) | (starts.s > high)))
        raise ValueError(
            f"starts must have s from {low:g} to {high:g}, got s[{i}] = {starts.s[i]:g}; "
            "change the unit"
        )
    if starts is not None:
        validate_entries(starts)


def validate_entries(starts: StartingPoints) -> None:
    """Raise ValueError where an entry is so small that arithmetic loses digits of it."""
    for name in ("a", "b"):
        size = np.abs(getattr(starts, name))
        tiny = size[(size > 0) & (size < LEAST_ENTRY)]
        if tiny.size:
            raise ValueError(
                f"starts must have entries of {name} that are zero or at least {LEAST_ENTRY:g} in "
                f"size, got {tiny[0]:g}; set such entries to zero"
            )
