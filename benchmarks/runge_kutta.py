"""Adaptive Runge-Kutta methods in Numba: what one would write to make an ODE solver fast.

The coefficients are SciPy's, the step control is that of Hairer, Nørsett & Wanner, *Solving
Ordinary Differential Equations I* (1993), section II.4, and values between steps come from each
pair's own interpolant. The right-hand side is compiled into the loop.
"""

import math

import numba
import numpy as np
from scipy.integrate import DOP853, RK45

__all__ = ["dop853", "dopri5", "slope"]

_jit = numba.njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz"})


def dopri5(depth, sigma, initial, times, rtol, atol):
    """Integrate the induced flow from `initial` = (s, a, b), shape (M, 2d + 1), by the 5(4) pair.

    Returns the states at ``times``, shape (M, T, 2d + 1).
    """
    tableau = (RK45.A, RK45.B, RK45.E, RK45.P)
    return _ensemble_of_dopri5(depth, sigma, initial, times, rtol, atol, tableau)


def dop853(depth, sigma, initial, times, rtol, atol):
    """Integrate like `dopri5`, by Dormand and Prince's pair of order 8(5, 3)."""
    tableau = (DOP853.A, DOP853.B, DOP853.E3, DOP853.E5, DOP853.A_EXTRA, DOP853.D)
    return _ensemble_of_dop853(depth, sigma, initial, times, rtol, atol, tableau)


@_jit
def slope(depth, sigma, y, out):
    """Write the right-hand side of docs/theory.md, section 1, in singular coordinates to `out`."""
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
def _advance(y, h, weights, slopes, out):
    """Write ``y + h Σ weights_j slopes_j`` to `out`."""
    for i in range(y.size):
        out[i] = y[i]
    for j in range(weights.size):
        if weights[j] != 0.0:
            w = h * weights[j]
            for i in range(y.size):
                out[i] += w * slopes[j, i]


@_jit
def _size(weights, slopes, y, y_new, rtol, atol):
    """Return the root mean square of ``Σ weights_j slopes_j`` in units of the tolerance."""
    total = 0.0
    for i in range(y.size):
        error = 0.0
        for j in range(weights.size):
            error += weights[j] * slopes[j, i]
        error /= atol + rtol * max(abs(y[i]), abs(y_new[i]))
        total += error * error
    return math.sqrt(total / y.size)


@_jit
def _first_step(order, y, slope, rtol, atol):
    """Return a step over which the state changes by a hundredth of what it is, at most."""
    size, speed = 0.0, 0.0
    for i in range(y.size):
        scale = atol + rtol * abs(y[i])
        size += (y[i] / scale) ** 2
        speed += (slope[i] / scale) ** 2
    return 0.01 * math.sqrt(size / speed) * rtol ** (1.0 / order)


@_jit
def _ensemble_of_dopri5(depth, sigma, initial, times, rtol, atol, tableau):
    out = np.empty((initial.shape[0], times.size, initial.shape[1]))
    for i in range(initial.shape[0]):
        _one_by_dopri5(depth, sigma, initial[i].copy(), times, rtol, atol, tableau, out[i])
    return out


@_jit
def _one_by_dopri5(depth, sigma, y, times, rtol, atol, tableau, out):
    a, b, e, p = tableau
    slopes = np.empty((7, y.size))
    y_new = np.empty_like(y)
    slope(depth, sigma, y, slopes[0])
    t, k, previous = 0.0, 0, 1e-4
    h = _first_step(5, y, slopes[0], rtol, atol)
    while k < times.size:
        h = min(h, times[-1] - t)
        for j in range(1, 6):
            _advance(y, h, a[j, :j], slopes, y_new)
            slope(depth, sigma, y_new, slopes[j])
        _advance(y, h, b, slopes, y_new)
        slope(depth, sigma, y_new, slopes[6])
        error = max(h * _size(e, slopes, y, y_new, rtol, atol), 1e-10)
        if error <= 1.0:
            last = h >= times[-1] - t
            while k < times.size and (times[k] <= t + h or last):
                x = (times[k] - t) / h
                for i in range(y.size):
                    out[k, i] = y[i]
                for j in range(7):
                    w = h * x * (p[j, 0] + x * (p[j, 1] + x * (p[j, 2] + x * p[j, 3])))
                    for i in range(y.size):
                        out[k, i] += w * slopes[j, i]
                k += 1
            t += h
            y[:] = y_new
            slopes[0] = slopes[6]
            h *= min(10.0, max(0.2, 0.9 * error ** (0.03 - 0.2) * previous**0.04))
            previous = error
        else:
            h *= max(0.2, 0.9 * error ** (0.03 - 0.2))


@_jit
def _ensemble_of_dop853(depth, sigma, initial, times, rtol, atol, tableau):
    out = np.empty((initial.shape[0], times.size, initial.shape[1]))
    for i in range(initial.shape[0]):
        _one_by_dop853(depth, sigma, initial[i].copy(), times, rtol, atol, tableau, out[i])
    return out


@_jit
def _one_by_dop853(depth, sigma, y, times, rtol, atol, tableau, out):
    a, b, e3, e5, extra, d = tableau
    slopes = np.empty((16, y.size))
    y_new = np.empty_like(y)
    stage = np.empty_like(y)
    series = np.empty((7, y.size))
    slope(depth, sigma, y, slopes[0])
    t, k = 0.0, 0
    h = _first_step(8, y, slopes[0], rtol, atol)
    while k < times.size:
        h = min(h, times[-1] - t)
        for j in range(1, 12):
            _advance(y, h, a[j, :j], slopes, stage)
            slope(depth, sigma, stage, slopes[j])
        _advance(y, h, b, slopes, y_new)
        slope(depth, sigma, y_new, slopes[12])
        fifth = _size(e5, slopes, y, y_new, rtol, atol)
        third = _size(e3, slopes, y, y_new, rtol, atol)
        error = max(h * fifth**2 / math.sqrt(fifth**2 + 0.01 * third**2 + 1e-300), 1e-10)
        if error <= 1.0:
            last = h >= times[-1] - t
            if times[k] <= t + h or last:
                for j in range(3):
                    _advance(y, h, extra[j, : 13 + j], slopes, stage)
                    slope(depth, sigma, stage, slopes[13 + j])
                _interpolant(y, y_new, h, slopes, d, series)
            while k < times.size and (times[k] <= t + h or last):
                _evaluate(y, series, (times[k] - t) / h, out[k])
                k += 1
            t += h
            y[:] = y_new
            slopes[0] = slopes[12]
            h *= min(6.0, max(0.333, 0.9 * error ** (-1.0 / 8.0)))
        else:
            h *= max(0.333, 0.9 * error ** (-1.0 / 8.0))


@_jit
def _interpolant(y, y_new, h, slopes, d, series):
    for i in range(y.size):
        difference = y_new[i] - y[i]
        series[0, i] = difference
        series[1, i] = h * slopes[0, i] - difference
        series[2, i] = 2.0 * difference - h * (slopes[12, i] + slopes[0, i])
    for j in range(4):
        for i in range(y.size):
            series[3 + j, i] = 0.0
        for m in range(16):
            w = h * d[j, m]
            for i in range(y.size):
                series[3 + j, i] += w * slopes[m, i]


@_jit
def _evaluate(y, series, x, out):
    for i in range(y.size):
        out[i] = 0.0
    for j in range(6, -1, -1):
        factor = x if j % 2 == 0 else 1.0 - x
        for i in range(y.size):
            out[i] = (out[i] + series[j, i]) * factor
    for i in range(y.size):
        out[i] += y[i]
