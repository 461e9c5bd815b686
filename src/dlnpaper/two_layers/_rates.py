"""How fast every trajectory of two layers comes to its limit (docs/two_layers.md, section 5)."""

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.linalg import solve_triangular

from dlnpaper._target import Target
from dlnpaper.two_layers._closed_form import validate_decay
from dlnpaper.two_layers._echelon import Echelon, find_echelon, find_limit
from dlnpaper.two_layers._eigenbasis import eigenbasis, gaps
from dlnpaper.two_layers._starts import Starts, validate_problem

QUANTITIES = ("distance", "excess")

# Rates that agree to this coincide: they are sums of a few floats.
_COINCIDENCE = 1e-12
# A coefficient smaller than this part of its terms is indistinguishable from zero.
_CANCELLATION = 1e-12


def rates(target: Target, starts: Starts, *, weight_decay: float = 0.0) -> xr.Dataset:
    """Predict how fast every start approaches its limit.

    Every quantity follows ``P t^(−exponent) exp(−rate t)``. Quantities: ``distance``,
    ``‖W − W(∞)‖``, and ``excess``, the loss with penalty above its value in the limit.

    Parameters
    ----------
    target : Target
        With r positive singular values and shape (d_y, d_x).
    starts : two_layers.Starts
        M λ-balanced starts of that shape.
    weight_decay : float
        μ ≥ 0, as in `dlnpaper.two_layers.solve`.

    Returns
    -------
    xarray.Dataset
        Over ``start`` and ``quantity``:

        rate, exponent : float
            Of a generic trajectory the rate of the distance is θ_k − θ_l, with the least eigenvalue
            of a chosen mode and the largest of what is left out. The exponent is 1 for the distance
            and 2 for the excess where a hidden neuron is left to directions of eigenvalue 0, whose
            rate is 0; otherwise 0. The rate is inf for quantities that are zero throughout.
        log_prefactor : float
            log P, zero where the rate is inf.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it must be.
    """
    validate_problem(target, starts)
    decay = validate_decay(weight_decay, starts)
    form = find_echelon(target, starts, decay)
    modes = find_limit(target, form, decay).modes
    laws = [_laws(_Flow.of(target, starts, form, modes, i, decay)) for i in range(len(starts))]
    values = np.array([[[*law] for law in pair] for pair in laws]).reshape(len(starts), 2, 3)
    both, units = ("start", "quantity"), {"units": "1"}
    return xr.Dataset(
        {
            "rate": (both, values[..., 0], {"long_name": "rate of the exponential", **units}),
            "exponent": (both, values[..., 1], {"long_name": "exponent of the power", **units}),
            "log_prefactor": (
                both,
                values[..., 2],
                {"long_name": "logarithm of the prefactor", **units},
            ),
        },
        coords={"quantity": ("quantity", list(QUANTITIES), {"long_name": "what has a law"})},
        attrs={"weight_decay": decay},
    )


class _Law(NamedTuple):
    """``P t^(−exponent) exp(−rate t)``."""

    rate: float
    exponent: float
    log_prefactor: float


class _Term(NamedTuple):
    """A contribution ``t^(−exponent) exp(−rate t)`` to W − W(∞), or to the excess."""

    rate: float
    exponent: float
    coefficient: np.ndarray
    """(d_y, d_x), or (1, 1)."""


class _Flow(NamedTuple):
    """One start in the eigenvectors."""

    theta: np.ndarray
    """(K,)."""
    gaps: np.ndarray
    """θ_k − θ_l without cancellation, (K, K)."""
    coefficients: np.ndarray
    """(K, C), with C pivots."""
    pivots: np.ndarray
    """(C,)."""
    left: np.ndarray
    """Parts of the eigenvectors in the outputs, (d_y, K), and in the inputs:"""
    right: np.ndarray
    """(d_x, K)."""
    slopes: np.ndarray
    """Derivative of the loss with penalty by ``ψ_kᵀ R Rᵀ ψ_l``, (K, K), at the limit."""

    @classmethod
    def of(
        cls, target: Target, starts: Starts, form: Echelon, modes: np.ndarray, i: int, decay: float
    ) -> "_Flow":
        basis = eigenbasis(target, starts.imbalance[i : i + 1])
        left, right = _eigenvectors(target, basis.sine[0], basis.cosine[0], starts.imbalance[i])
        pivots = form.pivots[i][form.pivots[i] >= 0]
        coefficients, theta = form.coefficients[i][:, : len(pivots)], form.eigenvalues[i]
        coefficients, left, right, pivots = _aligned(coefficients, left, right, pivots, theta)
        gradient = modes[i] - np.diag(target.singular_values)
        slopes = left[: target.rank].T @ gradient @ right[: target.rank]
        slopes = (slopes + slopes.T) / 2 + 0.5 * decay * np.eye(len(theta))
        slopes[np.abs(slopes) < _CANCELLATION * target.singular_values[0]] = 0.0
        return cls(
            theta, gaps(target, starts.imbalance[i]), coefficients, pivots, left, right, slopes
        )

    def matrix(self, k: int, n: int) -> np.ndarray:
        """Return what ψ_k and ψ_n of R Rᵀ, with coefficient 1 and symmetric, make in W."""
        made = np.outer(self.left[:, k], self.right[:, n])
        return made if k == n else made + np.outer(self.left[:, n], self.right[:, k])


def _aligned(
    coefficients: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    pivots: np.ndarray,
    theta: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Rotate eigenvectors of equal eigenvalue such that pivots span what the limit has of them."""
    coefficients, left, right, pivots = (x.copy() for x in (coefficients, left, right, pivots))
    for value in np.unique(theta[pivots]):
        rows, columns = np.flatnonzero(theta == value), np.flatnonzero(theta[pivots] == value)
        if len(columns) < len(rows):
            frame, _ = np.linalg.qr(coefficients[np.ix_(rows, columns)], mode="complete")
            coefficients[rows] = frame.T @ coefficients[rows]
            coefficients[np.ix_(rows[len(columns) :], columns)] = 0.0
            left[:, rows], right[:, rows] = left[:, rows] @ frame, right[:, rows] @ frame
            pivots[columns] = rows[: len(columns)]
    return coefficients, left, right, pivots


def _laws(flow: _Flow) -> tuple[_Law, _Law]:
    """Return the laws of distance and excess."""
    grown = flow.pivots[flow.theta[flow.pivots] > 0]
    graph, gram = _graph(flow, grown)
    distance = [*_pairs(flow, grown, graph, gram), *_left_over(flow, grown)]
    return _slowest(distance), _slowest(_excess_terms(flow, grown, graph, distance))


def _graph(flow: _Flow, grown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of ``Z_kj exp((θ_j − max(θ_k, 0)) t)``, and of what is small in ZᵀZ.

    Without the weights of rows, (K, G) and (G, G); the second sums over the rows of the identity
    and those with negative eigenvalues. What columns with other pivots span is projected out.
    """
    first, theta = len(grown), flow.theta
    inverse = solve_triangular(flow.coefficients[grown, :first], np.eye(first), lower=True)
    graph = flow.coefficients[:, :first] @ inverse
    graph[grown] = 0.0
    rest, rest_theta = flow.coefficients[:, first:], theta[flow.pivots[first:]]
    still, decaying = theta == 0, theta < 0
    if (rest_theta == 0).any():
        spanned = rest[np.ix_(still, rest_theta == 0)]
        left = graph[still] - spanned @ np.linalg.lstsq(spanned, graph[still])[0]
        graph[still] = np.where(np.abs(left) > _CANCELLATION * np.abs(graph[still]), left, 0.0)
    scale = np.sqrt(0.5 / -theta[decaying])[:, None]
    basis = scale * rest[np.ix_(decaying, rest_theta < 0)]
    rows = scale * graph[decaying]
    part = np.linalg.solve(np.eye(basis.shape[1]) + basis.T @ basis, basis.T @ rows)
    gram = inverse.T @ inverse + rows.T @ (rows - basis @ part)
    graph[decaying] = (rows - basis @ part) / scale
    return graph, gram


def _pairs(flow: _Flow, grown: np.ndarray, graph: np.ndarray, gram: np.ndarray) -> Iterator[_Term]:
    """Yield what growing pivots add to W − W(∞), with other rows and among themselves."""
    for j, pivot in enumerate(grown):
        size = 2 * flow.theta[pivot]
        yield _Term(size, 0, size * flow.matrix(pivot, pivot))
        for k in np.flatnonzero(graph[:, j]).tolist():
            yield _Term(flow.gaps[pivot, k], 0, size * graph[k, j] * flow.matrix(k, pivot))
        for n in range(j + 1):
            other = grown[n]
            both = -size * 2 * flow.theta[other] * gram[j, n]
            yield _Term(flow.theta[pivot] + flow.theta[other], 0, both * flow.matrix(pivot, other))


def _left_over(flow: _Flow, grown: np.ndarray) -> Iterator[_Term]:
    """Yield what columns whose pivots do not grow add to W − W(∞)."""
    for k, n, term in _left_over_entries(flow, grown):
        yield term._replace(coefficient=term.coefficient * flow.matrix(k, n))


def _left_over_entries(flow: _Flow, grown: np.ndarray) -> Iterator[tuple[int, int, _Term]]:
    """Yield their entries of R Rᵀ in the eigenvectors, one of each symmetric pair."""
    theta, first = flow.theta, len(grown)
    rest_theta = theta[flow.pivots[first:]]
    if not len(rest_theta):
        return
    still = bool((rest_theta == 0).any())
    low = theta == 0 if still else theta < 0
    rest = flow.coefficients[np.ix_(low, np.r_[first : first + len(rest_theta)])]
    rest = rest[:, rest_theta == 0] if still else rest
    inner = (
        rest.T @ rest
        if still
        else np.eye(rest.shape[1]) + rest.T @ (rest / (-2 * theta[low])[:, None])
    )
    entries = rest @ np.linalg.solve(inner, rest.T)
    rows = np.flatnonzero(low).tolist()
    for (a, k), (b, n) in combinations_with_replacement(enumerate(rows), 2):
        yield k, n, _Term(-float(theta[k] + theta[n]), float(still), entries[a : a + 1, b : b + 1])


def _excess_terms(
    flow: _Flow, grown: np.ndarray, graph: np.ndarray, distance: list[_Term]
) -> Iterator[_Term]:
    """Yield what is quadratic in W − W(∞), and what is linear in the rows that do not lead."""
    slowest = _leading(distance)
    if slowest:
        square = float(np.sum(_total(slowest) ** 2))
        rate, exponent = 2 * slowest[0].rate, 2 * slowest[0].exponent
        yield _Term(rate, exponent, np.full((1, 1), 0.5 * square))
    for k, n in zip(*np.nonzero(flow.slopes), strict=True):
        for j, pivot in enumerate(grown):
            size = 2 * flow.theta[pivot] * flow.slopes[k, n]
            rate = flow.gaps[pivot, k] + flow.gaps[pivot, n]
            yield _Term(rate, 0, np.full((1, 1), size * graph[k, j] * graph[n, j]))
    for k, n, term in _left_over_entries(flow, grown):
        slope = flow.slopes[k, n] * (1 if k == n else 2)
        yield term._replace(coefficient=slope * term.coefficient)


def _leading(terms: Iterable[_Term]) -> list[_Term]:
    """Return the terms that are largest in the end and do not cancel; none if all vanish."""
    left = [term for term in terms if term.coefficient.any()]
    while left:
        rate = min(term.rate for term in left)
        alike = [t for t in left if np.isclose(t.rate, rate, rtol=_COINCIDENCE, atol=0)]
        exponent = min(term.exponent for term in alike)
        leading = [term for term in alike if term.exponent == exponent]
        size = sum(float(np.linalg.norm(term.coefficient)) for term in leading)
        if np.linalg.norm(_total(leading)) > _CANCELLATION * size:
            return leading
        left = [term for term in left if all(term is not one for one in leading)]
    return []


def _total(terms: list[_Term]) -> np.ndarray:
    return np.sum([term.coefficient for term in terms], axis=0)


def _slowest(terms: Iterable[_Term]) -> _Law:
    leading = _leading(terms)
    if not leading:
        return _Law(np.inf, 0.0, 0.0)
    log_prefactor = float(np.log(np.linalg.norm(_total(leading))))
    return _Law(leading[0].rate, leading[0].exponent, log_prefactor)


def _eigenvectors(
    target: Target, sine: np.ndarray, cosine: np.ndarray, imbalance: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the parts of all eigenvectors in the outputs (d_y, K) and in the inputs (d_x, K)."""
    (d_y, d_x), r = target.shape, target.rank
    left, right = np.zeros((d_y, d_y + d_x)), np.zeros((d_x, d_y + d_x))
    modes, mirrored = np.arange(r), d_y + d_x - 1 - np.arange(r)
    left[modes, modes], left[modes, mirrored] = sine, cosine
    right[modes, modes], right[modes, mirrored] = cosine, -sine
    raised = imbalance >= 0
    left_null, right_null = np.arange(r, d_y), np.arange(r, d_x)
    left[left_null, left_null + (0 if raised else d_x - r)] = 1.0
    right[right_null, right_null + (d_y - r if raised else 0)] = 1.0
    return left, right
