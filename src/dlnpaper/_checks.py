"""Checks of public functions' arguments, which return the checked value or raise.

Every error names the argument, what is expected, what came and the remedy.
"""

import operator
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

LARGEST_DEPTH = 1_000_000

#: Singular values of a target whose squares, and reciprocals of squares, floats can represent.
SIGMA_RANGE = (1e-150, 1e150)
#: Magnitudes of starts whose reciprocals floats can represent.
S_RANGE = (1e-300, 1e300)
#: The least nonzero entry of a and b whose sums and halves keep all digits.
LEAST_ENTRY = 1e-290
#: The last time whose product with any singular value is finite.
LATEST = 1e150

_SHOWN = 60  # characters of a value in an error


def shown(value: Any) -> str:
    """Return a value as errors show it: shortened, on one line."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # an integer of thousands of digits has no repr
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def as_numbers(name: str, values: ArrayLike, expected: str) -> np.ndarray:
    """Return real numbers as an array of any real type and shape, or raise TypeError."""
    if np.ma.is_masked(values):
        raise TypeError(f"{name} {expected}, got masked entries; fill or remove them")
    try:
        array = np.asarray(values)
    except Exception:  # an object's own __array__ may raise anything
        raise TypeError(
            f"{name} {expected}, got {shown(values)}; give an array or lists of equal length"
        ) from None
    if array.dtype.kind not in "iuf":
        # Integers beyond 64 bits make an array of objects.
        what = f"dtype {array.dtype}" if array.dtype.names is None else "a structured dtype"
        raise TypeError(f"{name} {expected}, got {what}; convert it to floats")
    return array


def as_floats(name: str, values: ArrayLike, expected: str) -> np.ndarray:
    """Return `as_numbers` as a new float array; a wider float may be too large, and is then inf.

    Rows are contiguous: for another layout, compiled code would be compiled once more.
    """
    with np.errstate(over="ignore"):
        return as_numbers(name, values, expected).astype(float, order="C")


def validate_array(name: str, values: ArrayLike, ndim: int | None) -> np.ndarray:
    """Return a new finite float array with ``ndim`` dimensions (None: any), or raise.

    TypeError unless it holds real numbers, ValueError for another number of dimensions or an entry
    that is not finite.
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
    """Return a real number as a float; TypeError if it is none, ValueError if not accepted.

    ``accepts`` returns whether a float is as ``expected``, "must ..."; False for NaN.
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


def validate_fraction(name: str, value: Any, remedy: str) -> float:
    """Return a tolerance, from 0 to below 1, as `validate_number` does."""
    expected = "must lie from 0 to below 1"
    return validate_number(name, value, expected, lambda number: 0 <= number < 1, remedy)


def validate_weight_decay(weight_decay: Any) -> float:
    """Return the weight decay as a float, or raise unless it is finite and at least 0."""
    return validate_number(
        "weight_decay",
        weight_decay,
        "must be finite and at least 0",
        lambda number: 0 <= number < np.inf,
        "0 is no weight decay",
    )


def validate_largest(name: str, array: np.ndarray) -> None:
    """Raise ValueError if the largest entry is beyond `SIGMA_RANGE`."""
    low, high = SIGMA_RANGE
    largest = float(np.abs(array).max())
    if not low <= largest <= high:
        raise ValueError(
            f"{name} must have a largest entry from {low:g} to {high:g} in size, got {largest:g}; "
            "change the unit"
        )


def selected_rows(size: int, index: Any) -> np.ndarray:
    """Return the numbers of the starts that an index selects, (m,), or raise."""
    try:
        rows = np.atleast_1d(np.arange(size)[index])
        if rows.ndim > 1:  # by None, or by an array of more dimensions
            raise TypeError
    except (IndexError, TypeError, ValueError) as error:
        # An IndexError is what ends a loop over the starts.
        kind = IndexError if isinstance(error, IndexError) else TypeError
        raise kind(
            f"starts must be selected by integers below {size}, a slice or a mask, got "
            f"{shown(index)}; len(starts) is their number"
        ) from None
    return rows


class Frozen:
    """A frozen dataclass whose arrays are read-only, in its copies and pickles too."""

    def __setstate__(self, state: Mapping[str, object]) -> None:
        freeze(self, state)


def freeze(instance: object, fields: Mapping[str, object]) -> None:
    """Set the fields of a frozen dataclass; arrays become read-only."""
    for name, value in fields.items():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
        object.__setattr__(instance, name, value)


def validate_integer(
    name: str, value: Any, expected: str, least: int, most: int, remedy: str
) -> int:
    """Return an integer from ``least`` to ``most`` as an int, or raise TypeError or ValueError."""
    try:
        if isinstance(value, bool | np.bool_):  # a subclass of int
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} {expected}, got {shown(value)}; {remedy}") from None
    if number < least:
        raise ValueError(f"{name} {expected}, got {shown(number)}; {remedy}")
    if number > most:
        raise ValueError(f"{name} must be at most {most}, got {shown(number)}; {remedy}")
    return number


def validate_depth(depth: Any) -> int:
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
    """Return one of the choices, or raise ValueError."""
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


def validate_times(times: ArrayLike) -> np.ndarray:
    """Return `times` as a new float array, shape (T,), increasing from at least 0, or raise."""
    given = as_floats("times", times, "must be real numbers")
    if given.ndim != 1 or given.size == 0:
        raise ValueError(
            f"times must have shape (T,) with T >= 1, got shape {given.shape}; pass a flat list"
        )
    values = given + 0.0  # turns -0.0 into 0.0
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        i = int(wrong.argmax())
        raise ValueError(
            f"times must be finite and >= 0: times[{i}] = {values[i]}; the flow starts at time 0"
        )
    if values.max() > LATEST:
        raise ValueError(f"times must be at most {LATEST:g}, got {values.max():g}; change the unit")
    falls = np.diff(values) <= 0
    if falls.any():
        i = int(falls.argmax()) + 1
        remedy = "sort them" if values[i] < values[i - 1] else "remove repetitions"
        raise ValueError(
            f"times must increase: times[{i}] = {values[i]} follows {values[i - 1]}; {remedy}"
        )
    return values
