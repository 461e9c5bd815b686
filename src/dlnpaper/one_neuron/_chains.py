"""Chains of one-neuron layers whose two ends are balanced, while the scalars between are not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import validate_array, validate_times
from dlnpaper._decomposition import EPS
from dlnpaper._integration import IntegrationError, System, run, validate_solver
from dlnpaper._target import Target
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem
from dlnpaper.one_neuron._trajectories import assemble


def solve_chain(
    target: Target,
    starts: StartingPoints,
    inner: ArrayLike,
    times: ArrayLike,
    *,
    rtol: float = 1e-12,
) -> xr.Dataset:
    """Gradient flow of one-neuron layers with balanced ends and any scalars between them.

    All hidden layers have one neuron: between the row W_1 and the column W_N, of one norm η, stand
    scalars z_2, ..., z_{N−1} of any size. The directions follow the linear flow
    of docs/theory.md, section 3.1, so that an α that is exactly zero stays zero; one scalar
    equation, for the smallest of η and the scalars, is integrated by SciPy's LSODA together
    with its time τ. With all scalars equal to ``s^{1/N}`` this is `dlnpaper.solve`.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x).
    starts : StartingPoints
        M end-to-end matrices W(0) = s u vᵀ, in singular coordinates.
    inner : array_like, (M, N − 2) or (N − 2,) for all
        z_2, ..., z_{N−1} at the start, of either sign, not zero; N ≥ 3. They leave
        ``η² = s / Π_j |z_j|`` to the ends.
    times : array_like, (T,)
        Output times, increasing from at least 0, dimensionless.
    rtol : float
        Relative tolerance of a step of the scalar equation.

    Returns
    -------
    xarray.Dataset
        ``s``, ``log_s``, ``alignment``, ``loss``, ``tau``, ``a`` and ``b`` as `dlnpaper.solve`
        returns them, and the weights: ``end`` (start, time), the norm η of the ends, and ``inner``
        (start, time, scalar). τ falls while the product of the scalars has another sign than at the
        start.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its stated kind, shape or range.
    IntegrationError
        If the solver fails.

    Notes
    -----
    If no scalar is smaller than the ends, ``|z_j| ≥ η``, or c > 0 at the start, the limit is that
    of `dlnpaper.limits`. Otherwise a smaller one may pass through zero, at most once, and takes W
    with it: from then on −β has the part of α. If several share the least size, they may approach
    zero instead, and W ends there while the ends do not (docs/two_layers.md, section 7).

    Examples
    --------
    >>> target = Target([2.0, 1.0], shape=(2, 2))
    >>> start = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=0.1)
    >>> float(solve_chain(target, start, [0.9], [50.0]).s[0, 0].round(8))
    1.0
    """
    validate_problem(target, starts)
    validate_scales(target, starts)
    times, inner = validate_times(times), _validate_inner(inner, len(starts))
    rtol, _ = validate_solver("LSODA", rtol, None)
    tau_scale = 1 / float(target.singular_values[0])
    found = []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for i in range(len(starts)):
            system = _system(_chain(target, starts, i, inner[i]), tau_scale)
            states = run(system, times, "LSODA", rtol, None, f"start {i} of the chain")
            found.append(system.read(states))
    arrays = {name: np.stack([each[name] for each in found]) for name in found[0]}
    for name in ("s", "end", "inner"):
        if not np.isfinite(arrays[name]).all():
            raise IntegrationError(f"{name} must be finite, got an overflow; rescale the starts")
    weights = {name: arrays.pop(name) for name in ("end", "inner")}
    r, sigma, s = target.rank, target.singular_values, arrays["s"]
    arrays["alignment"] = (arrays["a"][..., :r] * arrays["b"][..., :r]) @ sigma
    offset = sigma @ sigma / 2 + target.loss_offset
    arrays["loss"] = s * (s / 2 - arrays["alignment"]) + offset
    attrs = {"method": "linear flow and LSODA", "rtol": rtol}
    solved = assemble(target, inner.shape[1] + 2, starts, times, arrays, attrs)
    about = {"end": "norm of the first and of the last layer", "inner": "scalars between the ends"}
    dims = {"end": ("start", "time"), "inner": ("start", "time", "scalar")}
    return solved.assign(
        {
            name: (dims[name], values, {"long_name": about[name], "units": "1"})
            for name, values in weights.items()
        }
    )


class _Chain(NamedTuple):
    """One chain: its linear flow, and the scalars by the smallest of all, w.

    Squares differ by constants: ``z_j² = w² + gaps_j`` and ``η² = w² + end_gap``. Signs are moved
    to the ends, so that all scalars are positive at the start.
    """

    amplitudes: np.ndarray  #: α (r,), β (r,) and the null parts √2 a, √2 b, as one row z
    rates: np.ndarray  #: σ, −σ and zeros, one for each amplitude
    outputs: int  #: How many of the null parts belong to a.
    least: float  #: w at the start
    gaps: np.ndarray  #: (N − 2,)
    end_gap: float
    signs: np.ndarray  #: of the scalars at the start, (N − 2,)

    @property
    def may_vanish(self) -> bool:
        """Whether w may pass through zero: if one scalar alone is the smallest."""
        return self.end_gap > 0 and np.count_nonzero(self.gaps == 0) == 1

    def weights(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scalars (..., N − 2), and η² (...), for any w (...)."""
        square = np.square(w)
        # Those that share the least size share its sign, too.
        scalars = np.where(self.gaps == 0, w[..., None], np.sqrt(square[..., None] + self.gaps))
        return scalars, square + self.end_gap


def _chain(target: Target, starts: StartingPoints, i: int, inner: np.ndarray) -> _Chain:
    r, size = target.rank, np.abs(inner)
    end = np.exp((np.log(starts.s[i]) - np.log(size).sum()) / 2)
    # The size of the ends is computed: what agrees with it to rounding is balanced.
    size = np.where(np.abs(size - end) <= 4 * (len(inner) + 2) * EPS * end, end, size)
    least = min(float(end), float(size.min()))
    null = np.sqrt(2) * np.concatenate([starts.a[i, r:], starts.b[i, r:]])
    sigma = target.singular_values
    return _Chain(
        np.concatenate([starts.alpha(target)[i], starts.beta(target)[i], null]),
        np.concatenate([sigma, -sigma, np.zeros(null.size)]),
        target.shape[0] - r,
        least,
        (size - least) * (size + least),
        float((end - least) * (end + least)),
        np.sign(inner),
    )


def _system(chain: _Chain, tau_scale: float) -> System:
    """Return the flow of (w, τ), or of (log w, τ) where w stays positive.

    From ``d(η²)/dτ = 2 η² (c − κ η²)`` and ``dτ/dt = κ``, the product of the scalars.
    """
    kept = np.flatnonzero(chain.amplitudes)
    shared = np.count_nonzero(chain.gaps == 0)
    log_square, rates = 2 * np.log(np.abs(chain.amplitudes[kept])), chain.rates[kept]

    def rhs(_: float, y: np.ndarray) -> np.ndarray:
        w = y[0] if chain.may_vanish else np.exp(y[0])
        scalars, square = chain.weights(np.asarray(w))
        exponents = log_square + 2 * rates * y[1]
        parts = np.exp(exponents - exponents.max())
        product = scalars.prod()
        pull = rates @ parts / parts.sum() - product * square
        # dw/dt = κ/w η² (c − κ η²), where w is one of the factors.
        if chain.end_gap == 0:
            return np.array([product * pull, product])
        powers = w ** (shared - (1 if chain.may_vanish else 2))
        return np.array([powers * scalars[chain.gaps > 0].prod() * square * pull, product])

    def read(states: np.ndarray) -> dict[str, np.ndarray]:
        w = states[:, 0] if chain.may_vanish else np.exp(states[:, 0])
        scalars, square = chain.weights(w)
        product = scalars.prod(axis=1)
        a, b = _directions(chain, states[:, 1])
        log_s = np.log(np.abs(scalars)).sum(axis=1) + np.log(square)
        return {
            "s": np.exp(log_s),
            "log_s": log_s,
            "tau": states[:, 1],
            "a": _side(product)[:, None] * a,
            "b": b,
            "end": np.sqrt(square),
            "inner": chain.signs * scalars,
        }

    if chain.may_vanish:
        return System(rhs, np.array([chain.least, 0.0]), np.array([chain.least, tau_scale]), read)
    return System(rhs, np.array([np.log(chain.least), 0.0]), np.array([1.0, tau_scale]), read)


def _side(product: np.ndarray) -> np.ndarray:
    """Return the sign that W, and with it u, takes from the product of the scalars."""
    return np.where(product < 0, -1.0, 1.0)


def _directions(chain: _Chain, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a (T, d_y) and b (T, d_x) of the linear flow at any τ (T,), of either sign."""
    exponents = chain.rates * tau[:, None] + np.log(np.abs(chain.amplitudes))
    z = np.sign(chain.amplitudes) * np.exp(exponents - exponents.max(axis=1, keepdims=True))
    # |z|² = 4; one common factor, so that α = 0 stays exactly zero.
    z *= 2 / np.linalg.norm(z, axis=1, keepdims=True)
    r = np.count_nonzero(chain.rates) // 2
    alpha, beta, null = np.split(z, [r, 2 * r], axis=1)
    null = null / np.sqrt(2)
    a = np.hstack([(alpha + beta) / 2, null[:, : chain.outputs]])
    b = np.hstack([(alpha - beta) / 2, null[:, chain.outputs :]])
    return a, b


def _validate_inner(inner: ArrayLike, count: int) -> np.ndarray:
    """Return the scalars as a new float array (M, N − 2), or raise."""
    array = validate_array("inner", inner, None)
    if array.ndim not in (1, 2) or 0 in array.shape or array.shape[:-1] not in ((), (count,)):
        raise ValueError(
            f"inner must have shape (N − 2,), or ({count}, N − 2) for {count} starts, with N ≥ 3, "
            f"got shape {array.shape}; for two layers use dlnpaper.two_layers"
        )
    if (array == 0).any():
        where = np.argwhere(array == 0)[0].tolist()
        raise ValueError(
            f"inner must not be zero, got 0.0 at {where}; W(0) = s u vᵀ is not, with s > 0"
        )
    return np.broadcast_to(array, (count, array.shape[-1])).copy()
