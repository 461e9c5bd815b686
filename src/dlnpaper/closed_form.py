"""The exact trajectory of every balanced start (docs/theory.md, section 3)."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev, legendre

from dlnpaper import kernel
from dlnpaper.arguments import validate_depth, validate_integer
from dlnpaper.kernel import BLOCK, NODES
from dlnpaper.scales import validate_entries
from dlnpaper.starting_points import validate_problem
from dlnpaper.trajectories import VARIABLES, assemble, validate_times, validate_variables

__all__ = ["solve"]

LEVELS = range(-44, 42)  # panels have the widths 2**level in reduced time
ACCURACY = 1e-11  # of s, relative; a start that misses it is refused
MOST_THREADS = 4096
RANGE = (1e-300, 1e150)  # of s relative to σ_1, with reciprocals and squares that are floats
SMALLEST_AMPLITUDE = 1e-140  # its square still has all its digits


def solve(target, depth, starts, times, variables=None, threads=None):
    """Exact gradient flow of a deep linear network with a one-neuron layer.

    Parameters
    ----------
    target : Target
        Singular values and shape (d_y, d_x) of the matrix to be learned.
    depth : int
        Number of layers N, from 2 on.
    starts : StartingPoints
        M balanced starts, in singular coordinates.
    times : array_like, shape (T,)
        Increasing gradient-flow times, from 0 on.
    variables : sequence of str, optional
        The trajectory variables to compute; all by default.
    threads : int, optional
        How many threads share the starts; all processors by default. No bit of the result depends
        on it.

    Returns
    -------
    xarray.Dataset
        Dimensions ``start, time, left, right``; see `dlnpaper.trajectories.VARIABLES`. In memory,
        a and b are ordered by start, component and time.

    Raises
    ------
    ValueError, TypeError
        If an argument is not what it must be.
    ArithmeticError
        If a start cannot be resolved to the accuracy stated below.

    Notes
    -----
    The relative error of s, and the absolute errors of a, b and alignment/σ_1, stay below 1e-11,
    and mostly below 1e-13, that of τ below 1e-13 of ``τ + 1/σ_1``. These are errors of the method.
    Besides, nothing is known better than the time: where ``t |ds/dt| / s`` is large, as at the
    escape from a long plateau, a relative error of 1e-15 in ``t`` or in ``s_0`` is magnified by it.
    In the same way a start whose α_1 is itself known to few digits leaves its saddle at a time that
    is known as badly. An α that is exactly zero stays so. The variable ``error`` estimates both,
    state by state, from the parts that the series leave out, from rounding, and from how fast the
    state moves.

    References
    ----------
    docs/theory.md, section 3; Chen, Lin & Zhang 2022.
    """
    validate_problem(target, starts)
    validate_entries(starts)
    depth, times = validate_depth(depth), validate_times(times)
    names = validate_variables(variables)
    threads = _validate_threads(threads)
    problem = _Reduced(target, depth, starts, times)
    _refuse(problem.out_of_range())
    wanted = {name: np.empty(_shape(name, target, starts, times)) for name in names}
    out = tuple(wanted.get(name, np.empty((0,) * len(VARIABLES[name].dims))) for name in VARIABLES)
    errors = np.empty(len(starts))
    for kappa, which in problem.classes():
        task = problem.task(kappa, which, out, errors)
        _share(task, len(which), threads)
    _refuse(~(errors <= ACCURACY))
    # From the order in memory to that of the dimensions.
    arrays = {name: array.swapaxes(1, -1) for name, array in wanted.items()}
    return assemble(target, depth, starts, times, arrays, {"method": "closed form"})


def _validate_threads(threads):
    if threads is None:
        try:
            return len(os.sched_getaffinity(0))
        except AttributeError:  # only Linux tells what this process may use
            return os.cpu_count() or 1
    remedy = "leave it out to use every processor"
    expected = "must be a positive integer"
    return validate_integer("threads", threads, expected, 1, MOST_THREADS, remedy)


class _Reduced:
    """The problem in units where σ_1 lies in [1, 2), with the modes of `dlnpaper.kernel`."""

    def __init__(self, target, depth, starts, times):
        self.scale = 2.0 ** math.floor(math.log2(target.singular_values[0]))
        self.sigma = target.singular_values / self.scale
        self.depth = depth
        with np.errstate(over="ignore"):  # out_of_range tells
            self.times = times * np.float64(self.scale) ** (2.0 - 2.0 / depth)
            self.target_loss = 0.5 * float(target.singular_values @ target.singular_values)
        self.offset = target.loss_offset
        self.alpha, self.beta, self.rho = (
            starts.alpha(target),
            starts.beta(target),
            starts.rho(target),
        )
        modes = 2 * target.rank + 1
        self.amplitudes = np.zeros((len(starts), -8 * (-modes // 8)))  # whole vector registers
        self.amplitudes[:, : modes - 1] = 0.5 * np.hstack([self.alpha, self.beta])
        self.amplitudes[:, modes - 1] = self.rho
        # One factor for a and b, so that an exact zero of α stays one.
        norm = np.sqrt(np.einsum("ij,ij->i", self.amplitudes, self.amplitudes))
        self.amplitudes /= norm[:, None]
        self.null_scales = np.where(self.rho > 0, 1 / norm, 0.0)
        self.a, self.b = starts.a, starts.b
        with np.errstate(over="ignore"):
            self.s = starts.s / self.scale

    def out_of_range(self):
        """Tell for which starts 1/s, a square, or a time in these units is no float."""
        low, high = RANGE
        known = (self.s >= low) & (self.s * max(self.scale, 1.0) <= high)
        return ~(known & np.isfinite(self.times[-1]) & (1 / high <= self.scale <= high))

    def classes(self):
        """Yield each rate κ that dominates in the end, and the starts in which it does."""
        falling = self.sigma[::-1]
        kappa = np.where(self.rho > 0, 0.0, -falling[(self.beta[:, ::-1] != 0).argmax(axis=1)])
        present = self.alpha != 0
        kappa = np.where(present.any(axis=1), self.sigma[present.argmax(axis=1)], kappa)
        for value in np.unique(kappa)[::-1]:
            yield float(value), np.flatnonzero(kappa == value)

    def task(self, kappa, which, out, errors):
        """Return the function of (lo, hi) that computes the trajectories of ``which[lo:hi]``."""
        rates = np.zeros(self.amplitudes.shape[1])
        modes = np.concatenate([kappa - self.sigma, kappa + self.sigma, [kappa]])
        rates[: modes.size] = np.maximum(
            modes, 0.0
        )  # an exponential that outgrows κ has no amplitude
        limit = max(kappa, 0.0) * self.scale
        problem = (
            rates,
            kappa,
            self.sigma.size,
            self.scale,
            self.target_loss - 0.5 * limit**2 + self.offset,
            self.sigma,
        )
        starts = (
            self.amplitudes,
            self.null_scales,
            1 / self.s,
            (kappa - self.s) / self.s,
            self.a,
            self.b,
        )
        if self.depth == 2 and self._squares_keep_digits(which):
            tables = _elementary_tables(rates.tobytes(), kappa, self.times.tobytes())
            return lambda lo, hi: kernel.march_two_layers(
                lo, hi, which, starts, problem, self.times, tables, out, errors
            )
        tables = _panel_tables(self.depth, kappa, rates.tobytes())
        return lambda lo, hi: kernel.march(
            lo,
            hi,
            which,
            starts,
            problem,
            self.depth,
            self.times,
            tables,
            _rule(),
            LEVELS[0],
            out,
            errors,
        )

    def _squares_keep_digits(self, which):
        amplitudes = np.abs(self.amplitudes[which])
        return not ((amplitudes > 0) & (amplitudes < SMALLEST_AMPLITUDE)).any()


def _shape(name, target, starts, times):
    """Return a shape in which time runs fastest: one number after the other is the next moment."""
    sizes = {
        "start": len(starts),
        "time": len(times),
        "left": target.shape[0],
        "right": target.shape[1],
    }
    start, time, *components = VARIABLES[name].dims
    return tuple(sizes[dim] for dim in (start, *components, time))


def _share(task, size, threads):
    """Run ``task(lo, hi)`` over all of ``range(size)``; compiled code runs in parallel."""
    chunks = max(1, min(4 * threads, size // 16)) if threads > 1 else 1
    edges = [size * i // chunks for i in range(chunks + 1)]
    if chunks == 1:
        task(0, size)
        return
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(task, lo, hi) for lo, hi in pairwise(edges)]:
            future.result()


def _refuse(starts):
    if starts.any():
        raise ArithmeticError(
            f"starts must be resolvable to a relative error of {ACCURACY:g}, got"
            f" {np.count_nonzero(starts)} that are not, the first at index {starts.argmax()};"
            " shorten the times or bring s closer to the singular values"
        )


@lru_cache(maxsize=1)
def _rule():
    """Gauss-Lobatto nodes on [0, 1], cumulative integration, and the Chebyshev coefficients."""
    nodes = _lobatto(NODES)
    series = np.linalg.inv(chebyshev.chebvander(nodes, NODES - 1))
    integral = 0.5 * np.array([chebyshev.chebint(column, lbnd=-1) for column in series.T]).T
    cumulative = chebyshev.chebvander(nodes, NODES) @ integral
    cumulative[0] = 0.0
    return 0.5 * (nodes + 1), cumulative, np.ascontiguousarray(series)


def _lobatto(size):
    inner = legendre.legroots(legendre.legder([0.0] * (size - 1) + [1.0]))
    return np.concatenate([[-1.0], 0.5 * (inner - inner[::-1]), [1.0]])


@lru_cache(maxsize=64)
def _panel_tables(depth, kappa, rates):
    """Tabulate how the modes decay within panels of every width, for all starts of a class."""
    rates = np.frombuffer(rates)
    widths = 2.0 ** np.array(LEVELS)
    x = widths[:, None] * _rule()[0]
    growth = depth * kappa * widths
    with np.errstate(over="ignore"):
        fade = np.exp(-growth[:, None] * _rule()[0])
    return (
        np.exp(-2 * x[:, :, None] * rates),
        np.exp(-widths[:, None] * rates),
        fade,
        np.stack([_relaxation(z) for z in growth]),
    )


def _relaxation(growth):
    """Matrix from nodal values of G to ``∫_0^x exp(growth (u - x)) G(u) du`` at the nodes.

    It is nan where no use is made of it: for an exponential that falls steeply.
    """
    nodes, cumulative, series = _rule()
    if abs(growth) <= 4:
        return np.exp(-growth * nodes)[:, None] * cumulative * np.exp(growth * nodes)
    if growth < 0:
        return np.full((NODES, NODES), np.nan)
    if growth < 64:
        fine, derivative, interpolate, sample = _fine_rule()
        system = derivative + growth * np.eye(fine.size)
        solution = np.linalg.solve(system[1:, 1:], sample[1:])
        return interpolate[:, 1:] @ solution
    # v' + growth v = G has one polynomial solution, and its value at 0 is what fades.
    smooth = np.linalg.solve(growth * np.eye(NODES) + _chebyshev_derivative(NODES), series)
    values = chebyshev.chebvander(2 * nodes - 1, NODES - 1) @ smooth
    return values - np.exp(-growth * nodes)[:, None] * values[0]


@lru_cache(maxsize=1)
def _fine_rule():
    """Make a Lobatto rule that resolves exp(-64 x): nodes, derivative, maps from and to `_rule`."""
    size = 72
    nodes = _lobatto(size)
    vander = chebyshev.chebvander(nodes, size - 1)
    series = np.linalg.inv(vander)
    derivative = vander @ _chebyshev_derivative(size) @ series
    coarse = 2 * _rule()[0] - 1
    interpolate = chebyshev.chebvander(coarse, size - 1) @ series
    sample = chebyshev.chebvander(nodes, NODES - 1) @ _rule()[2]
    return nodes, derivative, interpolate, sample


def _chebyshev_derivative(size):
    """Matrix of d/dx, x in [0, 1], on Chebyshev coefficients."""
    columns = [chebyshev.chebder(np.eye(size)[k], scl=2) for k in range(size)]
    return np.array([np.pad(column, (0, size - column.size)) for column in columns]).T


@lru_cache(maxsize=8)
def _elementary_tables(rates, kappa, times):
    """Exponentials and their integrals at all times; see `dlnpaper.kernel.march_two_layers`."""
    rates, times = np.frombuffer(rates), np.frombuffer(times)
    blocks = -(-times.size // BLOCK)
    tau = np.full(blocks * BLOCK, times[-1])
    tau[: times.size] = times
    rates = rates[:, None]
    decay = np.exp(-rates * tau)
    squares = decay * decay
    shift = np.exp(-2 * max(kappa, 0.0) * tau)
    exponents = 2 * (kappa - rates)
    sizes = np.where(exponents == 0, 1.0, np.abs(exponents))
    elapsed = np.where(exponents == 0, tau, -np.expm1(-sizes * tau) / sizes)
    integrals = 2 * np.where(exponents > 0, squares, shift) * elapsed

    def in_blocks(table):
        return np.ascontiguousarray(table.reshape(-1, blocks, BLOCK).swapaxes(0, 1))

    return (
        np.ascontiguousarray(decay[:, : times.size]),
        in_blocks(squares),
        in_blocks(integrals),
        shift.reshape(blocks, BLOCK),
    )
