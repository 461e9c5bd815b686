"""Compiled steps of one-neuron networks, some starts at a time (docs/steps.md, section 2).

A balanced start keeps its layers at ``W_N = x w_{N-1}ᵀ, W_j = z w_j w_{j-1}ᵀ, W_1 = w_1 yᵀ``. So
the state is x, y and the one number z that all N − 2 inner layers share.

A block is `LANES` starts, which are the last axis of its arrays: loops over them become vector
instructions, and the order of every sum is the same whichever block a start is in. Such a loop asks
the array for its length: one of a length known to the compiler is unrolled before it could become
vectors, and takes three times as long. x and y are stacked, rows 0 to d_y − 1 and from d_y on.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry

__all__ = ["LANES", "Outputs", "Problem", "descend"]

LANES = 32

_jit = numba.njit(**INNER, fastmath={"contract"})


class Problem(NamedTuple):
    """What all starts share."""

    sigma: np.ndarray  # (r,): singular values of the target
    left: int  # d_y
    right: int  # d_x
    inner: int  # N − 2
    step: float
    momentum: float
    lookahead: float
    weight_decay: float
    least: float  # loss of the best matrix of rank one
    every: int  # steps between two returned states
    largest: float  # square of W, x, y or z that is no divergence


class Outputs(NamedTuple):
    """Returned states, K of each start; those not wanted have no entries."""

    s: np.ndarray  # (M, K)
    loss: np.ndarray  # (M, K)
    excess: np.ndarray  # (M, K)
    imbalance: np.ndarray  # (M, K)
    a: np.ndarray  # (M, K, d_y)
    b: np.ndarray  # (M, K, d_x)
    last: np.ndarray  # (M, K, d_y)
    first: np.ndarray  # (M, K, d_x)
    inner: np.ndarray  # (M, K)


class Block(NamedTuple):
    """The state of some starts, and room to compute the next one."""

    factors: np.ndarray  # (d_y + d_x, LANES): x, then y
    velocity: np.ndarray  # (d_y + d_x, LANES)
    ahead: np.ndarray  # (d_y + d_x, LANES): where the gradient is taken
    scalar: np.ndarray  # (3, LANES): z, its velocity, and z ahead
    sums: np.ndarray  # (7, LANES)


@entry
def descend(lo, hi, starts, scalars, problem, count, out, diverged_at):
    """Take all steps of the blocks lo to hi.

    ``starts`` are x and y, (M, d_y + d_x), ``scalars`` z, (M,), and ``count`` is K. The number of
    the step at which a start diverges goes to ``diverged_at``, (M,), which holds -1 before.
    """
    size = problem.left + problem.right
    block = Block(
        np.empty((size, LANES)),
        np.empty((size, LANES)),
        np.empty((size, LANES)),
        np.empty((3, LANES)),
        np.empty((7, LANES)),
    )
    for number in range(lo, hi):
        begin = number * LANES
        lanes = min(LANES, starts.shape[0] - begin)
        _load(begin, lanes, starts, scalars, block)
        taken = 0
        for k in range(count):
            while taken < k * problem.every:
                _take_step(begin, lanes, taken, problem, block, diverged_at)
                taken += 1
            for lane in range(lanes):
                _store(begin + lane, lane, k, problem, block, out, diverged_at)


@_jit
def _load(begin, lanes, starts, scalars, block):
    """Fill a block with starts, and lanes that are left over with zeros."""
    block.velocity[:] = 0.0
    block.factors[:] = 0.0
    block.scalar[:] = 0.0
    for lane in range(lanes):
        block.scalar[0, lane] = scalars[begin + lane]
        for i in range(block.factors.shape[0]):
            block.factors[i, lane] = starts[begin + lane, i]


@_jit
def _take_step(begin, lanes, taken, problem, block, diverged_at):
    """Take one step of all lanes after those taken; where a state is too large, stop the lane."""
    d_y, size = problem.left, problem.left + problem.right
    factors, velocity, ahead = block.factors, block.velocity, block.ahead
    scalar, sums = block.scalar, block.sums
    width = sums.shape[1]
    where = factors
    if problem.lookahead != 0.0:
        where = ahead
        for i in range(size):
            for lane in range(width):
                ahead[i, lane] = factors[i, lane] + problem.lookahead * velocity[i, lane]
    for lane in range(width):
        scalar[2, lane] = scalar[0, lane] + problem.lookahead * scalar[1, lane]
    _sums(problem, where, scalar[2], sums)
    if not _are_moderate(sums, problem.largest):
        _stop(begin, lanes, taken, problem, block, diverged_at)
    squares_x, squares_y, aligned = sums[0], sums[1], sums[2]
    product, others = sums[3], sums[4]
    for lane in range(width):
        m = product[lane]
        moved = m * squares_x[lane] * squares_y[lane] - aligned[lane]
        gradient = others[lane] * moved + problem.weight_decay * scalar[2, lane]
        scalar[1, lane] = problem.momentum * scalar[1, lane] - problem.step * gradient
        scalar[0, lane] += scalar[1, lane]
        # From here on the factors of y and x in their gradients.
        squares_x[lane] = m * m * squares_x[lane] + problem.weight_decay
        squares_y[lane] = m * m * squares_y[lane] + problem.weight_decay
    _push(problem, where[:d_y], where[d_y:], squares_y, product, velocity[:d_y], sums[5])
    _push(problem, where[d_y:], where[:d_y], squares_x, product, velocity[d_y:], sums[5])
    for i in range(size):
        for lane in range(width):
            factors[i, lane] += velocity[i, lane]


@_jit
def _push(problem, own, other, pull, product, velocity, pushed):
    """Change the velocity of x, or of y, by the gradient ``pull x − m Z y``."""
    width = pushed.shape[0]
    for i in range(own.shape[0]):
        sigma = problem.sigma[i] if i < problem.sigma.shape[0] else 0.0
        if sigma > 0.0:
            for lane in range(width):
                pushed[lane] = sigma * product[lane] * other[i, lane]
        else:
            for lane in range(width):
                pushed[lane] = 0.0
        for lane in range(width):
            gradient = pull[lane] * own[i, lane] - pushed[lane]
            velocity[i, lane] = problem.momentum * velocity[i, lane] - problem.step * gradient


@_jit
def _sums(problem, factors, z, sums):
    """Form ‖x‖², ‖y‖², xᵀZy, m = z^(N−2), z^(N−3), and the largest square, of W, x, y or z.

    Without inner layers the product of all but one of them is 0, so that z does not move.
    """
    d_y, width = problem.left, sums.shape[1]
    for lane in range(width):
        sums[0, lane] = sums[1, lane] = sums[2, lane] = 0.0
        sums[3, lane] = 1.0
        sums[4, lane] = 1.0 if problem.inner > 0 else 0.0
    for i in range(d_y):
        for lane in range(width):
            sums[0, lane] += factors[i, lane] * factors[i, lane]
    for i in range(problem.right):
        for lane in range(width):
            sums[1, lane] += factors[d_y + i, lane] * factors[d_y + i, lane]
    for i in range(problem.sigma.shape[0]):
        for lane in range(width):
            sums[2, lane] += problem.sigma[i] * factors[i, lane] * factors[d_y + i, lane]
    for _ in range(problem.inner - 1):
        for lane in range(width):
            sums[4, lane] *= z[lane]
    if problem.inner > 0:
        for lane in range(width):
            sums[3, lane] = sums[4, lane] * z[lane]
    for lane in range(width):
        product = sums[3, lane] * sums[3, lane] * sums[0, lane] * sums[1, lane]
        # A sum, since it is NaN where one of its terms is.
        sums[6, lane] = product + sums[0, lane] + sums[1, lane] + z[lane] * z[lane]


@_jit
def _are_moderate(sums, largest):
    """Return whether no lane has diverged; NaN has."""
    moderate = True
    for lane in range(sums.shape[1]):
        moderate &= sums[6, lane] < largest
    return moderate


@_jit
def _stop(begin, lanes, taken, problem, block, diverged_at):
    """Record which lanes have diverged, and set them to zero, where they stay.

    Where it is not the state itself that is too large, but the point ahead of it, the step from
    there is the one that diverges.
    """
    for lane in range(LANES):
        if not block.sums[6, lane] < problem.largest:
            if lane < lanes and diverged_at[begin + lane] < 0:
                ahead = 1 if _is_moderate(problem, block, lane) else 0
                diverged_at[begin + lane] = taken + ahead
            block.factors[:, lane] = 0.0
            block.velocity[:, lane] = 0.0
            block.ahead[:, lane] = 0.0
            block.scalar[:, lane] = 0.0
            block.sums[:, lane] = 0.0


@_jit
def _is_moderate(problem, block, lane):
    """Return whether the state of a lane has not diverged."""
    x, y = block.factors[: problem.left, lane], block.factors[problem.left :, lane]
    squares_x, squares_y, _ = _products(x, y)
    z, m = block.scalar[0, lane], _power(problem.inner, block.scalar[0, lane])
    return _total(m, squares_x, squares_y, z) < problem.largest


@_jit
def _power(inner, z):
    """Return z^(N − 2), by the products that a step takes."""
    m = 1.0
    for _ in range(inner):
        m *= z
    return m


@_jit
def _total(m, squares_x, squares_y, z):
    """Return the sum of the squares of W, x, y and z, NaN where one of them is."""
    return m * m * squares_x * squares_y + squares_x + squares_y + z * z


@_jit
def _store(start, lane, k, problem, block, out, diverged_at):
    """Write what is wanted of the state of a lane, or what stands for it after divergence."""
    x, y = block.factors[: problem.left, lane], block.factors[problem.left :, lane]
    z, m = block.scalar[0, lane], _power(problem.inner, block.scalar[0, lane])
    squares_x, squares_y, products = _products(x, y)
    moderate = _total(m, squares_x, squares_y, z) < problem.largest
    if k > 0 and diverged_at[start] < 0 and not moderate:
        diverged_at[start] = k * problem.every
    if diverged_at[start] >= 0:
        _hold(start, k, out)
        return
    if out.s.size:
        out.s[start, k] = math.sqrt(m * m * squares_x * squares_y)
    if out.excess.size or out.loss.size:
        excess = _excess(problem.sigma, x, y, m, products)
        if out.excess.size:
            out.excess[start, k] = excess
        if out.loss.size:
            out.loss[start, k] = excess + problem.least
    if out.imbalance.size:
        apart = abs(squares_x - squares_y)
        if problem.inner > 0:
            apart = max(apart, abs(squares_x - z * z), abs(squares_y - z * z))
        out.imbalance[start, k] = apart
    if out.inner.size:
        out.inner[start, k] = z
    _copy(x, 1.0, out.last, start, k)
    _copy(y, 1.0, out.first, start, k)
    _copy(x, math.copysign(math.sqrt(squares_x), m), out.a, start, k)
    _copy(y, math.sqrt(squares_y), out.b, start, k)


@_jit
def _copy(vector, over, array, start, k):
    """Write a vector, over a number unless that is zero, if its array is wanted."""
    if array.size:
        for i in range(vector.shape[0]):
            array[start, k, i] = vector[i] / over if over != 0.0 else 0.0


@_jit
def _hold(start, k, out):
    """Write what stands for a state after divergence: infinite sizes, and the state before it."""
    for array in (out.s, out.loss, out.excess, out.imbalance):
        if array.size:
            array[start, k] = np.inf
    if out.inner.size:
        out.inner[start, k] = out.inner[start, k - 1]
    for array in (out.a, out.b, out.last, out.first):
        if array.size:
            for i in range(array.shape[2]):
                array[start, k, i] = array[start, k - 1, i]


@_jit
def _products(x, y):
    """Return ‖x‖², ‖y‖², and the sum of x_i² y_j² over all i other than j."""
    squares_x, squares_y, products = 0.0, 0.0, 0.0
    for i in range(max(x.shape[0], y.shape[0])):
        of_x = x[i] * x[i] if i < x.shape[0] else 0.0
        of_y = y[i] * y[i] if i < y.shape[0] else 0.0
        products += of_x * squares_y + of_y * squares_x
        squares_x += of_x
        squares_y += of_y
    return squares_x, squares_y, products


@_jit
def _excess(sigma, x, y, m, products):
    """Return the loss above that of the best matrix of rank one.

    At the global minimizer every term is small, so their sum keeps its digits.
    """
    missing = m * x[0] * y[0] - sigma[0]
    total = missing * missing + m * m * products
    for i in range(1, min(x.shape[0], y.shape[0])):
        learned = m * x[i] * y[i]
        total += learned * (learned - 2.0 * (sigma[i] if i < sigma.shape[0] else 0.0))
    return 0.5 * total
