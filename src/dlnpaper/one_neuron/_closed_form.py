"""The exact trajectory of every balanced start (docs/theory.md, section 3)."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper._checks import (
    shown,
    validate_choice,
    validate_depth,
    validate_times,
    validate_weight_decay,
)
from dlnpaper._refusals import ON_FAILURE, without
from dlnpaper._target import Target
from dlnpaper._threads import share, validate_threads
from dlnpaper.one_neuron import _kernel as kernel
from dlnpaper.one_neuron._depths import Depth, are_several, for_each_depth
from dlnpaper.one_neuron._fates import Fate
from dlnpaper.one_neuron._panels import elementary_tables, panel_tables
from dlnpaper.one_neuron._reduced import Reduced
from dlnpaper.one_neuron._scales import validate_entries
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem
from dlnpaper.one_neuron._trajectories import VARIABLES, assemble, validate_variables

ACCURACY = 1e-11  # of s, relative; a start that misses it is refused


def solve(
    target: Target,
    depth: Depth,
    starts: StartingPoints,
    times: ArrayLike,
    *,
    weight_decay: float = 0.0,
    variables: Iterable[str] | None = None,
    threads: int | None = None,
    on_failure: Literal["raise", "nan"] = "raise",
    out: xr.Dataset | None = None,
) -> xr.Dataset:
    """Exact gradient flow of a deep linear network with a one-neuron layer.

    Parameters
    ----------
    target : Target
        Singular values and shape (d_y, d_x) of the matrix to be learned.
    depth : int or sequence of int
        Number of layers N, from 2 on, or several of them.
    starts : StartingPoints
        M balanced starts, in singular coordinates.
    times : array_like, shape (T,)
        Increasing gradient-flow times, from 0 on, dimensionless.
    weight_decay : float
        μ ≥ 0, of the penalty ``½ μ Σ_j ‖W_j‖²`` on the layers.
    variables : iterable of str, optional
        Which of the result's variables to compute; all by default.
    threads : int, optional
        How many threads share the starts; all processors by default. No bit of the result depends
        on it.
    on_failure : {"raise", "nan"}
        What becomes of starts that cannot be resolved: one error, or NaN in the rows of these.
    out : xarray.Dataset, optional
        An earlier result with the same variables and sizes, whose memory the new one takes over.
        Its values are overwritten, even if the call fails with an ArithmeticError.

    Returns
    -------
    xarray.Dataset
        On ``start, time``: the singular value ``s`` of the end-to-end matrix and its logarithm
        ``log_s``, the ``alignment`` a'Σb, the quadratic ``loss``, ``excess`` over the loss of the
        limit, the time ``tau`` of the linear flow, and ``error``, see below; singular vectors ``a``
        on ``start, time, left`` and ``b`` on ``start, time, right``. In memory, a and b are ordered
        by start, component and time. Several depths make a leading dimension ``depth`` of all
        variables. With ``on_failure="nan"`` there is also ``resolved`` on ``start``. With weight
        decay the excess is that of the regularized loss, ``loss + ½ N μ s^(2/N)``.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it must be.
    ArithmeticError
        If a start cannot be resolved to the accuracy stated below, unless ``on_failure="nan"``.

    Notes
    -----
    The relative error of s, and the absolute errors of a, b and alignment/σ_1, stay below 1e-11,
    and mostly below 1e-13, that of τ below 1e-13 of ``τ + 1/σ_1``. These are errors of the method.
    The data have errors too: a relative error of 1e-15 in ``t`` is magnified by ``t |ds/dt| / s``,
    large at the escape from a long plateau, and an α_1 known to few digits makes the time of the
    escape from a saddle as uncertain. An α that is exactly zero stays so. Rounding of exponents
    adds up to 2e-16 ``N log(1/|α_1|)`` to the error of s, which can exceed 1e-11 in deep networks
    that stay long near a saddle.

    ``error`` estimates all this, state by state, from what the series leave out, rounding, and the
    speed of the state. It covers s, a and b. Neither does it cover the alignment, whose error is
    relative to σ_1 even where it is small itself, nor the excess: that is a sum of positive terms,
    with all digits even when it is tiny, but a relative error of 1e-15 in ``t`` is magnified by
    ``t |d excess/dt| / excess``, which grows without bound as the excess decays.

    With weight decay and N ≥ 3 two limits attract, and an error near the boundary between their
    basins grows like the distance from it. ``error`` follows that too, beyond 1e-11 where it must;
    refused is a start for which it exceeds 1e-6 or, if the excess is wanted, which `limits` cannot
    decide.

    The first call compiles: about 6 s of processor time for two layers, 15 s once for all other
    depths, and as much once more for these with weight decay. The result is kept on disk, beside
    the package or, if that is read-only, in the cache of the user, so that later processes load it
    in a fraction of a second.

    References
    ----------
    docs/theory.md of the source distribution, section 3, and docs/weight_decay.md, section 5; Chen,
    Lin & Zhang 2022.
    """
    validate_choice("on_failure", on_failure, ON_FAILURE)
    if are_several(depth):
        _refuse_memory(out)
        options: dict[str, Any] = {
            "weight_decay": weight_decay,
            "variables": variables,
            "threads": threads,
            "on_failure": on_failure,
        }
        each = partial(solve, target, starts=starts, times=times, **options)
        return for_each_depth(each, depth, shared=["singular_values"])
    validate_problem(target, starts)
    validate_entries(starts)
    depth, checked = validate_depth(depth), validate_times(times)
    decay = validate_weight_decay(weight_decay)
    shapes = _shapes(validate_variables(variables), target, starts, checked)
    threads = validate_threads(threads)
    if out is None:
        arrays = {name: np.empty(shape) for name, shape in shapes.items()}
    else:
        arrays = _memory_of(out, shapes)
    problem = Reduced(target, depth, starts, checked, decay)
    refused = problem.out_of_range()
    if on_failure == "raise":
        _refuse(refused)
    problem.s[refused] = 1.0  # whose trajectories are computed, and not returned
    unwanted = {name: np.empty((0,) * len(spec.dims)) for name, spec in VARIABLES.items()}
    outputs = kernel.Outputs(**unwanted | arrays)
    errors = np.full(len(starts), np.inf)
    for c_limit, which in problem.classes() if not refused.all() else ():
        share(_task(problem, c_limit, which, outputs, errors), len(which), threads)
    refused |= ~(errors <= ACCURACY)
    if on_failure == "raise":
        _refuse(refused)
    # From the order in memory to that of the dimensions.
    swapped = {name: array.swapaxes(1, -1) for name, array in arrays.items()}
    attrs: dict[str, object] = {"method": "closed form"}
    if decay > 0:
        attrs["weight_decay"] = decay
    dataset = assemble(target, depth, starts, checked, swapped, attrs)
    return dataset if on_failure == "raise" else without(dataset, refused)


def _shapes(
    names: Iterable[str], target: Target, starts: StartingPoints, times: np.ndarray
) -> dict[str, tuple[int, ...]]:
    """Return shapes in which time runs fastest: one number after the other is the next moment."""
    left, right = target.shape
    sizes = {"start": len(starts), "time": len(times), "left": left, "right": right}
    dims = {name: VARIABLES[name].dims for name in names}
    swapped = {name: (start, *others, time) for name, (start, time, *others) in dims.items()}
    return {name: tuple(sizes[dim] for dim in order) for name, order in swapped.items()}


def _memory_of(out: xr.Dataset, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Return the arrays of an earlier result, in the order in memory, if they fit."""
    remedy = "pass a result with the same variables and sizes, or leave it out"
    if not isinstance(out, xr.Dataset):
        raise TypeError(f"out must be a dataset that solve returned, got {shown(out)}; {remedy}")
    found = [name for name in VARIABLES if name in out.data_vars]
    if set(found) != set(shapes):
        raise ValueError(
            f"out must have the variables {', '.join(shapes)}, got {', '.join(found) or 'none'};"
            f" {remedy}"
        )
    arrays = {}
    for name, shape in shapes.items():
        array = out[name].variable.data
        wanted = (shape[0], shape[-1], *shape[1:-1])
        if array.shape != wanted:
            raise ValueError(f"out must have {name} of shape {wanted}, got {array.shape}; {remedy}")
        if not (isinstance(array, np.ndarray) and _is_own(array.swapaxes(1, -1))):
            raise ValueError(
                f"out must be as solve returned it, got a {name} that was copied, cut, converted or"
                f" made read-only; {remedy}"
            )
        arrays[name] = array.swapaxes(1, -1)
    return arrays


def _is_own(array: np.ndarray) -> bool:
    """Return whether compiled code may write to an array as to one that `solve` made."""
    flags = array.flags
    return array.dtype == np.float64 and flags.c_contiguous and flags.aligned and flags.writeable


def _task(
    reduced: Reduced, c_limit: float, which: np.ndarray, out: kernel.Outputs, errors: np.ndarray
) -> Callable[[int, int], None]:
    """Return the function of (lo, hi) that computes the trajectories of ``which[lo:hi]``."""
    depth = reduced.depth
    if depth > 2 and reduced.decay > 0:
        return _decaying_task(reduced, c_limit, which, out, errors)
    # Two layers feel no more of weight decay than a smaller alignment.
    problem = reduced.problem(c_limit, c_limit - reduced.decay)
    starts, rates = reduced.starts(problem.c_limit), problem.rates.tobytes()
    if depth == 2 and reduced.squares_keep_digits(which):
        exact = elementary_tables(rates, problem.c_limit, reduced.times.tobytes())
        return lambda lo, hi: kernel.march_two_layers(
            lo, hi, which, starts, problem, exact, out, errors
        )
    tables = panel_tables(depth, problem.c_limit, rates)
    return lambda lo, hi: kernel.march(lo, hi, which, starts, problem, tables, out, errors)


def _decaying_task(
    reduced: Reduced, c_limit: float, which: np.ndarray, out: kernel.Outputs, errors: np.ndarray
) -> Callable[[int, int], None]:
    fate, ends = Fate(reduced, c_limit), np.zeros(len(errors))
    problem, decay, starts, tables = fate.problem, fate.decay, fate.starts, fate.tables

    def run(lo: int, hi: int) -> None:
        chunk = which[lo:hi]
        decided = np.ones(chunk.size, bool)
        if out.excess.size:
            survives, decided = fate.decide(chunk)
            ends[chunk[survives]] = decay.limit.c_limit
        kernel.march_decaying(lo, hi, which, starts, ends, problem, decay, tables, out, errors)
        errors[chunk[~decided]] = np.inf

    return run


def _refuse_memory(out: xr.Dataset | None) -> None:
    if out is not None:
        raise ValueError(
            f"out must be left out for several depths, got {shown(out)}; call solve for each depth"
        )


def _refuse(starts: np.ndarray) -> None:
    if starts.any():
        raise ArithmeticError(
            f"starts must be resolvable to a relative error of {ACCURACY:g}, got"
            f" {np.count_nonzero(starts)} that are not, the first at index {starts.argmax()};"
            " shorten the times or bring s closer to the singular values"
        )
