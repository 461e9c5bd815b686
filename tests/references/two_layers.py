"""Two layers in as many digits as asked for: the reference of tests and benchmarks.

Two ways to RRᵀ, with R = [W_1ᵀ; W_2], that share no code with the library. `riccati` is the plain
formula with the exponential of A block by block, in digits enough for all that cancels; their
number grows with the time. `ExactTwoLayers` writes the inverse in that formula by Cramer's rule,
and the determinants by that of Cauchy and Binet: sums of products of minors in which exponentials
do not cancel. So any time will do, and exact zeros stay; the number of minors grows fast with the
width. Neither knows where a trajectory ends: its limit is what it is at time 10^200.
"""

from itertools import combinations

import mpmath as mp
import numpy as np

#: Enough for distances to a limit, down to 1e-100, that are taken as plain differences.
DIGITS = 200


class ExactTwoLayers:
    """The flow from the only one of `starts`, whose floats are taken as exact.

    Where the start states its coefficients along the growing eigenvectors, these replace what its
    layers say of them.
    """

    @mp.workdps(DIGITS)
    def __init__(self, target, starts, weight_decay=0.0):
        self.problem = _Problem(target, starts, weight_decay)
        self.rates, self.vectors = self.problem.eigenpairs()
        self.coefficients = self.vectors.T @ self.problem.stack
        if starts.growing is not None:
            self.coefficients[: target.rank] = _exact(starts.growing[0])
        self._terms = _determinants(self.coefficients)
        self.limit = self._gram(mp.mpf(10) ** DIGITS)

    @mp.workdps(DIGITS)
    def at(self, time):
        """Return W, its singular values, the loss, the excess and the distance at a time."""
        gram = self._gram(mp.mpf(float(time)))
        product, end = (self.problem.product(each) for each in (gram, self.limit))
        with mp.workdps(40):
            values = mp.svd_r(mp.matrix(product.tolist()), compute_uv=False)
        return {
            "end_to_end": product,
            "singular_values": sorted(values, reverse=True),
            "loss": self.problem.loss(product),
            "excess": self.problem.regularized(gram) - self.problem.regularized(self.limit),
            "distance": mp.norm([*(product - end).flat]),
        }

    @mp.workdps(DIGITS)
    def layers(self, time):
        """Return W_1 and W_2 at a time, for one hidden neuron."""
        growths, integrals = self._growths(mp.mpf(float(time)))
        root = mp.sqrt(1 + mp.fdot(integrals, self.coefficients[:, 0] ** 2))
        stack = self.vectors @ (self.coefficients[:, 0] * growths) / root
        return stack[None, : self.problem.d_x], stack[self.problem.d_x :, None]

    def gram(self, time):
        """Return RRᵀ at a time."""
        with mp.workdps(DIGITS):
            return self._gram(mp.mpf(float(time)))

    def _gram(self, time):
        growths, integrals = self._growths(time)
        total, pairs = mp.mpf(0), 0
        for rows, square, products in self._terms:
            weight = mp.fprod(integrals[k] for k in rows)
            total += weight * square
            # The array first: a number of mpmath would print it before it gives up.
            pairs = pairs + products * weight
        return self.vectors @ (np.outer(growths, growths) * pairs / total) @ self.vectors.T

    def _growths(self, time):
        """Return e^{θt} and the integral of e^{2θx} up to t, for every eigenvalue θ."""
        growths = np.array([mp.exp(rate * time) for rate in self.rates])
        return growths, np.array([_integral(rate, time) for rate in self.rates])


def riccati(target, starts, time, weight_decay=0.0):
    """Return RRᵀ at a time by the plain formula, from the only one of `starts`.

    e^{At} R_0 (I + R_0ᵀ [∫_0^t e^{2Ax} dx] R_0)^{-1} R_0ᵀ e^{At}; starts with stated coefficients
    are none for it.
    """
    assert starts.growing is None
    with mp.workdps(60):
        problem = _Problem(target, starts, weight_decay)
        fastest = mp.hypot(problem.sigma[0], problem.imbalance / 2) + problem.decay
        # What grows by e^{θt} is divided by what grows by e^{2θt}, and multiplied by it again.
        digits = 60 + int(5 * fastest * mp.mpf(float(time)) / mp.log(10))
    with mp.workdps(digits):
        problem, time = _Problem(target, starts, weight_decay), mp.mpf(float(time))
        start = problem.stack
        inner = start.T @ problem.function(lambda rate: _integral(rate, time)) @ start
        inner[np.diag_indices(len(inner))] += 1
        grown = problem.function(lambda rate: mp.exp(rate * time)) @ start
        inverse = np.array((mp.matrix(inner.tolist()) ** -1).tolist())
        return grown @ inverse.reshape(inner.shape) @ grown.T


class _Problem:
    """Numbers of mpmath's context: σ, λ, μ, R(0) and what is made of them."""

    def __init__(self, target, starts, weight_decay):
        self.sigma = _exact(target.singular_values)
        self.d_y, self.d_x = target.shape
        self.imbalance, self.decay = _exact([starts.imbalance[0], weight_decay])
        self.stack = np.vstack([_exact(starts.first[0]).T, _exact(starts.second[0])])
        self.matrix = _zeros(self.d_y, self.d_x)
        np.fill_diagonal(self.matrix[: target.rank, : target.rank], self.sigma)

    def product(self, gram):
        """Return W = W_2 W_1, a block of RRᵀ."""
        return gram[self.d_x :, : self.d_x]

    def loss(self, product):
        return mp.fsum((product - self.matrix).ravel() ** 2) / 2

    def regularized(self, gram):
        return self.loss(self.product(gram)) + self.decay / 2 * mp.fsum(gram.diagonal())

    def function(self, function):
        """Return a function of A, block by block, without its eigenvectors."""
        half = self.imbalance / 2
        rates = [-half] * self.d_x + [half] * self.d_y
        out = np.diag([function(rate - self.decay) for rate in rates])
        for i, sigma in enumerate(self.sigma):
            size = mp.sqrt(sigma**2 + half**2)
            up, down = (function(sign * size - self.decay) for sign in (1, -1))
            mean, slope = (up + down) / 2, (up - down) / (2 * size)
            j = self.d_x + i
            out[i, i], out[j, j] = mean - half * slope, mean + half * slope
            out[i, j] = out[j, i] = sigma * slope
        return out

    def eigenpairs(self):
        """Return the eigenvalues of A and its eigenvectors: growing, shrinking, null directions."""
        half, r = self.imbalance / 2, len(self.sigma)
        sizes = [mp.sqrt(sigma**2 + half**2) for sigma in self.sigma]
        nulls = [-half] * (self.d_x - r) + [half] * (self.d_y - r)
        rates = [rate - self.decay for rate in [*sizes, *(-size for size in sizes), *nulls]]
        vectors = _zeros(len(rates), len(rates))
        for i, (sigma, size) in enumerate(zip(self.sigma, sizes, strict=True)):
            root = mp.hypot(size + half, sigma)
            vectors[i, i] = vectors[self.d_x + i, r + i] = sigma / root
            vectors[self.d_x + i, i] = (size + half) / root
            vectors[i, r + i] = -(size + half) / root
        rows = [*range(r, self.d_x), *range(self.d_x + r, self.d_x + self.d_y)]
        vectors[rows, range(2 * r, len(rates))] = mp.mpf(1)
        return rates, vectors


def _determinants(coefficients):
    """Return the terms of two determinants, given P, (K, h).

    With F = diag(f), det(I + PᵀFP) is the sum over sets of rows of Π f_k times the second entry,
    and P adj(I + PᵀFP) Pᵀ that of Π f_k times the third. The first entry is the set.
    """
    minors = _minors(coefficients)
    count, width = coefficients.shape
    terms = []
    for size in range(min(count, width) + 1):
        for rows in combinations(range(count), size):
            products = _zeros(count, count)
            others = [k for k in range(count) if k not in rows]
            if size < min(count, width):
                larger = {k: _with_row(minors, k, rows, width) for k in others}
                for i in others:
                    for j in others:
                        products[i, j] = mp.fdot(larger[i], larger[j])
            own = [minors[rows, columns] for columns in combinations(range(width), size)]
            if any(own) or products.any():
                terms.append((rows, mp.fdot(own, own), products))
    return terms


def _with_row(minors, row, rows, width):
    """Return the minors of `rows` with one more put on top, over all sets of columns."""
    sign = (-1) ** sum(k < row for k in rows)
    above = tuple(sorted((row, *rows)))
    return [sign * minors[above, columns] for columns in combinations(range(width), len(above))]


def _minors(matrix):
    """Return all minors, by their rows and columns, each developed along its last row."""
    count, width = matrix.shape
    minors = {((), ()): mp.mpf(1)}
    for size in range(1, min(count, width) + 1):
        for rows in combinations(range(count), size):
            for columns in combinations(range(width), size):
                minors[rows, columns] = mp.fsum(
                    (-1) ** (size - 1 - k)
                    * matrix[rows[-1], column]
                    * minors[rows[:-1], columns[:k] + columns[k + 1 :]]
                    for k, column in enumerate(columns)
                )
    return minors


def _integral(rate, time):
    """Return the integral of e^{2 rate x} from 0 to a time."""
    return mp.expm1(2 * rate * time) / (2 * rate) if rate else time


def _exact(values):
    return np.vectorize(lambda x: mp.mpf(float(x)), otypes=[object])(np.asarray(values, float))


def _zeros(rows, columns):
    return np.full((rows, columns), mp.mpf(0))
