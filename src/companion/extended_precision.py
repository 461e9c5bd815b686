"""Trajectories in extended precision, by other means than the closed form.

The formulas of docs/theory.md, section 3, summed by Gauss-Legendre quadrature on panels: no
node, no panel, no table and no treatment of late times is shared with `dlnpaper.solve`. On
x86-64, where ``numpy.longdouble`` has 64 binary digits, the results are accurate to about 1e-17,
and elsewhere to some hundred roundings. The difference of two runs on panels of different widths
measures it; see `companion.audit`.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints

__all__ = ["PANEL_WIDTH", "recompute"]

#: Of a panel, in units of ``1 / (max(N, 4) σ)`` with the fastest σ that is present: the quadrature
#: then gains a factor of 6 a node.
PANEL_WIDTH = 2.0

_NODES = 24
_WIDE = np.longdouble
#: A mode, or a distance from the limit, that is smaller changes no digit of what it is added to.
_NEGLIGIBLE = 1e-20
_NEWTON_STEPS = 50

#: Rows and columns of the times that are reached, and there τ, v of `_Flow` and log(1/s).
_Reached = tuple[np.ndarray, np.ndarray, tuple[Any, np.ndarray, np.ndarray]]


def recompute(
    target: Target,
    depth: int,
    starts: StartingPoints,
    times: np.ndarray,
    panel_width: float = PANEL_WIDTH,
) -> dict[str, np.ndarray]:
    """Compute trajectories of M starts from inputs that are taken as exact.

    The T times increase, from 0 on; ``panel_width`` is at most `PANEL_WIDTH`. Returned are
    longdoubles: ``s``, ``log_s``, ``alignment`` and ``excess``, each (M, T), ``a`` (M, T, d_y) and
    ``b`` (M, T, d_x).
    """
    flow = _Flow(target, depth, starts, panel_width)
    shape = (len(starts), len(times))
    state = np.full((3, *shape), np.nan, _WIDE)
    for rows, columns, values in flow.march(times.astype(_WIDE)):
        for part, value in zip(state, values, strict=True):
            part[rows, columns] = value
    rows = np.repeat(np.arange(shape[0]), shape[1])
    variables = flow.variables(rows, *state.reshape(3, -1))
    return {name: value.reshape(*shape, *value.shape[1:]) for name, value in variables.items()}


class _Flow:
    """Starts that march through τ together.

    The magnitude is carried as ``v = y = 1/s`` where the limit c_∞ of the alignment is not
    positive, and as ``v = δ_s = c_∞ y - 1`` where it is, so that a small distance from the limit
    keeps its digits: both obey ``v' = N f - N c v``, with f = 1 and f = δ_c = c_∞ - c.
    """

    def __init__(
        self, target: Target, depth: int, starts: StartingPoints, panel_width: float
    ) -> None:
        rank = self.rank = target.rank
        self.depth, self.q = _WIDE(depth), 1 - 2 / _WIDE(depth)
        self.a, self.b, s = (x.astype(_WIDE) for x in (starts.a, starts.b, starts.s))
        sigma = target.singular_values.astype(_WIDE)
        null = np.hstack([self.a[:, rank:], self.b[:, rank:]])
        rho = np.sqrt((null * null).sum(axis=1) / 2)
        sums = self.a[:, :rank] + self.b[:, :rank], self.a[:, :rank] - self.b[:, :rank]
        self.amplitudes = np.column_stack([sums[0] / 2, sums[1] / 2, rho])
        self.rates = np.concatenate([sigma, -sigma, [_WIDE(0)]])
        present = self.amplitudes != 0
        self.logs = np.full(self.amplitudes.shape, -np.inf, _WIDE)
        np.log(np.abs(self.amplitudes), out=self.logs, where=present)
        self.c_limit = np.where(present, self.rates, -np.inf).max(axis=1)
        self.rising = self.c_limit > 0
        self.falling = np.where(present, self.c_limit[:, None] - self.rates, 0)
        self.start = np.where(self.rising, (self.c_limit - s) / s, 1 / s)
        self.panel_width = panel_width

    def march(self, times: np.ndarray) -> Iterator[_Reached]:
        """Yield times as they are reached, until all are."""
        rows, tau = np.arange(len(self.c_limit)), _WIDE(0)
        v, t = self.start, np.zeros(len(rows), _WIDE)
        if times[0] == 0:
            yield rows, 0 * rows, (tau, v, self._log_y(rows, v))
        while True:
            shares = self._shares(rows, tau)
            late = self._settled(rows, shares, v)
            if late.any():
                yield self._finish(rows[late], tau, v[late], t[late], times)
            keep = ~late & (t < times[-1])
            rows, shares, v, t = rows[keep], shares[keep], v[keep], t[keep]
            if not len(rows):
                return
            # Where y + N τ vanishes, dt/dτ is singular.
            room = np.exp(self._log_y(rows, v)).min() / self.depth + tau
            width = min(self._step(shares), room / 3)
            speeds, v_end = self._panel(rows, shares, self._growth(width), width, v)
            t_end = t + width * (speeds @ _rule().weights)
            which, columns = np.nonzero((times > t[:, None]) & (times <= t_end[:, None]))
            if len(which):
                x = width * _invert(speeds[which], (times[columns] - t[which]) / width)
                growth = self._growth(x[:, None])
                inside = self._panel(rows[which], shares[which], growth, x[:, None], v[which])[1]
                yield rows[which], columns, (tau + x, inside, self._log_y(rows[which], inside))
            v, t, tau = v_end, t_end, tau + width

    def variables(
        self, rows: np.ndarray, tau: np.ndarray, v: np.ndarray, log_y: np.ndarray
    ) -> dict[str, np.ndarray]:
        """Return the variables of starts ``rows`` at their times τ."""
        factors, largest = self._factors(rows, tau)
        energy = (factors * factors).sum(axis=1)
        c_deviation = (factors * factors * self.falling[rows]).sum(axis=1) / energy
        c_limit, rising = self.c_limit[rows], self.rising[rows]
        c, s = c_limit - c_deviation, np.exp(-log_y)
        beyond = np.where(rising, (c_deviation - c * v) / (1 + v), s)
        near = beyond**2 / 2 + c_deviation * (c_limit + c) / 2
        value = np.where(rising, c_limit, 0)
        excess = np.where(c > 0, near, s * (s / 2 - c) + value**2 / 2)
        root, rank = np.sqrt(energy)[:, None], self.rank
        grown, fallen = factors[:, :rank] / root, factors[:, rank:-1] / root
        with np.errstate(over="ignore", invalid="ignore"):
            fade = np.exp(-c_limit * tau - largest)
        fade = np.where(self.amplitudes[rows, -1] == 0, 0, fade)[:, None] / root
        return {
            "s": s,
            "log_s": -log_y,
            "alignment": c,
            "excess": excess,
            "a": np.hstack([grown + fallen, self.a[rows, rank:] * fade]),
            "b": np.hstack([grown - fallen, self.b[rows, rank:] * fade]),
        }

    def _factors(self, rows: np.ndarray, tau: Any) -> tuple[np.ndarray, np.ndarray]:
        """Amplitudes at τ relative to the largest, and the logarithm of e^{-c_∞ τ} times that."""
        logs = self.logs[rows] - self.falling[rows] * np.broadcast_to(tau, rows.shape)[:, None]
        largest = logs.max(axis=1)
        return np.sign(self.amplitudes[rows]) * np.exp(logs - largest[:, None]), largest

    def _shares(self, rows: np.ndarray, tau: Any) -> np.ndarray:
        squares = self._factors(rows, tau)[0] ** 2
        return squares / squares.sum(axis=1, keepdims=True)

    def _step(self, shares: np.ndarray) -> Any:
        """Width of a panel on which the fastest mode that there still is can be resolved."""
        present = (shares > _NEGLIGIBLE**1.5).any(axis=0)
        fastest = max(np.abs(self.rates[present]).max(), self.rates[: self.rank].min())
        return self.panel_width / (max(self.depth, 4) * fastest)

    def _growth(self, width: Any) -> np.ndarray:
        """Growth of the squared modes from the start of a panel to its nodes and its end."""
        return np.exp(2 * (_rule().points * width)[..., None] * self.rates)

    def _panel(
        self, rows: np.ndarray, shares: np.ndarray, growth: np.ndarray, width: Any, v: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return dt/dτ at the nodes of a panel, and v at its end."""
        rule = _rule()
        # Modes that are gone from all starts change no digit of a δ_c that still matters.
        there = (shares > _NEGLIGIBLE**2).any(axis=0)
        growth, shares, falling = growth[..., there], shares[:, there], self.falling[rows][:, there]
        # Wide floats have no fast product of matrices: einsum and inner are the least slow.
        energy = np.einsum("...jk,...k->...j", growth, shares)
        c_deviation = np.einsum("...jk,...k->...j", growth, shares * falling) / energy
        power = math.prod([energy] * (int(self.depth) // 2))
        power = power * np.sqrt(energy) if self.depth % 2 else power
        source = power * np.where(self.rising[rows, None], c_deviation, 1)
        integral = np.inner(source[:, :-1], rule.cumulative)
        values = (v[:, None] + self.depth * width * integral) / power
        if self.q == 0:
            return np.ones_like(values[:, :-1]), values[:, -1]
        return np.exp(self.q * self._log_y(rows[:, None], values[:, :-1])), values[:, -1]

    def _log_y(self, rows: np.ndarray, v: np.ndarray) -> np.ndarray:
        rising = self.rising[rows]
        return np.log(np.where(rising, (1 + v) / np.where(rising, self.c_limit[rows], 1), v))

    def _settled(self, rows: np.ndarray, shares: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return for which starts the rest of the flow is one of three elementary laws."""
        falling = self.falling[rows]
        others = np.where(falling > 0, shares / np.where(falling > 0, falling, 1), 0).max(axis=1)
        alone = self.depth * self.rates[0] * others < _NEGLIGIBLE
        arrived = np.where(self.rising[rows], np.abs(v) < _NEGLIGIBLE, True)
        # Towards c_∞ < 0 time grows exponentially in τ unless N = 2: the march itself ends soon.
        elementary = (self.c_limit[rows] >= 0) | (self.depth == 2)
        return alone & arrived & elementary

    def _finish(self, rows: np.ndarray, tau: Any, v: np.ndarray, t: np.ndarray, times: np.ndarray):
        """Follow the elementary laws to all times that are left."""
        shares = self._shares(rows, tau)
        which, columns = np.nonzero(times > t[:, None])
        rows, shares, v, elapsed = rows[which], shares[which], v[which], times[columns] - t[which]
        c_limit, n, q = self.c_limit[rows], self.depth, self.q
        x, s_deviation, log_y = np.empty_like(v), np.zeros_like(v), np.empty_like(v)
        i = c_limit > 0
        x[i] = elapsed[i] * c_limit[i] ** q
        s_deviation[i] = self._relaxed(shares[i], self.falling[rows[i]], c_limit[i], x[i], v[i])
        log_y[i] = self._log_y(rows[i], s_deviation[i])
        i = c_limit == 0  # y = v + N x
        growth = np.log1p((1 + q) * n * elapsed[i] / v[i] ** (1 + q)) / (1 + q)
        x[i], log_y[i] = v[i] * np.expm1(growth) / n, np.log(v[i]) + growth
        i = c_limit < 0  # N = 2: y + 1/c grows exponentially, where c = -c_∞
        c, x[i] = -c_limit[i], elapsed[i]
        log_y[i] = n * c * x[i] + np.log(v[i] + 1 / c - np.exp(-n * c * x[i]) / c)
        return rows, columns, (tau + x, s_deviation, log_y)

    def _relaxed(
        self, shares: np.ndarray, falling: np.ndarray, c_limit: np.ndarray, x: np.ndarray, v: Any
    ) -> np.ndarray:
        """Solve ``v' = N Σ_i f_i p_i e^{-2 f_i x} - N c_∞ v``, f = c_∞ - rates, p = shares."""
        x, decay = x[:, None], self.depth * c_limit[:, None]
        excess = decay - 2 * falling
        near = np.abs(excess * x) < 1
        ratio = np.where(near & (excess != 0), excess, 1)
        close = np.where(excess == 0, x, np.expm1(np.where(near, excess * x, 0)) / ratio)
        apart = (np.exp(-2 * falling * x) - np.exp(-decay * x)) / np.where(near, 1, excess)
        response = np.where(near, np.exp(-decay * x) * close, apart)
        return np.exp(-decay * x)[:, 0] * v + self.depth * (falling * shares * response).sum(axis=1)


class _Rule(NamedTuple):
    """Gauss-Legendre on [0, 1]: the nodes and 1, and matrices from values at the nodes."""

    points: np.ndarray
    weights: np.ndarray
    cumulative: np.ndarray  # to integrals up to each point
    series: np.ndarray  # to Legendre coefficients


@lru_cache(maxsize=1)
def _rule() -> _Rule:
    u = np.polynomial.legendre.leggauss(_NODES)[0].astype(_WIDE)
    for _ in range(3):  # from the digits of a float to all
        p = _legendre(u, _NODES + 1)[0]
        slope = _NODES * (p[_NODES - 1] - u * p[_NODES]) / (1 - u * u)
        u = u - p[_NODES] / slope
    p = _legendre(u, _NODES)[0]
    weights = (1 - u * u) / (_NODES * p[_NODES - 1]) ** 2
    series = (2 * np.arange(_NODES) + 1)[:, None] * p * weights
    integrals = _legendre(np.append(u, 1), _NODES)[1]
    return _Rule(np.append((u + 1) / 2, 1), weights, integrals.T @ series, series)


def _legendre(u: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Legendre polynomials of u, and their integrals over [0, 1] up to (u + 1)/2, by rows."""
    p = [0 * u + 1, u]
    for k in range(1, size):
        p.append(((2 * k + 1) * u * p[k] - k * p[k - 1]) / (k + 1))
    integrals = [(u + 1) / 2] + [(p[k + 1] - p[k - 1]) / (4 * k + 2) for k in range(1, size)]
    return np.array(p[:size]), np.array(integrals)


def _invert(speeds: np.ndarray, elapsed: np.ndarray) -> np.ndarray:
    """Find where in [0, 1] the integrals of series reach values, by Newton within brackets."""
    coefficients = _rule().series @ speeds.T
    low, high = np.zeros_like(elapsed), np.ones_like(elapsed)
    x = np.minimum(elapsed / (speeds @ _rule().weights), 1)
    for _ in range(_NEWTON_STEPS):
        values, integrals = _legendre(2 * x - 1, _NODES)
        miss = (coefficients * integrals).sum(axis=0) - elapsed
        low, high = np.where(miss > 0, low, x), np.where(miss > 0, x, high)
        moved = x - miss / (coefficients * values).sum(axis=0)
        moved = np.where((moved < low) | (moved > high), (low + high) / 2, moved)
        if (np.abs(moved - x) <= 4 * np.finfo(_WIDE).eps * x).all():
            break
        x = moved
    return x
