"""The echelon form of starts, which decides their limits (docs/two_layers.md, sections 3 and 4)."""

from typing import NamedTuple

import numpy as np

from dlnpaper._decomposition import EPS
from dlnpaper._target import Target
from dlnpaper.two_layers import _rotations
from dlnpaper.two_layers._eigenbasis import eigenbasis, eigenvalues
from dlnpaper.two_layers._starts import Starts


class Echelon(NamedTuple):
    """M starts in K eigenvectors, their hidden units rotated into H = min(h, K) columns."""

    coefficients: np.ndarray
    """(M, K, H), lower echelon form."""
    uncertainty: np.ndarray
    """(M, K), absolute error of each entry of a row."""
    pivots: np.ndarray
    """(M, H): the row in which each column begins, -1 for columns of zeros."""
    doubtful: np.ndarray
    """(M, K): whether rounding leaves undecided if the row is a pivot."""
    eigenvalues: np.ndarray
    """(M, K)."""


class Limit(NamedTuple):
    """What the pivots decide."""

    modes: np.ndarray
    """W(∞) on the modes, (M, r, r)."""
    share: np.ndarray
    """Share of every mode, (M, r): 0 or 1 unless the limit cuts through a tie."""
    pivots: np.ndarray
    """Number of pivots in every group of equal singular values, (M, G)."""
    within_rounding: np.ndarray
    """Whether a doubtful row decides, (M,)."""


def find_echelon(target: Target, starts: Starts, weight_decay: float) -> Echelon:
    """Return the echelon form of every start."""
    rows = _coefficients(target, starts)
    values = rows.heads
    pivots = np.empty((len(values), starts.hidden), np.int64)
    doubtful = np.empty(rows.errors.shape, bool)
    _rotations.find_echelon(values, rows.tails, rows.errors, target.rank, pivots, doubtful)
    # Columns beyond the number of rows have been rotated to zero.
    columns = min(values.shape[1:])
    return Echelon(
        values[:, :, :columns] * rows.factors[:, :, None],
        rows.errors * rows.factors,
        np.ascontiguousarray(pivots[:, :columns]),
        doubtful,
        eigenvalues(target, starts.imbalance, weight_decay),
    )


def find_limit(target: Target, form: Echelon, weight_decay: float) -> Limit:
    """Return where the pivots lead."""
    rank, diagonal = target.rank, np.arange(target.rank)
    value = np.maximum(target.singular_values - weight_decay, 0.0)
    grows = form.eigenvalues[:, :rank] > 0
    is_pivot = (form.pivots[:, :, None] == diagonal).any(axis=1) & grows
    share = is_pivot.astype(float)
    modes = np.zeros((len(share), rank, rank))
    modes[:, diagonal, diagonal] = share * value
    count = np.stack([is_pivot[:, group].sum(axis=1) for group in target.groups], axis=1)
    for group, chosen in zip(target.groups, count.T, strict=True):
        cut = np.flatnonzero((chosen > 0) & (chosen < group.stop - group.start))
        if len(cut):
            projections = _projections(form, cut, group)
            modes[cut, group, group] = value[group.start] * projections
            share[cut, group] = np.diagonal(projections, axis1=1, axis2=2)
    within = np.any(form.doubtful[:, :rank] & grows, axis=1)
    return Limit(modes, share, count, within)


class _Rows(NamedTuple):
    """Coefficients in the eigenvectors, ``factors (heads + tails)``, with the rows of `Echelon`."""

    heads: np.ndarray
    """(M, K, h)."""
    tails: np.ndarray
    """(M, K, h), what rounding took from the heads."""
    factors: np.ndarray
    """(M, K)."""
    errors: np.ndarray
    """(M, K), of each entry of a row, factors apart."""


def _coefficients(target: Target, starts: Starts) -> _Rows:
    rank, raised = target.rank, (starts.imbalance >= 0)[:, None, None]
    basis = eigenbasis(target, starts.imbalance)
    tilt, sign = basis.tilt[:, :, None], np.where(raised, 1.0, -1.0)
    first, second = starts.first.mT, starts.second
    # That λ makes larger, and the other. Their sums and differences are kept exactly: so are zeros,
    # and all digits of small coefficients, as λ → 0.
    larger = np.where(raised, second[:, :rank], first[:, :rank])
    smaller = np.where(raised, first[:, :rank], second[:, :rank])
    growing = _add(_add_exactly(larger, smaller), tilt * smaller)
    decaying = sign * _add(_add_exactly(larger, -smaller), tilt * larger)
    null = np.where(
        raised,
        np.concatenate([second[:, rank:], first[:, rank:]], axis=1),
        np.concatenate([first[:, rank:], second[:, rank:]], axis=1),
    )
    long, ones = np.maximum(basis.sine, basis.cosine), np.ones(null.shape[:2])
    factors, error_up = long, _rounding(tilt * smaller)
    if starts.growing is not None:
        growing = np.array([starts.growing, np.zeros_like(starts.growing)])
        factors, error_up = np.ones_like(long), np.zeros_like(long)
    heads, tails = np.concatenate(
        [growing, np.array([null, 0 * null]), decaying[:, :, ::-1]], axis=2
    )
    errors = np.concatenate([error_up, 0 * ones, _rounding(tilt * larger)[:, ::-1]], axis=1)
    return _Rows(
        heads,
        tails,
        np.concatenate([factors, ones, long[:, ::-1]], axis=1),
        errors + 2 * starts.coordinate_error[:, None],
    )


def _rounding(products: np.ndarray) -> np.ndarray:
    """Return the error of rounded products, (M, r, h), over a row."""
    return 4 * EPS * np.abs(products).max(axis=2)


def _add_exactly(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return rounded sums and what rounding took from them, (2, ...)."""
    total = x + y
    part = total - x
    return np.array([total, (x - (total - part)) + (y - part)])


def _add(double: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Add floats to the sums of two floats, (2, ...)."""
    total, rest = _add_exactly(double[0], y)
    return np.array([total, rest + double[1]])


def _projections(form: Echelon, which: np.ndarray, group: slice) -> np.ndarray:
    """Return Π on a group of equal singular values through which limits cut, (m, n, n)."""
    inside = (form.pivots[which] >= group.start) & (form.pivots[which] < group.stop)
    block = np.where(inside[:, None, :], form.coefficients[which, group], 0.0)
    left, _, _ = np.linalg.svd(block, full_matrices=False)
    kept = np.arange(left.shape[2]) < inside.sum(axis=1)[:, None]
    left = left * kept[:, None, :]
    return left @ left.mT
