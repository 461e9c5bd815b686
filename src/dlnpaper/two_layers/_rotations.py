"""Compiled arithmetic of the echelon form: hidden units are rotated in twice the precision.

Numba's cache on disk notices changes in the file of an entry point only: what it calls stands here.
"""

import math

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry

__all__ = ["find_echelon"]

EPS = 2.220446049250313e-16
_VANISHING = 1e-29  # part of a row that is zero to twice the precision

_jit_exact = numba.njit(**INNER)  # contraction would round products that must not be
_Double = tuple[float, float]


@entry
def find_echelon(
    coefficients: np.ndarray,
    tails: np.ndarray,
    uncertainty: np.ndarray,
    rank: int,
    pivots: np.ndarray,
    doubtful: np.ndarray,
) -> None:
    """Rotate hidden units until the coefficients are in lower echelon form, in place.

    Rows that vanish beyond the columns of earlier pivots have none. All is done in twice the
    precision of floats, so that rows nearly parallel keep the digits of what tells them apart.
    Exact zeros stay exact: where there is nothing to rotate, nothing is rotated.

    Parameters
    ----------
    coefficients, tails : (M, K, h)
        The coefficients are the sums of both.
    uncertainty : (M, K)
        Of the entries of each row.
    rank : int
        Below the first so many rows nothing grows out of rounding: doubtful rows have no pivot.
    pivots : (M, h)
        Filled with the rows of the pivots, then -1.
    doubtful : (M, K)
        Filled with whether rounding of the weights leaves undecided if the row has a pivot.
    """
    size, rows, columns = coefficients.shape
    mixed = np.empty(rows, np.bool_)
    for i in range(size):
        column = 0
        pivots[i] = -1
        doubtful[i] = False
        mixed[:] = False
        largest = 0.0
        for k in range(rows):
            for j in range(columns):
                largest = max(largest, abs(coefficients[i, k, j]))
        for k in range(rows):
            if column == columns:
                break
            for other in range(column + 1, columns):
                _rotate(coefficients[i], tails[i], mixed, k, column, other)
            square = 0.0
            for j in range(column + 1):
                square += coefficients[i, k, j] * coefficients[i, k, j]
            whole, left = math.sqrt(square), abs(coefficients[i, k, column])
            rounding = 2.0 * uncertainty[i, k]
            if mixed[k] and left > 0.0:
                rounding += 16.0 * EPS * largest
                if left <= _VANISHING * whole:
                    left = 0.0
            doubtful[i, k] = rounding > 0.0 and left <= rounding
            if left > 0.0 and not (k >= rank and doubtful[i, k]):
                pivots[i, column] = k
                column += 1
            else:
                coefficients[i, k, column] = 0.0


@_jit_exact
def _rotate(
    heads: np.ndarray,
    tails: np.ndarray,
    mixed: np.ndarray,
    k: int,
    column: int,
    other: int,
) -> None:
    """Rotate two columns, from row k on, such that row k is zero in the second."""
    x = heads[k, column], tails[k, column]
    y = heads[k, other], tails[k, other]
    if y[0] == 0.0:
        return
    rows = len(heads)
    if x[0] == 0.0:
        for n in range(k, rows):
            heads[n, column], heads[n, other] = heads[n, other], heads[n, column]
            tails[n, column], tails[n, other] = tails[n, other], tails[n, column]
        return
    norm = _root(_plus(_times(x, x), _times(y, y)))
    c, s = _over(x, norm), _over(y, norm)
    mixed[k] = True
    heads[k, column], tails[k, column] = norm
    heads[k, other], tails[k, other] = 0.0, 0.0
    for n in range(k + 1, rows):
        x = heads[n, column], tails[n, column]
        y = heads[n, other], tails[n, other]
        if x[0] != 0.0 or y[0] != 0.0:
            mixed[n] = True
            heads[n, column], tails[n, column] = _plus(_times(c, x), _times(s, y))
            minus = -s[0], -s[1]
            heads[n, other], tails[n, other] = _plus(_times(c, y), _times(minus, x))


# Numbers of twice the precision: sums of two floats, of which the second is the rounding of the
# first (Dekker 1971).


@_jit_exact
def _plus(x: _Double, y: _Double) -> _Double:
    total = x[0] + y[0]
    part = total - x[0]
    rest = (x[0] - (total - part)) + (y[0] - part) + x[1] + y[1]
    head = total + rest
    return head, rest - (head - total)


@_jit_exact
def _times(x: _Double, y: _Double) -> _Double:
    product = x[0] * y[0]
    a, b = _halves(x[0])
    c, d = _halves(y[0])
    rest = ((a * c - product) + a * d + b * c) + b * d + x[0] * y[1] + x[1] * y[0]
    head = product + rest
    return head, rest - (head - product)


@_jit_exact
def _halves(x: float) -> tuple[float, float]:
    """Return two floats of half the digits whose sum is x."""
    large = 134217729.0 * x  # 2^27 + 1
    high = large - (large - x)
    return high, x - high


@_jit_exact
def _over(x: _Double, y: _Double) -> _Double:
    quotient = x[0] / y[0]
    rest = _plus(x, _times((-quotient, 0.0), y))
    correction = (rest[0] + rest[1]) / y[0]
    head = quotient + correction
    return head, correction - (head - quotient)


@_jit_exact
def _root(x: _Double) -> _Double:
    root = math.sqrt(x[0])
    rest = _plus(x, _times((-root, 0.0), (root, 0.0)))
    correction = (rest[0] + rest[1]) / (2.0 * root)
    head = root + correction
    return head, correction - (head - root)
