"""The closed form as one calls it, and what one would use instead: general solvers of the flow."""

from collections.abc import Callable
from typing import NamedTuple

import diffrax
import jax
import jax.numpy as jnp
import numba
import numpy as np
from scipy.integrate import solve_ivp

from benchmarks import runge_kutta
from benchmarks.gradient_descent import gradient_descent
from benchmarks.problem import DIMENSION, STARTS, TIMES, initial, starts, target
from dlnpaper import solve

SIGMA = target.singular_values


class Solver(NamedTuple):
    """A solver, how many starts it is timed on, and the relative tolerances that it is asked for.

    ``run(depth, count, asked)`` solves for the first `count` starts; `states` makes (s, a, b) of
    what it returns, shape (count, T, 2d + 1), where this is what the reference knows. The absolute
    tolerance is a hundredth of the relative one. Gradient descent is asked for a step, the closed
    form for nothing.
    """

    name: str
    run: Callable
    count: int
    asked: tuple = (1e-6, 1e-8, 1e-10, 1e-12)
    states: Callable | None = np.asarray


def closed_form(chosen=starts, times=TIMES, reuse=False, **options):
    """Return calls of `dlnpaper.solve`, each in the memory of the one before if `reuse`."""
    earlier = {}

    def run(depth, count, asked):
        result = solve(target, depth, chosen, times, out=earlier.get(depth), **options)
        if reuse:
            earlier[depth] = result
        return result

    return run


def fifty_singles(*case):
    """Solve for one start, again and again: a single call is too short to be timed."""
    return [SINGLE(*case) for _ in range(50)]


def as_states(solved):
    """Put s, a and b of a dataset side by side."""
    return np.concatenate([solved.s.values[..., None], solved.a.values, solved.b.values], axis=2)


def by_scipy(method, slope):
    """Return a loop over `scipy.integrate.solve_ivp`."""

    def run(depth, count, asked):
        options = {"t_eval": TIMES, "args": (depth,), "rtol": asked, "atol": asked / 100}
        span = (0.0, TIMES[-1])
        return [solve_ivp(slope, span, y, method, **options).y.T for y in initial[:count]]

    return run


def slope_in_numpy(t, y, depth):
    """Right-hand side of the induced flow (docs/theory.md, section 1), in singular coordinates."""
    s, a, b = y[0], y[1 : 1 + DIMENSION], y[1 + DIMENSION :]
    toward_a, toward_b = SIGMA * b, SIGMA * a
    c = toward_a @ a
    speed = s ** (1 - 2 / depth)
    out = np.empty_like(y)
    out[0] = depth * s * speed * (c - s)
    out[1 : 1 + DIMENSION] = speed * (toward_a - c * a)
    out[1 + DIMENSION :] = speed * (toward_b - c * b)
    return out


@numba.njit
def slope_in_numba(t, y, depth):
    """Compute `slope_in_numpy` in compiled code."""
    out = np.empty_like(y)
    runge_kutta.slope((depth, SIGMA), y, out)
    return out


def by_numba(depth, count, asked):
    """Call the compiled Runge-Kutta method, right-hand side and all."""
    parameters, options = (depth, SIGMA), (asked, asked / 100)
    return runge_kutta.dopri5(runge_kutta.slope, parameters, initial[:count], TIMES, *options)


def by_diffrax(method):
    """Return a compiled `diffrax.diffeqsolve`, all starts at once by `jax.vmap`."""

    def slope(t, y, depth):
        s, a, b = y[0], y[1 : 1 + DIMENSION], y[1 + DIMENSION :]
        c = jnp.sum(SIGMA * a * b)
        speed = s ** (1 - 2 / depth)
        flow_a, flow_b = speed * (SIGMA * b - c * a), speed * (SIGMA * a - c * b)
        return jnp.concatenate([depth * s[None] * speed * (c - s), flow_a, flow_b])

    def one(y, depth, asked):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(slope),
            method,
            t0=0.0,
            t1=TIMES[-1],
            dt0=None,
            y0=y,
            args=depth,
            saveat=diffrax.SaveAt(ts=TIMES),
            stepsize_controller=diffrax.PIDController(rtol=asked, atol=asked / 100),
            max_steps=100_000,
        ).ys

    many = jax.jit(jax.vmap(one, in_axes=(0, None, None)))
    return lambda depth, count, asked: np.asarray(many(initial[:count], float(depth), asked))


SAB = ["s", "a", "b"]
SINGLE, REUSING = closed_form(starts[:1]), closed_form(reuse=True, variables=SAB)
LATE = np.geomspace(TIMES[0], 1e6, TIMES.size)
EXACT = (STARTS, (None,), as_states)
PLAIN = Solver("`dlnpaper.solve(target, depth, starts, times)`", closed_form(), *EXACT)
OWN = (
    PLAIN,
    Solver("`solve(…, out=earlier)`", closed_form(reuse=True), *EXACT),
    Solver(f"`solve(…, variables={SAB}, out=earlier)`", REUSING, *EXACT),
    Solver("`solve(…)` with times to 10⁶", closed_form(times=LATE), STARTS, (None,), None),
    Solver("`solve(…)` of a single start", fifty_singles, 50, (None,), None),
)
# Per trajectory, batches of about 50 are where vmap on one processor is at its best: larger ones
# outgrow its cache, and all of a batch take as many steps as the slowest.
RIVALS = (
    Solver("SciPy LSODA", by_scipy("LSODA", slope_in_numpy), 10),
    Solver("SciPy LSODA, compiled right-hand side", by_scipy("LSODA", slope_in_numba), 10),
    Solver("SciPy RK45", by_scipy("RK45", slope_in_numpy), 1, (1e-6, 1e-8, 1e-10)),
    Solver("SciPy DOP853", by_scipy("DOP853", slope_in_numpy), 3),
    Solver("SciPy Radau", by_scipy("Radau", slope_in_numpy), 1, (1e-6, 1e-8, 1e-10)),
    Solver("Numba Dormand-Prince 5(4)", by_numba, 200),
    Solver("diffrax Tsit5, vmap over 50", by_diffrax(diffrax.Tsit5()), 50),
    Solver("diffrax Dopri8, vmap over 50", by_diffrax(diffrax.Dopri8()), 50),
    Solver("gradient descent in JAX, vmap over 50", gradient_descent, 50, (3e-2, 1e-2, 3e-3)),
)
