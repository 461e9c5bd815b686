"""The target of the loss: a matrix in the coordinates of its own singular vectors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import Frozen, as_floats, freeze, shown, validate_array, validate_number
from dlnpaper._decomposition import (
    decompose,
    validate_basis,
    validate_entries,
    validate_shape,
    validate_tolerances,
    whiten,
)


class Dropped(NamedTuple):
    """What a `Target` leaves out: null directions of X, and singular values of Z.

    ``tolerance`` is the relative one that decided; 0 where only exact zeros were dropped.
    """

    data_directions: int
    singular_values: int
    tolerance: float


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Target(Frozen):
    """The matrix Z = Σ σ_i u_i v_iᵀ that a deep linear network is trained towards.

    The loss of an end-to-end matrix W is ``½‖W − Z‖² + loss_offset`` (docs/theory.md, section 1).
    Everything else in the library works in singular coordinates, ``a_i = u_iᵀ u`` and
    ``b_i = v_iᵀ v``: there an exact zero of ``a_i + b_i`` stays an exact zero.

    Parameters
    ----------
    singular_values : array_like, at most min(shape) numbers
        In falling order. Ties are *exact* equality of floats. Zeros are null directions, as are the
        directions beyond those given. The attribute holds the positive ones, (r,).
    shape : (int, int)
        ``(d_y, d_x)``, the shape of Z.
    left, right : array_like, (d_y, d_y) and (d_x, d_x), optional
        Complete orthonormal bases: columns u_i and v_i. The identity if omitted.
    loss_offset : float
        The loss that no W can remove.
    whitening : ndarray, (d_x, number of features), optional
        The map that takes raw inputs to the whitened inputs Z acts on.
    basis_error : float
        Absolute uncertainty of the entries of a unit vector in computed bases; 0 if they are exact.
    dropped : Dropped, optional
        What was left out; counted from the zeros in ``singular_values`` if omitted.

    Raises
    ------
    ValueError
        If the singular values are not as described, or none is positive; if a basis has the wrong
        shape or is not orthonormal to 1e-10.

    Examples
    --------
    >>> Target([3.0, 2.0, 0.0], shape=(4, 3))
    Target(shape=(4, 3), rank=2, singular_values=[3, 2])
    """

    singular_values: np.ndarray
    shape: tuple[int, int]
    left: np.ndarray
    right: np.ndarray
    loss_offset: float
    whitening: np.ndarray | None
    basis_error: float
    dropped: Dropped

    def __init__(
        self,
        singular_values: ArrayLike,
        shape: tuple[int, int],
        *,
        left: ArrayLike | None = None,
        right: ArrayLike | None = None,
        loss_offset: float = 0.0,
        whitening: np.ndarray | None = None,
        basis_error: float = 0.0,
        dropped: Dropped | None = None,
    ) -> None:
        shape = validate_shape(shape)
        values = _validate_singular_values(singular_values, shape)
        positive = values[values > 0]
        fields = {
            "shape": shape,
            "singular_values": positive,
            "left": validate_basis("left", left, shape[0]),
            "right": validate_basis("right", right, shape[1]),
            "loss_offset": _validate_size("loss_offset", loss_offset),
            "whitening": _validate_whitening(whitening, shape[1]),
            "basis_error": _validate_size("basis_error", basis_error),
            "dropped": _validate_dropped(dropped) or Dropped(0, len(values) - len(positive), 0.0),
        }
        freeze(self, fields)

    @property
    def rank(self) -> int:
        """Number r of positive singular values."""
        return len(self.singular_values)

    @property
    def groups(self) -> tuple[slice, ...]:
        """Runs of equal singular values, as slices of ``singular_values``, in falling order."""
        edges = [0, *(np.flatnonzero(np.diff(self.singular_values)) + 1).tolist(), self.rank]
        return tuple(slice(low, high) for low, high in pairwise(edges))

    @property
    def matrix(self) -> np.ndarray:
        """Z, (d_y, d_x)."""
        r = self.rank
        return (self.left[:, :r] * self.singular_values) @ self.right[:, :r].T

    @property
    def has_identity_bases(self) -> bool:
        """Whether singular coordinates and the coordinates of Z are the same, bit for bit."""
        return all(np.array_equal(basis, np.eye(len(basis))) for basis in (self.left, self.right))

    def to_features(self, matrix: ArrayLike) -> np.ndarray:
        """Take end-to-end matrices on whitened inputs back to the raw features.

        ``W X_w = (W whitening) X``: the result acts on inputs that are not whitened, and is zero on
        the null directions of the data.

        Parameters
        ----------
        matrix : array_like, (..., d_y, d_x)
            For instance `dlnpaper.end_to_end`.

        Returns
        -------
        ndarray, (..., d_y, number of features)

        Raises
        ------
        ValueError
            If the target was not made by `from_data`, or the matrix does not have its shape.
        """
        if self.whitening is None:
            raise ValueError(
                "target must have a whitening, got one that acts on raw inputs; use the matrix as "
                "it is, or make the target with Target.from_data(X, Y)"
            )
        matrix = as_floats("matrix", matrix, "must hold real numbers")
        if matrix.shape[-2:] != self.shape:
            raise ValueError(
                f"matrix must end in the target's shape {self.shape}, got shape {matrix.shape}; "
                "give W of this target"
            )
        return matrix @ self.whitening

    def __repr__(self) -> str:
        shown = ", ".join(f"{value:.6g}" for value in self.singular_values[:6])
        more = ", ..." if self.rank > 6 else ""
        return f"Target(shape={self.shape}, rank={self.rank}, singular_values=[{shown}{more}])"

    @classmethod
    def from_matrix(
        cls, matrix: ArrayLike, *, tolerance: float | None = None, tie_tolerance: float = 0.0
    ) -> Target:
        """Take Z from a matrix, by its singular value decomposition.

        The entry of largest magnitude of every u_i, and of every null direction, is positive.

        Parameters
        ----------
        matrix : array_like, (d_y, d_x)
        tolerance : float, optional
            Singular values up to ``tolerance * σ_1`` are round-off and are dropped. Default
            ``max(d_y, d_x) * eps``.
        tie_tolerance : float
            Neighbors that differ by at most ``tie_tolerance * σ_1`` are made equal, to their mean.
            With the default 0 only equal floats are ties, and the decomposition splits most others.

        Returns
        -------
        Target
            Its `basis_error` is ``8 max(d_y, d_x) eps σ_1`` over the least distance between
            singular values that differ, the 0 of null directions included, and at most 1.

        Raises
        ------
        ValueError
            If the matrix is not a finite 2-D array, or is zero.
        """
        matrix = validate_entries("matrix", matrix)
        tolerance, tie_tolerance = validate_tolerances(tolerance, tie_tolerance, matrix.shape)
        if not matrix.any():
            raise ValueError(
                f"matrix must have a non-zero entry, got zeros of shape {matrix.shape}; "
                "a target needs at least one positive singular value"
            )
        scale = float(np.linalg.norm(matrix, ord=2))
        fields, dropped = decompose(matrix, tolerance * scale, tie_tolerance)
        return cls(**fields, dropped=Dropped(0, dropped, tolerance))

    @classmethod
    def from_data(
        cls,
        inputs: ArrayLike,
        outputs: ArrayLike,
        *,
        tolerance: float | None = None,
        tie_tolerance: float = 0.0,
    ) -> Target:
        """Whiten the inputs X of a data set and take Z = Y X_wᵀ from the whitened ones.

        With X = P S Qᵀ, null directions dropped, the whitened inputs are ``X_w = S⁻¹ Pᵀ X = Qᵀ``,
        and ``X_w X_wᵀ = I``; `whitening` is S⁻¹ Pᵀ. A network on the whitened inputs has the loss
        ``½‖Y − W X_w‖² = ½‖W − Z‖² + loss_offset``. Nothing is centered, and nothing is divided by
        the number of samples n: see the notes. `to_features` takes W back to the raw inputs.

        Parameters
        ----------
        inputs : array_like, (features, n)
            X, one sample a column.
        outputs : array_like, (d_y, n)
            Y, one sample a column.
        tolerance : float, optional
            Singular values of X up to ``tolerance`` times the largest are dropped as null
            directions, and those of Z up to ``tolerance * ‖Y‖`` (Frobenius) as round-off. Default
            ``max(features, n) * eps``.
        tie_tolerance : float
            As in `from_matrix`.

        Returns
        -------
        Target
            Of shape ``(d_y, rank of X)``; `basis_error` is as in `from_matrix`, of Z as computed.

        Raises
        ------
        ValueError
            If X and Y are not finite 2-D arrays with as many columns; if X has rank 0; if no output
            depends linearly on an input (Z = 0).

        Notes
        -----
        *Means stay.* A network without bias learns Y from X as they are. Subtract the means of the
        rows first if the model is to have an intercept, or append a row of ones to X.

        *The loss is the sum over samples, not their mean.* ``X_w X_wᵀ`` is I, not n I, so Z is
        ``√n`` times the matrix Z' of inputs with unit second moment, ``X_w X_wᵀ / n = I``, and of
        the loss ``1/(2n) Σ ‖y − W' x‖²``. That loss leads to the same trajectories in other units:
        ``W = √n W'``, and times t' that are ``n^(1 − 1/N)`` times those here (depth N).
        """
        inputs, outputs = validate_entries("inputs", inputs), validate_entries("outputs", outputs)
        if inputs.shape[1] != outputs.shape[1]:
            raise ValueError(
                f"inputs and outputs must have one column per sample, got {inputs.shape[1]} and "
                f"{outputs.shape[1]} columns; transpose them if samples are rows"
            )
        tolerance, tie_tolerance = validate_tolerances(tolerance, tie_tolerance, inputs.shape)
        whitening, whitened = whiten(inputs, tolerance)
        matrix = outputs @ whitened.T
        threshold = tolerance * float(np.linalg.norm(outputs))
        if np.linalg.norm(matrix, ord=2) <= threshold:
            raise ValueError(
                "outputs must depend linearly on inputs, got Y Xᵀ = 0 to rounding; "
                "check that the samples of inputs and outputs are in the same order"
            )
        fields, dropped = decompose(matrix, threshold, tie_tolerance)
        # The residual itself, not ½(‖Y‖² − ‖Z‖²): no cancellation when the fit is good.
        residual = outputs - cls(**fields).matrix @ whitened
        offset = 0.5 * float(np.sum(residual**2))
        report = Dropped(len(inputs) - len(whitening), dropped, tolerance)
        return cls(**fields, whitening=whitening, loss_offset=offset, dropped=report)


def validate_target(target: Target) -> None:
    """Raise TypeError unless `target` is one."""
    if not isinstance(target, Target):
        raise TypeError(
            f"target must be a Target, got {type(target).__name__};"
            " make one with Target(singular_values, shape) or Target.from_matrix(Z)"
        )


def _validate_singular_values(values: ArrayLike, shape: tuple[int, int]) -> np.ndarray:
    values = validate_array("singular_values", values, 1)
    if len(values) > min(shape):
        raise ValueError(
            f"singular_values must have at most min(shape) = {min(shape)} entries, "
            f"got {len(values)}; enlarge the shape or drop some"
        )
    rising = np.flatnonzero(np.diff(values) > 0)
    if len(rising):
        i = rising[0] + 1
        raise ValueError(
            f"singular_values must fall, got singular_values[{i}] = {values[i]} after "
            f"{values[i - 1]}; sort them in falling order"
        )
    if not len(values) or values[-1] < 0 or values[0] == 0:
        raise ValueError(
            "singular_values must be non-negative with at least one positive, got "
            f"{shown(values.tolist())}; a sign belongs in the singular vectors"
        )
    return values


def _validate_size(name: str, value: float) -> float:
    expected, remedy = "must be finite and >= 0", "leave it out if it is not known"
    return validate_number(name, value, expected, lambda number: 0 <= number < np.inf, remedy)


def _validate_whitening(whitening: ArrayLike | None, d_x: int) -> np.ndarray | None:
    if whitening is None:
        return None
    whitening = validate_array("whitening", whitening, 2)
    if len(whitening) != d_x:
        raise ValueError(
            f"whitening must have d_x = {d_x} rows, got shape {whitening.shape}; "
            "give the map from raw to whitened inputs"
        )
    return whitening


def _validate_dropped(dropped: Dropped | None) -> Dropped | None:
    if dropped is not None and not isinstance(dropped, Dropped):
        raise TypeError(
            f"dropped must be a Dropped, got {shown(dropped)}; leave it out to count the zeros"
        )
    return dropped
