"""Compiled arithmetic of two layers: one state at a time (docs/two_layers.md, section 3).

Numba's cache on disk notices changes in the file of an entry point only, so all that `march` calls
stands here.

Rows are the K = d_y + d_x eigenvectors of the linear flow: the growing ones of the r modes, the
null directions of one side and of the other, the decaying ones of the modes. The start has the
coefficients P (K, h) in lower echelon form for falling eigenvalues θ: its column j begins at its
*pivot*, row k_j. The columns of

    B = [sqrt(f_k) P_k; I],    f_k = ∫_0^t exp(2θ_k x) dx,

span what R Rᵀ projects on, up to the weights w_k = exp(θ_k t) / sqrt(f_k) of its rows. Column j is
scaled by exp(-θ t) of its pivot where that grows, which changes no span and leaves no exponent
above zero. Elimination makes the span a graph [I; Z] over H of its rows, and the projection on it
[I; Z] (I + ZᵀZ)^{-1} [I, Zᵀ].

Arrays have the H columns first and rows, modes or coordinates last, and are filled up with zeros to
whole LANES: loops run through memory, and vector instructions leave no rest.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry

__all__ = ["Outputs", "Problem", "Starts", "march"]

EPS = 2.220446049250313e-16
LANES = 8  # numbers that go through the processor together
_MODERATE = 2.0  # size of the graph's entries above which rows are exchanged
_LEADING = 0.5  # part of a column's largest entry with which a pivot leads unasked
_ROUNDING = 16 * EPS  # of a state, relative, and of the elimination
_MOST_EXCHANGES = 50
_HUGE = 1e300  # of growth, which no float need exceed to be refused

_jit = numba.njit(**INNER, fastmath={"contract"})
_jit_sums = numba.njit(**INNER, fastmath={"contract", "reassoc", "nsz", "nnan"})


class Problem(NamedTuple):
    """What all starts share."""

    times: np.ndarray  # (T,), increasing
    sigma: np.ndarray  # (r,): singular values of the target
    weight_decay: float
    left: int  # d_y
    right: int  # d_x


class Starts(NamedTuple):
    """All starts, prepared by `dlnpaper.two_layers._echelon`; H = min(h, K) columns."""

    coefficients: np.ndarray  # (M, H, K): echelon form of P
    pivots: np.ndarray  # (M, H): k_j, -1 where there is no further column
    uncertainty: np.ndarray  # (M, K): absolute error of a row's entries
    uncertain: np.ndarray  # (M,): whether some is not zero
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
    """Exponentials at all times, for starts with one λ and the same pivots."""

    theta: np.ndarray  # (K,)
    gaps: np.ndarray  # (H, K): θ of the column's pivot less θ_k, where both are positive
    factors: np.ndarray  # (T, H, K): what makes B of P, columns scaled; zero where P is by rotation
    rounding: np.ndarray  # (T, H, K): relative error of a product with that
    scales: np.ndarray  # (T, H): of the identity in B
    weights: np.ndarray  # (T, K): w_k
    largest: np.ndarray  # (T,): largest weight
    parts: np.ndarray  # (T, 4, r): weights times parts of ψ_i^+ and ψ_i^- on the left, on the right
    fades: np.ndarray  # (T, r): exp(-2 θ_k t) of modes that grow


class _Graph(NamedTuple):
    """The column space as a graph over H of its rows."""

    values: np.ndarray  # (H, K + H, filled up): B, then the column operations T
    scales: np.ndarray  # (H,): of the identity in B, whose rows are scales times T
    row_of: np.ndarray  # (H,): which row leads in column c
    column_of: np.ndarray  # (K + H,): the inverse, -1 for other rows
    gram: np.ndarray  # (H, H): ZᵀZ
    factor: np.ndarray  # (H, H): inverse of the Cholesky factor of I + ZᵀZ
    inverse: np.ndarray  # (H, H): of I + ZᵀZ
    uncertainty: np.ndarray  # (H,): error of a column of B


class _Product(NamedTuple):
    """W, and how far it is from the limit."""

    sides: np.ndarray  # (H, d_y and d_x, each filled up): its factors
    squares: np.ndarray  # sums of squares over the columns of `sides`
    end_to_end: np.ndarray  # (d_y, d_x, filled up)
    deviation: np.ndarray  # (d_y, d_x): W - W(∞)


@entry
def march(
    lo: int, hi: int, order: np.ndarray, starts: Starts, problem: Problem, out: Outputs
) -> None:
    """Compute the states of the starts ``order[lo:hi]`` at all times.

    Starts with the same λ and the same pivots share their exponentials if they follow each other.
    """
    columns, rows = starts.coefficients.shape[1:]
    rank, times = problem.sigma.size, problem.times.size
    spectrum = _Spectrum(
        np.empty(rows),
        np.empty((columns, rows)),
        np.empty((times, columns, rows)),
        np.empty((times, columns, rows)),
        np.empty((times, columns)),
        np.empty((times, rows)),
        np.empty(times),
        np.empty((times, 4, rank)),
        np.empty((times, rank)),
    )
    graph = _Graph(
        np.zeros((columns, _filled(rows + columns))),
        np.empty(columns),
        np.empty(columns, np.int64),
        np.empty(rows + columns, np.int64),
        np.empty((columns, columns)),
        np.empty((columns, columns)),
        np.empty((columns, columns)),
        np.empty(columns),
    )
    product = _Product(
        np.zeros((columns, _filled(problem.left) + _filled(problem.right))),
        np.empty(_filled(problem.left) + _filled(problem.right)),
        np.zeros((problem.left, _filled(problem.right))),
        np.empty((problem.left, problem.right)),
    )
    compared = out.loss.size + out.excess.size + out.distance.size > 0
    count = 0
    for position in range(lo, hi):
        i = order[position]
        if position == lo or not _alike(starts, i, order[position - 1]):
            count = 0
            while count < columns and starts.pivots[i, count] >= 0:
                count += 1
            _set_spectrum(spectrum, starts, i, count, problem)
            for n in range(times):
                _set_time(spectrum, starts, i, count, n, problem.times[n])
        for n in range(times):
            t = problem.times[n]
            if t == 0.0:
                _start(product, starts, i, problem)
            else:
                _set_basis(graph, spectrum, starts, i, n, count)
                _eliminate(graph, starts, i, rows, count)
                _factorize(graph, count)
                _multiply(product, graph, spectrum, starts, i, n, count, problem)
            if out.end_to_end.size > 0:
                _copy(product.end_to_end, out.end_to_end[i, n])
            if compared:
                _compare(product, graph, spectrum, starts, i, n, count, problem, out)
            if out.error.size > 0:
                out.error[i, n] = _error(product, graph, spectrum, n, count, t)
            if out.first.size > 0:
                _write_weights(out, product, graph, starts, i, n, count, t)


@_jit
def _filled(size: int) -> int:
    """Return a size filled up to whole lanes."""
    return LANES * ((size + LANES - 1) // LANES)


@_jit
def _add(out: np.ndarray, factor: float, other: np.ndarray) -> None:
    """Add a multiple of one filled-up array to another."""
    for k in range(out.size):
        out[k] += factor * other[k]


@_jit
def _scale(out: np.ndarray, factor: float) -> None:
    for k in range(out.size):
        out[k] *= factor


@_jit
def _alike(starts: Starts, i: int, other: int) -> bool:
    """Return whether two starts have the same eigenvalues and pivots."""
    if starts.imbalance[i] != starts.imbalance[other]:
        return False
    for j in range(starts.pivots.shape[1]):
        if starts.pivots[i, j] != starts.pivots[other, j]:
            return False
    return True


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
            theta = -starts.heights[i, k - (rows - rank)]
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
def _set_time(spectrum: _Spectrum, starts: Starts, i: int, count: int, n: int, t: float) -> None:
    """Set the exponentials of one time."""
    theta, weights = spectrum.theta, spectrum.weights[n]
    bounded = 0.0
    for j in range(count):
        growth = max(theta[starts.pivots[i, j]], 0.0)
        spectrum.scales[n, j] = math.exp(-growth * t)
    for k in range(theta.size):
        rate = abs(theta[k])
        if k == 0 or theta[k] != theta[k - 1]:
            square = -math.expm1(-2.0 * rate * t) / (2.0 * rate) if rate > 0.0 else t
            bounded = math.sqrt(square)
            grown = math.exp(-rate * t) if theta[k] < 0.0 else 1.0
            weights[k] = grown / bounded if t > 0.0 else 0.0
        else:
            weights[k] = weights[k - 1]
        if k < spectrum.fades.shape[1]:
            spectrum.fades[n, k] = math.exp(-2.0 * rate * t)
        spectrum.largest[n] = weights[k] if k == 0 else max(spectrum.largest[n], weights[k])
        for j in range(count):
            pivot = starts.pivots[i, j]
            growth = max(theta[pivot], 0.0)
            exponent, faded = growth, spectrum.scales[n, j]
            if theta[k] > 0.0:
                exponent = spectrum.gaps[j, k] if growth > 0.0 else -theta[k]
                faded = min(math.exp(-exponent * t), _HUGE)
            led = _leads(starts, i, j, k)
            spectrum.factors[n, j, k] = 0.0 if led else bounded * faded
            spectrum.rounding[n, j, k] = EPS * (4.0 + 2.0 * abs(exponent) * t)

    rank = spectrum.fades.shape[1]
    for a in range(rank):
        up, down = weights[a], weights[theta.size - rank + a]
        spectrum.parts[n, 0, a] = starts.sine[i, a] * up
        spectrum.parts[n, 1, a] = starts.cosine[i, a] * down
        spectrum.parts[n, 2, a] = starts.cosine[i, a] * up
        spectrum.parts[n, 3, a] = starts.sine[i, a] * down


@_jit
def _leads(starts: Starts, i: int, before: int, k: int) -> bool:
    """Return whether row k is the pivot of a column before this one."""
    for j in range(before):
        if starts.pivots[i, j] == k:
            return True
    return False


# The graph of the column space


@_jit_sums
def _set_basis(
    graph: _Graph, spectrum: _Spectrum, starts: Starts, i: int, n: int, count: int
) -> None:
    """Set B with columns of largest entry 1, and what is uncertain in them."""
    rows = spectrum.theta.size
    doubts = starts.uncertainty[i]
    for j in range(count):
        values, coefficients = graph.values[j], starts.coefficients[i, j]
        factors, rounding = spectrum.factors[n, j], spectrum.rounding[n, j]
        scale = spectrum.scales[n, j]
        largest, uncertain = scale, 0.0
        for k in range(rows):
            value = factors[k] * coefficients[k]
            size = abs(value)
            values[k] = value
            uncertain += size * rounding[k]
            largest = max(largest, size)
        if starts.uncertain[i]:
            for k in range(rows):
                uncertain += factors[k] * doubts[k]
        for k in range(rows, rows + count):
            values[k] = 0.0
        values[rows + j] = 1.0
        _scale(values, 1.0 / largest)
        graph.scales[j] = scale
        graph.uncertainty[j] = uncertain


@_jit
def _eliminate(graph: _Graph, starts: Starts, i: int, rows: int, count: int) -> None:
    """Turn the basis into the graph over its leading rows, and set ZᵀZ."""
    for k in range(rows + count):
        graph.column_of[k] = -1
    for c in range(count):
        # Rows that lead already are zero in this column. In the end pivots lead.
        # At first, before they have grown, the identity does.
        row = rows + c
        if graph.scales[c] * abs(graph.values[c, row]) < _LEADING:
            row = starts.pivots[i, c]
            if abs(graph.values[c, row]) < _LEADING:
                _, row = _largest(graph, rows, count, c)
        _exchange(graph, rows, count, c, row)
    _set_gram(graph, rows, count)
    exchanges = 0
    while _steep(graph, count) and exchanges < _MOST_EXCHANGES and _moderate(graph, rows, count):
        _set_gram(graph, rows, count)
        exchanges += 1


@_jit
def _steep(graph: _Graph, count: int) -> bool:
    """Return whether some entry of Z may be large."""
    for c in range(count):
        if graph.gram[c, c] > _MODERATE * _MODERATE:
            return True
    return False


@_jit
def _moderate(graph: _Graph, rows: int, count: int) -> bool:
    """Exchange a leading row for one with a larger entry in its column; False if there is none."""
    column, row, largest = -1, 0, _MODERATE
    for c in range(count):
        size, k = _largest(graph, rows, count, c)
        if size > largest:
            column, row, largest = c, k, size
    if column >= 0:
        graph.column_of[graph.row_of[column]] = -1
        _exchange(graph, rows, count, column, row)
    return column >= 0


@_jit
def _largest(graph: _Graph, rows: int, count: int, c: int) -> tuple[float, int]:
    """Return the largest entry of a column, and its row."""
    values, best, row = graph.values[c], -1.0, 0
    for k in range(rows):
        size = abs(values[k])
        if size > best:
            best, row = size, k
    for j in range(count):
        size = graph.scales[j] * abs(values[rows + j])
        if size > best:
            best, row = size, rows + j
    return best, row


@_jit
def _exchange(graph: _Graph, rows: int, count: int, column: int, row: int) -> None:
    """Let a row lead in a column: one there, zero in all other columns."""
    led = graph.values[column]
    scale = graph.scales[row - rows] if row >= rows else 1.0
    inverse = 1.0 / (scale * led[row])
    if inverse != 1.0:
        _scale(led, inverse)
    led[row] = 1.0 / scale
    for c in range(count):
        values = graph.values[c]
        part = scale * values[row]
        if c != column and part != 0.0:
            _add(values, -part, led)
            values[row] = 0.0  # not left to rounding
    graph.row_of[column] = row
    graph.column_of[row] = column


@_jit_sums
def _set_gram(graph: _Graph, rows: int, count: int) -> None:
    """Set ZᵀZ."""
    left = 0  # rows of the identity that do not all lead
    for c in range(count):  # Z has no leading rows
        graph.values[c, graph.row_of[c]] = 0.0
        if graph.row_of[c] < rows:
            left = count
    for c in range(count):
        for d in range(c + 1):
            one, other, total = graph.values[c], graph.values[d], 0.0
            for k in range(rows):
                total += one[k] * other[k]
            for j in range(left):
                total += (graph.scales[j] * one[rows + j]) * (graph.scales[j] * other[rows + j])
            graph.gram[c, d] = graph.gram[d, c] = total
    for c in range(count):
        row = graph.row_of[c]
        graph.values[c, row] = 1.0 / (graph.scales[row - rows] if row >= rows else 1.0)


@_jit
def _factorize(graph: _Graph, count: int) -> None:
    """Set the inverse of the Cholesky factor of I + ZᵀZ."""
    gram, factor = graph.gram, graph.factor
    for c in range(count):
        for d in range(c + 1):
            total = gram[c, d] + (1.0 if c == d else 0.0)
            for e in range(d):
                total -= factor[c, e] * factor[d, e]
            factor[c, d] = math.sqrt(total) if c == d else total * factor[d, d]
        factor[c, c] = 1.0 / factor[c, c]
    for c in range(1, count):
        for d in range(c):
            total = 0.0
            for e in range(d, c):
                total += factor[c, e] * factor[e, d]
            factor[c, d] = -total * factor[c, c]


@_jit
def _invert(graph: _Graph, count: int) -> None:
    """Set the inverse of I + ZᵀZ."""
    factor = graph.factor
    for c in range(count):
        for d in range(c + 1):
            total = 0.0
            for e in range(c, count):
                total += factor[e, c] * factor[e, d]
            graph.inverse[c, d] = graph.inverse[d, c] = total


# The end-to-end matrix


@_jit
def _start(product: _Product, starts: Starts, i: int, problem: Problem) -> None:
    """Set W(0) from the layers themselves."""
    for a in range(problem.left):
        for b in range(problem.right):
            total = 0.0
            for c in range(starts.first.shape[1]):
                total += starts.second[i, a, c] * starts.first[i, c, b]
            product.end_to_end[a, b] = total


@_jit
def _multiply(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    n: int,
    count: int,
    problem: Problem,
) -> None:
    """Set W and its factors."""
    rank, rows = problem.sigma.size, spectrum.theta.size
    width = product.sides.shape[1] - product.end_to_end.shape[1]
    weights = spectrum.weights[n]
    left_null, right_null = rank, problem.left
    if starts.imbalance[i] < 0.0:
        left_null, right_null = problem.right, rank
    left_size, right_size = problem.left - rank, problem.right - rank
    up_left, down_left = spectrum.parts[n, 0], spectrum.parts[n, 1]
    up_right, down_right = spectrum.parts[n, 2], spectrum.parts[n, 3]
    for c in range(count):
        values, left, right = graph.values[c], product.sides[c], product.sides[c, width:]
        ups, downs = values[:rank], values[rows - rank : rows]
        for a in range(rank):
            left[a] = up_left[a] * ups[a] + down_left[a] * downs[a]
        for a in range(rank):
            right[a] = up_right[a] * ups[a] - down_right[a] * downs[a]
        for a in range(left_size):
            left[rank + a] = weights[left_null + a] * values[left_null + a]
        for b in range(right_size):
            right[rank + b] = weights[right_null + b] * values[right_null + b]
    # Columns of [I; Z] become those of [I; Z] (I + ZᵀZ)^{-1/2}, in place.
    for d in range(count - 1, -1, -1):
        side, own = product.sides[d], graph.factor[d, d]
        factor, other = (graph.factor[d, 0], product.sides[0]) if d > 0 else (0.0, side)
        for k in range(side.size):
            side[k] = own * side[k] + factor * other[k]
        for c in range(1, d):
            _add(side, graph.factor[d, c], product.sides[c])
    for a in range(problem.left):
        out = product.end_to_end[a]
        # Short loops cost more than what they add: four columns at a time, the first ones written.
        done = count % 4
        factor, other = 0.0, product.sides[0, width:]
        if done > 0:
            factor = product.sides[0, a]
        for b in range(out.size):
            out[b] = factor * other[b]
        for c in range(1, done):
            factor, other = product.sides[c, a], product.sides[c, width:]
            for b in range(out.size):
                out[b] += factor * other[b]
        for c in range(done, count, 4):
            x, y = product.sides[c, a], product.sides[c + 1, a]
            z, w = product.sides[c + 2, a], product.sides[c + 3, a]
            one, two = product.sides[c, width:], product.sides[c + 1, width:]
            three, four = product.sides[c + 2, width:], product.sides[c + 3, width:]
            for b in range(out.size):
                out[b] += (x * one[b] + y * two[b]) + (z * three[b] + w * four[b])


@_jit
def _copy(matrix: np.ndarray, out: np.ndarray) -> None:
    for a in range(out.shape[0]):
        for b in range(out.shape[1]):
            out[a, b] = matrix[a, b]


# What W is compared with


@_jit
def _compare(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    n: int,
    count: int,
    problem: Problem,
    out: Outputs,
) -> None:
    """Write loss, excess and distance, from W - W(∞)."""
    _invert(graph, count)
    _set_deviation(product, graph, spectrum, starts, i, n, count, problem)
    rank, decay = problem.sigma.size, problem.weight_decay
    quadratic = _square_sum(product.deviation)
    chosen, cut, left_out = 0.0, 0.0, 0.0
    for a in range(rank):
        for b in range(rank):
            slope = starts.limit[i, a, b] - (problem.sigma[a] if a == b else 0.0)
            if slope != 0.0:
                linear = product.deviation[a, b] * slope
                if starts.share[i, a] == 1.0:
                    chosen += linear
                elif starts.share[i, a] == 0.0:
                    left_out += linear
                else:
                    cut += linear
    if out.loss.size > 0:
        linear = chosen + cut + left_out
        out.loss[i, n] = starts.limit_loss[i] + (0.5 * quadratic + linear)
    if out.distance.size > 0:
        out.distance[i, n] = math.sqrt(quadratic)
    if out.excess.size > 0:
        # Without decay chosen modes have no slope.
        rest = left_out
        if decay > 0.0:
            rest = _regularized(graph, spectrum, starts, i, n, count, problem)
        out.excess[i, n] = 0.5 * quadratic + (cut + rest)


@_jit
def _set_deviation(
    product: _Product,
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    n: int,
    count: int,
    problem: Problem,
) -> None:
    """Set ``W - W(∞)``, at modes of the limit whose rows lead without cancellation."""
    rank, rows, t = problem.sigma.size, spectrum.theta.size, problem.times[n]
    for a in range(problem.left):
        for b in range(problem.right):
            limit = starts.limit[i, a, b] if a < rank and b < rank else 0.0
            product.deviation[a, b] = product.end_to_end[a, b] - limit
    if t == 0.0:
        return
    for a in range(rank):
        column, minus = graph.column_of[a], rows - rank + a
        if starts.share[i, a] == 1.0 and column >= 0:
            # w² ((I + ZᵀZ)^{-1})_jj - 2θ in small terms
            growth, cross = spectrum.fades[n, a], 0.0
            for c in range(count):
                growth -= graph.inverse[c, column] * graph.gram[c, column]
                cross += graph.inverse[c, column] * graph.values[c, minus]
            own, other = spectrum.weights[n, a], spectrum.weights[n, minus]
            sine, cosine = starts.sine[i, a], starts.cosine[i, a]
            square = own * own * growth - other * other * _row_square(graph, minus, count)
            tilted = (cosine - sine) * (cosine + sine) * own * other * cross
            product.deviation[a, a] = sine * cosine * square + tilted


@_jit
def _row_square(graph: _Graph, row: int, count: int) -> float:
    """Return the diagonal entry of the projection at a row."""
    total = 0.0
    for c in range(count):
        part = 0.0
        for d in range(count):
            part += graph.inverse[c, d] * graph.values[d, row]
        total += graph.values[c, row] * part
    return total


@_jit
def _regularized(
    graph: _Graph,
    spectrum: _Spectrum,
    starts: Starts,
    i: int,
    n: int,
    count: int,
    problem: Problem,
) -> float:
    """Return what penalty and slope add to the excess, without the slope where a tie is cut.

    At ψ_i^+ of a chosen mode the two cancel; at a row that is left out they make -θ/2.
    """
    rank, rows, decay = problem.sigma.size, spectrum.theta.size, problem.weight_decay
    total = 0.0
    for k in range(rows):
        share = 0.0
        if k < rank:
            share = starts.share[i, k]
        elif k >= rows - rank:
            share = starts.share[i, k - (rows - rank)]
        if k < rank and share == 1.0:
            continue
        square = 0.0
        if problem.times[n] > 0.0:
            weight = spectrum.weights[n, k]
            square = weight * weight * _row_square(graph, k, count)
        else:
            for c in range(count):
                square += starts.coefficients[i, c, k] * starts.coefficients[i, c, k]
        if share == 0.0:
            total -= 0.5 * spectrum.theta[k] * square
        elif share == 1.0:
            total += decay * square
        elif k < rank:
            total += 0.5 * decay * (square - 2.0 * share * spectrum.theta[k])
        else:
            total += 0.5 * decay * square
    return total


@_jit_sums
def _square_sum(matrix: np.ndarray) -> float:
    total = 0.0
    for a in range(matrix.shape[0]):
        for b in range(matrix.shape[1]):
            total += matrix[a, b] * matrix[a, b]
    return total


@_jit
def _error(
    product: _Product, graph: _Graph, spectrum: _Spectrum, n: int, count: int, t: float
) -> float:
    """Return an estimate of the error of W: of the arithmetic, and of what is known of the start.

    An error δB of the basis makes one of δB T in its graph. Where all that is left decays, its
    exponents are rounded too.
    """
    if t == 0.0:
        return EPS * _peak_of(product.end_to_end)
    rows, slowest = spectrum.theta.size, max(-spectrum.theta[0], 0.0)
    size = _largest_square(product.sides, count, product.squares)
    total = 0.0
    for j in range(count):
        square = 0.0
        for c in range(count):
            square += graph.values[c, rows + j] * graph.values[c, rows + j]
        total += graph.uncertainty[j] * math.sqrt(square)
    rounding = _ROUNDING + 2.0 * EPS * slowest * t
    error = rounding * size + 2.0 * math.sqrt(size) * spectrum.largest[n] * total
    return error if error < math.inf else math.inf


@_jit_sums
def _largest_square(columns: np.ndarray, count: int, squares: np.ndarray) -> float:
    """Return the largest squared norm of a row of the factors, (H, d)."""
    largest = 0.0
    for k in range(squares.size):
        squares[k] = 0.0
    for c in range(count):
        column = columns[c]
        for k in range(squares.size):
            squares[k] += column[k] * column[k]
    for k in range(squares.size):
        largest = max(largest, squares[k])
    return largest


@_jit_sums
def _peak_of(matrix: np.ndarray) -> float:
    peak = 0.0
    for a in range(matrix.shape[0]):
        for b in range(matrix.shape[1]):
            peak = max(peak, abs(matrix[a, b]))
    return peak


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
    width = product.sides.shape[1] - product.end_to_end.shape[1]
    sign = 1.0
    if count > 0 and t > 0.0:
        row = graph.row_of[0]
        if row < starts.coefficients.shape[2] and starts.coefficients[i, 0, row] < 0.0:
            sign = -1.0
    for b in range(out.first.shape[2]):
        weight = sign * product.sides[0, width + b] if count > 0 else 0.0
        out.first[i, n, b] = weight if t > 0.0 else starts.first[i, 0, b]
    for a in range(out.second.shape[2]):
        weight = sign * product.sides[0, a] if count > 0 else 0.0
        out.second[i, n, a] = weight if t > 0.0 else starts.second[i, a, 0]
