"""Compiled arithmetic of the exact flow: one trajectory at a time, as plain scalar code.

Every array here is in *reduced* form, prepared by `dlnpaper.closed_form`:

- units in which the largest singular value lies in [1, 2), reached by a power of two;
- *modes*: the 2r + 1 exponentials of docs/theory.md, section 3, in one list, relative to the
  dominant one. Mode m has the amplitude ``A_m`` (``α_i/2``, ``β_i/2`` or ``ρ``) and decays like
  ``exp(-γ_m τ)`` with ``γ_m = κ - σ_i``, ``κ + σ_i`` or ``κ``; κ is the rate of the exponential
  that dominates in the end. So

      E(τ) exp(-2κτ) = Σ_m A_m² exp(-2γ_m τ),
      h = κ - c = Σ_m γ_m A_m² exp(-2γ_m τ) / (the same sum)

  have positive terms only: nothing overflows, nothing cancels;
- the magnitude is carried as ``y = 1/s`` or, near a limit ``κ > 0``, as ``w = κy - 1``, which
  obeys ``w' = N(h - c w)`` and keeps its relative accuracy when s agrees with its limit to all
  digits.

All compiled functions live in this one module because Numba's disk cache of a function is not
invalidated by a change in another file.
"""

import math

import numba
import numpy as np

from dlnpaper.compilation import INNER, entry

__all__ = ["march", "march_two_layers"]

NODES = 20  # of a panel
BLOCK = 64  # output times that are worked on together
LANES = 8  # numbers in a vector register, at most

_RESOLVED = 4e-15  # trailing Chebyshev coefficients of a panel, relative to its largest value
_DOUBLING = 3e-11  # middle coefficients below this promise a resolved panel of twice the width
_RANGE = 12.0  # largest ratio of dt/dτ within a panel: bounds the loss of relative accuracy of s
_SPREAD = 60.0  # largest variation of E^{N/2}, its dominant exponential apart, within an integral
_TAIL = 1e-8  # relative distance from a limit below which the linearized flow is exact to rounding
_MAX_PANELS = 100_000
_ROUNDING = 2.220446049250313e-16
_MAX_NEWTON = 12

# Arguments of one type with variables: for a bare number, what is called would be compiled again.
_FIRST, _TWO = np.int64(0), np.int64(2)

# Their callers hold every array: without counts of references, which cost a seventh of the time.
_UNCOUNTED = {**INNER, "_nrt": False}
_jit = numba.njit(**_UNCOUNTED, fastmath={"contract"})
_jit_sums = numba.njit(**_UNCOUNTED, fastmath={"contract", "reassoc", "nsz"})


@_jit
def _exponentials(rates, x, out):
    """Fill ``out[m] = exp(-rates[m] x)``, which must not overflow, in a loop that vectorizes."""
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


@_jit
def _logarithms(values, out):
    """Fill ``out[m] = log(values[m])`` for normal numbers > 0, in a loop that vectorizes."""
    for m in range(values.size):
        bits = np.float64(values[m]).view(np.int64)
        k = (bits - 0x3FE6A09E667F3BCD) >> 52  # leaves a factor between sqrt(1/2) and sqrt(2)
        f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
        z = f / (2.0 + f)  # log(1 + f) is 2 artanh(z)
        square = z * z
        p = 2.0 / 21.0
        p = p * square + 2.0 / 19.0
        p = p * square + 2.0 / 17.0
        p = p * square + 2.0 / 15.0
        p = p * square + 2.0 / 13.0
        p = p * square + 2.0 / 11.0
        p = p * square + 2.0 / 9.0
        p = p * square + 2.0 / 7.0
        p = p * square + 2.0 / 5.0
        p = p * square + 2.0 / 3.0
        half = 0.5 * f * f
        # The largest terms come last, so that theirs are the only roundings.
        low = z * (half + p * square) + k * 1.9082149292705877e-10
        out[m] = k * 0.6931471803691238 - ((half - low) - f)


@_jit_sums
def _alignment_at_nodes(decay, weights, rates, energy, gap):
    """Fill in E and ``h = κ - c`` at the nodes of a panel, from tabulated decay factors."""
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
        out[j] = _dot(matrix[j], values)


@_jit_sums
def _dot(row, values):
    total = 0.0
    for k in range(values.size):
        total += row[k] * values[k]
    return total


@_jit
def _half_powers(values, n, base, out):
    """Fill ``out = values**(n/2)`` for an integer n ≥ 0 by repeated squaring; `base` is scratch."""
    for j in range(values.size):
        base[j] = math.sqrt(values[j])
        out[j] = 1.0
    while n > 0:
        if n & 1:
            for j in range(values.size):
                out[j] *= base[j]
        for j in range(values.size):
            base[j] *= base[j]
        n >>= 1


@_jit
def _integral_form(
    depth, start, source, energy, fade, relax, width, values, work, chebyshev, tolerance
):
    """Fill in ``(start + N ∫ source E^{N/2}) / E^{N/2}`` at the nodes (docs/theory.md, section 3).

    The dominant exponential ``exp(Nκx)`` of E^{N/2} is integrated exactly: ``relax`` maps nodal
    values of what multiplies it to ``∫_0^x exp(Nκ(u - x)) (...) du`` at the nodes. Returns False
    where the rest of the integrand varies too much for its interpolant, or has Chebyshev
    coefficients above ``tolerance``.
    """
    n = values.size
    low, high = 1.0, 1.0
    _half_powers(energy, depth, values, work)
    for j in range(n):
        low = min(low, work[j])
        high = max(high, work[j])
        source[j] *= work[j]
    if not high < _SPREAD * low:
        return False
    for k in (n - 2, n - 1):
        if not abs(_dot(chebyshev[k], source)) <= tolerance:
            return False
    _product(relax, source, values)
    for j in range(n):
        values[j] = (start * fade[j] + depth * width * values[j]) / work[j]
    return True


@_jit
def _collocation_form(depth, start, source, alignment, integrate, width, values, matrix, sums):
    """Fill in the same magnitude by collocation of ``v' = N (source - c v)``, ``v(0) = start``.

    ``matrix`` has the right-hand side in its column ``n - 1`` and padding to whole blocks of 8
    columns.
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
def _clenshaw(coefficients, x, count, out):
    """Chebyshev series of NODES + 1 terms on [0, 1] at ``x[:count]``.

    It goes on to the next multiple of `LANES`, for which `x` and `out` must have room: whole vector
    registers, each with its recurrence, are as fast as one number.
    """
    for i in range(LANES * ((count + LANES - 1) // LANES)):
        u = 4.0 * x[i] - 2.0
        a, b = 0.0, 0.0
        for k in range(NODES, 0, -1):
            a, b = u * a + (coefficients[k] - b), a
        out[i] = 0.5 * u * a + (coefficients[0] - b)


@_jit_sums
def _integrate_series(coefficients, width, out):
    """Chebyshev series on [0, 1] of ``width`` times the integral from 0 of another one."""
    n = NODES
    out[1] = 0.5 * width * (coefficients[0] - 0.5 * coefficients[2])
    for k in range(2, n - 1):
        out[k] = 0.25 * width * (coefficients[k - 1] - coefficients[k + 1]) / k
    out[n - 1] = 0.25 * width * coefficients[n - 2] / (n - 1)
    out[n] = 0.25 * width * coefficients[n - 1] / n
    out[0] = 0.0
    for k in range(1, n + 1, 2):
        out[0] += out[k]
    for k in range(2, n + 1, 2):
        out[0] -= out[k]


@_jit
def _invert_time(
    targets, count, nodes, node_times, speeds, slopes, time_series, speed_series, width, x, work
):
    """Positions ``x`` in [0, 1] of a panel with ``t(x) = targets``: Hermite start, then Newton.

    ``node_times`` and ``speeds`` hold t and dt/dτ at the nodes, ``slopes`` is scratch. Returns
    whether it converged.
    """
    low, high, t, speed = work[0], work[1], work[2], work[3]
    for j in range(nodes.size):
        slopes[j] = 1.0 / (width * speeds[j])
    j = 1
    for i in range(count):
        while j < nodes.size - 1 and node_times[j] < targets[i]:
            j += 1
        span = node_times[j] - node_times[j - 1]
        z = (targets[i] - node_times[j - 1]) / span
        rise = nodes[j] - nodes[j - 1]
        d0 = span * slopes[j - 1]
        d1 = span * slopes[j]
        guess = z * (d0 + z * ((3.0 * rise - 2.0 * d0 - d1) + z * (d0 + d1 - 2.0 * rise)))
        low[i] = nodes[j - 1]
        high[i] = nodes[j] if targets[i] > 0.0 else nodes[0]
        x[i] = min(max(nodes[j - 1] + guess, low[i]), high[i])
    for _ in range(_MAX_NEWTON):
        _clenshaw(time_series, x, count, t)
        _clenshaw(speed_series, x, count, speed)
        if _newton_step(targets, count, t, speed, width, low, high, x) < 1e-8:
            return True  # quadratic convergence: the error left is about the square of the step
    return False


@_jit_sums
def _newton_step(targets, count, t, speed, width, low, high, x):
    """Move `x` and return the sum of the distances."""
    total = 0.0
    for i in range(count):
        moved = min(max(x[i] + (targets[i] - t[i]) / (width * speed[i]), low[i]), high[i])
        total += abs(moved - x[i])
        x[i] = moved
    return total


@_jit
def _write(out, i, k, count, start, problem, depth, times, error, begin, states, block):
    """Write ``count`` states of start i to the output times k, k + 1, ...

    ``states`` holds, for all output times, distances x from where the amplitudes and the time
    ``begin`` were taken, s, log s and w; w is nan where s is not yet near its limit, so that s - c
    may be taken as it stands.
    """
    amplitudes = start[0]
    rates, _, rank, scale, _, _ = problem
    factors, energy, gap, null, norms = block
    _write_magnitudes(out, i, k, count, scale, begin, states)
    losses = out[2].size + out[3].size + out[4].size + out[8].size > 0
    directions = out[6].size + out[7].size > 0
    if not (losses or directions):
        return
    for lo in range(k, k + count, BLOCK):
        width = min(BLOCK, k + count - lo)
        x = states[0, lo : lo + width]
        for p in range(width):
            energy[p] = 0.0
            gap[p] = 0.0
        for m in range(2 * rank + 1):
            _exponentials(x, rates[m], factors[m])
            amplitude, mode = amplitudes[m], factors[m]
            for p in range(width):
                energy[p] += (amplitude * mode[p]) ** 2
            if losses:
                for p in range(width):
                    gap[p] += rates[m] * (amplitude * mode[p]) ** 2
        if losses:
            s, w = states[1, lo:], states[3, lo:]
            _write_losses(out, i, lo, width, problem, s, w, energy, gap)
        if directions:
            for p in range(width):
                norms[p] = 1.0 / math.sqrt(energy[p])
            _write_directions(out, i, lo, width, rank, start, factors, norms, null)
        if out[8].size:
            for m in range(2 * rank + 1):
                amplitude, mode = amplitudes[m], factors[m]
                for p in range(width):
                    mode[p] = (amplitude * mode[p]) ** 2
            _write_errors(out[8], i, lo, width, problem, depth, times, error, begin, states, block)


@_jit
def _write_magnitudes(out, i, k, count, scale, begin, states):
    out_s, out_log_s, out_tau = out[0], out[1], out[5]
    if out_s.size:
        for p in range(count):
            out_s[i, k + p] = states[1, k + p] * scale
    if out_log_s.size:
        log_scale = math.log(scale)
        for p in range(count):
            out_log_s[i, k + p] = states[2, k + p] + log_scale
    if out_tau.size:
        for p in range(count):
            out_tau[i, k + p] = (begin + states[0, k + p]) / scale


@_jit
def _write_losses(out, i, k, count, problem, s, w, energy, gap):
    """Alignment, loss and excess; turns the sums ``gap`` into h = κ - c on the way."""
    out_c, out_loss, out_excess = out[2], out[3], out[4]
    _, kappa, _, scale, limit_loss, _ = problem
    for p in range(count):
        gap[p] /= energy[p]
    if out_c.size:
        for p in range(count):
            out_c[i, k + p] = (kappa - gap[p]) * scale
    if out_loss.size or out_excess.size:
        for p in range(count):
            c = kappa - gap[p]
            if kappa > 0.0:
                difference = s[p] - c if math.isnan(w[p]) else gap[p] - kappa * w[p] / (1.0 + w[p])
                excess = 0.5 * (difference * difference + gap[p] * (2.0 * kappa - gap[p]))
            else:
                excess = s[p] * (0.5 * s[p] - c)
            excess *= scale * scale
            if out_excess.size:
                out_excess[i, k + p] = excess
            if out_loss.size:
                out_loss[i, k + p] = limit_loss + excess


@_jit
def _write_errors(out_error, i, k, count, problem, depth, times, error, begin, states, block):
    """Turn the error of the method into that of every state.

    An error of the clock, relative to t and to τ, counts as far as the state moves meanwhile.
    ``block`` holds the squares of the modes, their sum, h = κ - c, and room for a power of s.
    """
    _, kappa, rank, _, _, sigma = problem
    squares, energy, gap, power, _ = block
    s, log_s = states[1, k : k + count], states[2, k : k + count]
    turning = out_error[i, k : k + count]
    for p in range(count):
        turning[p] = (kappa - gap[p]) ** 2 * squares[2 * rank, p]
    for m in range(rank):
        for p in range(count):
            c = kappa - gap[p]
            turning[p] += (sigma[m] - c) ** 2 * squares[m, p]
            turning[p] += (sigma[m] + c) ** 2 * squares[rank + m, p]
    _exponentials(log_s, 2.0 / depth - 1.0, power)
    for p in range(count):
        speed = depth * abs(kappa - gap[p] - s[p]) + math.sqrt(2.0 * turning[p] / energy[p])
        clock = times[k + p] * power[p] + begin + states[0, k + p]
        out_error[i, k + p] = error * (1.0 + clock * speed) + _ROUNDING * abs(log_s[p])


@_jit
def _write_directions(out, i, k, count, rank, start, factors, norms, null):
    """Write a and b to the output times k, k + 1, ..., from the decay of the modes meanwhile.

    ``norms`` holds the reciprocal norms of a and b, ``null`` is scratch.
    """
    amplitudes, null_scale, a_start, b_start = start
    out_a, out_b = out[6], out[7]
    for p in range(count):
        null[p] = null_scale * factors[2 * rank, p] * norms[p]
    if out_a.size:
        _write_direction(out_a[i], k, count, rank, amplitudes, 1.0, factors, norms, a_start, null)
    if out_b.size:
        _write_direction(out_b[i], k, count, rank, amplitudes, -1.0, factors, norms, b_start, null)


@_jit
def _write_direction(out, k, count, rank, amplitudes, sign, factors, norms, start, null):
    for m in range(rank):
        rising, falling = amplitudes[m], sign * amplitudes[rank + m]
        row, up, down = out[m, k:], factors[m], factors[rank + m]
        for p in range(count):
            row[p] = (rising * up[p] + falling * down[p]) * norms[p]
    for m in range(rank, out.shape[0]):
        row, component = out[m, k:], start[m]
        for p in range(count):
            row[p] = component * null[p]


@_jit
def _tail(times, k, depth, problem, t, y, w, states, modes):
    """Fill ``states`` from the k-th time on if from t on a law holds to rounding; tell whether."""
    kappa = problem[1]
    if kappa > 0.0:
        reached = abs(w) < _TAIL and _residual(problem, depth, modes[0]) < _TAIL
        if reached:
            _tail_at_limit(times, k, depth, problem, modes[0], t, w, states, modes[1:])
    elif kappa == 0.0:
        reached = _residual(problem, depth, modes[0]) < 1e-16
        if reached:
            _tail_flat(times, k, depth, t, y, states)
    else:
        reached = -kappa * y > 1e17 and _residual(problem, depth, modes[0]) < 1e-16
        if reached:
            _tail_collapse(times, k, depth, kappa, t, y, states)
    return reached


@_jit
def _residual(problem, depth, amplitudes):
    """Return the integral of N h over all the time to come."""
    rates, total = problem[0], 0.0
    for m in range(rates.size):
        if rates[m] > 0.0:
            total += 0.5 * depth * amplitudes[m] * amplitudes[m]
    return total


@_jit
def _tail_at_limit(times, k, depth, problem, amplitudes, t, w, states, work):
    """States at ``times[k:]`` after t, once the flow is its own linearization at a limit κ > 0.

    There c = κ up to terms that no longer matter, so ``w' = -Nκ w + N h`` with h a sum of
    exponentials, and dt/dτ is linear in w.
    """
    rates, kappa = problem[0], problem[1]
    responses, integrals, factors = work
    fast_rate = depth * kappa
    slowest = fast_rate
    resonant = 0.0  # modes with 2γ = Nκ respond like x exp(-Nκx)
    for m in range(rates.size):
        source = depth * rates[m] * amplitudes[m] * amplitudes[m]
        difference = fast_rate - 2.0 * rates[m]
        responses[m] = 0.0
        if abs(difference) > 1e-8 * fast_rate:
            responses[m] = source / difference
        else:
            resonant += source
        integrals[m] = responses[m] / max(2.0 * rates[m], 1e-300)
        w -= responses[m]
        if responses[m] != 0.0:
            slowest = min(slowest, 2.0 * rates[m])
    total = (w + resonant / fast_rate) / fast_rate
    for m in range(rates.size):
        total += integrals[m]
    ended = 800.0 / slowest  # every exponential in w underflows from there on
    q = 1.0 - 2.0 / depth
    for p in range(k, times.size):
        elapsed = (times[p] - t) * kappa**q
        if elapsed < ended:
            _exponentials(rates, elapsed, factors)
            _, part = _linearized(responses, integrals, factors, fast_rate, resonant, w, elapsed)
            # w and its integral are below 1e-8: the square of that is what one correction leaves.
            x = elapsed - q * part
            _exponentials(rates, x, factors)
            w_x, _ = _linearized(responses, integrals, factors, fast_rate, resonant, w, x)
        else:
            x, w_x = elapsed - q * total, 0.0
        states[0, p] = x
        states[1, p] = kappa / (1.0 + w_x)
        states[2, p] = math.log(states[1, p])
        states[3, p] = w_x


@_jit_sums
def _linearized(responses, integrals, factors, fast_rate, resonant, transient, x):
    """Return w at distance x, and its integral from 0 to x."""
    fast = math.exp(-fast_rate * x)
    value = (transient + resonant * x) * fast
    integral = (
        transient * (1.0 - fast) + resonant * ((1.0 - fast) / fast_rate - x * fast)
    ) / fast_rate
    for m in range(responses.size):
        slow = factors[m] * factors[m]
        value += responses[m] * slow
        integral += integrals[m] * (1.0 - slow)
    return value, integral


@_jit
def _tail_flat(times, k, depth, t, y, states):
    """Fill ``states``, once c = 0 to rounding: y grows like Nτ, s falls like a power of t."""
    p = 2.0 - 2.0 / depth
    for i in range(k, times.size):
        growth = math.log1p(p * depth * (times[i] - t) / y**p) / p
        states[0, i] = y * math.expm1(growth) / depth
        states[2, i] = -math.log(y) - growth
        states[1, i] = math.exp(states[2, i])
        states[3, i] = math.nan


@_jit
def _tail_collapse(times, k, depth, kappa, t, y, states):
    """Fill ``states``, once c = κ < 0 and s ≪ |κ| to rounding: y grows exponentially in τ."""
    q = 1.0 - 2.0 / depth
    speed = -q * depth * kappa
    for i in range(k, times.size):
        x = (times[i] - t) / y**q
        if speed > 0.0:
            x = math.log1p(speed * x) / speed
        states[0, i] = x
        states[2, i] = -math.log(y) + depth * kappa * x
        states[1, i] = math.exp(states[2, i])
        states[3, i] = math.nan


@entry
def march(lo, hi, which, starts, problem, depth, times, tables, rule, first_level, out, errors):
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
        rates (P,), κ, rank, unit of s, loss of the limit, singular values (r,).
    times : (T,) array
        Non-decreasing, reduced.
    tables : tuple
        ``exp(-2γx)`` at the nodes (L, n, P), ``exp(-γ width)`` (L, P), ``exp(-Nκx)`` at the nodes
        (L, n), the matrices ``relax`` of `_integral_form` (L, n, n).
    rule : tuple
        nodes in [0, 1], cumulative integration, Chebyshev coefficients.
    first_level : int
        Panel widths are ``2**(first_level + level)``.
    out, errors
        Arrays of every output variable (empty where not wanted), time running fastest, and the
        error of the method for each start, infinite where it failed.
    """
    amplitudes, null_scales, inverses, deviations, a, b = starts
    states = np.zeros((4, times.size + LANES))  # room for `_clenshaw`
    work = np.zeros((5, times.size + LANES))
    scratch = (
        np.empty(NODES), np.empty(NODES), np.empty(NODES), np.empty(NODES), np.empty(NODES),
        np.empty(NODES), np.empty(NODES), np.empty(NODES), np.empty(NODES),
    )  # fmt: skip
    series = (np.zeros(NODES + 1), np.zeros(NODES + 1), np.zeros(NODES + 1))
    matrix = np.zeros((NODES, -8 * (-NODES // 8)))
    modes = (
        np.empty(amplitudes.shape[1]), np.empty(amplitudes.shape[1]),
        np.empty(amplitudes.shape[1]), np.empty(amplitudes.shape[1]),
    )  # fmt: skip
    block = _block(amplitudes.shape[1])
    buffers = (states, work, scratch, series, matrix, modes, block)
    for position in range(lo, hi):
        i = which[position]
        start = (amplitudes[i], null_scales[i], a[i], b[i])
        errors[i] = _march_one(
            i, start, inverses[i], deviations[i],
            problem, depth, times, tables, rule, first_level, out, buffers,
        )  # fmt: skip


@numba.njit(**INNER)
def _block(modes):
    """Make work arrays of `_write`: modes at a block of states, two sums, scratch, norms."""
    vectors = np.empty((4, BLOCK))
    return np.empty((modes, BLOCK)), vectors[0], vectors[1], vectors[2], vectors[3]


@_jit
def _march_one(i, start, y, w, problem, depth, times, tables, rule, first_level, out, buffers):
    rates, rank = problem[0], problem[2]
    decay, decay_end = tables[0], tables[1]
    states, work, scratch, series, _, modes, block = buffers
    energy, speeds, v, node_times = scratch[0], scratch[5], scratch[4], scratch[6]
    amplitudes = modes[0]
    for m in range(rates.size):
        amplitudes[m] = start[0][m]
    null_scale = start[1]
    # Squares of amplitudes relative to a dominant one below this would underflow: then every panel
    # writes its own states, with amplitudes brought up to date, instead of all from those at the
    # start.
    at_once = _dominant(amplitudes, rates) > 1e-280
    error = _ROUNDING * (20.0 + 2.0 * depth)
    t = 0.0
    tau = 0.0
    k = _FIRST
    level = _first_panel(y, depth, first_level, decay.shape[0])
    for _ in range(_MAX_PANELS):
        if _tail(times, k, depth, problem, t, y, w, states, modes):
            count = times.size - k
        else:
            level, near, promising, unresolved = _solve_panel(
                level, y, w, problem, depth, tables, rule, first_level, buffers
            )
            if level < 0:
                return math.inf
            error += unresolved + 4.0 * _ROUNDING
            width = 2.0 ** (first_level + level)
            _product(rule[1], speeds, node_times)
            for j in range(v.size):
                node_times[j] *= width
            count = 0
            while k + count < times.size and times[k + count] <= t + node_times[v.size - 1]:
                work[0, count] = times[k + count] - t
                count += 1
            if count > 0 and not _panel_states(
                near,
                problem[1],
                y,
                k,
                count,
                width,
                rule,
                speeds,
                node_times,
                scratch[8],
                series,
                states,
                work,
            ):
                return math.inf
        if at_once:
            for p in range(k, k + count):
                states[0, p] += tau
        elif count > 0:
            current = (amplitudes, null_scale, start[2], start[3])
            _write(out, i, k, count, current, problem, depth, times, error, tau, states, block)
        k += count
        if k == times.size:
            if at_once:
                _write(out, i, _FIRST, k, start, problem, depth, times, error, 0.0, states, block)
            return error
        norm = 1.0 / math.sqrt(energy[v.size - 1])
        for m in range(rates.size):
            amplitudes[m] *= decay_end[level, m] * norm
        null_scale *= decay_end[level, 2 * rank] * norm
        w = v[v.size - 1] if near else problem[1] * v[v.size - 1] - 1.0
        y = (1.0 + w) / problem[1] if near else v[v.size - 1]
        t += node_times[v.size - 1]
        tau += width
        if promising:
            level = min(level + 1, decay.shape[0] - 1)
    return math.inf


@_jit
def _dominant(amplitudes, rates):
    total = 0.0
    for m in range(rates.size):
        if rates[m] == 0.0:
            total += amplitudes[m] * amplitudes[m]
    return total


@_jit
def _solve_panel(level, y, w, problem, depth, tables, rule, first_level, buffers):
    """Magnitude and dt/dτ at the nodes of the widest panel, from `level` down, that resolves them.

    Fills the rows of ``scratch`` and ``series``; returns the level (-1 if there is none), whether
    the magnitude is w rather than y, whether the next panel may be twice as wide, and the part that
    the series leave out.
    """
    rates, kappa = problem[0], problem[1]
    decay, _, fade, relax = tables
    _, integrate, chebyshev = rule
    _, _, scratch, series, matrix, modes, _ = buffers
    energy, gap, source, c, v, speeds, _, work, sums = scratch
    amplitudes, weights = modes[0], modes[1]
    for m in range(rates.size):
        weights[m] = amplitudes[m] * amplitudes[m]
    near = kappa > 0.0 and abs(w) < 0.5
    begin = w if near else y
    while level >= 0:
        width = 2.0 ** (first_level + level)
        _alignment_at_nodes(decay[level], weights, rates, energy, gap)
        for j in range(v.size):
            source[j] = gap[j] if near else 1.0
            c[j] = kappa - gap[j]
        tolerance = kappa * _near_tolerance(gap[v.size - 1] / kappa) if near else _RESOLVED
        if not _integral_form(
            depth,
            begin,
            source,
            energy,
            fade[level],
            relax[level],
            width,
            v,
            work,
            chebyshev,
            tolerance,
        ):
            for j in range(v.size):
                source[j] = gap[j] if near else 1.0
            _collocation_form(depth, begin, source, c, integrate, width, v, matrix, sums)
        resolved, promising, unresolved = _panel_series(
            near, begin, kappa, 1.0 - 2.0 / depth, gap, v, speeds, chebyshev, series, work
        )
        if resolved:
            return level, near, promising, unresolved
        level -= 1
    return -1, near, False, math.inf


@_jit
def _panel_states(
    near, kappa, y, k, count, width, rule, speeds, node_times, slopes, series, states, work
):
    """Fill ``states[:, k : k + count]`` for the times ``work[0, :count]`` after the panel's start.

    Returns False if it failed.
    """
    x, s, log_s, w = states[0, k:], states[1, k:], states[2, k:], states[3, k:]
    _integrate_series(series[0], width, series[2])
    if not _invert_time(
        work[0],
        count,
        rule[0],
        node_times,
        speeds,
        slopes,
        series[2],
        series[0],
        width,
        x,
        work[1:],
    ):
        return False
    _clenshaw(series[1], x, count, w)
    for p in range(count):
        x[p] *= width
    if near:
        for p in range(count):
            s[p] = kappa / (1.0 + w[p])
        _logarithms(s[:count], log_s)
    else:
        log_y = math.log(y)
        for p in range(count):
            log_s[p] = -log_y - w[p]
            w[p] = math.nan
        _magnitudes(log_s[:count], s)
    return True


@_jit
def _magnitudes(log_s, out):
    """Fill ``out = exp(log_s)``, subnormal numbers and zero included."""
    _exponentials(log_s, -1.0, out)
    for p in range(log_s.size):
        if log_s[p] < -708.0:
            out[p] = math.exp(log_s[p])


@_jit
def _first_panel(y, depth, first_level, levels):
    """Return the level of the widest panel that fits the start and the poles of 1/E.

    A large s has a boundary layer of width y/N at the start.
    """
    width = min(1.5 * y / depth, 0.5)
    return max(0, min(levels - 1, math.floor(math.log2(width)) - first_level))


@_jit
def _panel_series(near, begin, kappa, q, gap, v, speeds, chebyshev, series, work):
    """Fill in Chebyshev series of dt/dτ (row 0) and of ``w`` or ``log(y / y_0)`` (row 1).

    ``v`` holds the nodal values of w or y. Returns whether both are resolved, whether a panel of
    twice the width promises to be, and the size of the trailing coefficients.
    """
    n = v.size
    low, high = math.inf, 0.0
    # Logarithms relative to the start of the panel: those of a large y would round to less.
    first = (1.0 + begin) / kappa if near else begin
    for j in range(n):
        work[j] = (1.0 + v[j]) / (1.0 + begin) if near else v[j] / begin
    for j in range(n):
        if not 0.0 < work[j] < math.inf:
            return False, False, math.inf
    _logarithms(work, work)
    _exponentials(work, -q, speeds)
    first_speed = first**q
    for j in range(n):
        speeds[j] *= first_speed
    for j in range(n):
        low = min(low, speeds[j])
        high = max(high, speeds[j])
    if not high <= _RANGE * low:
        return False, False, math.inf
    _product(chebyshev, speeds, series[0])
    if near:
        _product(chebyshev, v, series[1])
    else:
        _product(chebyshev, work, series[1])
    tolerance = _near_tolerance(abs(v[n - 1]) + gap[n - 1] / kappa) if near else _RESOLVED
    last_speed, last_magnitude = _last(series[0], n) / high, _last(series[1], n)
    resolved = last_speed <= _RESOLVED and last_magnitude <= tolerance
    half = n // 2 + 2
    promising = (
        high <= math.sqrt(_RANGE) * low
        and gap[n - 1] >= 0.03 * gap[0]
        and _last(series[0], half) <= _DOUBLING * high
        and _last(series[1], half) <= _DOUBLING
    )
    return resolved, promising, last_speed + last_magnitude


@_jit
def _near_tolerance(size):
    """Absolute tolerance on w: rounding of s, and never more than a small part of w itself."""
    return min(_RESOLVED, 1e-11 * size)


@_jit
def _last(coefficients, n):
    return max(abs(coefficients[n - 1]), abs(coefficients[n - 2]))


@entry
def march_two_layers(lo, hi, which, starts, problem, times, tables, out, errors):
    """Trajectories of the starts ``which[lo:hi]`` at depth 2, where t = τ and all is elementary.

    Parameters are those of `march`, but ``tables`` holds ``exp(-γ_m τ)`` at every time (P, T), and
    in blocks of times, the last one filled up, ``exp(-2γ_m τ)`` (K, P, BLOCK),
    ``2 exp(-2κ⁺τ) ∫_0^τ exp(2(κ - γ_m)u) du`` (K, P, BLOCK) and ``exp(-2κ⁺τ)`` (K, BLOCK), with
    κ⁺ = max(κ, 0).
    """
    amplitudes, null_scales, inverses, deviations, a, b = starts
    rates, kappa, rank, scale, _, _ = problem
    decay, squares, integrals, shift = tables
    weights, slopes = np.empty(rates.size), np.empty(rates.size)
    block = _block(rates.size)
    _, energy, gap, _, _ = block
    grown, drift = np.empty(BLOCK), np.empty(BLOCK)
    states, norms, null = np.empty((4, times.size)), np.empty(shift.size), np.empty(times.size)
    logarithms = out[1].size + out[8].size > 0
    losses = out[2].size + out[3].size + out[4].size + out[8].size > 0
    directions = out[6].size + out[7].size > 0
    for position in range(lo, hi):
        i = which[position]
        errors[i] = 24.0 * _ROUNDING
        for m in range(rates.size):
            weights[m] = amplitudes[i, m] * amplitudes[i, m]
            slopes[m] = rates[m] * weights[m]
        for n in range(shift.shape[0]):
            k = n * BLOCK
            count = min(BLOCK, times.size - k)
            _weighted_sum(weights, squares[n], 0.0, shift[n], energy)
            _weighted_sum(weights, integrals[n], inverses[i], shift[n], grown)
            if directions:
                for p in range(BLOCK):
                    norms[k + p] = 1.0 / math.sqrt(energy[p])
            if losses:
                _weighted_sum(slopes, squares[n], 0.0, shift[n], gap)
                _weighted_sum(slopes, integrals[n], deviations[i], shift[n], drift)
            _finish_two_layers(
                kappa, times, k, count, energy, grown, drift, losses, logarithms, states
            )
            _write_magnitudes(out, i, k, count, scale, 0.0, states)
            if losses:
                s, w = states[1, k:], states[3, k:]
                _write_losses(out, i, k, count, problem, s, w, energy, gap)
            if out[8].size:
                _weigh(weights, squares[n], block[0])
                _write_errors(
                    out[8], i, k, count, problem, _TWO, times, errors[i], 0.0, states, block
                )
        if directions:
            start = (amplitudes[i], null_scales[i], a[i], b[i])
            _write_directions(out, i, _FIRST, times.size, rank, start, decay, norms, null)


@_jit
def _weighted_sum(weights, table, start, shift, out):
    """Fill a block with ``start shift + Σ_m weights[m] table[m]``, four modes at a time."""
    for p in range(BLOCK):
        out[p] = start * shift[p]
    for m in range(0, weights.size, 4):
        w0, w1, w2, w3 = weights[m], weights[m + 1], weights[m + 2], weights[m + 3]
        if w0 != 0.0 or w1 != 0.0 or w2 != 0.0 or w3 != 0.0:
            t0, t1, t2, t3 = table[m], table[m + 1], table[m + 2], table[m + 3]
            for p in range(BLOCK):
                out[p] += (w0 * t0[p] + w1 * t1[p]) + (w2 * t2[p] + w3 * t3[p])


@_jit
def _finish_two_layers(kappa, times, k, count, energy, grown, drift, losses, logarithms, states):
    x, s, log_s, w = states[0, k:], states[1, k:], states[2, k:], states[3, k:]
    for p in range(count):
        x[p] = times[k + p]
        s[p] = energy[p] / grown[p]
        w[p] = math.nan
    if kappa < 0.0 or logarithms:
        _logarithms(s[:count], log_s)
    if kappa < 0.0:
        for p in range(count):
            log_s[p] += 2.0 * kappa * x[p]
        _magnitudes(log_s[:count], s)
    elif losses and kappa > 0.0:
        for p in range(count):
            drifted = drift[p] / energy[p]
            if abs(drifted) < 0.5:
                w[p] = drifted


@_jit
def _weigh(weights, table, out):
    """Fill a block with ``weights[m] table[m]`` in row m."""
    for m in range(weights.size):
        for p in range(BLOCK):
            out[m, p] = weights[m] * table[m, p]
