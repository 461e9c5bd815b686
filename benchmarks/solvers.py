"""What a user would pick instead of the closed form: general solvers of the same flow.

Each solver takes ``(depth, count, rtol)`` and returns the states (s, a, b) of the first `count`
starts at all times, shape (count, T, 2d + 1). The absolute tolerance is a hundredth of the
relative one.
"""

from typing import NamedTuple

import diffrax
import jax
import jax.numpy as jnp
import numba
import numpy as np
from scipy.integrate import solve_ivp

from benchmarks import runge_kutta
from benchmarks.gradient_descent import gradient_descent
from benchmarks.problem import DIMENSION, TIMES, initial, target

jax.config.update("jax_enable_x64", True)

SIGMA = target.singular_values


class Solver(NamedTuple):
    """A solver, the number of starts that it is timed on, and the tolerances that it is asked for.

    Gradient descent is asked for a step instead.
    """

    name: str
    run: object
    count: int
    tolerances: tuple = (1e-6, 1e-8, 1e-10, 1e-12)


def by_scipy(method, slope):
    """Return a loop over `scipy.integrate.solve_ivp`."""

    def run(depth, count, rtol):
        states = np.empty((count, TIMES.size, initial.shape[1]))
        for i in range(count):
            states[i] = solve_ivp(
                slope,
                (0.0, TIMES[-1]),
                initial[i],
                method,
                TIMES,
                args=(depth,),
                rtol=rtol,
                atol=rtol / 100,
            ).y.T
        return states

    return run


def slope_in_numpy(t, y, depth):
    """Right-hand side of the induced flow (docs/theory.md, section 1), in singular coordinates."""
    s, a, b = y[0], y[1 : 1 + DIMENSION], y[1 + DIMENSION :]
    towards_a, towards_b = SIGMA * b, SIGMA * a
    c = towards_a @ a
    speed = s ** (1 - 2 / depth)
    out = np.empty_like(y)
    out[0] = depth * s * speed * (c - s)
    out[1 : 1 + DIMENSION] = speed * (towards_a - c * a)
    out[1 + DIMENSION :] = speed * (towards_b - c * b)
    return out


@numba.njit
def slope_in_numba(t, y, depth):
    """Compute `slope_in_numpy` in compiled code."""
    out = np.empty_like(y)
    runge_kutta.slope(depth, SIGMA, y, out)
    return out


def by_numba(method):
    """Return a compiled Runge-Kutta method, right-hand side and all."""

    def run(depth, count, rtol):
        return method(depth, SIGMA, initial[:count], TIMES, rtol, rtol / 100)

    return run


def by_diffrax(method):
    """Return a compiled `diffrax.diffeqsolve`, all starts at once by `jax.vmap`."""

    def slope(t, y, depth):
        s, a, b = y[0], y[1 : 1 + DIMENSION], y[1 + DIMENSION :]
        c = jnp.sum(SIGMA * a * b)
        speed = s ** (1 - 2 / depth)
        flow_a, flow_b = speed * (SIGMA * b - c * a), speed * (SIGMA * a - c * b)
        return jnp.concatenate([depth * s[None] * speed * (c - s), flow_a, flow_b])

    def one(y, depth, rtol):
        return diffrax.diffeqsolve(
            diffrax.ODETerm(slope),
            method,
            t0=0.0,
            t1=TIMES[-1],
            dt0=None,
            y0=y,
            args=depth,
            saveat=diffrax.SaveAt(ts=TIMES),
            stepsize_controller=diffrax.PIDController(rtol=rtol, atol=rtol / 100),
            max_steps=100_000,
        ).ys

    many = jax.jit(jax.vmap(one, in_axes=(0, None, None)))

    def run(depth, count, rtol):
        return np.asarray(many(initial[:count], float(depth), rtol))

    return run


# Per trajectory, batches of about 50 are where vmap on one processor is at its best: larger ones
# outgrow its cache, and all of a batch take as many steps as the slowest.
SOLVERS = (
    Solver("SciPy LSODA", by_scipy("LSODA", slope_in_numpy), 10),
    Solver("SciPy LSODA, compiled right-hand side", by_scipy("LSODA", slope_in_numba), 10),
    Solver("SciPy RK45", by_scipy("RK45", slope_in_numpy), 1, (1e-6, 1e-8, 1e-10)),
    Solver("SciPy DOP853", by_scipy("DOP853", slope_in_numpy), 3),
    Solver("SciPy Radau", by_scipy("Radau", slope_in_numpy), 1, (1e-6, 1e-8, 1e-10)),
    Solver("Numba Dormand-Prince 5(4)", by_numba(runge_kutta.dopri5), 200),
    Solver("Numba Dormand-Prince 8(5, 3)", by_numba(runge_kutta.dop853), 200),
    Solver("diffrax Tsit5, vmap over 50", by_diffrax(diffrax.Tsit5()), 50),
    Solver("diffrax Dopri8, vmap over 50", by_diffrax(diffrax.Dopri8()), 50),
    Solver("gradient descent in JAX, vmap over 50", gradient_descent, 50, (3e-2, 1e-2, 3e-3)),
)
