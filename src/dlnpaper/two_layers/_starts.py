"""Starting points of two layers whose imbalance is a multiple of the identity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    Frozen,
    as_numbers,
    freeze,
    selected_rows,
    shown,
    validate_array,
    validate_integer,
    validate_number,
)
from dlnpaper._decomposition import EPS
from dlnpaper._draws import uniform_rows, validate_per_start
from dlnpaper._target import Target, validate_target
from dlnpaper.two_layers._draws import columns, draw_layers, reveal_missing_mode
from dlnpaper.two_layers._eigenbasis import eigenbasis
from dlnpaper.two_layers._weights import (
    LARGEST,
    TOLERANCE,
    largest,
    spacing,
    validate_balance,
    validate_shapes,
)

MOST_HIDDEN = 10_000

_FIELDS = ("first", "second", "imbalance", "growing", "coordinate_error")


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Starts(Frozen):
    """M networks of two layers, λ-balanced: ``W_2ᵀ W_2 − W_1 W_1ᵀ = λ I``.

    The flow keeps λ (docs/two_layers.md, section 1). With one hidden neuron every network is
    λ-balanced. The layers are in the singular coordinates of the target; `from_layers` takes those
    of its matrix.

    Parameters
    ----------
    first : array_like, (M, h, d_x)
        W_1, for h hidden neurons.
    second : array_like, (M, d_y, h)
        W_2.
    imbalance : array_like, (M,), or a number for all, optional
        λ, where it is known; otherwise it is measured, and what rounding may have made is 0.
    growing : array_like, (M, r, h), optional
        Coefficients ``cos φ_i W_1[:, i] + sin φ_i W_2[i]`` along the r growing eigenvectors for
        the target that the starts are meant for, where they are known better than the layers tell:
        for λ ≠ 0 no floats give exact zeros.
    coordinate_error : array_like, (M,), or a number for all
        Absolute uncertainty of each weight; 0 where they are exact.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold finite real numbers, shapes do not fit, or the imbalance is not
        λ I to 1e-10 of ``‖W_1‖² + ‖W_2‖²``, or to 100 times the spacing of float32 or float16
        layers.

    Examples
    --------
    >>> Starts([[[0.3, 0.0]]], [[[0.0], [0.5]]]).imbalance.round(12)
    array([0.16])
    """

    first: np.ndarray
    second: np.ndarray
    imbalance: np.ndarray
    growing: np.ndarray | None
    coordinate_error: np.ndarray

    def __init__(
        self,
        first: ArrayLike,
        second: ArrayLike,
        *,
        imbalance: ArrayLike | None = None,
        growing: ArrayLike | None = None,
        coordinate_error: ArrayLike = 0.0,
    ) -> None:
        coarse = max(spacing(first), spacing(second))
        first, second = validate_array("first", first, 3), validate_array("second", second, 3)
        validate_shapes(first, second)
        error = validate_per_start("coordinate_error", coordinate_error, len(first))
        if (error < 0).any():
            i = int((error < 0).argmax())
            raise ValueError(
                f"coordinate_error must not be negative, got coordinate_error[{i}] = {error[i]}; "
                "give its magnitude, or 0 for exact weights"
            )
        given = None
        if imbalance is not None:
            given = validate_per_start("imbalance", imbalance, len(first))
        value, residual = validate_balance(first, second, given, max(TOLERANCE, 100 * coarse))
        if growing is not None:
            growing = validate_array("growing", growing, 3)
            _validate_growing(growing, first, second)
        freeze(
            self,
            {
                "first": first,
                "second": second,
                "imbalance": value,
                "growing": growing,
                "coordinate_error": np.maximum(error, residual),
            },
        )

    def __len__(self) -> int:
        return len(self.imbalance)

    def __getitem__(self, index: Any) -> Starts:
        """Select starts by an integer, a slice, an array of integers or a mask."""
        rows = selected_rows(len(self), index)
        return Starts(
            self.first[rows],
            self.second[rows],
            imbalance=self.imbalance[rows],
            growing=None if self.growing is None else self.growing[rows],
            coordinate_error=self.coordinate_error[rows],
        )

    def __repr__(self) -> str:
        low, high = (self.imbalance.min(), self.imbalance.max()) if len(self) else (0, 0)
        span = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
        return (
            f"Starts({len(self)} starts, shape={self.shape}, hidden={self.hidden}, "
            f"imbalance {span})"
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (d_y, d_x) of the end-to-end matrix."""
        return self.second.shape[1], self.first.shape[2]

    @property
    def hidden(self) -> int:
        """Number h of hidden neurons."""
        return self.first.shape[1]

    @classmethod
    def concatenate(cls, parts: Iterable[Starts]) -> Starts:
        """Join starts of one shape and width, in order, bit for bit."""
        parts = list(parts) if np.iterable(parts) else [parts]
        for part in parts:
            if not isinstance(part, Starts):
                raise TypeError(
                    f"parts must be a list of Starts, got {shown(part)} in it; make it with "
                    "Starts(first, second)"
                )
        kinds = sorted({(part.shape, part.hidden, part.growing is not None) for part in parts})
        if len(kinds) != 1:
            raise ValueError(
                "parts must have one shape (d_y, d_x), one number of hidden neurons, and all or "
                f"none of them growing, got {kinds}; concatenate for each"
            )
        names = [name for name in _FIELDS if name != "growing" or kinds[0][2]]
        return cls(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})

    @classmethod
    def sample(
        cls,
        target: Target,
        size: int,
        rng: np.random.Generator | int,
        *,
        hidden: int,
        scale: float = 0.1,
        imbalance: float = 0.0,
        first: int = 0,
    ) -> Starts:
        """Draw starts with a given imbalance λ.

        The entries of W_1 are Gaussian with standard deviation ``scale``; W_2 has the singular
        values that make λ with those, and uniform left singular vectors. For λ < 0 the layers
        change places. With λ = 0 and more neurons than a side of the target has dimensions, W_1
        keeps as many singular values as W_2 has room for.

        With λ = 0, d_y = d_x = r ≤ h the sign of det W is conserved. Half of the starts therefore
        miss a mode, exactly: `growing` says so.

        Draw order: each start takes a row of ``h (d_x + d_y)`` uniforms, so start i depends on the
        seed, i, h and the shape alone, not on ``size``.

        Parameters
        ----------
        target : Target
        size : int
            Number of starts.
        rng : numpy.random.Generator or int
            A seed stands for ``Generator(Philox(seed))``.
        hidden : int
            Number h of hidden neurons; at most d_y for λ > 0 and at most d_x for λ < 0.
        scale : float
            Positive.
        imbalance : float
            λ.
        first : int
            With a seed, the number of the first start.
        """
        absent = np.zeros(_rank(target), bool)
        hidden, scale, imbalance = _validate_kind(target, hidden, scale, imbalance, absent)
        uniforms = uniform_rows(rng, size, columns(target.shape, hidden), first)
        layers = draw_layers(target, uniforms, hidden, scale, imbalance, absent)
        if imbalance or not min(hidden, target.rank) == target.shape[0] == target.shape[1]:
            return cls(*layers, imbalance=imbalance)
        lower, upper, growing = reveal_missing_mode(*layers)
        return cls(lower, upper, imbalance=imbalance, growing=growing)

    @classmethod
    def on_stable_set(
        cls,
        target: Target,
        modes: Iterable[int],
        size: int,
        rng: np.random.Generator | int,
        *,
        hidden: int,
        scale: float = 0.1,
        imbalance: float = 0.0,
    ) -> Starts:
        """Draw starts whose limit has exactly the chosen modes.

        As in `sample`, except that ``cos φ_i W_1[:, i] + sin φ_i W_2[i]`` is exactly zero for all
        other modes: the part of the stable set on which these never grow. (Elsewhere on the set a
        larger mode grows for a while, in hidden units that another mode has taken.)

        Parameters
        ----------
        target : Target
        modes : iterable of int
            Different indices of singular values, from 0, at most h; none for W(∞) = 0. For λ ≠ 0
            the larger layer, W_2 for λ > 0, must have room for all hidden neurons: h must not
            exceed their number plus that of its null directions.
        size, rng, hidden, scale, imbalance
            As in `sample`.
        """
        absent = np.ones(_rank(target), bool)
        absent[_validate_modes(target, modes, hidden)] = False
        hidden, scale, imbalance = _validate_kind(target, hidden, scale, imbalance, absent)
        uniforms = uniform_rows(rng, size, columns(target.shape, hidden))
        lower, upper = draw_layers(target, uniforms, hidden, scale, imbalance, absent)
        basis, r = eigenbasis(target, np.array([imbalance])), target.rank
        sine, cosine = basis.sine[0][:, None], basis.cosine[0][:, None]
        growing = cosine * lower.mT[:, :r] + sine * upper[:, :r]
        growing[:, absent] = 0.0
        return cls(lower, upper, imbalance=imbalance, growing=growing)

    @classmethod
    def from_layers(cls, target: Target, layers: Sequence[ArrayLike]) -> Starts:
        """Take starts from the weights of networks.

        Parameters
        ----------
        target : Target
        layers : sequence of two array_like
            W_1 of shape (h, d_x) and W_2 (d_y, h), or (M, h, d_x) and (M, d_y, h), in the
            coordinates of the target's matrix. With identity bases weights are kept bit for bit;
            otherwise the rotation rounds, and `coordinate_error` says by how much.
        """
        validate_target(target)
        if not np.iterable(layers) or len(layers) != 2:
            raise ValueError(f"layers must be W_1 and W_2, got {shown(layers)}; give two matrices")
        given = [
            as_numbers(f"layers[{j}]", w, "must hold real numbers") for j, w in enumerate(layers)
        ]
        first, second = (matrix[None] if matrix.ndim == 2 else matrix for matrix in given)
        starts = cls(first, second)
        if starts.shape != target.shape:
            raise ValueError(
                f"layers must make a matrix of the target's shape {target.shape}, got "
                f"{starts.shape}; give W_1 and W_2 of this target"
            )
        if target.has_identity_bases:
            return starts
        size = np.maximum(largest(starts.first), largest(starts.second))
        error = (target.basis_error + 2 * max(target.shape) * EPS) * size
        return cls(
            starts.first @ target.right,
            target.left.T @ starts.second,
            imbalance=starts.imbalance,
            coordinate_error=np.maximum(starts.coordinate_error, error),
        )


def validate_problem(target: Target, starts: Starts) -> None:
    """Raise unless `target` and `starts` are of their classes, and of one shape."""
    validate_target(target)
    if not isinstance(starts, Starts):
        raise TypeError(
            f"starts must be two_layers.Starts, got {type(starts).__name__}; make them with "
            "Starts(first, second) or Starts.sample(target, ...)"
        )
    if starts.shape != target.shape:
        raise ValueError(
            f"starts must have the target's shape (d_y, d_x) = {target.shape}, got "
            f"{starts.shape}; make them for this target"
        )
    if starts.growing is not None and starts.growing.shape[1] != target.rank:
        raise ValueError(
            f"starts must have growing coefficients of the target's {target.rank} modes, got "
            f"{starts.growing.shape[1]}; make them for this target"
        )


def _rank(target: Target) -> int:
    validate_target(target)
    return target.rank


def _validate_growing(growing: np.ndarray, first: np.ndarray, second: np.ndarray) -> None:
    size, hidden = first.shape[:2]
    most = min(first.shape[2], second.shape[1])
    if (growing.shape[0], growing.shape[2]) != (size, hidden) or growing.shape[1] > most:
        raise ValueError(
            f"growing must have shape (M, r, h) = ({size}, at most {most}, {hidden}), got "
            f"{growing.shape}; leave it out to take it from the layers"
        )


def _validate_kind(
    target: Target, hidden: int, scale: float, imbalance: float, absent: np.ndarray
) -> tuple[int, float, float]:
    """Return width, scale and imbalance for which starts exist, or raise."""
    hidden = _validate_hidden(hidden)
    remedy = "it is the standard deviation of a weight"
    expected = f"must be positive and at most {LARGEST:g}"
    scale = validate_number("scale", scale, expected, lambda x: 0 < x <= LARGEST, remedy)
    expected, remedy = f"must be at most {LARGEST:g} in size", "it is λ"
    imbalance = validate_number(
        "imbalance", imbalance, expected, lambda x: abs(x) <= LARGEST, remedy
    )
    room = target.shape[0 if imbalance > 0 else 1] - int(absent.sum())
    if imbalance and hidden > room:
        larger = "W_2" if imbalance > 0 else "W_1"
        raise ValueError(
            f"hidden must be at most {room} for λ = {imbalance:g}, since {larger} has no more "
            f"directions that may grow, got {hidden}; reduce it, or set imbalance=0"
        )
    return hidden, scale, imbalance


def _validate_hidden(hidden: int) -> int:
    remedy = "give the number of hidden neurons"
    return validate_integer("hidden", hidden, "must be a positive integer", 1, MOST_HIDDEN, remedy)


def _validate_modes(target: Target, modes: Iterable[int], hidden: int) -> list[int]:
    remedy = "count singular values from 0"
    if not np.iterable(modes):
        raise TypeError(f"modes must be indices of singular values, got {shown(modes)}; {remedy}")
    last = target.rank - 1
    expected = f"must be indices from 0 to {last}"
    found = [validate_integer("modes", mode, expected, 0, last, remedy) for mode in modes]
    if len(set(found)) != len(found) or len(found) > _validate_hidden(hidden):
        raise ValueError(
            f"modes must be different, and at most one for each of {hidden} hidden neurons, got "
            f"{shown(found)}; leave some out"
        )
    return found
