"""Compiled arithmetic of the exact flow: one trajectory at a time, as plain scalar code.

Every array here is in *reduced* form, prepared by `dlnpaper.closed_form`:

- units in which the largest singular value lies in [1, 2), reached by a power of two;
- *modes*: the 2r + 1 exponentials of docs/theory.md, section 3, in one list, relative to the dominant one.
  Mode m has the amplitude ``A_m`` (``α_i/2``, ``β_i/2`` or ``ρ``) and decays like ``exp(-γ_m τ)`` with
  ``γ_m = κ - σ_i``, ``κ + σ_i`` or ``κ``; κ is the rate of the exponential that dominates in the end. So

      E(τ) exp(-2κτ) = Σ_m A_m² exp(-2γ_m τ),      h = κ - c = Σ_m γ_m A_m² exp(-2γ_m τ) / (the same sum)

  have positive terms only: nothing overflows, nothing cancels;
- the magnitude is carried as ``y = 1/s`` or, near a limit ``κ > 0``, as ``w = κy - 1``, which obeys
  ``w' = N(h - c w)`` and keeps its relative accuracy when s agrees with its limit to all digits.

All compiled functions live in this one module because Numba's disk cache of a function is not
invalidated by a change in another file.
"""

import math

import numba
import numpy as np

__all__ = ["march", "march_two_layers"]

STATUS_OK, STATUS_STALLED, STATUS_UNRESOLVED = 0, 1, 2

_RESOLVED = 4e-15  # trailing Chebyshev coefficients of a panel, relative to its largest value
_DOUBLING = 3e-11  # middle coefficients below this promise a resolved panel of twice the width
_RANGE = 12.0  # largest ratio of dt/dτ within a panel: bounds the loss of relative accuracy of s
INTEGRAL_FORM = (
    4.0  # largest Nκ × width for which y is a plain integral; beyond, a collocation solve
)
_TAIL = 1e-9  # relative distance from a limit below which the linearized flow is exact to rounding
_MAX_PANELS = 100_000
_MAX_NEWTON = 12

_jit = numba.njit(cache=True, nogil=True, error_model="numpy")
_jit_sums = numba.njit(
    cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"}
)


@_jit
def _exponentials(rates, x, out):
    """Fill ``out[m] = exp(-rates[m] x)`` for arguments ≥ 0: branch-free, so that it vectorizes."""
    for m in range(rates.size):
        z = max(-rates[m] * x, -708.0)
        shifted = z * 1.4426950408889634 + 6755399441055744.0
        k = shifted - 6755399441055744.0
        r = (z - k * 0.6931471803691238) - k * 1.9082149292705877e-10
        p = 1.6059043836821613e-10
        p = p * r + 2.08767569878681e-09
        p = p * r + 2.505210838544172e-08
        p = p * r + 2.755731922398589e-07
        p = p * r + 2.7557319223985893e-06
        p = p * r + 2.48015873015873e-05
        p = p * r + 1.984126984126984e-04
        p = p * r + 1.388888888888889e-03
        p = p * r + 8.333333333333333e-03
        p = p * r + 4.1666666666666664e-02
        p = p * r + 0.16666666666666666
        p = p * r + 0.5
        p = p * r + 1.0
        p = p * r + 1.0
        exponent = np.float64(shifted).view(np.int64) << 52
        out[m] = np.int64(np.float64(p).view(np.int64) + exponent).view(np.float64)


@_jit_sums
def _alignment_at_nodes(decay, weights, rates, energy, gap):
    """Scaled energy ``Ê`` and ``h = κ - c`` at the nodes of a panel, from tabulated decay factors."""
    for j in range(decay.shape[0]):
        e = 0.0
        g = 0.0
        for m in range(weights.size):
            term = weights[m] * decay[j, m]
            e += term
            g += rates[m] * term
        energy[j] = e
        gap[j] = g / e


@_jit_sums
def _product(matrix, values, out):
    for j in range(matrix.shape[0]):
        total = 0.0
        for k in range(values.size):
            total += matrix[j, k] * values[k]
        out[j] = total


@_jit
def _power(x, n):
    """``x**n`` for an integer n ≥ 0 by repeated squaring."""
    result = 1.0
    while n > 0:
        if n & 1:
            result *= x
        x *= x
        n >>= 1
    return result


@_jit
def _integral_form(depth, start, source, energy, growth, integrate, width, values, work, sums):
    """Magnitude ``(start + N ∫ source E^{N/2}) / E^{N/2}`` at the nodes; see docs/theory.md, section 3."""
    for j in range(energy.size):
        work[j] = _power(math.sqrt(energy[j]), depth) * growth[j]
        values[j] = source[j] * work[j]
    _product(integrate, values, sums)
    for j in range(energy.size):
        values[j] = (start + depth * width * sums[j]) / work[j]


@_jit
def _collocation_form(depth, start, source, alignment, integrate, width, values, matrix, sums):
    """The same magnitude as the collocation solution of ``v' = N (source - c v)``, ``v(0) = start``.

    ``matrix`` has the right-hand side in its column ``n - 1`` and padding to whole blocks of 8 columns.
    """
    unknowns = values.size - 1
    step = depth * width
    _product(integrate, source, sums)
    for j in range(unknowns):
        for k in range(unknowns):
            matrix[j, k] = step * integrate[j + 1, k + 1] * alignment[k + 1]
        matrix[j, j] += 1.0
        matrix[j, unknowns] = start + step * (
            sums[j + 1] - integrate[j + 1, 0] * alignment[0] * start
        )
    _eliminate(matrix, unknowns)
    values[0] = start
    for j in range(unknowns):
        values[j + 1] = matrix[j, unknowns]


@_jit
def _eliminate(matrix, n):
    """Solve a linear system in place by Gaussian elimination with partial pivoting."""
    blocks = matrix.shape[1] // 8
    for k in range(n):
        pivot = k
        for j in range(k + 1, n):
            if abs(matrix[j, k]) > abs(matrix[pivot, k]):
                pivot = j
        if pivot != k:
            for i in range(matrix.shape[1]):
                matrix[k, i], matrix[pivot, i] = matrix[pivot, i], matrix[k, i]
        inverse = 1.0 / matrix[k, k]
        for j in range(k + 1, n):
            factor = matrix[j, k] * inverse
            for block in range(k // 8, blocks):
                for i in range(8):
                    matrix[j, 8 * block + i] -= factor * matrix[k, 8 * block + i]
    for k in range(n - 1, -1, -1):
        matrix[k, n] /= matrix[k, k]
        for j in range(k):
            matrix[j, n] -= matrix[j, k] * matrix[k, n]


@_jit
def _clenshaw(coefficients, u, count, out, older):
    """Chebyshev series at ``u[:count]``, all points in step so that the loop vectorizes."""
    for i in range(count):
        out[i] = 0.0
        older[i] = 0.0
    for k in range(coefficients.size - 1, 0, -1):
        c = coefficients[k]
        for i in range(count):
            newer = 2.0 * u[i] * out[i] - older[i] + c
            older[i] = out[i]
            out[i] = newer
    for i in range(count):
        out[i] = u[i] * out[i] - older[i] + coefficients[0]


@_jit
def _invert_time(
    targets, count, nodes, node_times, speeds, time_series, speed_series, width, x, work
):
    """Positions ``x`` in [0, 1] of a panel with ``t(x) = targets``: Hermite start, then Newton.

    ``node_times`` and ``speeds`` hold t and dt/dτ at the nodes. Returns whether it converged.
    """
    low, high, u, t, speed, older = work[0], work[1], work[2], work[3], work[4], work[5]
    j = 1
    for i in range(count):
        while j < nodes.size - 1 and node_times[j] < targets[i]:
            j += 1
        span = node_times[j] - node_times[j - 1]
        z = (targets[i] - node_times[j - 1]) / span
        rise = nodes[j] - nodes[j - 1]
        d0 = span / (width * speeds[j - 1])
        d1 = span / (width * speeds[j])
        guess = z * (d0 + z * ((3.0 * rise - 2.0 * d0 - d1) + z * (d0 + d1 - 2.0 * rise)))
        low[i] = nodes[j - 1]
        high[i] = nodes[j]
        x[i] = min(max(nodes[j - 1] + guess, low[i]), high[i])
    for _ in range(_MAX_NEWTON):
        for i in range(count):
            u[i] = 2.0 * x[i] - 1.0
        _clenshaw(time_series, u, count, t, older)
        _clenshaw(speed_series, u, count, speed, older)
        largest = 0.0
        for i in range(count):
            step = (targets[i] - t[i]) / (width * speed[i])
            moved = min(max(x[i] + step, low[i]), high[i])
            largest = max(largest, abs(moved - x[i]))
            x[i] = moved
        if largest < 1e-8:  # quadratic convergence: the error left is its square
            return True
    return False


@_jit_sums
def _energy_and_gap(amplitudes, rates, factors):
    """Turn decay factors into modes; return the scaled energy and ``h = κ - c``."""
    energy = 0.0
    gap = 0.0
    for m in range(rates.size):
        factors[m] *= amplitudes[m]
        square = factors[m] * factors[m]
        energy += square
        gap += rates[m] * square
    return energy, gap / energy


@_jit
def _write(out, i, k, count, mode, problem, begin, states):
    """Write ``count`` states of start i to the output times k, k + 1, ...

    ``states`` holds rows of distances x from where `mode` and the time ``begin`` were taken, of s, log s
    and w; w is nan where s is not yet near its limit, so that s - c may be taken as it stands.
    """
    amplitudes, null_scale, a_start, b_start, factors = mode
    rates, kappa, rank, scale, _ = problem
    out_a, out_b = out[6], out[7]
    for p in range(count):
        _exponentials(rates, states[0, p], factors)
        null = null_scale * factors[2 * rank]
        energy, gap = _energy_and_gap(amplitudes, rates, factors)
        norm = 1.0 / math.sqrt(energy)
        _write_scalars(
            out,
            i,
            k + p,
            problem,
            begin + states[0, p],
            states[1, p],
            states[2, p],
            states[3, p],
            gap,
        )
        _write_directions(
            out_a, out_b, i, k + p, rank, factors, norm, null * norm, a_start, b_start
        )


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _write_scalars(out, i, k, problem, tau, s, log_s, w, gap):
    out_s, out_log_s, out_c, out_loss, out_excess, out_tau, _, _ = out
    _, kappa, _, scale, limit_loss = problem
    c = kappa - gap
    if out_s.size:
        out_s[i, k] = s * scale
    if out_log_s.size:
        out_log_s[i, k] = log_s + math.log(scale)
    if out_c.size:
        out_c[i, k] = c * scale
    if out_tau.size:
        out_tau[i, k] = tau / scale
    if out_loss.size or out_excess.size:
        if kappa > 0.0:
            difference = s - c if math.isnan(w) else gap - kappa * w / (1.0 + w)
            excess = 0.5 * (difference * difference + gap * (2.0 * kappa - gap))
        else:
            excess = s * (0.5 * s - c)
        excess *= scale * scale
        if out_excess.size:
            out_excess[i, k] = excess
        if out_loss.size:
            out_loss[i, k] = limit_loss + excess


@numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _write_directions(out_a, out_b, i, k, rank, factors, norm, null, a_start, b_start):
    if out_a.size:
        for m in range(rank):
            out_a[i, k, m] = (factors[m] + factors[rank + m]) * norm
        for m in range(rank, out_a.shape[2]):
            out_a[i, k, m] = a_start[m] * null
    if out_b.size:
        for m in range(rank):
            out_b[i, k, m] = (factors[m] - factors[rank + m]) * norm
        for m in range(rank, out_b.shape[2]):
            out_b[i, k, m] = b_start[m] * null


@_jit
def _tail_global(times, depth, problem, mode, t, w, states, responses):
    """States at ``times`` after t, once the flow is its own linearization at a limit κ > 0.

    There c = κ up to terms that no longer matter, so ``w' = -Nκ w + N h`` with h a sum of exponentials,
    and dt/dτ is linear in w.
    """
    amplitudes, factors = mode[0], mode[4]
    rates, kappa = problem[0], problem[1]
    fast_rate = depth * kappa
    resonant = 0.0  # modes with 2γ = Nκ respond like x exp(-Nκx)
    for m in range(rates.size):
        source = depth * rates[m] * amplitudes[m] * amplitudes[m]
        difference = fast_rate - 2.0 * rates[m]
        responses[m] = 0.0
        if abs(difference) > 1e-8 * fast_rate:
            responses[m] = source / difference
        else:
            resonant += source
        w -= responses[m]
    q = 1.0 - 2.0 / depth
    for p in range(times.size):
        elapsed = (times[p] - t) * kappa**q
        x = elapsed
        for _ in range(2):
            _exponentials(rates, x, factors)
            _, integral = _linearized(rates, responses, factors, fast_rate, resonant, w, x)
            x = elapsed - q * integral
        _exponentials(rates, x, factors)
        w_x, _ = _linearized(rates, responses, factors, fast_rate, resonant, w, x)
        states[0, p] = x
        states[1, p] = kappa / (1.0 + w_x)
        states[2, p] = math.log(states[1, p])
        states[3, p] = w_x


@_jit_sums
def _linearized(rates, responses, factors, fast_rate, resonant, transient, x):
    """w at distance x, and its integral from 0 to x."""
    fast = math.exp(-fast_rate * x)
    value = (transient + resonant * x) * fast
    integral = (
        transient * (1.0 - fast) + resonant * ((1.0 - fast) / fast_rate - x * fast)
    ) / fast_rate
    for m in range(rates.size):
        slow = factors[m] * factors[m]
        value += responses[m] * slow
        if responses[m] != 0.0:
            integral += responses[m] * (1.0 - slow) / (2.0 * rates[m])
    return value, integral


@_jit
def _tail_flat(times, depth, t, y, states):
    """States at ``times`` after t, once c = 0 to rounding: y grows like Nτ, s falls like a power of t."""
    p = 2.0 - 2.0 / depth
    for i in range(times.size):
        growth = math.log1p(p * depth * (times[i] - t) / y**p) / p
        states[0, i] = y * math.expm1(growth) / depth
        states[2, i] = -math.log(y) - growth
        states[1, i] = math.exp(states[2, i])
        states[3, i] = math.nan


@_jit
def _tail_collapse(times, depth, kappa, t, y, states):
    """States at ``times`` after t, once c = κ < 0 and s ≪ |κ| to rounding: y grows exponentially in τ."""
    q = 1.0 - 2.0 / depth
    speed = -q * depth * kappa
    for i in range(times.size):
        x = (times[i] - t) / y**q
        if speed > 0.0:
            x = math.log1p(speed * x) / speed
        states[0, i] = x
        states[2, i] = -math.log(y) + depth * kappa * x
        states[1, i] = math.exp(states[2, i])
        states[3, i] = math.nan


@_jit
def march(lo, hi, which, starts, problem, depth, times, tables, rule, first_level, out, status):
    """Trajectories of the starts ``which[lo:hi]``, panel by panel; see docs/theory.md, section 3.

    Parameters
    ----------
    lo, hi : int
        The part of `which` to do.
    which : (K,) int array
        Indices of the starts whose dominant exponential is that of `problem`.
    starts : tuple
        amplitudes (M, P), null scales (M,), 1/s (M,), κ/s - 1 (M,), a (M, d_y), b (M, d_x).
    problem : tuple
        rates (P,), κ, rank, unit of s, loss of the limit.
    times : (T,) array
        Non-decreasing, reduced.
    tables : tuple
        ``exp(-2γx)`` at the nodes (L, n, P), ``exp(-γ width)`` (L, P), ``exp(Nκx)`` at the nodes (L, n).
    rule : tuple
        nodes in [0, 1], cumulative integration, Chebyshev coefficients, those of the integral.
    first_level : int
        Panel widths are ``2**(first_level + level)``.
    out, status
        Arrays of every output variable (empty where not wanted), and a status for each start.
    """
    amplitudes, null_scales, inverses, deviations, a, b = starts
    nodes = rule[0].size
    lanes = np.empty((11, times.size))
    scratch = np.empty((9, nodes))
    series = np.empty((3, nodes + 1))
    matrix = np.zeros((nodes, -8 * (-nodes // 8)))
    factors = np.empty(amplitudes.shape[1])
    current = np.empty(amplitudes.shape[1])
    weights = np.empty(amplitudes.shape[1])
    buffers = (lanes, scratch, series, matrix, weights)
    for position in range(lo, hi):
        i = which[position]
        current[:] = amplitudes[i]
        mode = (current, null_scales[i], a[i], b[i], factors)
        status[i] = _march_one(
            i, mode, inverses[i], deviations[i],
            problem, depth, times, tables, rule, first_level, out, buffers,
        )  # fmt: skip


@_jit
def _march_one(i, mode, y, w, problem, depth, times, tables, rule, first_level, out, buffers):
    rates, kappa, rank = problem[0], problem[1], problem[2]
    amplitudes, null_scale, a_start, b_start, factors = mode
    decay, decay_end, growth = tables
    nodes, integrate, chebyshev, integral_series = rule
    lanes, scratch, series, matrix, weights = buffers
    energy, gap, source, c, v, speeds, node_times, work, sums = scratch
    states = lanes[:4]
    n = nodes.size
    q = 1.0 - 2.0 / depth
    t = 0.0
    tau = 0.0
    k = 0
    level = _first_panel(y, depth, first_level, decay.shape[0])
    for _ in range(_MAX_PANELS):
        mode = (amplitudes, null_scale, a_start, b_start, factors)
        residual = 0.0  # ∫ N h over all the time to come
        for m in range(rates.size):
            weights[m] = amplitudes[m] * amplitudes[m]
            if rates[m] > 0.0:
                residual += 0.5 * depth * weights[m]
        tail = True
        if kappa > 0.0 and residual < _TAIL and abs(w) < _TAIL:
            _tail_global(times[k:], depth, problem, mode, t, w, states, weights)
        elif kappa == 0.0 and residual < 1e-16:
            _tail_flat(times[k:], depth, t, y, states)
        elif kappa < 0.0 and residual < 1e-16 and -kappa * y > 1e17:
            _tail_collapse(times[k:], depth, kappa, t, y, states)
        else:
            tail = False
        if tail:
            _write(out, i, k, times.size - k, mode, problem, tau, states)
            return STATUS_OK
        near = kappa > 0.0 and abs(w) < 0.5
        begin = w if near else y
        resolved = False
        while not resolved:
            if level < 0:
                return STATUS_STALLED
            width = 2.0 ** (first_level + level)
            _alignment_at_nodes(decay[level], weights, rates, energy, gap)
            for j in range(n):
                source[j] = gap[j] if near else 1.0
                c[j] = kappa - gap[j]
            if depth * abs(kappa) * width <= INTEGRAL_FORM:
                _integral_form(
                    depth, begin, source, energy, growth[level], integrate, width, v, work, sums
                )
            else:
                _collocation_form(depth, begin, source, c, integrate, width, v, matrix, sums)
            resolved, promising = _panel_series(
                near, begin, kappa, q, gap, v, speeds, chebyshev, series, work, sums
            )
            if not resolved:
                level -= 1
        _product(integrate, speeds, node_times)
        for j in range(n):
            node_times[j] *= width
        count = 0
        while k + count < times.size and times[k + count] <= t + node_times[n - 1]:
            lanes[4, count] = times[k + count] - t
            count += 1
        if count > 0:
            _product(integral_series, speeds, series[2])
            for j in range(n + 1):
                series[2, j] *= width
            if not _invert_time(
                lanes[4],
                count,
                nodes,
                node_times,
                speeds,
                series[2],
                series[0, :n],
                width,
                lanes[0],
                lanes[5:],
            ):
                return STATUS_UNRESOLVED
            _panel_states(near, kappa, y, series[1, :n], count, width, states, lanes[5:])
            _write(out, i, k, count, mode, problem, tau, states)
            k += count
            if k == times.size:
                return STATUS_OK
        norm = 1.0 / math.sqrt(energy[n - 1])
        for m in range(rates.size):
            amplitudes[m] *= decay_end[level, m] * norm
        null_scale *= decay_end[level, 2 * rank] * norm
        if near:
            w = v[n - 1]
            y = (1.0 + w) / kappa
        else:
            y = v[n - 1]
            w = kappa * y - 1.0
        t += node_times[n - 1]
        tau += width
        if promising and level + 1 < decay.shape[0]:
            level += 1
    return STATUS_UNRESOLVED


@_jit
def _panel_states(near, kappa, y, magnitude_series, count, width, states, work):
    """Turn the positions in ``states[0, :count]`` into distances, and fill the rows of s, log s and w."""
    for p in range(count):
        work[0, p] = 2.0 * states[0, p] - 1.0
        states[0, p] *= width
    _clenshaw(magnitude_series, work[0], count, states[3], work[1])
    log_y = math.log(y)
    for p in range(count):
        if near:
            states[1, p] = kappa / (1.0 + states[3, p])
            states[2, p] = math.log(states[1, p])
        else:
            states[2, p] = -log_y - states[3, p]
            states[1, p] = math.exp(states[2, p])
            states[3, p] = math.nan


@_jit
def _first_panel(y, depth, first_level, levels):
    """Level of the widest panel that the start's boundary layer, of width y/N, and the poles of 1/E allow."""
    width = min(1.5 * y / depth, 0.5)
    return max(0, min(levels - 1, int(math.floor(math.log2(width))) - first_level))


@_jit
def _panel_series(near, begin, kappa, q, gap, v, speeds, chebyshev, series, work, sums):
    """Chebyshev series of dt/dτ (row 0) and of ``w`` or ``log(y / y_0)`` (row 1), from nodal values v.

    Returns whether both are resolved, and whether a panel of twice the width promises to be.
    """
    n = v.size
    low, high = math.inf, 0.0
    for j in range(n):
        ratio = (1.0 + v[j]) / kappa if near else v[j]
        if not ratio > 0.0:
            return False, False
        logarithm = math.log(ratio)
        speeds[j] = math.exp(q * logarithm)
        work[j] = v[j] if near else logarithm - math.log(begin)
        low = min(low, speeds[j])
        high = max(high, speeds[j])
    if not high <= _RANGE * low:
        return False, False
    _product(chebyshev, speeds, sums)
    series[0, :n] = sums
    _product(chebyshev, work, sums)
    series[1, :n] = sums
    if near:
        size = abs(v[n - 1]) + gap[n - 1] / kappa
        tolerance = min(_RESOLVED, 1e-8 * size)
    else:
        tolerance = _RESOLVED
    resolved = _last(series[0], n) <= _RESOLVED * high and _last(series[1], n) <= tolerance
    half = n // 2 + 2
    promising = (
        high <= math.sqrt(_RANGE) * low
        and _last(series[0], half) <= _DOUBLING * high
        and _last(series[1], half) <= _DOUBLING
    )
    return resolved, promising


@_jit
def _last(coefficients, n):
    return max(abs(coefficients[n - 1]), abs(coefficients[n - 2]))


@_jit_sums
def march_two_layers(lo, hi, which, starts, problem, times, tables, out):
    """Trajectories of the starts ``which[lo:hi]`` at depth 2, where t = τ and all is elementary.

    Parameters are those of `march`, but ``tables`` holds, at every time τ, ``exp(-γ_m τ)`` (T, P),
    ``exp(-2κ⁺τ) ∫_0^τ exp(2(κ - γ_m)u) du`` (T, P) and ``exp(-2κ⁺τ)`` (T,), with κ⁺ = max(κ, 0).
    """
    amplitudes, null_scales, inverses, deviations, a, b = starts
    rates, kappa, rank = problem[0], problem[1], problem[2]
    exponentials, integrals, shift = tables
    out_a, out_b = out[6], out[7]
    factors = np.empty(rates.size)
    weights = np.empty(rates.size)
    for position in range(lo, hi):
        i = which[position]
        for m in range(rates.size):
            weights[m] = 2.0 * amplitudes[i, m] * amplitudes[i, m]
        for k in range(times.size):
            energy = 0.0
            gap = 0.0
            grown = 0.0
            drift = 0.0
            for m in range(rates.size):
                factors[m] = amplitudes[i, m] * exponentials[k, m]
                square = factors[m] * factors[m]
                energy += square
                gap += rates[m] * square
                term = weights[m] * integrals[k, m]
                grown += term
                drift += rates[m] * term
            grown += inverses[i] * shift[k]
            w = (deviations[i] * shift[k] + drift) / energy
            if kappa > 0.0 and abs(w) < 0.5:
                s = kappa / (1.0 + w)
                log_s = math.log(s)
            else:
                w = math.nan
                log_s = math.log(energy / grown) + 2.0 * min(kappa, 0.0) * times[k]
                s = energy / grown if kappa >= 0.0 else math.exp(log_s)
            norm = 1.0 / math.sqrt(energy)
            null = null_scales[i] * exponentials[k, 2 * rank] * norm
            _write_scalars(out, i, k, problem, times[k], s, log_s, w, gap / energy)
            _write_directions(out_a, out_b, i, k, rank, factors, norm, null, a[i], b[i])
