"""Time two layers and their rivals in pairs, on one processor; write ``two_layers.csv``.

Usage: ``python -m benchmarks.two_layers [pairs]``, as `benchmarks.compare`. The yardstick is a call
of `dlnpaper.two_layers.solve` for W alone, since this is what the rivals give: their time is that
of the layers, and multiplying these is left out.
"""

from benchmarks import one_processor  # noqa: F401, I001 - before any library starts its threads

from functools import lru_cache

import diffrax
import jax
import jax.numpy as jnp
import numba
import numpy as np
from scipy.integrate import solve_ivp

from benchmarks import runge_kutta
from benchmarks.compare import Yardstick, measure
from benchmarks.page import TWO_LAYERS
from benchmarks.problem import DIMENSION, STARTS, TIMES, target
from benchmarks.solvers import LATE, Solver
from dlnpaper import two_layers
from tests.references.two_layers import riccati

HIDDEN = 5
SIGMA = target.singular_values
SPLIT = HIDDEN * DIMENSION
#: True errors are those of the first starts, at every twentieth time.
CHECKED, EVERY = 5, 20

starts = two_layers.Starts.sample(target, STARTS, 1, hidden=HIDDEN, scale=0.1)
#: W_1 and W_2 of every start, flat, (M, 2 h d): the state of the flow.
initial = np.hstack([starts.first.reshape(STARTS, -1), starts.second.reshape(STARTS, -1)])


def main():
    """Run everything; some ten minutes."""
    cases = [(2, solver, asked) for solver in SOLVERS for asked in solver.asked]
    measure(cases, Yardstick(PLAIN, STARTS, error, CHECKED), TWO_LAYERS)


def error(product, _):
    """Return the largest error of an entry of W (M, T, d, d), in units of σ_1."""
    exact = reference()
    return float(np.abs(product[:CHECKED, EVERY - 1 :: EVERY] - exact).max() / SIGMA[0])


@lru_cache
def reference():
    """Return W of the checked starts and times, from 60 digits or more rounded to floats."""
    times = TIMES[EVERY - 1 :: EVERY]
    grams = [[riccati(target, starts[i : i + 1], t) for t in times] for i in range(CHECKED)]
    return np.array(grams)[..., DIMENSION:, :DIMENSION].astype(float)


def exact(times=TIMES, **options):
    """Return calls of the closed form for all starts."""
    return lambda depth, count, asked: two_layers.solve(target, starts, times, **options)


def product_of(solved):
    """Return W of a dataset."""
    return solved.end_to_end.values


def multiplied(states):
    """Return W_2 W_1 of flat layers, (M, T, 2 h d)."""
    states = np.asarray(states)
    first = states[..., :SPLIT].reshape(*states.shape[:2], HIDDEN, DIMENSION)
    return states[..., SPLIT:].reshape(*states.shape[:2], DIMENSION, HIDDEN) @ first


@numba.njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def products(layers, out):
    """Write W_2 W_1 of flat layers, (M, 2 h d), to every time of `out`, (M, T, d, d)."""
    for i in range(out.shape[0]):
        first = layers[i, :SPLIT].reshape(HIDDEN, DIMENSION)
        second = layers[i, SPLIT:].reshape(DIMENSION, HIDDEN)
        for n in range(out.shape[1]):
            for a in range(DIMENSION):
                out[i, n, a] = 0.0
                for k in range(HIDDEN):
                    for b in range(DIMENSION):
                        out[i, n, a, b] += second[a, k] * first[k, b]


def products_alone(depth, count, asked):
    """Multiply as many layers as there are states, in memory as the system gives it."""
    out = np.empty((STARTS, TIMES.size, DIMENSION, DIMENSION))
    products(initial, out)
    return out


def by_scipy(slope):
    """Return a loop over LSODA by `scipy.integrate.solve_ivp`."""

    def run(depth, count, asked):
        options = {"t_eval": TIMES, "rtol": asked, "atol": asked / 100}
        span = (0.0, TIMES[-1])
        return [solve_ivp(slope, span, y, "LSODA", **options).y.T for y in initial[:count]]

    return run


def slope_in_numpy(t, y):
    """Gradient flow of the layers (docs/two_layers.md, section 1)."""
    first, second = y[:SPLIT].reshape(HIDDEN, -1), y[SPLIT:].reshape(-1, HIDDEN)
    residual = target.matrix - second @ first
    return np.concatenate([(second.T @ residual).ravel(), (residual @ first.T).ravel()])


@numba.njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def slope(parameters, y, out):
    """Write `slope_in_numpy` to `out`; parameters are singular values and room for a row."""
    sigma, row = parameters
    first, second = y[:SPLIT].reshape(HIDDEN, DIMENSION), y[SPLIT:].reshape(DIMENSION, HIDDEN)
    to_first = out[:SPLIT].reshape(HIDDEN, DIMENSION)
    to_second = out[SPLIT:].reshape(DIMENSION, HIDDEN)
    to_first[:] = 0.0
    for a in range(DIMENSION):
        row[:] = 0.0
        row[a] = sigma[a]
        for k in range(HIDDEN):
            for b in range(DIMENSION):
                row[b] -= second[a, k] * first[k, b]
        for k in range(HIDDEN):
            total = 0.0
            for b in range(DIMENSION):
                to_first[k, b] += second[a, k] * row[b]
                total += row[b] * first[k, b]
            to_second[a, k] = total


@numba.njit
def slope_in_numba(t, y):
    """Compute `slope_in_numpy` in compiled code."""
    out = np.empty_like(y)
    slope((SIGMA, np.empty(DIMENSION)), y, out)
    return out


def by_numba(depth, count, asked):
    """Call the compiled Runge-Kutta method, right-hand side and all."""
    parameters, options = (SIGMA, np.empty(DIMENSION)), (asked, asked / 100)
    return runge_kutta.dopri5(slope, parameters, initial[:count], TIMES, *options)


def by_diffrax():
    """Return a compiled `diffrax.diffeqsolve`, all starts at once by `jax.vmap`."""

    def one(y, asked):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(slope_in_jax),
            diffrax.Tsit5(),
            t0=0.0,
            t1=TIMES[-1],
            dt0=None,
            y0=y,
            saveat=diffrax.SaveAt(ts=TIMES),
            stepsize_controller=diffrax.PIDController(rtol=asked, atol=asked / 100),
            max_steps=100_000,
        ).ys

    many = jax.jit(jax.vmap(one, in_axes=(0, None)))
    return lambda depth, count, asked: np.asarray(many(initial[:count], asked))


def slope_in_jax(t, y, _):
    """Compute `slope_in_numpy` in JAX."""
    first, second = y[:SPLIT].reshape(HIDDEN, -1), y[SPLIT:].reshape(-1, HIDDEN)
    residual = target.matrix - second @ first
    return jnp.concatenate([(second.T @ residual).ravel(), (residual @ first.T).ravel()])


COUNT, ASKED, ONLY = STARTS, (None,), ["end_to_end"]
PLAIN = Solver(
    "`two_layers.solve(…, variables=['end_to_end'])`",
    exact(variables=ONLY),
    COUNT,
    ASKED,
    product_of,
)
TOLERANCES = (1e-6, 1e-8, 1e-10)
SOLVERS = (
    PLAIN,
    Solver("the same with times to 10⁶", exact(LATE, variables=ONLY), COUNT, ASKED, None),
    Solver("`two_layers.solve(target, starts, times)`", exact(), COUNT, ASKED, product_of),
    Solver("W_2 W_1 alone, compiled", products_alone, COUNT, ASKED, None),
    Solver("SciPy LSODA", by_scipy(slope_in_numpy), 5, TOLERANCES, multiplied),
    Solver(
        "SciPy LSODA, compiled right-hand side", by_scipy(slope_in_numba), 5, TOLERANCES, multiplied
    ),
    Solver("Numba Dormand-Prince 5(4)", by_numba, 50, TOLERANCES, multiplied),
    Solver("diffrax Tsit5, vmap over 50", by_diffrax(), 50, TOLERANCES, multiplied),
)

if __name__ == "__main__":
    main()
