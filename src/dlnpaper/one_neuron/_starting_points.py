"""Balanced rank-one starting points, W(0) = s u vᵀ, in singular coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    Frozen,
    as_numbers,
    freeze,
    selected_rows,
    shown,
    validate_array,
    validate_depth,
    validate_fraction,
    validate_integer,
)
from dlnpaper._decomposition import EPS
from dlnpaper._draws import generator, uniform_rows, unit_vectors, validate_per_start
from dlnpaper._target import Target, validate_target
from dlnpaper.layers._balanced import build_layers, factor_layers, validate_widths
from dlnpaper.one_neuron._draws import (
    gaussian_starts,
    leave_stable_set,
    limit_group,
    log_uniform,
    opposed_unit_vectors,
    torus,
    validate_interval,
    validate_unit,
)


@dataclass(frozen=True, init=False, eq=False, repr=False)
class StartingPoints(Frozen):
    """M balanced rank-one starts ``W(0) = s u vᵀ`` (docs/theory.md, sections 1 and 2).

    ``a_i = u_iᵀ u`` and ``b_i = v_iᵀ v`` are the coordinates in the singular vectors of the target.
    A start lies on the stable set of a saddle where some ``a_i + b_i`` is zero, so the vectors are
    kept bit for bit as given: nothing normalizes them afterwards.

    Parameters
    ----------
    a : array_like, (M, d_y)
        Unit vectors, to 1e-12.
    b : array_like, (M, d_x)
        Unit vectors, to 1e-12.
    s : array_like, (M,), or a number for all
        Magnitudes, positive and finite.
    coordinate_error : array_like, (M,), or a number for all
        Absolute uncertainty of each entry of ``a`` and ``b``; 0 where they are exact.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold finite real numbers, or is not as described.

    Examples
    --------
    >>> starts = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=0.1)
    >>> starts.alpha(Target([2.0, 1.0], shape=(2, 2)))
    array([[0. , 1.6]])
    """

    a: np.ndarray
    b: np.ndarray
    s: np.ndarray
    coordinate_error: np.ndarray

    def __init__(
        self, a: ArrayLike, b: ArrayLike, s: ArrayLike, coordinate_error: ArrayLike = 0.0
    ) -> None:
        a, b = validate_array("a", a, 2), validate_array("b", b, 2)
        if len(a) != len(b):
            raise ValueError(
                f"a and b must have one row per start, got {len(a)} and {len(b)} rows; pair them"
            )
        validate_unit("a", a)
        validate_unit("b", b)
        s = validate_per_start("s", s, len(a))
        if (s <= 0).any():
            i = (s <= 0).argmax()
            raise ValueError(
                f"s must be positive, got s[{i}] = {s[i]}; put a sign into a, and leave out W = 0, "
                "which is stationary"
            )
        error = validate_per_start("coordinate_error", coordinate_error, len(a))
        if (error < 0).any():
            i = (error < 0).argmax()
            raise ValueError(
                f"coordinate_error must not be negative, got coordinate_error[{i}] = {error[i]}; "
                "give its magnitude, or 0 for exact coordinates"
            )
        freeze(self, {"a": a, "b": b, "s": s, "coordinate_error": error})

    def __len__(self) -> int:
        return len(self.s)

    def __getitem__(self, index: Any) -> StartingPoints:
        """Select starts by an integer, a slice, an array of integers or a mask."""
        rows = selected_rows(len(self), index)
        return StartingPoints(self.a[rows], self.b[rows], self.s[rows], self.coordinate_error[rows])

    def __repr__(self) -> str:
        span = f", s from {self.s.min():.3g} to {self.s.max():.3g}" if len(self) else ""
        return f"StartingPoints({len(self)} starts, shape={self.shape}{span})"

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (d_y, d_x) of the end-to-end matrix."""
        return self.a.shape[1], self.b.shape[1]

    def alpha(self, target: Target) -> np.ndarray:
        """Return α_i = a_i + b_i for i ≤ r, (M, r): what decides the limit."""
        validate_problem(target, self)
        return self.a[:, : target.rank] + self.b[:, : target.rank]

    def beta(self, target: Target) -> np.ndarray:
        """Return β_i = a_i − b_i for i ≤ r, (M, r)."""
        validate_problem(target, self)
        return self.a[:, : target.rank] - self.b[:, : target.rank]

    def rho(self, target: Target) -> np.ndarray:
        """Return ρ, (M,), the size of the null part: ρ² = ½ Σ_{i>r} (a_i² + b_i²)."""
        validate_problem(target, self)
        null = np.hstack([self.a[:, target.rank :], self.b[:, target.rank :]])
        # By hypot: squares of tiny entries vanish.
        return np.hypot.reduce(null, axis=1) / np.sqrt(2)

    @classmethod
    def concatenate(cls, parts: Iterable[StartingPoints]) -> StartingPoints:
        """Join starts of one shape, in order, bit for bit."""
        parts = list(parts) if np.iterable(parts) else [parts]
        for part in parts:
            if not isinstance(part, StartingPoints):
                raise TypeError(
                    f"parts must be a list of StartingPoints, got {shown(part)} in it; "
                    "make it with StartingPoints(a, b, s)"
                )
        shapes = sorted({part.shape for part in parts})
        if len(shapes) != 1:
            raise ValueError(
                f"parts must have one shape (d_y, d_x), got {shapes}; concatenate for each target"
            )
        names = ("a", "b", "s", "coordinate_error")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @classmethod
    def sample(
        cls,
        target: Target,
        size: int,
        rng: np.random.Generator | int,
        *,
        s: float | tuple[float, float] = (0.01, 1.0),
        first: int = 0,
    ) -> StartingPoints:
        """Draw starts with independent uniform directions.

        Draw order: each start takes a row of ``d_y + d_x + 1`` uniforms, for the direction of
        ``a``, that of ``b``, and ``log s`` (drawn also when s is fixed). So start i depends on the
        seed, i and the shape alone, not on ``size``.

        Parameters
        ----------
        target : Target
        size : int
            Number of starts.
        rng : numpy.random.Generator or int
            A seed stands for ``Generator(Philox(seed))``.
        s : float or (float, float)
            One magnitude for all, or the ends of an interval in which it is log-uniform.
        first : int
            With a seed, the number of the first start: the draws are starts ``first``,
            ``first + 1``, ... of the seed's ensemble, without drawing those before them.
        """
        validate_target(target)
        interval = validate_interval(s)
        uniforms = uniform_rows(rng, size, sum(target.shape) + 1, first)
        a, b, last = np.split(uniforms, np.cumsum(target.shape), axis=1)
        return cls(unit_vectors(a), unit_vectors(b), log_uniform(*interval, last[:, 0]))

    @classmethod
    def gaussian(
        cls,
        target: Target,
        widths: Sequence[int],
        size: int,
        rng: np.random.Generator | int,
        *,
        first: int = 0,
    ) -> StartingPoints:
        """Draw balanced starts with the W(0) of Gaussian layers, one of which has one neuron.

        The layers, with independent entries N(0, 1/n_{l-1}), are not formed: directions are uniform
        and independent, and s² is a product of χ² variables (docs/scaling.md, section 5). The
        layers themselves, `dlnpaper.layers.gaussian`, are not balanced; these starts are.

        Draw order: each start takes a row of uniforms, for the directions of ``a`` and ``b``, then
        one for each χ² variable.

        Parameters
        ----------
        target : Target
        widths : sequence of int
            Of the hidden layers, n_1, ..., n_{N-1}, one of them 1 unless d_x or d_y is.
        size, rng, first
            As in `sample`.
        """
        a, b, s = gaussian_starts(target, widths, size, rng, first)
        return cls(a, b, s)

    @classmethod
    def grid(cls, target: Target, n: int, s: float) -> StartingPoints:
        """Take all pairs of n equally spaced angles, n² starts for a target of shape (2, 2).

        Start ``i n + j`` has ``a = (cos θ, sin θ)`` with θ = 2πi/n, ``b = (cos φ, sin φ)`` with
        φ = 2πj/n, and magnitude s. Reflections of the angles are exact in floating point: an α that
        vanishes at a node (for even n) is exactly zero, and every other α is far above round-off.
        """
        validate_target(target)
        if target.shape != (2, 2):
            raise ValueError(
                f"target must have shape (2, 2) for a grid over two angles, got {target.shape}; "
                "use sample for other shapes"
            )
        a, b = torus(n)
        if as_numbers("s", s, "must be one number").ndim:
            raise ValueError(f"s must be one number, got {shown(s)}; a grid has one magnitude")
        return cls(a, b, s)

    @classmethod
    def on_stable_set(
        cls,
        target: Target,
        limit: int | Literal["origin"],
        size: int,
        rng: np.random.Generator | int,
        *,
        s: float | tuple[float, float] = (0.01, 1.0),
    ) -> StartingPoints:
        """Draw starts that end exactly in a chosen saddle, or at the origin.

        ``b_i = -a_i`` bit for bit for the m indices whose σ_i exceeds the limit's (for the origin,
        all i ≤ r), so that α_i is exactly zero; some α_i in the group of the limit's singular value
        is not. The starts are uniform in the surface measure of this set, as a part of the product
        of the two unit spheres: with p = d_y − m and q = d_x − m, the m shared entries have a
        uniform direction and the squared norm 1 − y, where y ~ Beta((p+q−1)/2, m/2); the rests of a
        and b have norm √y and independent uniform directions. (For the origin with p = 0 or q = 0,
        y = 0; for a saddle with p = q = 1, the rests are equal.)

        Draw order: each start takes a row of ``d_y + d_x - m + 2`` uniforms, for the shared
        direction, the rest of a, the rest of b, y, and ``log s``; start i does not depend on
        ``size``.

        Parameters
        ----------
        target : Target
        limit : int or "origin"
            Index of a singular value, from 0, or the origin. Any index of a tie stands for the tie.
        size, rng, s
            As in `sample`.

        Raises
        ------
        ValueError
            If ``limit`` is not the index of a singular value, or that value is σ_1: almost all
            starts end there (half of them if d_y = d_x = 1).
        """
        validate_target(target)
        interval, group = validate_interval(s), limit_group(target, limit)
        m = group.start
        uniforms = uniform_rows(rng, size, sum(target.shape) - m + 2)
        a, b = opposed_unit_vectors(uniforms[:, :-1], target.shape, m)
        if limit != "origin":
            # With p = q = 1 half of the draws have b = -a throughout, and would end at the origin.
            b[(a[:, group] == -b[:, group]).all(axis=1), m:] *= -1
        return cls(a, b, log_uniform(*interval, uniforms[:, -1]))

    @classmethod
    def near_stable_set(
        cls,
        target: Target,
        limit: int | Literal["origin"],
        alpha: ArrayLike,
        size: int,
        rng: np.random.Generator | int,
        *,
        s: float | tuple[float, float] = (0.01, 1.0),
    ) -> StartingPoints:
        """Draw starts that visit a saddle, or the origin, and leave it in the end.

        They are the starts of `on_stable_set` for the same arguments, moved off the set: the α_i of
        the m modes above the limit, which are zero there, take the values ``alpha``, by a change of
        b_i. The smaller they are, the longer the visit: it ends at
        ``τ ≈ ln(A / |α_1|) / (σ_1 − σ_k)``, where A is the norm of α over the limit's group
        (docs/theory.md, section 4), and `dlnpaper.escape_time` says when exactly.

        Parameters
        ----------
        target : Target
        limit : int or "origin"
            The saddle to be visited, as in `on_stable_set`.
        alpha : float or array_like, (size, m)
            α_1 of every start, while the other α_i above the limit stay exactly zero; or α_i of
            every start and mode above the limit, zeros among them staying exact.
        size, rng, s
            As in `on_stable_set`.

        Raises
        ------
        ValueError
            As in `on_stable_set`; if alpha is of another shape, or too large for unit vectors; if
            the limit is the origin and the target has no null directions on one side.

        Notes
        -----
        α_i is the sum of the floats a_i and b_i, and is what `alpha` asks for to a millionth of it,
        however small: beside an ``|α_i|`` below about 1e-10 ``|a_i|`` is made smaller, at most
        ``2^33 |α_i|``. The method `alpha` gives the exact value.
        """
        on = cls.on_stable_set(target, limit, size, rng, s=s)
        values = _validate_alpha(alpha, len(on), limit_group(target, limit).start)
        a, b = leave_stable_set(on.a, on.b, values, target.rank)
        return cls(a, b, on.s)

    @classmethod
    def from_vectors(
        cls, target: Target, u: ArrayLike, v: ArrayLike, s: ArrayLike
    ) -> StartingPoints:
        """Take starts ``W(0) = s u vᵀ`` from vectors in the coordinates of the target's matrix.

        The rows of u (M, d_y) and v (M, d_x) must be unit vectors, to 1e-12; s is as in the class.
        With identity bases (a target built from singular values) a = u and b = v, bit for bit.
        Otherwise the rotation rounds: `coordinate_error` is
        ``target.basis_error + 2 max(d_y, d_x) eps``, and an α that should be zero is of that size.
        """
        validate_target(target)
        u, v = validate_array("u", u, 2), validate_array("v", v, 2)
        for name, vectors, size in (("u", u, target.shape[0]), ("v", v, target.shape[1])):
            if vectors.shape[1] != size:
                raise ValueError(
                    f"{name} must have {size} columns for a target of shape {target.shape}, "
                    f"got shape {vectors.shape}; give one start a row"
                )
            validate_unit(name, vectors)
        if target.has_identity_bases:
            return cls(u, v, s)
        error = target.basis_error + 2 * max(target.shape) * EPS
        return cls(u @ target.left, v @ target.right, s, error)

    @classmethod
    def from_layers(
        cls, target: Target, layers: Sequence[ArrayLike], *, tolerance: float | None = None
    ) -> StartingPoints:
        """Take one start from the weights of a network.

        Its `coordinate_error` is that of `from_vectors` plus ``4 N max_j d_j eps``, the relative
        imbalance and the ratio of singular values.

        Parameters
        ----------
        target : Target
        layers : sequence of array_like
            W_1, ..., W_N, N ≥ 2, with ``W_j`` of shape (d_j, d_{j-1}), d_0 = d_x and d_N = d_y, not
            zero, in the coordinates of the target's matrix. Balanced, ``‖W_{j+1}ᵀ W_{j+1} − W_j
            W_jᵀ‖ ≤ tolerance`` times the larger of the two norms (Frobenius), and of rank one,
            second singular value ≤ ``tolerance`` times the first; ValueError otherwise. Arrays of
            any real type, and what has an ``__array__``, such as a framework's tensors.
        tolerance : float, optional
            Default: 1e-10, or a hundred times the spacing of the least precise floats among the
            layers at 1 if that is more, 1.2e-5 for float32.
        """
        validate_target(target)
        if tolerance is not None:
            remedy = "it bounds relative imbalance and second singular values"
            tolerance = validate_fraction("tolerance", tolerance, remedy)
        u, v, s, error = factor_layers(layers, target.shape, tolerance)
        start = cls.from_vectors(target, u[None], v[None], s)
        return cls(start.a, start.b, start.s, start.coordinate_error + error)

    def layers(
        self,
        index: int,
        depth: int,
        widths: int | Sequence[int],
        rng: np.random.Generator | int,
        target: Target | None = None,
    ) -> list[np.ndarray]:
        """Build balanced weights of a network whose end-to-end matrix is start ``index``.

        They are W_1, ..., W_N, ``W_j = s^{1/N} w_j w_{j-1}ᵀ`` of shape (d_j, d_{j-1}), with
        w_0 = v, w_N = u, and uniform hidden unit vectors w_1, ..., w_{N-1}, drawn in this order,
        ``rng.standard_normal(d_j)`` each.

        Parameters
        ----------
        index : int
        depth : int
            Number of layers N ≥ 2.
        widths : int or sequence of int
            d_1, ..., d_{N-1}, or one number for all. Every balanced flow keeps rank one, but only a
            one-neuron layer (a width, d_y or d_x of 1) keeps it under rounding as well.
        rng : numpy.random.Generator or int
            As in `sample`.
        target : Target, optional
            If given, W_1 and W_N are in the coordinates of the target's matrix, as `from_layers`
            takes them, instead of its singular coordinates.
        """
        size, remedy = len(self), "len(starts) is their number"
        expected = f"must be an integer from {-size} on"
        index = validate_integer("index", index, expected, -size, size - 1, remedy)
        depth = validate_depth(depth)
        widths = validate_widths(widths, depth)
        u, v = self.a[index], self.b[index]
        if target is not None:
            validate_problem(target, self)
            u, v = target.left @ u, target.right @ v
        return build_layers(u, v, self.s[index], widths, generator(rng))


def _validate_alpha(alpha: ArrayLike, size: int, m: int) -> np.ndarray:
    """Return the α_i of the m modes above a limit, (size, m); one number is α_1, the rest zero."""
    values = validate_array("alpha", alpha, None)
    if values.ndim == 0:
        return np.pad(np.full((size, 1), values), ((0, 0), (0, m - 1)))
    if values.shape != (size, m):
        raise ValueError(
            f"alpha must be one number or have shape (size, m) = ({size}, {m}) for the {m} modes "
            f"above the limit, got shape {values.shape}; give a row for each start"
        )
    return values


def validate_problem(target: Target, starts: StartingPoints) -> None:
    """Raise unless `target` and `starts` are of their classes, and of one shape."""
    validate_target(target)
    if not isinstance(starts, StartingPoints):
        raise TypeError(
            f"starts must be StartingPoints, got {type(starts).__name__};"
            " make them with StartingPoints(a, b, s) or StartingPoints.sample(target, ...)"
        )
    if starts.shape != target.shape:
        raise ValueError(
            f"starts must have the target's shape (d_y, d_x) = {target.shape}, "
            f"got {starts.shape}; make them for this target"
        )
