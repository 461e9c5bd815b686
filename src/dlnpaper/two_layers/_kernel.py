"""Compiled arithmetic of two layers: one state at a time (docs/two_layers.md, section 3).

Numba's cache on disk notices changes in the file of an entry point only, so all compiled functions
stand here.

Rows are the K = d_y + d_x eigenvectors of the linear flow by falling eigenvalue θ: the growing ones
of the r modes, the null directions of one side and of the other, the decaying ones in reverse. The
start has the coefficients P (K, h). Rotated hidden units make it a lower echelon form, whose column
j begins at its *pivot*, row k_j. The columns of

    B = [sqrt(f_k) P_k; I],    f_k = ∫_0^t exp(2θ_k x) dx,

span what R Rᵀ projects on, up to the weights w_k = exp(θ_k t) / sqrt(f_k) of its rows. Column j is
scaled by exp(-θ t) of its pivot where that grows, which changes no span and leaves no exponent
above zero.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry

__all__ = ["Outputs", "Problem", "Starts", "find_echelon", "march"]

EPS = 2.220446049250313e-16
_MODERATE = 2.0  # size of the graph's entries above which rows are exchanged
_ROUNDING = 16 * EPS  # of a state, relative, and of the elimination
_MOST_EXCHANGES = 50

_VANISHING = 1e-29  # part of a row that is zero to twice the precision

_jit = numba.njit(**INNER, fastmath={"contract"})
_jit_exact = numba.njit(**INNER)  # contraction would round products that must not be
_Double = tuple[float, float]


class Problem(NamedTuple):
    """What all starts share."""

    times: np.ndarray  # (T,), increasing
    sigma: np.ndarray  # (r,): singular values of the target
    weight_decay: float
    left: int  # d_y
    right: int  # d_x


class Starts(NamedTuple):
    """All starts, prepared by `dlnpaper.two_layers._echelon`; H = min(h, K) columns."""

    coefficients: np.ndarray  # (M, K, H): echelon form of P
    pivots: np.ndarray  # (M, H): k_j, -1 where there is no further column
    uncertainty: np.ndarray  # (M, K): absolute error of a row's entries
    heights: np.ndarray  # (M, r): m_i
    imbalance: np.ndarray  # (M,): λ
    sine: np.ndarray  # (M, r): sin φ_i
    cosine: np.ndarray  # (M, r)
    first: np.ndarray  # (M, h, d_x): W_1(0)
    second: np.ndarray  # (M, d_y, h)
    limit: np.ndarray  # (M, r, r): W(∞) on the modes
    share: np.ndarray  # (M, r): of every mode in the limit
    limit_loss: np.ndarray  # (M,)


class Outputs(NamedTuple):
    """Arrays to be filled; empty where a variable is not wanted."""

    end_to_end: np.ndarray  # (M, T, d_y, d_x)
    loss: np.ndarray  # (M, T), as all but
    excess: np.ndarray
    distance: np.ndarray
    error: np.ndarray
    first: np.ndarray  # (M, T, d_x)
    second: np.ndarray  # (M, T, d_y)


class _Spectrum(NamedTuple):
    """Eigenvalues of one start."""

    theta: np.ndarray  # (K,)
    fades: np.ndarray  # (K,): exp(-2 |θ_k| t)
    gaps: np.ndarray  # (H, K): θ of the column's pivot less θ_k, where both are positive
    bounded: np.ndarray  # (K,): sqrt(f_k) but for exp(θ_k t), where θ_k is positive
    weights: np.ndarray  # (K,): w_k


class _Graph(NamedTuple):
    """The column space as a graph over H of its rows."""

    values: np.ndarray  # (H, K + H): B, then the column operations T
    scales: np.ndarray  # (H,): of the identity in B, whose rows are scales times T
    row_of: np.ndarray  # (H,): which row leads in column c
    column_of: np.ndarray  # (K + H,): the inverse, -1 for other rows
    gram: np.ndarray  # (H, H): ZᵀZ
    factor: np.ndarray  # (H, H): inverse of the Cholesky factor of I + ZᵀZ
    uncertainty: np.ndarray  # (H,): error of a column of B


class _Product(NamedTuple):
    """Factors of W, and how far it is from the limit."""

    left: np.ndarray  # (d_y, H)
    right: np.ndarray  # (d_x, H)
    end_to_end: np.ndarray  # (d_y, d_x)
    deviation: np.ndarray  # (d_y, d_x): W - W(∞)
    row: np.ndarray  # (H,), work arrays
    other: np.ndarray  # (H,)


# Entry points


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


@entry
def march(lo: int, hi: int, starts: Starts, problem: Problem, out: Outputs) -> None:
    """Compute the states of the starts from ``lo`` to below ``hi`` at all times."""
    rows, columns = starts.coefficients.shape[1:]
    spectrum = _Spectrum(
        np.empty(rows), np.empty(rows), np.empty((columns, rows)), np.empty(rows), np.empty(rows)
    )
    graph = _Graph(
        np.empty((columns, rows + columns)),
        np.empty(columns),
        np.empty(columns, np.int64),
        np.empty(rows + columns, np.int64),
        np.empty((columns, columns)),
        np.empty((columns, columns)),
        np.empty(columns),
    )
    product = _Product(
        np.empty((problem.left, columns)),
        np.empty((problem.right, columns)),
        np.empty((problem.left, problem.right)),
        np.empty((problem.left, problem.right)),
        np.empty(columns),
        np.empty(columns),
    )
    for i in range(lo, hi):
        count = 0
        while count < columns and starts.pivots[i, count] >= 0:
            count += 1
        _set_spectrum(spectrum, starts, i, count, problem)
        for n in range(problem.times.size):
            t = problem.times[n]
            if t == 0.0:
                _start(product, starts, i, problem)
            else:
                _set_basis(graph, spectrum, starts, i, count, t)
                _eliminate(graph, rows, count)
                _factorize(graph, rows, count)
                _multiply(product, graph, spectrum, starts, i, count, problem)
            _write(out, product, starts, i, n, problem)
            if out.excess.size > 0 and problem.weight_decay > 0.0:
                out.excess[i, n] += _penalty(product, graph, spectrum, starts, i, count, t, problem)
            if out.error.size > 0:
                out.error[i, n] = _error(product, graph, spectrum, starts, i, count, t)
            if out.first.size > 0:
                _write_weights(out, product, graph, starts, i, n, count, t)


# The echelon form


@_jit
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


# The spectrum


@_jit
def _set_spectrum(
    spectrum: _Spectrum, starts: Starts, i: int, count: int, problem: Problem
) -> None:
    """Set eigenvalues, and their differences without cancellation."""
    rank = problem.sigma.size
    rows = spectrum.theta.size
    half = 0.5 * abs(starts.imbalance[i])
    raised = problem.left - rank if starts.imbalance[i] >= 0.0 else problem.right - rank
    for k in range(rows):
        if k < rank:
            theta = starts.heights[i, k]
        elif k < rank + raised:
            theta = half
        elif k < rows - rank:
            theta = -half
        else:
            theta = -starts.heights[i, rows - 1 - k]
        spectrum.theta[k] = theta - problem.weight_decay
    for j in range(count):
        pivot = starts.pivots[i, j]
        for k in range(rows):
            if k < rank and pivot < rank:
                below, above = problem.sigma[k], problem.sigma[pivot]
                both = starts.heights[i, k] + starts.heights[i, pivot]
                gap = (above - below) * ((above + below) / both)
            elif pivot < rank and k < rank + raised:
                above = problem.sigma[pivot]
                gap = above * (above / (starts.heights[i, pivot] + half))
            elif k < rank and pivot < rank + raised:
                below = problem.sigma[k]
                gap = -below * (below / (starts.heights[i, k] + half))
            else:
                gap = spectrum.theta[pivot] - spectrum.theta[k]
            spectrum.gaps[j, k] = gap


@_jit
def _set_time(spectrum: _Spectrum, t: float) -> None:
    """Set ``fades``, ``bounded`` and ``weights``."""
    for k in range(spectrum.theta.size):
        theta = spectrum.theta[k]
        if k > 0 and theta == spectrum.theta[k - 1]:
            spectrum.fades[k] = spectrum.fades[k - 1]
            spectrum.bounded[k] = spectrum.bounded[k - 1]
            spectrum.weights[k] = spectrum.weights[k - 1]
            continue
        rate = abs(theta)
        bounded = math.sqrt(-math.expm1(-2.0 * rate * t) / (2.0 * rate) if rate > 0.0 else t)
        spectrum.fades[k] = math.exp(-2.0 * rate * t)
        spectrum.bounded[k] = bounded
        spectrum.weights[k] = (math.exp(theta * t) if theta < 0.0 else 1.0) / bounded


# The graph of the column space


@_jit
def _set_basis(
    graph: _Graph, spectrum: _Spectrum, starts: Starts, i: int, count: int, t: float
) -> None:
    """Set B with columns of largest entry 1, and what is uncertain in them."""
    _set_time(spectrum, t)
    rows = spectrum.theta.size
    for j in range(count):
        pivot = starts.pivots[i, j]
        growth = max(spectrum.theta[pivot], 0.0)
        scale = math.exp(-growth * t)
        largest = scale
        uncertain = 0.0
        for k in range(rows):
            value = starts.coefficients[i, k, j]
            doubt = starts.uncertainty[i, k]
            if value == 0.0 and (doubt == 0.0 or (k < pivot and _leads(starts, i, j, k))):
                graph.values[j, k] = 0.0
                continue
            exponent, faded = growth, scale
            if spectrum.theta[k] > 0.0:
                exponent = spectrum.gaps[j, k] if growth > 0.0 else -spectrum.theta[k]
                faded = math.exp(-exponent * t)
            factor = spectrum.bounded[k] * faded
            size = 0.0
            graph.values[j, k] = 0.0
            if value != 0.0:
                graph.values[j, k] = factor * value
                size = abs(graph.values[j, k])
            largest = max(largest, size)
            uncertain += factor * doubt + size * EPS * (4.0 + 2.0 * abs(exponent) * t)
        inverse = 1.0 / largest
        for k in range(rows):
            graph.values[j, k] *= inverse
        for k in range(rows, rows + count):
            graph.values[j, k] = 0.0
        graph.values[j, rows + j] = inverse
        graph.scales[j] = scale
        graph.uncertainty[j] = uncertain


@_jit
def _leads(starts: Starts, i: int, before: int, k: int) -> bool:
    """Return whether row k is the pivot of a column before this one."""
    for j in range(before):
        if starts.pivots[i, j] == k:
            return True
    return False


@_jit
def _eliminate(graph: _Graph, rows: int, count: int) -> None:
    """Turn the basis into the graph over its leading rows, whose entries are moderate."""
    for k in range(rows + count):
        graph.column_of[k] = -1
    for c in range(count):
        graph.row_of[c] = -1
    for _ in range(count):
        best, column, row = -1.0, 0, 0
        for c in range(count):
            if graph.row_of[c] < 0:
                size, k = _largest(graph, rows, count, c)
                if size > best:
                    best, column, row = size, c, k
        _exchange(graph, rows, count, column, row)
    for _ in range(_MOST_EXCHANGES):
        best, column, row = _MODERATE, -1, 0
        for c in range(count):
            size, k = _largest(graph, rows, count, c)
            if size > best:
                best, column, row = size, c, k
        if column < 0:
            return
        graph.column_of[graph.row_of[column]] = -1
        _exchange(graph, rows, count, column, row)


@_jit
def _largest(graph: _Graph, rows: int, count: int, c: int) -> tuple[float, int]:
    """Return the largest entry of a column outside the leading rows, and its row."""
    best, row = -1.0, 0
    for k in range(rows):
        size = abs(graph.values[c, k])
        if size > best and graph.column_of[k] < 0:
            best, row = size, k
    for j in range(count):
        size = graph.scales[j] * abs(graph.values[c, rows + j])
        if size > best and graph.column_of[rows + j] < 0:
            best, row = size, rows + j
    return best, row


@_jit
def _exchange(graph: _Graph, rows: int, count: int, column: int, row: int) -> None:
    """Let a row lead in a column: one there, zero in all other columns."""
    values = graph.values
    scale = graph.scales[row - rows] if row >= rows else 1.0
    inverse = 1.0 / (scale * values[column, row])
    for k in range(rows + count):
        values[column, k] *= inverse
    for c in range(count):
        part = scale * values[c, row]
        if c != column and part != 0.0:
            for k in range(rows + count):
                values[c, k] -= part * values[column, k]
    # Not left to rounding, also where a row of the identity is scaled.
    for c in range(count):
        values[c, row] = 1.0 / scale if c == column else 0.0
    graph.row_of[column] = row
    graph.column_of[row] = column


@_jit
def _factorize(graph: _Graph, rows: int, count: int) -> None:
    """Set the Gram matrix of Z and the inverse Cholesky factor of I + ZᵀZ."""
    values, gram, factor = graph.values, graph.gram, graph.factor
    for c in range(count):
        for d in range(c + 1):
            total = 0.0
            for k in range(rows):
                if graph.column_of[k] < 0:
                    total += values[c, k] * values[d, k]
            for j in range(count):
                if graph.column_of[rows + j] < 0:
                    both = values[c, rows + j] * values[d, rows + j]
                    total += graph.scales[j] * graph.scales[j] * both
            gram[c, d] = gram[d, c] = total
    # Cholesky factor, then its inverse, column by column.
    for c in range(count):
        for d in range(c + 1):
            total = gram[c, d] + (1.0 if c == d else 0.0)
            for e in range(d):
                total -= factor[c, e] * factor[d, e]
            factor[c, d] = math.sqrt(total) if c == d else total / factor[d, d]
    for d in range(count):
        factor[d, d] = 1.0 / factor[d, d]
    for c in range(1, count):
        for d in range(c):
            total = 0.0
            for e in range(d, c):
                total += factor[c, e] * factor[e, d]
            factor[c, d] = -total * factor[c, c]


# The end-to-end matrix


@_jit
def _start(product: _Product, starts: Starts, i: int, problem: Problem) -> None:
    """Set W(0) from the layers themselves."""
    rank = problem.sigma.size
    for a in range(problem.left):
        for b in range(problem.right):
            total = 0.0
            for c in range(starts.first.shape[1]):
                total += starts.second[i, a, c] * starts.first[i, c, b]
            limit = starts.limit[i, a, b] if a < rank and b < rank else 0.0
            product.end_to_end[a, b] = total
            product.deviation[a, b] = total - limit


@_jit
def _multiply(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    count: int,
    problem: Problem,
) -> None:
    """Set W, its factors and its deviation from the limit."""
    rank, rows = problem.sigma.size, spectrum.theta.size
    left_raised = starts.imbalance[i] >= 0.0
    sine, cosine, weights = starts.sine[i], starts.cosine[i], spectrum.weights
    product.left[:, :count] = 0.0
    product.right[:, :count] = 0.0
    for a in range(rank):
        minus = rows - 1 - a
        _add_row(graph, a, count, sine[a] * weights[a], product.left[a])
        _add_row(graph, minus, count, cosine[a] * weights[minus], product.left[a])
        _add_row(graph, a, count, cosine[a] * weights[a], product.right[a])
        _add_row(graph, minus, count, -sine[a] * weights[minus], product.right[a])
    for a in range(rank, problem.left):
        null = a if left_raised else problem.right - rank + a
        _add_row(graph, null, count, weights[null], product.left[a])
    for b in range(rank, problem.right):
        null = problem.left - rank + b if left_raised else b
        _add_row(graph, null, count, weights[null], product.right[b])
    for a in range(problem.left):
        for b in range(problem.right):
            total = 0.0
            for c in range(count):
                total += product.left[a, c] * product.right[b, c]
            limit = starts.limit[i, a, b] if a < rank and b < rank else 0.0
            product.end_to_end[a, b] = total
            product.deviation[a, b] = total - limit
    for a in range(rank):
        if starts.share[i, a] == 1.0 and graph.column_of[a] >= 0:
            product.deviation[a, a] = _own_deviation(product, graph, spectrum, starts, i, a, count)


@_jit
def _add_row(graph: _Graph, row: int, count: int, weight: float, out: np.ndarray) -> None:
    """Add a weighted row of the orthonormal basis ``[I; Z] (I + ZᵀZ)^{-1/2}`` to ``out``."""
    column = graph.column_of[row]
    if column >= 0:
        for d in range(column, count):
            out[d] += weight * graph.factor[d, column]
        return
    for d in range(count):
        total = 0.0
        for c in range(d + 1):
            total += graph.factor[d, c] * graph.values[c, row]
        out[d] += weight * total


@_jit
def _own_deviation(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    mode: int,
    count: int,
) -> float:
    """Return ``W - W(∞)`` at a mode of the limit whose row leads, without cancellation."""
    minus = spectrum.theta.size - 1 - mode
    growing, decaying = product.row, product.other
    growing[:count] = 0.0
    decaying[:count] = 0.0
    _add_row(graph, mode, count, spectrum.weights[mode], growing)
    _add_row(graph, minus, count, spectrum.weights[minus], decaying)
    cross, square = 0.0, 0.0
    for c in range(count):
        cross += growing[c] * decaying[c]
        square += decaying[c] * decaying[c]
    sine, cosine = starts.sine[i, mode], starts.cosine[i, mode]
    own = _own_growth(graph, spectrum, mode, count)
    return sine * cosine * (own - square) + (cosine - sine) * (cosine + sine) * cross


@_jit
def _own_growth(graph: _Graph, spectrum: _Spectrum, mode: int, count: int) -> float:
    """Return ``w² ((I + ZᵀZ)^{-1})_jj - 2θ`` at a mode that leads in column j, as small terms."""
    column = graph.column_of[mode]
    growth = spectrum.fades[mode]
    for c in range(count):
        inverse = 0.0
        for d in range(max(c, column), count):
            inverse += graph.factor[d, c] * graph.factor[d, column]
        growth -= inverse * graph.gram[c, column]
    return spectrum.weights[mode] * spectrum.weights[mode] * growth


@_jit
def _penalty(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    count: int,
    t: float,
    problem: Problem,
) -> float:
    """Return what the penalty adds to the excess, with the slope of the loss in chosen modes.

    At ψ_i^+ of a chosen mode the two cancel.
    """
    rank, rows, decay = problem.sigma.size, spectrum.theta.size, problem.weight_decay
    total = 0.0
    for k in range(rows):
        mode = k if k < rank else rows - 1 - k
        share = starts.share[i, mode] if mode < rank else 0.0
        if k < rank and share == 1.0:
            continue
        square = 0.0
        if t == 0.0:
            for c in range(count):
                square += starts.coefficients[i, k, c] * starts.coefficients[i, k, c]
        else:
            product.row[:count] = 0.0
            _add_row(graph, k, count, spectrum.weights[k], product.row)
            for c in range(count):
                square += product.row[c] * product.row[c]
        if k < rank:
            square -= 2.0 * share * max(spectrum.theta[k], 0.0)
        total += decay * square * (1.0 if share == 1.0 else 0.5)
    return total


@_jit
def _error(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    count: int,
    t: float,
) -> float:
    """Return an estimate of the error of W: of the arithmetic, and of what is known of the start.

    An error δB of the basis makes one of δB T in its graph.
    """
    if t == 0.0:
        size = 0.0
        for value in product.end_to_end.flat:
            size = max(size, abs(value))
        return EPS * size
    rows = spectrum.theta.size
    size, weight = 0.0, 0.0
    for factor in (product.left, product.right):
        for row in factor:
            square = 0.0
            for c in range(count):
                square += row[c] * row[c]
            size = max(size, square)
    for k in range(rows):
        weight = max(weight, spectrum.weights[k])
    total = 0.0
    for j in range(count):
        square = 0.0
        for c in range(count):
            square += graph.values[c, rows + j] * graph.values[c, rows + j]
        total += graph.uncertainty[j] * math.sqrt(square)
    error = _ROUNDING * size + 2.0 * math.sqrt(size) * weight * total
    return error if error < math.inf else math.inf


@_jit
def _write(
    out: Outputs, product: _Product, starts: Starts, i: int, n: int, problem: Problem
) -> None:
    """Write a state to the arrays that are wanted; the excess without the penalty."""
    rank, wanted = problem.sigma.size, out.end_to_end.size > 0
    quadratic, linear, chosen = 0.0, 0.0, 0.0
    for a in range(problem.left):
        for b in range(problem.right):
            if wanted:
                out.end_to_end[i, n, a, b] = product.end_to_end[a, b]
            deviation = product.deviation[a, b]
            quadratic += deviation * deviation
            if a < rank and b < rank:
                slope = starts.limit[i, a, b] - (problem.sigma[a] if a == b else 0.0)
                if starts.share[i, a] == 1.0:
                    chosen += deviation * slope
                else:
                    linear += deviation * slope
    if out.loss.size > 0:
        out.loss[i, n] = starts.limit_loss[i] + (0.5 * quadratic + linear + chosen)
    if out.excess.size > 0:
        out.excess[i, n] = 0.5 * quadratic + linear
    if out.distance.size > 0:
        out.distance[i, n] = math.sqrt(quadratic)


@_jit
def _write_weights(
    out: Outputs,
    product: _Product,
    graph: _Graph,
    starts: Starts,
    i: int,
    n: int,
    count: int,
    t: float,
) -> None:
    """Write the weights of one hidden neuron."""
    sign = 1.0
    if count > 0 and t > 0.0:
        row = graph.row_of[0]
        if row < starts.coefficients.shape[1] and starts.coefficients[i, row, 0] < 0.0:
            sign = -1.0
    for b in range(out.first.shape[2]):
        weight = sign * product.right[b, 0] if count > 0 else 0.0
        out.first[i, n, b] = weight if t > 0.0 else starts.first[i, 0, b]
    for a in range(out.second.shape[2]):
        weight = sign * product.left[a, 0] if count > 0 else 0.0
        out.second[i, n, a] = weight if t > 0.0 else starts.second[i, a, 0]
