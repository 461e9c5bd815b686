"""Compiled arithmetic of the exact flow: one trajectory at a time, as plain scalar code.

Numba's cache on disk of an entry point notices changes in that entry point's own file only: a
function or a tuple that is kept elsewhere could change, and old machine code would go on running.
The entry points here share most of what they call, hence one long file.

Every array here is in *reduced* form, prepared by `dlnpaper.one_neuron._closed_form`:

- units in which the largest singular value lies in [1, 2), reached by a power of two;
- *modes*: the 2r + 1 exponentials of docs/theory.md, section 3.5, in one list, relative to the one
  that dominates in the end, whose rate is ``c_limit``. Mode m has the amplitude ``A_m`` (``α_i/2``,
  ``β_i/2`` or ``ρ``) and decays like ``exp(-γ_m τ)`` with ``γ_m = c_limit - σ_i``,
  ``c_limit + σ_i`` or ``c_limit``. So

      E(τ) exp(-2 c_limit τ) = Σ_m A_m² exp(-2γ_m τ),
      c_deviation = c_limit - c = Σ_m γ_m A_m² exp(-2γ_m τ) / (the same sum)

  have positive terms only: nothing overflows, nothing cancels;
- the magnitude is carried as ``y = 1/s`` or, near a limit ``c_limit > 0``, as
  ``s_deviation = c_limit y - 1``, which keeps its relative accuracy when s agrees with its limit to
  all digits. Below, δ_c and δ_s are short for the two deviations: ``δ_s' = N(δ_c - c δ_s)``.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from dlnpaper._compilation import INNER, entry

__all__ = [
    "Decay",
    "Elementary",
    "Outputs",
    "Panels",
    "Problem",
    "Starts",
    "decide",
    "march",
    "march_decaying",
    "march_two_layers",
]

NODES = 20  # of a panel
BLOCK = 64  # output times that are worked on together
LANES = 8  # numbers in a vector register, at most

_RESOLVED = 4e-15  # trailing Chebyshev coefficients of a panel, relative to its largest value
_DOUBLING = 3e-11  # middle coefficients below this promise a resolved panel of twice the width
_RANGE = 12.0  # largest ratio of dt/dτ within a panel: bounds the loss of relative accuracy of s
_SPREAD = 60.0  # largest variation of E^{N/2}, its dominant exponential apart, within an integral
_TAIL = 1e-8  # relative distance from a limit below which linearizing the flow costs no digit
_FADING = 0.25  # where s^(1-2/N) (|c| + s) < this times μ, time is the variable
_UNDECIDED = 1e-6  # error of s beyond which rounding decides on the fate
_MAX_PANELS = 100_000
_ROUNDING = 2.220446049250313e-16
_EXPONENTS = _ROUNDING  # relative error of the exponents in E: of rates, products, exponentials
_MAX_NEWTON = 12
_MAX_PICARD = 80

# A variable's type: for a literal, Numba would compile what is called with it once more.
_FIRST = np.int64(0)

_jit = numba.njit(**INNER, fastmath={"contract"})
_jit_sums = numba.njit(**INNER, fastmath={"contract", "reassoc", "nsz"})
_allocating = numba.njit(**{**INNER, "_nrt": True})


# Arguments of `march` and `march_two_layers`. Sizes: M starts, P modes (2r + 1, and zeros up to
# whole registers), T times, L widths of panels, n = NODES.


class Problem(NamedTuple):
    """What all starts with the same dominant exponential share."""

    depth: int
    times: np.ndarray  # (T,), non-decreasing
    c_limit: float
    alignment: float  # limit of the alignment: c_limit, plus the weight decay of two layers
    rates: np.ndarray  # (P,): γ_m
    rank: int
    sigma: np.ndarray  # (r,): singular values of the target
    scale: float  # unit of s
    limit_loss: float  # not reduced


class Decay(NamedTuple):
    """Weight decay at depths from 3 on (docs/weight_decay.md, section 5)."""

    strength: float  # μ
    limit: Problem  # with the positive limit of s, or 0, in place of ``c_limit``
    feedback: float  # μ limit^-(1 - 2/N)
    relaxation: float  # δ_s decays like exp(-N relaxation τ) close to the limit


class Starts(NamedTuple):
    """All starts of the ensemble."""

    amplitudes: np.ndarray  # (M, P): A_m, of norm one
    null_scales: np.ndarray  # (M,): what the null components of a and b were divided by, inverted
    inverses: np.ndarray  # (M,): 1/s
    s_deviations: np.ndarray  # (M,)
    a: np.ndarray  # (M, d_y)
    b: np.ndarray  # (M, d_x)


class Panels(NamedTuple):
    """Tables of `march`: a quadrature rule, and the decay within panels of every width."""

    nodes: np.ndarray  # (n,): Gauss-Lobatto nodes x in [0, 1]
    integrate: np.ndarray  # (n, n): nodal values to integrals from 0 to the nodes
    chebyshev: np.ndarray  # (n, n): nodal values to Chebyshev coefficients
    decay: np.ndarray  # (L, n, P): exp(-2γx) at the nodes
    decay_end: np.ndarray  # (L, P): exp(-γ width)
    fade: np.ndarray  # (L, n): exp(-N c_limit x) at the nodes
    relax: np.ndarray  # (L, n, n): see `_integral_form`
    first_level: int  # panel widths are 2**(first_level + level)


class Elementary(NamedTuple):
    """Tables of `march_two_layers`, in K blocks of times, the last one filled up."""

    decay: np.ndarray  # (P, T): exp(-γ_m τ)
    squares: np.ndarray  # (K, P, BLOCK): exp(-2γ_m τ)
    integrals: np.ndarray  # (K, P, BLOCK): 2 shift ∫_0^τ exp(2(c_limit - γ_m)u) du
    shift: np.ndarray  # (K, BLOCK): exp(-2 max(c_limit, 0) τ)


class Outputs(NamedTuple):
    """Arrays to be filled, time running fastest; empty where a variable is not wanted."""

    s: np.ndarray  # (M, T), as all but
    log_s: np.ndarray
    alignment: np.ndarray
    loss: np.ndarray
    excess: np.ndarray
    tau: np.ndarray
    a: np.ndarray  # (M, d_y, T)
    b: np.ndarray  # (M, d_x, T)
    error: np.ndarray


# Work arrays, made once for many starts:


class _Start(NamedTuple):
    """One start, or the state from which the modes go on."""

    amplitudes: np.ndarray  # (P,)
    null_scale: float
    a: np.ndarray  # (d_y,)
    b: np.ndarray  # (d_x,)


class _States(NamedTuple):
    """States at the output times, and Newton's method for their positions, (T + LANES,) each."""

    x: np.ndarray  # distance in τ from where the amplitudes were taken
    s: np.ndarray
    log_s: np.ndarray
    s_deviation: np.ndarray  # nan where s is not yet near its limit, and s - c loses no digit
    targets: np.ndarray  # times after the panel's start
    low: np.ndarray
    high: np.ndarray
    times: np.ndarray  # at the present positions, as
    speeds: np.ndarray  # dt/dτ


class _Panel(NamedTuple):
    """A panel: values at its nodes, (n,) each, and Chebyshev series, (n + 1,) each."""

    energy: np.ndarray  # E
    c_deviation: np.ndarray
    alignment: np.ndarray  # c
    source: np.ndarray  # δ_c or 1, of the equation for the magnitude
    magnitude: np.ndarray  # δ_s or y
    speeds: np.ndarray  # dt/dτ
    times: np.ndarray  # after the panel's start
    work: np.ndarray
    sums: np.ndarray
    speed_series: np.ndarray
    magnitude_series: np.ndarray  # of δ_s or log(y / y_0)
    time_series: np.ndarray
    matrix: np.ndarray  # (n, n up to a multiple of 8): of `_collocation_form`


class _Modes(NamedTuple):
    """The modes at one time, (P,) each."""

    amplitudes: np.ndarray
    weights: np.ndarray  # squares of amplitudes
    responses: np.ndarray  # of δ_s to the modes, near the limit
    integrals: np.ndarray  # of these, to the end of time
    factors: np.ndarray


class _Block(NamedTuple):
    """The modes at a block of times."""

    factors: np.ndarray  # (P, BLOCK)
    energy: np.ndarray  # (BLOCK,), as the rest
    c_deviation: np.ndarray  # Σ γ_m A_m² exp(-2γ_m x), then δ_c
    null: np.ndarray
    norms: np.ndarray  # reciprocal norms of a and b


class _Uncertain(NamedTuple):
    """Errors of the states with weight decay, (T,) each."""

    magnitude: np.ndarray  # of s, relative, at a given τ
    clock: np.ndarray  # of t at a given τ


class _Buffers(NamedTuple):
    """All that `march` works with."""

    states: _States
    panel: _Panel
    modes: _Modes
    block: _Block


class _Tail(NamedTuple):
    """The linearized flow ``δ_s' = -rate δ_s + N δ_c`` at a limit c_limit > 0."""

    rate: float  # N c_limit, or less with weight decay
    resonant: float  # size of the modes with 2γ = rate, which respond like x exp(-rate x)
    transient: float  # what is left of δ_s without the responses
    total: float  # ∫ δ_s to the end of time
    end: float  # every exponential in δ_s underflows from there on


@entry
def march(lo, hi, which, starts, problem, tables, out, errors):
    """Trajectories of the starts ``which[lo:hi]``, panel by panel; see docs/theory.md, section 3.

    ``which`` (K,) has the indices of the starts whose dominant exponential is that of `Problem`.
    ``errors`` (M,) receives the error of the method for each start, infinite where it failed.
    """
    buffers = _allocate(problem.times.size, problem.rates.size)
    for position in range(lo, hi):
        i = which[position]
        start = _Start(starts.amplitudes[i], starts.null_scales[i], starts.a[i], starts.b[i])
        y, s_deviation = starts.inverses[i], starts.s_deviations[i]
        errors[i] = _march_one(i, start, y, s_deviation, problem, tables, out, buffers)


@_allocating
def _allocate(times, modes):
    t = np.zeros((9, times + LANES))  # `_clenshaw` reads beyond the last time
    v = np.empty((9, NODES))
    c = np.zeros((3, NODES + 1))
    m = np.empty((5, modes))
    f = np.empty((4, BLOCK))
    return _Buffers(
        _States(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]),
        _Panel(
            v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], c[0], c[1], c[2],
            np.zeros((NODES, -8 * (-NODES // 8))),
        ),
        _Modes(m[0], m[1], m[2], m[3], m[4]),
        _Block(np.empty((modes, BLOCK)), f[0], f[1], f[2], f[3]),
    )  # fmt: skip


@_jit
def _march_one(i, start, y, s_deviation, problem, tables, out, buffers):
    """March from panel to panel; return the error of the method, infinite if it fails.

    One function because the state (t, τ, y, δ_s, amplitudes) lives in its local variables.
    """
    states, panel = buffers.states, buffers.panel
    rates, times, c_limit = problem.rates, problem.times, problem.c_limit
    amplitudes, null_scale = buffers.modes.amplitudes, start.null_scale
    for m in range(rates.size):
        amplitudes[m] = start.amplitudes[m]
    # Squares of amplitudes relative to a dominant one below this would underflow: then every panel
    # writes its own states, with amplitudes brought up to date, instead of all from those at the
    # start.
    at_once = _dominant(amplitudes, rates) > 1e-280
    error = _ROUNDING * (20.0 + 2.0 * problem.depth)
    t, tau, faded = 0.0, 0.0, 1.0
    k = _FIRST
    levels, last = tables.decay.shape[0], NODES - 1
    level = _first_panel(y, problem.depth, tables.first_level, levels)
    for _ in range(_MAX_PANELS):
        if _tail(k, t, y, s_deviation, problem, states, buffers.modes):
            count = times.size - k
        else:
            level, near, promising, unresolved = _solve_panel(
                level, y, s_deviation, problem, tables, panel, buffers.modes
            )
            if level < 0:
                return math.inf
            error += unresolved + 4.0 * _ROUNDING
            width = 2.0 ** (tables.first_level + level)
            _product(tables.integrate, panel.speeds, panel.times)
            for j in range(panel.times.size):
                panel.times[j] *= width
            count = 0
            while k + count < times.size and times[k + count] <= t + panel.times[last]:
                states.targets[count] = times[k + count] - t
                count += 1
            if count and not _panel_states(
                near, y, k, count, width, problem, tables, states, panel
            ):
                return math.inf
        if at_once:
            for p in range(k, k + count):
                states.x[p] += tau
        elif count > 0:
            current = _Start(amplitudes, null_scale, start.a, start.b)
            drifted = error + problem.depth * _EXPONENTS * math.log(faded)
            _write(out, i, k, count, current, drifted, tau, problem, states, buffers.block)
        k += count
        if k == times.size:
            if at_once:
                _write(out, i, _FIRST, k, start, error, 0.0, problem, states, buffers.block)
            return error
        norm = 1.0 / math.sqrt(panel.energy[last])
        faded *= norm
        for m in range(rates.size):
            amplitudes[m] *= tables.decay_end[level, m] * norm
        null_scale *= tables.decay_end[level, 2 * problem.rank] * norm
        s_deviation = panel.magnitude[last] if near else c_limit * panel.magnitude[last] - 1.0
        y = (1.0 + s_deviation) / c_limit if near else panel.magnitude[last]
        t += panel.times[last]
        tau += width
        if promising:
            level = min(level + 1, levels - 1)
    return math.inf


@_jit
def _dominant(amplitudes, rates):
    total = 0.0
    for m in range(rates.size):
        if rates[m] == 0.0:
            total += amplitudes[m] * amplitudes[m]
    return total


@_jit
def _first_panel(y, depth, first_level, levels):
    """Return the level of the widest panel that fits the start and the poles of 1/E."""
    # A large s has a boundary layer of width y/N at the start.
    width = min(1.5 * y / depth, 0.5)
    return max(0, min(levels - 1, math.floor(math.log2(width)) - first_level))


@_jit
def _solve_panel(level, y, s_deviation, problem, tables, panel, modes):
    """Magnitude and dt/dτ at the nodes of the widest panel, from `level` down, that resolves them.

    Fills the panel; returns the level (-1 if there is none), whether the magnitude is δ_s (or y),
    whether the next panel may be twice as wide, and the part that the series leave out. One
    function, as are others here of some forty lines, because handing a panel on costs time.
    """
    c_limit, depth, rates = problem.c_limit, problem.depth, problem.rates
    c_deviation, source, weights = panel.c_deviation, panel.source, modes.weights
    for m in range(rates.size):
        weights[m] = modes.amplitudes[m] * modes.amplitudes[m]
    near = c_limit > 0.0 and abs(s_deviation) < 0.5
    begin = s_deviation if near else y
    while level >= 0:
        width = 2.0 ** (tables.first_level + level)
        _alignment_at_nodes(tables.decay[level], weights, rates, panel.energy, c_deviation)
        for j in range(c_deviation.size):
            source[j] = c_deviation[j] if near else 1.0
            panel.alignment[j] = c_limit - c_deviation[j]
        tolerance = _RESOLVED
        if near:
            tolerance = c_limit * _near_tolerance(c_deviation[NODES - 1] / c_limit)
        fade, relax = tables.fade[level], tables.relax[level]
        if not _integral_form(depth, begin, width, tolerance, fade, relax, tables.chebyshev, panel):
            _collocation_form(depth, begin, width, tables.integrate, panel)
        resolved, promising, unresolved = _panel_series(near, begin, problem, tables, panel)
        if resolved:
            return level, near, promising, unresolved
        level -= 1
    return -1, near, False, math.inf


@_jit
def _integral_form(depth, start, width, tolerance, fade, relax, chebyshev, panel):
    """Fill in ``(start + N ∫ source E^{N/2}) / E^{N/2}`` at the nodes (docs/theory.md, section 3).

    The dominant exponential ``exp(N c_limit x)`` of E^{N/2} is integrated exactly: ``relax`` maps
    nodal values of what multiplies it to ``∫_0^x exp(N c_limit (u - x)) (...) du``. Returns False
    where the rest of the integrand varies too much for its interpolant, or has Chebyshev
    coefficients above ``tolerance``.
    """
    values, powers, integrand = panel.magnitude, panel.work, panel.sums
    n = values.size
    low, high = 1.0, 1.0
    _half_powers(panel.energy, depth, values, powers)
    for j in range(n):
        low = min(low, powers[j])
        high = max(high, powers[j])
        integrand[j] = panel.source[j] * powers[j]
    if not high < _SPREAD * low:
        return False
    for k in (n - 2, n - 1):
        if not abs(_dot(chebyshev[k], integrand)) <= tolerance:
            return False
    _product(relax, integrand, values)
    for j in range(n):
        values[j] = (start * fade[j] + depth * width * values[j]) / powers[j]
    return True


@_jit
def _collocation_form(depth, start, width, integrate, panel):
    """Fill in the same magnitude by collocation of ``v' = N (source - c v)``, ``v(0) = start``."""
    # Column n - 1 of the matrix is the right-hand side, and padding to blocks of 8 columns follows.
    values, matrix, alignment, sums = panel.magnitude, panel.matrix, panel.alignment, panel.sums
    unknowns = values.size - 1
    step = depth * width
    _product(integrate, panel.source, sums)
    for j in range(unknowns):
        for k in range(unknowns):
            matrix[j, k] = step * integrate[j + 1, k + 1] * alignment[k + 1]
        matrix[j, j] += 1.0
        rest = sums[j + 1] - integrate[j + 1, 0] * alignment[0] * start
        matrix[j, unknowns] = start + step * rest
    _eliminate(matrix, unknowns)
    values[0] = start
    for j in range(unknowns):
        values[j + 1] = matrix[j, unknowns]


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
def _panel_series(near, begin, problem, tables, panel):
    """Fill in Chebyshev series of dt/dτ and of δ_s or ``log(y / y_0)``.

    Returns whether both are resolved, whether a panel of twice the width promises to be, and the
    size of the trailing coefficients.
    """
    v, c_deviation = panel.magnitude, panel.c_deviation
    speeds, logarithms = panel.speeds, panel.work
    c_limit, q, chebyshev = problem.c_limit, 1.0 - 2.0 / problem.depth, tables.chebyshev
    n = v.size
    low, high = math.inf, 0.0
    # Logarithms relative to the start of the panel: those of a large y would round to less.
    first = (1.0 + begin) / c_limit if near else begin
    for j in range(n):
        logarithms[j] = (1.0 + v[j]) / (1.0 + begin) if near else v[j] / begin
    for j in range(n):
        if not 0.0 < logarithms[j] < math.inf:
            return False, False, math.inf
    _logarithms(logarithms, logarithms)
    _exponentials(logarithms, -q, speeds)
    first_speed = first**q
    for j in range(n):
        speeds[j] *= first_speed
    for j in range(n):
        low = min(low, speeds[j])
        high = max(high, speeds[j])
    if not high <= _RANGE * low:
        return False, False, math.inf
    _product(chebyshev, speeds, panel.speed_series)
    if near:
        _product(chebyshev, v, panel.magnitude_series)
    else:
        _product(chebyshev, logarithms, panel.magnitude_series)
    tolerance = _near_tolerance(abs(v[n - 1]) + c_deviation[n - 1] / c_limit) if near else _RESOLVED
    last_speed = _last(panel.speed_series, n) / high
    last_magnitude = _last(panel.magnitude_series, n)
    resolved = last_speed <= _RESOLVED and last_magnitude <= tolerance
    half = n // 2 + 2
    promising = (
        high <= math.sqrt(_RANGE) * low
        and c_deviation[n - 1] >= 0.03 * c_deviation[0]
        and _last(panel.speed_series, half) <= _DOUBLING * high
        and _last(panel.magnitude_series, half) <= _DOUBLING
    )
    return resolved, promising, last_speed + last_magnitude


@_jit
def _near_tolerance(size):
    """Absolute tolerance on δ_s: rounding of s, and never more than a small part of δ_s itself."""
    return min(_RESOLVED, 1e-11 * size)


@_jit
def _last(coefficients, n):
    return max(abs(coefficients[n - 1]), abs(coefficients[n - 2]))


@_jit
def _panel_states(near, y, k, count, width, problem, tables, states, panel):
    """Fill in ``count`` states from the k-th on, in a panel that starts at y; return if it can."""
    x, s, log_s, s_deviation = states.x[k:], states.s[k:], states.log_s[k:], states.s_deviation[k:]
    _integrate_series(panel.speed_series, width, panel.time_series)
    if not _invert_time(count, width, tables.nodes, panel, states, x):
        return False
    _clenshaw(panel.magnitude_series, x, count, s_deviation)
    for p in range(count):
        x[p] *= width
    if near:
        for p in range(count):
            s[p] = problem.c_limit / (1.0 + s_deviation[p])
        _logarithms(s[:count], log_s)
    else:
        log_y = math.log(y)
        for p in range(count):
            log_s[p] = -log_y - s_deviation[p]
            s_deviation[p] = math.nan
        _magnitudes(log_s[:count], s)
    return True


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
def _invert_time(count, width, nodes, panel, states, x):
    """Fill in positions x in [0, 1] with ``t(x) = targets``: Hermite start, then Newton.

    Returns whether it converged.
    """
    times, slopes = panel.times, panel.sums
    targets, low, high = states.targets, states.low, states.high
    for j in range(nodes.size):
        slopes[j] = 1.0 / (width * panel.speeds[j])
    j = 1
    for i in range(count):
        while j < nodes.size - 1 and times[j] < targets[i]:
            j += 1
        span = times[j] - times[j - 1]
        z = (targets[i] - times[j - 1]) / span
        rise = nodes[j] - nodes[j - 1]
        d0 = span * slopes[j - 1]
        d1 = span * slopes[j]
        guess = z * (d0 + z * ((3.0 * rise - 2.0 * d0 - d1) + z * (d0 + d1 - 2.0 * rise)))
        low[i] = nodes[j - 1]
        high[i] = nodes[j] if targets[i] > 0.0 else nodes[0]
        x[i] = min(max(nodes[j - 1] + guess, low[i]), high[i])
    for _ in range(_MAX_NEWTON):
        _clenshaw(panel.time_series, x, count, states.times)
        _clenshaw(panel.speed_series, x, count, states.speeds)
        if _newton_step(targets, count, states.times, states.speeds, width, low, high, x) < 1e-8:
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


@_jit
def _magnitudes(log_s, out):
    """Fill ``out = exp(log_s)``, subnormal numbers and zero included."""
    _exponentials(log_s, -1.0, out)
    for p in range(log_s.size):
        if log_s[p] < -708.0:
            out[p] = math.exp(log_s[p])


@_jit
def _write(out, i, k, count, start, error, begin, problem, states, block):
    """Write ``count`` states of start i to the output times k, k + 1, ..., block by block.

    ``begin`` is the τ from which the distances x of the states count, and where ``start`` was
    taken.
    """
    rates, rank = problem.rates, problem.rank
    _write_magnitudes(out, i, k, count, problem.scale, begin, states)
    losses, directions = _losses_wanted(out), _directions_wanted(out)
    if not (losses or directions):
        return
    factors, norms = block.factors, block.norms
    energy, c_deviation = block.energy, block.c_deviation
    for lo in range(k, k + count, BLOCK):
        width = min(BLOCK, k + count - lo)
        x = states.x[lo : lo + width]
        for p in range(width):
            energy[p] = 0.0
            c_deviation[p] = 0.0
        for m in range(2 * rank + 1):
            _exponentials(x, rates[m], factors[m])
            amplitude, mode = start.amplitudes[m], factors[m]
            for p in range(width):
                energy[p] += (amplitude * mode[p]) ** 2
            if losses:
                for p in range(width):
                    c_deviation[p] += rates[m] * (amplitude * mode[p]) ** 2
        if losses:
            _write_losses(out, i, lo, width, problem, states, energy, c_deviation)
        if directions:
            for p in range(width):
                norms[p] = 1.0 / math.sqrt(energy[p])
            _write_directions(out, i, lo, width, rank, start, factors, norms, block.null)
        if out.error.size:
            for m in range(2 * rank + 1):
                amplitude, mode = start.amplitudes[m], factors[m]
                for p in range(width):
                    mode[p] = (amplitude * mode[p]) ** 2
            _write_errors(out.error, i, lo, width, error, begin, problem, states, block)


@_jit
def _losses_wanted(out):
    return out.alignment.size + out.loss.size + out.excess.size + out.error.size > 0


@_jit
def _directions_wanted(out):
    return out.a.size + out.b.size > 0


@_jit
def _write_magnitudes(out, i, k, count, scale, begin, states):
    if out.s.size:
        for p in range(count):
            out.s[i, k + p] = states.s[k + p] * scale
    if out.log_s.size:
        log_scale = math.log(scale)
        for p in range(count):
            out.log_s[i, k + p] = states.log_s[k + p] + log_scale
    if out.tau.size:
        for p in range(count):
            out.tau[i, k + p] = (begin + states.x[k + p]) / scale


@_jit
def _write_losses(out, i, k, count, problem, states, energy, c_deviation):
    """Alignment, loss and excess; turns the sums ``c_deviation`` into δ_c on the way."""
    c_limit, scale = problem.c_limit, problem.scale
    s, s_deviation = states.s[k:], states.s_deviation[k:]
    for p in range(count):
        c_deviation[p] /= energy[p]
    if out.alignment.size:
        for p in range(count):
            out.alignment[i, k + p] = (problem.alignment - c_deviation[p]) * scale
    if out.loss.size or out.excess.size:
        limit = max(c_limit, 0.0)
        for p in range(count):
            delta_c, delta_s = c_deviation[p], s_deviation[p]
            c = c_limit - delta_c
            # Of two equal sums the one without negative terms.
            if c > 0.0:
                near = not math.isnan(delta_s)
                difference = delta_c - c_limit * delta_s / (1.0 + delta_s) if near else s[p] - c
                excess = 0.5 * (difference * difference + delta_c * (2.0 * c_limit - delta_c))
            else:
                excess = s[p] * (0.5 * s[p] - c) + 0.5 * limit * limit
            excess *= scale * scale
            if out.excess.size:
                out.excess[i, k + p] = excess
            if out.loss.size:
                if problem.alignment != c_limit:
                    excess = _quadratic(s[p], delta_c, problem.alignment) * (scale * scale)
                out.loss[i, k + p] = problem.limit_loss + excess


@_jit
def _quadratic(s, c_deviation, c_limit):
    """Return the quadratic loss above its value at s = c_limit, or at 0 if that is negative."""
    c = c_limit - c_deviation
    if c > 0.0:
        return 0.5 * ((s - c) ** 2 + c_deviation * (2.0 * c_limit - c_deviation))
    limit = max(c_limit, 0.0)
    return s * (0.5 * s - c) + 0.5 * limit * limit


@_jit
def _write_errors(out, i, k, count, error, begin, problem, states, block):
    """Turn the error of the method into that of every state.

    An error of the clock, relative to t and to τ, counts as far as the state moves meanwhile.
    So do, N times, the roundings of the exponents in E. They are relative to ``∫ δ_c``, which is
    ``-log(E)/2`` and far more than ``∫ c`` on a long visit to a saddle with c << c_limit.
    ``block`` holds the squares of the modes, their sum, δ_c, and room for a power and a logarithm.
    """
    c_limit, rank, sigma, depth = problem.c_limit, problem.rank, problem.sigma, problem.depth
    squares, energy, c_deviation, power = block.factors, block.energy, block.c_deviation, block.null
    log_energy = block.norms
    s, log_s = states.s[k : k + count], states.log_s[k : k + count]
    turning = out[i, k : k + count]
    for p in range(count):
        turning[p] = (problem.alignment - c_deviation[p]) ** 2 * squares[2 * rank, p]
    for m in range(rank):
        for p in range(count):
            c = problem.alignment - c_deviation[p]
            turning[p] += (sigma[m] - c) ** 2 * squares[m, p]
            turning[p] += (sigma[m] + c) ** 2 * squares[rank + m, p]
    _exponentials(log_s, 2.0 / depth - 1.0, power)
    _logarithms(energy[:count], log_energy)
    for p in range(count):
        drifted = error - 0.5 * depth * _EXPONENTS * log_energy[p]
        speed = depth * abs(c_limit - c_deviation[p] - s[p])
        speed += math.sqrt(2.0 * turning[p] / energy[p])
        clock = problem.times[k + p] * power[p] + begin + states.x[k + p]
        out[i, k + p] = drifted * (1.0 + clock * speed) + _ROUNDING * abs(log_s[p])


@_jit
def _write_directions(out, i, k, count, rank, start, factors, norms, null):
    """Write a and b to the output times k, k + 1, ..., from the decay of the modes meanwhile.

    ``norms`` holds the reciprocal norms of a and b, ``null`` is scratch.
    """
    amplitudes = start.amplitudes
    for p in range(count):
        null[p] = start.null_scale * factors[2 * rank, p] * norms[p]
    if out.a.size:
        _write_direction(out.a[i], k, count, rank, amplitudes, 1.0, factors, norms, start.a, null)
    if out.b.size:
        _write_direction(out.b[i], k, count, rank, amplitudes, -1.0, factors, norms, start.b, null)


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
def _tail(k, t, y, s_deviation, problem, states, modes):
    """If from t on a law holds to rounding, fill in the states from the k-th on; return whether."""
    c_limit, amplitudes = problem.c_limit, modes.amplitudes
    near = abs(s_deviation) < _TAIL if c_limit > 0.0 else c_limit == 0.0 or -c_limit * y > 1e17
    if not (near and _residual(problem, amplitudes) < (_TAIL if c_limit > 0.0 else 1e-16)):
        return False
    if c_limit > 0.0:
        rate = problem.depth * c_limit
        _tail_at_limit(k, t, rate, s_deviation, problem, modes, states)
    elif c_limit == 0.0:
        _tail_flat(k, t, y, problem, states)
    else:
        _tail_collapse(k, t, y, problem, states)
    return True


@_jit
def _residual(problem, amplitudes):
    """Return the integral of N δ_c over all the time to come."""
    rates, total = problem.rates, 0.0
    for m in range(rates.size):
        if rates[m] > 0.0:
            total += 0.5 * problem.depth * amplitudes[m] * amplitudes[m]
    return total


@_jit
def _tail_at_limit(k, t, rate, s_deviation, problem, modes, states):
    """Fill in the states after t, once the flow is its own linearization at a limit c_limit > 0.

    There c = c_limit up to terms that no longer matter, so ``δ_s' = N δ_c - rate δ_s`` with δ_c
    a sum of exponentials, and dt/dτ is linear in δ_s.
    """
    rates, times, c_limit = problem.rates, problem.times, problem.c_limit
    tail = _linearize(problem, rate, s_deviation, modes)
    q = 1.0 - 2.0 / problem.depth
    for p in range(k, times.size):
        elapsed = (times[p] - t) * c_limit**q
        if elapsed < tail.end:
            _exponentials(rates, elapsed, modes.factors)
            _, part = _linearized(tail, modes.responses, modes.integrals, modes.factors, elapsed)
            # δ_s and its integral are below 1e-8: one correction leaves the square of that.
            x = elapsed - q * part
            _exponentials(rates, x, modes.factors)
            reached, _ = _linearized(tail, modes.responses, modes.integrals, modes.factors, x)
        else:
            x, reached = elapsed - q * tail.total, 0.0
        states.x[p] = x
        states.s[p] = c_limit / (1.0 + reached)
        states.log_s[p] = math.log(states.s[p])
        states.s_deviation[p] = reached


@_jit
def _linearize(problem, fast_rate, s_deviation, modes):
    """Fill in the responses of δ_s to the modes and their integrals; return the rest of the law."""
    rates, depth, amplitudes = problem.rates, problem.depth, modes.amplitudes
    responses, integrals = modes.responses, modes.integrals
    slowest = fast_rate
    resonant = 0.0
    for m in range(rates.size):
        source = depth * rates[m] * amplitudes[m] * amplitudes[m]
        difference = fast_rate - 2.0 * rates[m]
        responses[m] = 0.0
        if abs(difference) > 1e-8 * fast_rate:
            responses[m] = source / difference
        else:
            resonant += source
        integrals[m] = responses[m] / max(2.0 * rates[m], 1e-300)
        s_deviation -= responses[m]
        if responses[m] != 0.0:
            slowest = min(slowest, 2.0 * rates[m])
    total = (s_deviation + resonant / fast_rate) / fast_rate
    for m in range(rates.size):
        total += integrals[m]
    return _Tail(fast_rate, resonant, s_deviation, total, 800.0 / slowest)


@_jit_sums
def _linearized(tail, responses, integrals, factors, x):
    """Return δ_s at distance x, and its integral from 0 to x."""
    fast = math.exp(-tail.rate * x)
    value = (tail.transient + tail.resonant * x) * fast
    integral = (
        tail.transient * (1.0 - fast) + tail.resonant * ((1.0 - fast) / tail.rate - x * fast)
    ) / tail.rate
    for m in range(responses.size):
        slow = factors[m] * factors[m]
        value += responses[m] * slow
        integral += integrals[m] * (1.0 - slow)
    return value, integral


@_jit
def _tail_flat(k, t, y, problem, states):
    """Fill in the states once c = 0 to rounding: y grows like Nτ, s falls like a power of t."""
    times, depth = problem.times, problem.depth
    p = 2.0 - 2.0 / depth
    for i in range(k, times.size):
        growth = math.log1p(p * depth * (times[i] - t) / y**p) / p
        states.x[i] = y * math.expm1(growth) / depth
        states.log_s[i] = -math.log(y) - growth
        states.s[i] = math.exp(states.log_s[i])
        states.s_deviation[i] = math.nan


@_jit
def _tail_collapse(k, t, y, problem, states):
    """Fill in the states once c = c_limit < 0, s ≪ |c| to rounding: y grows exponentially in τ."""
    times, depth, c_limit = problem.times, problem.depth, problem.c_limit
    q = 1.0 - 2.0 / depth
    speed = -q * depth * c_limit
    for i in range(k, times.size):
        x = (times[i] - t) / y**q
        if speed > 0.0:
            x = math.log1p(speed * x) / speed
        states.x[i] = x
        states.log_s[i] = -math.log(y) + depth * c_limit * x
        states.s[i] = math.exp(states.log_s[i])
        states.s_deviation[i] = math.nan


@entry
def march_two_layers(lo, hi, which, starts, problem, tables, out, errors):
    """Trajectories at depth 2, where t = τ and all is elementary; parameters as those of `march`.

    One function because what a block of times needs of the start lives in its local variables.
    """
    times, rates, rank = problem.times, problem.rates, problem.rank
    buffers = _allocate(times.size, rates.size)
    states, block = buffers.states, buffers.block
    energy, c_deviation = block.energy, block.c_deviation
    weights, slopes = np.empty(rates.size), np.empty(rates.size)
    grown, drift = np.empty(BLOCK), np.empty(BLOCK)
    norms, null = np.empty(tables.shift.size), np.empty(times.size)
    logarithms = out.log_s.size + out.error.size > 0
    losses, directions = _losses_wanted(out), _directions_wanted(out)
    for position in range(lo, hi):
        i = which[position]
        start = _Start(starts.amplitudes[i], starts.null_scales[i], starts.a[i], starts.b[i])
        errors[i] = 24.0 * _ROUNDING
        for m in range(rates.size):
            weights[m] = start.amplitudes[m] * start.amplitudes[m]
            slopes[m] = rates[m] * weights[m]
        for n in range(tables.shift.shape[0]):
            k = n * BLOCK
            count = min(BLOCK, times.size - k)
            squares, integrals, shift = tables.squares[n], tables.integrals[n], tables.shift[n]
            _weighted_sum(weights, squares, 0.0, shift, energy)
            _weighted_sum(weights, integrals, starts.inverses[i], shift, grown)
            if directions:
                for p in range(BLOCK):
                    norms[k + p] = 1.0 / math.sqrt(energy[p])
            if losses:
                _weighted_sum(slopes, squares, 0.0, shift, c_deviation)
                _weighted_sum(slopes, integrals, starts.s_deviations[i], shift, drift)
            _finish_two_layers(problem, k, count, energy, grown, drift, losses, logarithms, states)
            _write_magnitudes(out, i, k, count, problem.scale, 0.0, states)
            if losses:
                _write_losses(out, i, k, count, problem, states, energy, c_deviation)
            if out.error.size:
                for m in range(rates.size):
                    for p in range(BLOCK):
                        block.factors[m, p] = weights[m] * squares[m, p]
                _write_errors(out.error, i, k, count, errors[i], 0.0, problem, states, block)
        if directions:
            _write_directions(out, i, _FIRST, times.size, rank, start, tables.decay, norms, null)


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
def _finish_two_layers(problem, k, count, energy, grown, drift, losses, logarithms, states):
    times, c_limit = problem.times, problem.c_limit
    x, s, log_s, s_deviation = states.x[k:], states.s[k:], states.log_s[k:], states.s_deviation[k:]
    for p in range(count):
        x[p] = times[k + p]
        s[p] = energy[p] / grown[p]
        s_deviation[p] = math.nan
    if c_limit < 0.0 or logarithms:
        _logarithms(s[:count], log_s)
    if c_limit < 0.0:
        for p in range(count):
            log_s[p] += 2.0 * c_limit * x[p]
        _magnitudes(log_s[:count], s)
    elif losses and c_limit > 0.0:
        for p in range(count):
            drifted = drift[p] / energy[p]
            if abs(drifted) < 0.5:
                s_deviation[p] = drifted


@entry
def march_decaying(lo, hi, which, starts, ends, problem, decay, tables, out, errors):
    """Trajectories with weight decay at depths from 3 on; see docs/weight_decay.md, section 5.

    Parameters as those of `march`; ``ends`` (M,) has the limit of s of each start, for the excess.
    """
    buffers = _allocate(problem.times.size, problem.rates.size)
    uncertain = _Uncertain(np.empty(problem.times.size), np.empty(problem.times.size))
    for position in range(lo, hi):
        i = which[position]
        start = _Start(starts.amplitudes[i], starts.null_scales[i], starts.a[i], starts.b[i])
        y, s_deviation, end = starts.inverses[i], starts.s_deviations[i], ends[i]
        errors[i] = _march_decaying_one(
            i, start, y, s_deviation, end, problem, decay, tables, out, buffers, uncertain
        )


@_jit
def _march_decaying_one(
    i, start, y, s_deviation, end, problem, decay, tables, out, buffers, uncertain
):
    """As `_march_one`. The error is infinite where rounding would decide on the fate."""
    states, panel, modes = buffers.states, buffers.panel, buffers.modes
    times, amplitudes, null_scale = problem.times, buffers.modes.amplitudes, start.null_scale
    for m in range(amplitudes.size):
        amplitudes[m] = start.amplitudes[m]
    at_once = _dominant(amplitudes, problem.rates) > 1e-280
    error, clock, omitted = _ROUNDING * (20.0 + 2.0 * problem.depth), 0.0, 0.0
    t, tau = 0.0, 0.0
    k = _FIRST
    last = NODES - 1
    level = _first_panel(y, problem.depth, tables.first_level, tables.decay.shape[0])
    for _ in range(_MAX_PANELS):
        first, tick = error, 0.0
        if _fades(y, problem, decay, amplitudes):
            if not _fade(k, t, y, problem, decay, tables, states, panel, modes):
                return math.inf
            count = times.size - k
        elif _settled(s_deviation, problem, decay, amplitudes):
            rate = problem.depth * decay.relaxation
            _tail_at_limit(k, t, rate, s_deviation, decay.limit, modes, states)
            count = times.size - k
            tick = error
            first += _ROUNDING * problem.c_limit / decay.relaxation
        else:
            level, near, promising, unresolved = _solve_decaying_panel(
                level, y, s_deviation, problem, decay, tables, panel, modes
            )
            if level < 0:
                return math.inf
            width = 2.0 ** (tables.first_level + level)
            _product(tables.integrate, panel.speeds, panel.times)
            for j in range(panel.times.size):
                panel.times[j] *= width
            count = 0
            while k + count < times.size and times[k + count] <= t + panel.times[last]:
                states.targets[count] = times[k + count] - t
                count += 1
            if count and not _panel_states(
                near, y, k, count, width, decay.limit, tables, states, panel
            ):
                return math.inf
            omitted += unresolved
            error = _next_error(error, near, width, problem, decay, tables, panel) + unresolved
            first = max(first, error)
            tick = first
        q = 1.0 - 2.0 / problem.depth
        for p in range(k, k + count):
            uncertain.magnitude[p] = first
            uncertain.clock[p] = clock + q * tick * (times[p] - t)
            if at_once:
                states.x[p] += tau
        if count > 0 and not at_once:
            current = _Start(amplitudes, null_scale, start.a, start.b)
            _write_decaying(
                out, i, k, count, current, end, tau, problem, decay, states, buffers.block,
                uncertain,
            )  # fmt: skip
        k += count
        if k == times.size:
            if at_once:
                _write_decaying(
                    out, i, _FIRST, k, start, end, 0.0, problem, decay, states, buffers.block,
                    uncertain,
                )  # fmt: skip
            return omitted if first < _UNDECIDED else math.inf
        null_scale *= _rebase(level, problem, tables, panel, amplitudes)
        s_limit = decay.limit.c_limit
        s_deviation = panel.magnitude[last] if near else s_limit * panel.magnitude[last] - 1.0
        y = (1.0 + s_deviation) / s_limit if near else panel.magnitude[last]
        clock += q * first * panel.times[last]
        t += panel.times[last]
        tau += width
        if promising:
            level = min(level + 1, tables.decay.shape[0] - 1)
    return math.inf


@_jit
def _rebase(level, problem, tables, panel, amplitudes):
    """Bring the amplitudes to the end of a panel; return the factor of the null directions."""
    norm = 1.0 / math.sqrt(panel.energy[NODES - 1])
    for m in range(amplitudes.size):
        amplitudes[m] *= tables.decay_end[level, m] * norm
    return tables.decay_end[level, 2 * problem.rank] * norm


@_jit
def _next_error(error, near, width, problem, decay, tables, panel):
    """Carry a relative error of s over a panel, at given τ: decay makes it grow, s makes it fall.

    ``d log(error)/dτ = N (q μ dt/dτ - s)``, q = 1 - 2/N. What the rounding of the exponents in E
    adds is relative to ``∫ δ_c = -log(E)/2``.
    """
    depth, last = problem.depth, NODES - 1
    row, area = tables.integrate[last], 0.0
    for j in range(NODES):
        v = panel.magnitude[j]
        area += row[j] * (decay.limit.c_limit / (1.0 + v) if near else 1.0 / v)
    q = 1.0 - 2.0 / depth
    growth = depth * (q * decay.strength * panel.times[last] - width * area)
    least = _ROUNDING * (20.0 + 2.0 * depth)
    drift = -0.5 * depth * _EXPONENTS * math.log(panel.energy[last])
    return max(error * math.exp(min(growth, 700.0)), least) + 4.0 * _ROUNDING + drift


@_jit
def _alignment(problem, amplitudes):
    """Return c where the modes have these amplitudes."""
    energy, slope = 0.0, 0.0
    for m in range(amplitudes.size):
        square = amplitudes[m] * amplitudes[m]
        energy += square
        slope += problem.rates[m] * square
    return problem.c_limit - slope / energy


@_jit
def _fades(y, problem, decay, amplitudes):
    """Return whether decay outweighs all else from here on, so that s falls like exp(-Nμt)."""
    c = max(abs(_alignment(problem, amplitudes)), abs(problem.c_limit))
    return (c + 1.0 / y) < _FADING * decay.strength * y ** (1.0 - 2.0 / problem.depth)


@_jit
def _settled(s_deviation, problem, decay, amplitudes):
    """Return whether the flow is its own linearization at a positive limit, to rounding."""
    s_limit = decay.limit.c_limit
    if s_limit == 0.0:
        return False
    tolerance = _TAIL * min(1.0, decay.relaxation / s_limit)
    return abs(s_deviation) < tolerance and _residual(problem, amplitudes) < tolerance


@_jit
def _solve_decaying_panel(level, y, s_deviation, problem, decay, tables, panel, modes):
    """As `_solve_panel`, by Newton's method: each step is a linear problem for the magnitude."""
    c_limit, s_limit, rates = problem.c_limit, decay.limit.c_limit, problem.rates
    weights = modes.weights
    for m in range(rates.size):
        weights[m] = modes.amplitudes[m] * modes.amplitudes[m]
    near = s_limit > 0.0 and abs(s_deviation) < 0.5
    begin = s_deviation if near else y
    while level >= 0:
        width = 2.0 ** (tables.first_level + level)
        _alignment_at_nodes(tables.decay[level], weights, rates, panel.energy, panel.c_deviation)
        if _newton_form(near, begin, width, c_limit, problem, decay, tables.integrate, panel):
            resolved, promising, unresolved = _panel_series(near, begin, decay.limit, tables, panel)
            if resolved:
                return level, near, promising, unresolved
        level -= 1
    return -1, near, False, math.inf


@_jit
def _newton_form(near, begin, width, c_limit, problem, decay, integrate, panel):
    """Fill in the magnitude at the nodes; return whether Newton's method converged.

    y obeys ``y' = N (1 - c y + μ y^(1 + q))``, q = 1 - 2/N, and near the limit δ_s obeys
    ``δ' = N (δ_c - c δ + f ((1 + δ)^(1 + q) - 1))`` with f the feedback. Linearized at a guess,
    both are ``v' = N (source - rate v)``.
    """
    depth, values, guess, powers = problem.depth, panel.magnitude, panel.work, panel.speeds
    q = 1.0 - 2.0 / depth
    for j in range(values.size):
        values[j] = begin
    for _ in range(_MAX_NEWTON):
        for j in range(values.size):
            guess[j] = values[j]
            if not (guess[j] > -1.0 if near else guess[j] > 0.0):
                return False
        if near:
            for j in range(values.size):
                rise = math.expm1(q * math.log1p(guess[j]))
                bend = rise - q * guess[j] * (1.0 + rise)
                panel.source[j] = panel.c_deviation[j] + decay.feedback * bend
                rate = (1.0 + q) * decay.feedback * (1.0 + rise)
                panel.alignment[j] = c_limit - panel.c_deviation[j] - rate
        else:
            _logarithms(guess, powers)
            _exponentials(powers, q, powers)
            for j in range(values.size):
                rate = decay.strength / powers[j]
                panel.source[j] = 1.0 - q * rate * guess[j]
                panel.alignment[j] = c_limit - panel.c_deviation[j] - (1.0 + q) * rate
        _collocation_form(depth, begin, width, integrate, panel)
        size, change = 0.0, 0.0
        for j in range(values.size):
            size = max(size, abs(values[j]))
            change = max(change, abs(values[j] - guess[j]))
        if change <= 1e-8 * size:  # quadratic convergence: what is left is about the square of it
            return True
    return False


@_jit
def _fade(k, t, y, problem, decay, tables, states, panel, modes):
    """Fill in all states from the k-th on, where s falls to zero; return whether it can.

    In time, s = s_1 exp(-Nμt + λ) with a small λ, and τ stays finite:
    ``λ' = N s^q (c - s)``, ``τ' = s^q``.
    """
    times, depth = problem.times, problem.depth
    q, fall = 1.0 - 2.0 / depth, depth * decay.strength
    weights = modes.weights
    for m in range(weights.size):
        weights[m] = modes.amplitudes[m] * modes.amplitudes[m]
    log_s, x, elapsed = -math.log(y), 0.0, 0.0
    width = 6.0 / (q * fall)
    for _ in range(_MAX_PANELS):
        c = _alignment_at(x, weights, problem, modes.factors)
        s, speed = math.exp(log_s), math.exp(q * log_s)
        if k == times.size:
            return True
        if (max(abs(c), abs(problem.c_limit)) + s) * speed < _TAIL * decay.strength:
            _tail_fading(k, t + elapsed, x, log_s, c, problem, decay, states)
            return True
        if not _fading_panel(log_s, x, width, problem, decay, tables, panel, modes):
            width *= 0.5
            continue
        count = 0
        while k + count < times.size and times[k + count] <= t + elapsed + width:
            states.targets[count] = (times[k + count] - t - elapsed) / width
            count += 1
        _clenshaw(panel.speed_series, states.targets, count, states.x[k:])
        _clenshaw(panel.magnitude_series, states.targets, count, states.log_s[k:])
        for p in range(k, k + count):
            states.x[p] += x
            states.log_s[p] += log_s - fall * width * states.targets[p - k]
            states.s_deviation[p] = math.nan
        _magnitudes(states.log_s[k : k + count], states.s[k:])
        k += count
        x += panel.times[NODES - 1]
        log_s += panel.magnitude[NODES - 1] - fall * width
        elapsed += width
        width = min(2.0 * width, 6.0 / (q * fall))
    return False


@_jit
def _fading_panel(log_s, x, width, problem, decay, tables, panel, modes):
    """Fill in λ and τ at the nodes of a panel in time, by Picard's iteration, and their series.

    Returns whether the series are resolved.
    """
    depth, nodes = problem.depth, tables.nodes
    q, fall = 1.0 - 2.0 / depth, depth * decay.strength
    drift, shift, slopes, speeds = panel.magnitude, panel.times, panel.source, panel.speeds
    work, sums = panel.work, panel.sums
    for j in range(NODES):
        drift[j], shift[j] = 0.0, 0.0
    for _ in range(_MAX_PICARD):
        for j in range(NODES):
            work[j] = log_s - fall * width * nodes[j] + drift[j]
        _exponentials(work, -q, speeds)
        _exponentials(work, -1.0, slopes)
        for j in range(NODES):
            c = _alignment_at(x + shift[j], modes.weights, problem, modes.factors)
            slopes[j] = depth * speeds[j] * (c - slopes[j])
        _product(tables.integrate, slopes, work)
        _product(tables.integrate, speeds, sums)
        change = 0.0
        for j in range(NODES):
            change = max(change, abs(width * work[j] - drift[j]))
            change = max(change, depth * abs(width * sums[j] - shift[j]))
            drift[j], shift[j] = width * work[j], width * sums[j]
        if change <= 2.0 * _ROUNDING:
            _product(tables.chebyshev, drift, panel.magnitude_series)
            _product(tables.chebyshev, shift, panel.speed_series)
            last = _last(panel.magnitude_series, NODES)
            return max(last, depth * _last(panel.speed_series, NODES)) <= _RESOLVED
    return False


@_jit
def _alignment_at(x, weights, problem, factors):
    """Return c at distance x in τ from where the squares of the amplitudes were taken."""
    rates, energy, slope = problem.rates, 0.0, 0.0
    _exponentials(rates, 2.0 * x, factors)
    for m in range(rates.size):
        energy += weights[m] * factors[m]
        slope += rates[m] * weights[m] * factors[m]
    return problem.c_limit - slope / energy


@_jit
def _tail_fading(k, t, begin, log_s, c, problem, decay, states):
    """Fill in the states from where λ is of first order: ``λ = N ∫ s^q (c - s)``."""
    times, depth = problem.times, problem.depth
    q, fall = 1.0 - 2.0 / depth, depth * decay.strength
    speed, s = math.exp(q * log_s), math.exp(log_s)
    for p in range(k, times.size):
        elapsed = fall * (times[p] - t)
        x = -speed * math.expm1(-q * elapsed) / (q * fall)
        against = -speed * s * math.expm1(-(1.0 + q) * elapsed) / ((1.0 + q) * fall)
        states.x[p] = begin + x
        states.log_s[p] = log_s - elapsed + depth * (c * x - against)
        states.s[p] = math.exp(states.log_s[p])
        states.s_deviation[p] = math.nan


@_jit
def _write_decaying(
    out, i, k, count, start, end, begin, problem, decay, states, block, uncertain
):  # fmt: skip
    """As `_write`, for a start whose s tends to ``end``."""
    rates, rank = problem.rates, problem.rank
    _write_magnitudes(out, i, k, count, problem.scale, begin, states)
    factors, norms = block.factors, block.norms
    energy, c_deviation = block.energy, block.c_deviation
    for lo in range(k, k + count, BLOCK):
        width = min(BLOCK, k + count - lo)
        x = states.x[lo : lo + width]
        for p in range(width):
            energy[p] = 0.0
            c_deviation[p] = 0.0
        for m in range(2 * rank + 1):
            _exponentials(x, rates[m], factors[m])
            amplitude, mode = start.amplitudes[m], factors[m]
            for p in range(width):
                square = (amplitude * mode[p]) ** 2
                energy[p] += square
                c_deviation[p] += rates[m] * square
        for p in range(width):
            c_deviation[p] /= energy[p]
            norms[p] = 1.0 / math.sqrt(energy[p])
        _write_decaying_losses(out, i, lo, width, end, problem, decay, states, c_deviation)
        if _directions_wanted(out):
            _write_directions(out, i, lo, width, rank, start, factors, norms, block.null)
        if out.error.size:
            for m in range(2 * rank + 1):
                amplitude, mode = start.amplitudes[m], factors[m]
                for p in range(width):
                    mode[p] = (amplitude * mode[p]) ** 2
            _write_decaying_errors(out.error, i, lo, width, begin, problem, decay, states, block,
                                   uncertain)  # fmt: skip


@_jit
def _write_decaying_losses(out, i, k, count, end, problem, decay, states, c_deviation):
    """Alignment, quadratic loss, and regularized excess (docs/weight_decay.md, section 5)."""
    c_limit, depth, scale = problem.c_limit, problem.depth, problem.scale
    s, s_deviation, log_s = states.s[k:], states.s_deviation[k:], states.log_s[k:]
    for p in range(count):
        c = c_limit - c_deviation[p]
        if out.alignment.size:
            out.alignment[i, k + p] = c * scale
        if out.loss.size:
            above = _quadratic(s[p], c_deviation[p], c_limit)
            out.loss[i, k + p] = problem.limit_loss + above * (scale * scale)
        if out.excess.size:
            if end > 0.0:
                e = (s[p] - end) / end
                if not math.isnan(s_deviation[p]):
                    e = -s_deviation[p] / (1.0 + s_deviation[p])
                excess = end * (0.5 * end * e * e + decay.feedback * _concavity(e, 2.0 / depth))
                excess += s[p] * c_deviation[p]
            else:
                penalty = 0.5 * depth * decay.strength * math.exp(2.0 / depth * log_s[p])
                excess = s[p] * (0.5 * s[p] - c) + penalty
            out.excess[i, k + p] = excess * (scale * scale)


@_jit
def _concavity(e, power):
    """Return ``((1 + e)^power - 1)/power - e``, by its Taylor series where that would cancel."""
    if abs(e) > 0.1:
        return math.expm1(power * math.log1p(e)) / power - e
    term, total = e, 0.0
    for k in range(2, 18):
        term *= e * (power - (k - 1)) / k
        total += term
    return total


@_jit
def _write_decaying_errors(out, i, k, count, begin, problem, decay, states, block, uncertain):
    """As `_write_errors`, from the errors that `_march_decaying_one` carries along."""
    c_limit, rank, sigma, depth = problem.c_limit, problem.rank, problem.sigma, problem.depth
    squares, energy, c_deviation, speeds = (
        block.factors,
        block.energy,
        block.c_deviation,
        block.null,
    )
    s, log_s = states.s[k : k + count], states.log_s[k : k + count]
    least = _ROUNDING * (20.0 + 2.0 * depth)
    _exponentials(log_s, 2.0 / depth - 1.0, speeds)
    for p in range(count):
        c = c_limit - c_deviation[p]
        turning = c * c * squares[2 * rank, p]
        for m in range(rank):
            turning += (sigma[m] - c) ** 2 * squares[m, p]
            turning += (sigma[m] + c) ** 2 * squares[rank + m, p]
        turning = math.sqrt(2.0 * turning / energy[p])
        in_time = depth * abs(speeds[p] * (c - s[p]) - decay.strength) + speeds[p] * turning
        # At a limit s rests, and in a collapse it is time that counts.
        in_tau = min(in_time / speeds[p], depth * abs(c - s[p]) + turning)
        moved = uncertain.clock[k + p] * in_time + least * (begin + states.x[k + p]) * in_tau
        out[i, k + p] = uncertain.magnitude[k + p] + moved + _ROUNDING * abs(log_s[p])


@entry
def decide(lo, hi, which, starts, problem, decay, tables, survives, errors):
    """Find which starts keep a positive s (docs/weight_decay.md, section 4).

    ``survives`` (M,) receives whether, ``errors`` (M,) the relative error of s where that was
    decided, infinite where the start is closer than that to the boundary of the basin.
    """
    buffers = _allocate(1, problem.rates.size)
    for position in range(lo, hi):
        i = which[position]
        for m in range(problem.rates.size):
            buffers.modes.amplitudes[m] = starts.amplitudes[i, m]
        survives[i], errors[i] = _decide_one(
            starts.inverses[i], starts.s_deviations[i], problem, decay, tables, buffers
        )


@_jit
def _decide_one(y, s_deviation, problem, decay, tables, buffers):
    """March on until s leaves the interval between the unstable points of c and of its limit."""
    panel, modes, last = buffers.panel, buffers.modes, NODES - 1
    error = _ROUNDING * (20.0 + 2.0 * problem.depth)
    level = _first_panel(y, problem.depth, tables.first_level, tables.decay.shape[0])
    for _ in range(_MAX_PANELS):
        # Where rounding decides, the fate is that of what is computed.
        s, doubtful = 1.0 / y, error > _UNDECIDED
        margin = 0.0 if doubtful else error
        if _grows(s * (1.0 - margin), _alignment(problem, modes.amplitudes), problem, decay):
            return True, math.inf if doubtful else error
        if not _grows(s * (1.0 + margin), problem.c_limit, problem, decay):
            return False, math.inf if doubtful else error
        level, near, promising, unresolved = _solve_decaying_panel(
            level, y, s_deviation, problem, decay, tables, panel, modes
        )
        if level < 0:
            break
        width = 2.0 ** (tables.first_level + level)
        _product(tables.integrate, panel.speeds, panel.times)
        for j in range(panel.times.size):
            panel.times[j] *= width
        error = _next_error(error, near, width, problem, decay, tables, panel) + unresolved
        _rebase(level, problem, tables, panel, modes.amplitudes)
        s_limit = decay.limit.c_limit
        s_deviation = panel.magnitude[last] if near else s_limit * panel.magnitude[last] - 1.0
        y = (1.0 + s_deviation) / s_limit if near else panel.magnitude[last]
        if promising:
            level = min(level + 1, tables.decay.shape[0] - 1)
    return _grows(1.0 / y, problem.c_limit, problem, decay), math.inf


@_jit
def _grows(s, c, problem, decay):
    """Return whether s is above the unstable stationary point for a fixed alignment c."""
    if c <= 0.0:
        return False
    q = 1.0 - 2.0 / problem.depth
    peak = min(s, c * q / (1.0 + q))  # of s^q (c - s); no point beyond it is unstable
    return peak**q * (c - peak) > decay.strength


@_jit_sums
def _alignment_at_nodes(decay, weights, rates, energy, c_deviation):
    """Fill in E and δ_c at the nodes of a panel, from tabulated decay factors."""
    for j in range(decay.shape[0]):
        e = 0.0
        g = 0.0
        for m in range(weights.size):
            term = weights[m] * decay[j, m]
            e += term
            g += rates[m] * term
        energy[j] = e
        c_deviation[j] = g / e


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
def _exponentials(rates, x, out):
    """Fill ``out[m] = exp(-rates[m] x)``, which must not overflow, in a loop that vectorizes.

    Cody & Waite 1980: ``exp(z) = 2^k exp(r)``, |r| <= ln(2)/2. ln 2 is the sum of fdlibm's ln2HI,
    whose product with k is exact, and ln2LO; adding 1.5·2^52 rounds to an integer, which it leaves
    in the lowest bits; the coefficients are 1/k! up to k = 13. The error is below 0.9 ulp for
    z >= -708, and exp(-708) stands for all below.
    """
    for m in range(rates.size):
        z = max(-rates[m] * x, -708.0)
        shifted = z * 1.4426950408889634 + 6755399441055744.0  # 1/ln 2
        k = shifted - 6755399441055744.0
        r = (z - k * 0.6931471803691238) - k * 1.9082149292705877e-10
        p = 1.0 / 6227020800.0
        p = p * r + 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        p = p * r + 1.0
        p = p * r + 1.0
        exponent = np.float64(shifted).view(np.int64) << 52
        out[m] = np.int64(np.float64(p).view(np.int64) + exponent).view(np.float64)


@_jit
def _logarithms(values, out):
    """Fill ``out[m] = log(values[m])`` for normal numbers > 0, in a loop that vectorizes.

    As fdlibm's log: ``values = 2^k (1 + f)`` with 1 + f from sqrt(1/2) to sqrt(2), and
    ``log(1 + f) = 2 artanh(z)``, z = f/(2 + f), here by the Taylor coefficients 2/(2k + 1) up to
    z^21. The error is below 0.9 ulp.
    """
    for m in range(values.size):
        bits = np.float64(values[m]).view(np.int64)
        k = (bits - 0x3FE6A09E667F3BCD) >> 52  # the bits of sqrt(1/2)
        f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
        z = f / (2.0 + f)
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
