"""What the arguments of public functions must be: each check returns the checked value or raises.

Whatever is wrong is said in one sentence: name, what is expected, what came, remedy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

LARGEST_DEPTH = 1_000_000

#: Singular values of a target whose squares and reciprocals of squares are floats.
SIGMA_RANGE = (1e-150, 1e150)
#: Magnitudes of starts whose reciprocals are floats.
S_RANGE = (1e-300, 1e300)
#: The least entry of a and b, but zero, whose sums and halves keep the digits of a float.
LEAST_ENTRY = 1e-290
#: The last time whose product with any singular value is a float.
LATEST = 1e150

_SHOWN = 60  # characters of a value that a sentence shows


def shown(value: Any) -> str:
    """Return a value as a sentence shows it: on one line, and no longer than one reads."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of thousands of digits has no repr
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def as_numbers(name: str, values: ArrayLike, expected: str) -> np.ndarray:
    """Return anything that holds real numbers as an array of these, of whatever type and shape.

    Raises
    ------
    TypeError
        If it cannot be made an array of real numbers; ``expected`` says what it must do.
    """
    if np.ma.is_masked(values):
        raise TypeError(f"{name} {expected}, got masked entries; fill or remove them")
    try:
        array = np.asarray(values)
    except Exception:  # whatever an object raises that will not become an array
        raise TypeError(
            f"{name} {expected}, got {shown(values)}; give an array or lists of equal length"
        ) from None
    if array.dtype.kind not in "iuf":
        # Integers beyond 64 bits make an array of objects.
        what = f"dtype {array.dtype}" if array.dtype.names is None else "a structured dtype"
        raise TypeError(f"{name} {expected}, got {what}; convert it to floats")
    return array


def as_floats(name: str, values: ArrayLike, expected: str) -> np.ndarray:
    """Return real numbers as a new float array; a wider float may be too large, and is then inf.

    Raises
    ------
    TypeError
        As `as_numbers`.
    """
    with np.errstate(over="ignore"):
        return as_numbers(name, values, expected).astype(float)


def validate_array(name: str, values: ArrayLike, ndim: int | None) -> np.ndarray:
    """Return ``values`` as a new finite float array with ``ndim`` dimensions, or say what is wrong.

    Raises
    ------
    TypeError
        If it does not hold real numbers.
    ValueError
        If it has another number of dimensions (None allows any), or an entry that is not finite.
    """
    array = as_floats(name, values, "must hold real numbers")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(
            f"{name} must have {ndim} dimension{'s' * (ndim != 1)}, got shape {array.shape}; "
            "reshape it"
        )
    if not np.isfinite(array).all():
        where = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
        place = f" at {list(where)}" if where else ""
        raise ValueError(f"{name} must be finite, got {array[where]}{place}; repair or remove it")
    return array


def validate_number(
    name: str, value: Any, expected: str, accepts: Callable[[float], bool], remedy: str
) -> float:
    """Return a real number as a float.

    Parameters
    ----------
    name, value, remedy
        What it is called, what came, what to do if it is wrong.
    expected : str
        What ``accepts`` tells of a float, after "must".
    accepts : callable
        False where the number is none of those expected; NaN must not pass it.

    Raises
    ------
    TypeError
        If it is not a real number.
    ValueError
        If it is not accepted.
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {shown(value)}; {remedy}")
    try:
        with np.errstate(over="ignore"):
            number = float(value)
    except OverflowError:
        number = np.inf
    if not accepts(number):
        raise ValueError(f"{name} {expected}, got {shown(value)}; {remedy}")
    return number


def validate_integer(
    name: str, value: Any, expected: str, least: int, most: int, remedy: str
) -> int:
    """Return an integer from ``least`` to ``most`` as an int, or raise TypeError or ValueError."""
    # Truth values are integers for Python.
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} {expected}, got {shown(value)}; {remedy}")
    try:
        number = operator.index(value)
    except TypeError:  # of an array of more than one integer
        raise TypeError(f"{name} {expected}, got {shown(value)}; {remedy}") from None
    if number < least:
        raise ValueError(f"{name} {expected}, got {shown(number)}; {remedy}")
    if number > most:
        raise ValueError(f"{name} must be at most {most}, got {shown(number)}; {remedy}")
    return number


def validate_depth(depth: int) -> int:
    """Return `depth` as an int from 2 on, or raise TypeError or ValueError."""
    remedy = "pass the number of layers"
    if isinstance(depth, bool | np.bool_):
        raise TypeError(f"depth must be an integer >= 2, got the truth value {depth}; {remedy}")
    try:
        number = operator.index(depth)
    except TypeError:
        message = f"depth must be an integer >= 2, got {shown(depth)}; {remedy}"
        raise TypeError(message) from None
    if not 2 <= number <= LARGEST_DEPTH:
        raise ValueError(f"depth must lie in 2..{LARGEST_DEPTH}, got {shown(number)}; {remedy}")
    return number


def validate_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return one of some words, or raise ValueError."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"{name} must be one of {', '.join(choices)}, got {shown(value)}; choose one"
        )
    return value


def validate_flag(name: str, value: Any) -> bool:
    """Return a truth value as a bool, or raise TypeError."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {shown(value)}; choose one")
    return bool(value)
