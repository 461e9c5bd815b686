"""Dormand and Prince's pair in Numba: what one would write to make an ODE solver fast.

Coefficients and the interpolant between steps are SciPy's, the step control is that of Hairer,
Nørsett & Wanner, *Solving Ordinary Differential Equations I* (1993), section II.4. The right-hand
side, a compiled function ``slope(parameters, y, out)``, is compiled into the loop.
"""

import math

import numba
import numpy as np
from scipy.integrate import RK45

A, B, E, P = RK45.A, RK45.B, RK45.E, RK45.P

_jit = numba.njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz"})


@_jit
def slope(parameters, y, out):
    """Write the right-hand side of docs/theory.md, section 1, in singular coordinates to `out`.

    The parameters are depth and singular values.
    """
    depth, sigma = parameters
    d = sigma.size
    c = 0.0
    for i in range(d):
        c += sigma[i] * y[1 + i] * y[1 + d + i]
    speed = y[0] ** (1.0 - 2.0 / depth)
    out[0] = depth * y[0] * speed * (c - y[0])
    for i in range(d):
        out[1 + i] = speed * (sigma[i] * y[1 + d + i] - c * y[1 + i])
        out[1 + d + i] = speed * (sigma[i] * y[1 + i] - c * y[1 + d + i])


@_jit
def dopri5(slope, parameters, initial, times, rtol, atol):
    """Integrate from the states `initial`, shape (M, n); return those at ``times``, (M, T, n)."""
    out = np.empty((initial.shape[0], times.size, initial.shape[1]))
    for i in range(initial.shape[0]):
        _one(slope, parameters, initial[i].copy(), times, rtol, atol, out[i])
    return out


@_jit
def _one(slope, parameters, y, times, rtol, atol, out):
    slopes, weights = np.empty((7, y.size)), np.empty(7)
    y_new, error = np.empty_like(y), np.empty_like(y)
    slope(parameters, y, slopes[0])
    t, k, previous = 0.0, 0, 1e-4
    # Over the first step the state changes by a hundredth of what it is, at most.
    h = 0.01 * rtol**0.2 * _size(y, y, rtol, atol) / _size(slopes[0], y, rtol, atol)
    while k < times.size:
        h = min(h, times[-1] - t)
        for j in range(1, 6):
            _advance(y, h, A[j], j, slopes, y_new)
            slope(parameters, y_new, slopes[j])
        _advance(y, h, B, 6, slopes, y_new)
        slope(parameters, y_new, slopes[6])
        error[:] = 0.0
        _advance(error, h, E, 7, slopes, error)
        size = max(_size(error, np.maximum(np.abs(y), np.abs(y_new)), rtol, atol), 1e-10)
        factor = 0.9 * size**-0.17
        if size <= 1.0:
            last = h >= times[-1] - t
            while k < times.size and (times[k] <= t + h or last):
                x = (times[k] - t) / h
                for j in range(7):
                    weights[j] = x * (P[j, 0] + x * (P[j, 1] + x * (P[j, 2] + x * P[j, 3])))
                _advance(y, h, weights, 7, slopes, out[k])
                k += 1
            t += h
            y[:] = y_new
            slopes[0] = slopes[6]
            h *= min(10.0, max(0.2, factor * previous**0.04))
            previous = size
        else:
            h *= max(0.2, factor)


@_jit
def _size(vector, y, rtol, atol):
    """Return the root mean square of a vector in units of the tolerance at y."""
    total = 0.0
    for i in range(y.size):
        total += (vector[i] / (atol + rtol * abs(y[i]))) ** 2
    return math.sqrt(total / y.size)


@_jit
def _advance(y, h, weights, stages, slopes, out):
    """Write ``y + h Σ weights_j slopes_j`` to `out`."""
    out[:] = y
    for j in range(stages):
        w = h * weights[j]
        for i in range(y.size):
            out[i] += w * slopes[j, i]
