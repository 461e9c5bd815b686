"""The exact trajectory of every λ-balanced start (docs/two_layers.md, section 3)."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import shown, validate_choice, validate_times, validate_weight_decay
from dlnpaper._refusals import ON_FAILURE, without
from dlnpaper._target import Target
from dlnpaper._threads import share, validate_threads
from dlnpaper.two_layers import _kernel as kernel
from dlnpaper.two_layers._echelon import find_echelon, find_limit
from dlnpaper.two_layers._eigenbasis import eigenbasis
from dlnpaper.two_layers._starts import Starts, validate_problem

ACCURACY = 1e-9  # of W, relative to its scale; a start that misses it is refused


class _Variable(NamedTuple):
    dims: tuple[str, ...]
    long_name: str


_STATE = ("start", "time")
VARIABLES = {
    "end_to_end": _Variable((*_STATE, "left", "right"), "end-to-end matrix in target coordinates"),
    "singular_values": _Variable((*_STATE, "value"), "singular values of the end-to-end matrix"),
    "loss": _Variable(_STATE, "quadratic loss"),
    "excess": _Variable(_STATE, "loss with weight decay above its value at the limit"),
    "distance": _Variable(_STATE, "distance of the end-to-end matrix from its limit"),
    "error": _Variable(_STATE, "estimate of the absolute error of the end-to-end matrix"),
    "first": _Variable((*_STATE, "right"), "weights into the hidden neuron in target coordinates"),
    "second": _Variable(
        (*_STATE, "left"), "weights out of the hidden neuron in target coordinates"
    ),
}


def solve(
    target: Target,
    starts: Starts,
    times: ArrayLike,
    *,
    weight_decay: float = 0.0,
    variables: Iterable[str] | None = None,
    threads: int | None = None,
    on_failure: Literal["raise", "nan"] = "raise",
) -> xr.Dataset:
    """Exact gradient flow of two layers of any width.

    Parameters
    ----------
    target : Target
        Singular values and shape (d_y, d_x) of the matrix to be learned.
    starts : two_layers.Starts
        M λ-balanced starts with h hidden neurons.
    times : array_like, shape (T,)
        Increasing gradient-flow times, from 0 on, dimensionless. The cost does not depend on them.
    weight_decay : float
        μ ≥ 0 of the penalty ``½μ (‖W_1‖² + ‖W_2‖²)``; positive only if all λ are 0.
    variables : iterable of str, optional
        Which of the result's variables to compute; all by default.
    threads : int, optional
        How many threads share the starts; all processors by default. No bit of the result depends
        on it.
    on_failure : {"raise", "nan"}
        What becomes of starts that cannot be resolved: one error, or NaN in the rows of these.

    Returns
    -------
    xarray.Dataset
        In the singular coordinates of the target:

        end_to_end (start, time, left, right)
            W = W_2 W_1; at time 0 the product of the given layers.
        singular_values (start, time, value)
            Of W, min(h, d_y, d_x) of them.
        loss, excess, distance (start, time)
            The quadratic loss; the loss with penalty above that of the limit; ``‖W − W(∞)‖``. Where
            the limit does not cut through a tie, the last two keep their relative accuracy as they
            vanish.
        error (start, time)
            Estimate of the absolute error of each entry of W: of rounding, and of what rounding of
            the start entails. That of the last two variables is as large while they are not small.
        first (start, time, right), second (start, time, left)
            The weights, for one hidden neuron only: otherwise they are known up to a rotation of
            the hidden neurons.

        With ``on_failure="nan"`` there is also ``resolved`` on ``start``.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it must be.
    ArithmeticError
        If some ``error`` exceeds 1e-9 of the larger of m_1 = sqrt(σ_1² + λ²/4) and
        ``(‖W_1‖² + ‖W_2‖²)/2`` at time 0, unless ``on_failure="nan"``: the start is then too close
        to the stable set of a saddle for its weights to tell when, or whether, it leaves.

    References
    ----------
    docs/two_layers.md of the source distribution, section 3.
    """
    validate_problem(target, starts)
    validate_choice("on_failure", on_failure, ON_FAILURE)
    decay = validate_decay(weight_decay, starts)
    checked, threads = validate_times(times), validate_threads(threads)
    sizes = _sizes(target, starts, checked)
    wanted = _validate_variables(variables, starts)
    # Singular values are those of W, and a state is accepted by its error.
    computed = {name for name in wanted if name != "singular_values"} | {"error"}
    if "singular_values" in wanted:
        computed.add("end_to_end")
    arrays = {name: np.empty([sizes[d] for d in VARIABLES[name].dims]) for name in computed}
    _run(target, starts, checked, decay, arrays, threads)
    if "singular_values" in wanted:
        values = np.linalg.svd(arrays["end_to_end"], compute_uv=False)[..., : sizes["value"]]
        arrays["singular_values"] = np.array(values, dtype=float)
    refused = ~(arrays["error"].max(axis=1) <= ACCURACY * _scales(target, starts))
    if on_failure == "raise":
        _refuse(refused)
    dataset = _dataset(target, checked, {name: arrays[name] for name in wanted}, decay)
    return dataset if on_failure == "raise" else without(dataset, refused)


def validate_decay(weight_decay: float, starts: Starts) -> float:
    """Return μ as a float, or raise."""
    decay = validate_weight_decay(weight_decay)
    if decay and starts.imbalance.any():
        worst = starts.imbalance[np.abs(starts.imbalance).argmax()]
        raise ValueError(
            f"weight_decay must be 0 for starts with an imbalance, got {decay:g} with λ = "
            f"{worst:g}; integrate the layers by dlnpaper.layers.integrate"
        )
    return decay


def _run(
    target: Target,
    starts: Starts,
    times: np.ndarray,
    decay: float,
    arrays: dict[str, np.ndarray],
    threads: int,
) -> None:
    """Fill the arrays by name."""
    form = find_echelon(target, starts, decay)
    limit = find_limit(target, form, decay)
    basis = eigenbasis(target, starts.imbalance)
    # The compiled code has the decaying eigenvectors in the order of the modes.
    rows = np.arange(sum(target.shape))
    rows[len(rows) - target.rank :] = rows[: -target.rank - 1 : -1].copy()
    missing = limit.modes - np.diag(target.singular_values)
    prepared = kernel.Starts(
        coefficients=np.ascontiguousarray(form.coefficients.mT[:, :, rows]),
        pivots=np.where(form.pivots >= 0, rows[form.pivots], -1),
        uncertainty=np.ascontiguousarray(form.uncertainty[:, rows]),
        uncertain=np.any(form.uncertainty > 0, axis=1),
        heights=basis.heights,
        imbalance=starts.imbalance,
        sine=basis.sine,
        cosine=basis.cosine,
        first=starts.first,
        second=starts.second,
        limit=limit.modes,
        share=limit.share,
        limit_loss=target.loss_offset + 0.5 * np.sum(missing**2, axis=(1, 2)),
    )
    problem = kernel.Problem(
        times=times,
        sigma=target.singular_values,
        weight_decay=decay,
        left=target.shape[0],
        right=target.shape[1],
    )
    unwanted = {name: np.empty((0,) * len(VARIABLES[name].dims)) for name in kernel.Outputs._fields}
    outputs = kernel.Outputs(**unwanted | arrays)
    # Those that share their exponentials stand together.
    order = np.lexsort((*form.pivots.T, starts.imbalance))
    share(
        lambda lo, hi: kernel.march(lo, hi, order, prepared, problem, outputs),
        len(starts),
        threads,
    )


def _scales(target: Target, starts: Starts) -> np.ndarray:
    """Return what W is compared with, (M,)."""
    squares = np.sum(starts.first**2, axis=(1, 2)) + np.sum(starts.second**2, axis=(1, 2))
    return np.maximum(eigenbasis(target, starts.imbalance).heights[:, 0], 0.5 * squares)


def _sizes(target: Target, starts: Starts, times: np.ndarray) -> dict[str, int]:
    left, right = target.shape
    value = min(left, right, starts.hidden)
    return {"start": len(starts), "time": len(times), "left": left, "right": right, "value": value}


def _validate_variables(variables: Iterable[str] | None, starts: Starts) -> list[str]:
    """Return the variables in their order, or raise."""
    known = [name for name in VARIABLES if starts.hidden == 1 or name not in ("first", "second")]
    if variables is None:
        return known
    given = [variables] if isinstance(variables, str) else list(variables)
    for name in given:
        if name not in known:
            raise ValueError(
                f"variables must be among {', '.join(known)} for {starts.hidden} hidden neurons, "
                f"got {shown(name)}; leave it out for all"
            )
    return [name for name in known if name in given]


def _dataset(
    target: Target, times: np.ndarray, arrays: dict[str, np.ndarray], decay: float
) -> xr.Dataset:
    units = {"units": "1"}
    data = {
        name: (VARIABLES[name].dims, array, {"long_name": VARIABLES[name].long_name, **units})
        for name, array in arrays.items()
    }
    time = ("time", times, {"long_name": "gradient flow time", **units})
    attrs = {"method": "closed form", "depth": 2, "weight_decay": decay}
    return xr.Dataset(data, coords={"time": time}, attrs=attrs)


def _refuse(refused: np.ndarray) -> None:
    if refused.any():
        raise ArithmeticError(
            f"starts must be resolvable to {ACCURACY:g} of their scale, got "
            f"{np.count_nonzero(refused)} that are not, the first at index {refused.argmax()}; "
            "shorten the times, or give exact zeros in singular coordinates"
        )
