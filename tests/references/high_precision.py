"""Trajectories in as many digits as mpmath works with: the reference of tests and benchmarks.

The formulas of docs/theory.md, section 3, as they stand there: y = 1/s from the integral of
E^(N/2) over τ and t from that of y^(1 - 2/N), by Gauss-Legendre quadrature on narrow panels. It is
slow, and shares no code with the library: neither nodes nor panels, nor the treatment of late
times. Panels go on until nothing changes in the last digit.
"""

from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

import mpmath as mp
import numpy as np

#: Enough for distances to a limit that are taken as plain differences.
DIGITS = 90
_NODES = 24


class Knot(NamedTuple):
    """Where a panel begins: τ, the time t, and y = 1/s."""

    tau: mp.mpf
    t: mp.mpf
    y: mp.mpf


class ExactTrajectory:
    """The trajectory of start 0, from floats that are taken as exact.

    `a` and `b` are normalized by one common factor, as the closed form does it. What is computed
    has the digits of mpmath's context at the time.
    """

    def __init__(self, target, depth, starts, most_panels=10_000):
        self.depth, self.rank, self.most_panels = depth, target.rank, most_panels
        self.sigma = _exact(target.singular_values)
        self.a, self.b = _exact(starts.a[0]), _exact(starts.b[0])
        r = self.rank
        alpha, beta = self.a[:r] + self.b[:r], self.a[:r] - self.b[:r]
        rho_squared = mp.fsum([*self.a[r:] ** 2, *self.b[r:] ** 2]) / 2
        squares = [*alpha**2 / 4, *beta**2 / 4, rho_squared]
        rates = [*self.sigma, *-self.sigma, mp.mpf(0)]
        self.start_energy = mp.fsum(squares)
        #: The exponential modes of E as (rate, share at the start), but for those that are absent.
        modes = zip(rates, squares, strict=True)
        self.modes = [(rate, square / self.start_energy) for rate, square in modes if square]
        self.c_limit = max(rate for rate, _ in self.modes)
        #: The limit of s.
        self.limit = max(self.c_limit, mp.mpf(0))
        self.q = 1 - mp.mpf(2) / depth
        # The Gauss rule then converges by a factor of 12 a node.
        self.step = 1 / (max(depth, 4) * self.sigma[0])
        self.step_growth = self._growth(self.step)
        self.knots = [Knot(mp.mpf(0), mp.mpf(0), 1 / mp.mpf(float(starts.s[0])))]

    def energy(self, tau):
        """E(τ), in units of E(0)."""
        return mp.fsum(self._energies(tau))

    def alignment(self, tau):
        return self._mean(tau, lambda rate: rate)

    def directions(self, tau):
        """Return the unit vectors a and b."""
        root, r = mp.sqrt(self.start_energy * self.energy(tau)), self.rank
        a, b = self.a / root, self.b / root
        up = (a[:r] + b[:r]) / 2 * [mp.exp(rate * tau) for rate in self.sigma]
        down = (a[:r] - b[:r]) / 2 * [mp.exp(-rate * tau) for rate in self.sigma]
        a[:r], b[:r] = up + down, up - down
        return a, b

    def at(self, tau):
        """Return the time t and s at τ."""
        tau = mp.mpf(tau)
        self._march(lambda knot: knot.tau > tau)
        knot = self.knots[bisect_right(self.knots, tau, key=lambda knot: knot.tau) - 1]
        advance = self._tail if self._settled(knot) else self._panel
        elapsed, y = advance(knot, tau - knot.tau)
        return knot.t + elapsed, 1 / y

    def state(self, time):
        """Return the state at a time, and how much it magnifies a relative error of the time."""
        tau, y = self._invert(mp.mpf(float(time)))
        s, c = 1 / y, self.alignment(tau)
        a, b = self.directions(tau)
        gap = self._mean(tau, lambda rate: self.c_limit - rate)
        variance = self._mean(tau, lambda rate: (self.c_limit - rate) ** 2) - gap * gap
        excess = (s - c) ** 2 / 2 + gap * (self.limit + c) / 2 if self.limit else s * (s / 2 - c)
        elapsed = mp.mpf(float(time)) / y**self.q
        falling = s * (self.depth * (c - s) ** 2 + 2 * variance)
        condition = {
            "tau": elapsed,
            "log_s": elapsed * self.depth * abs(c - s),
            "alignment": elapsed * 2 * variance / self.sigma[0],
            "directions": elapsed * mp.sqrt(abs(variance)),
            "excess": elapsed * falling / excess if excess else 0,
        }
        found = {"tau": tau, "s": s, "log_s": mp.log(s), "alignment": c, "excess": excess}
        return {**found, "a": a, "b": b, "condition": condition}

    def distances(self, tau, s):
        """Distance to the limit by the names of `dlnpaper.one_neuron._laws.LAW_QUANTITIES`."""
        a, b = self.directions(tau)
        lead = (self.a[: self.rank] + self.b[: self.rank]) * (self.sigma == self.limit)
        end = lead / (mp.norm(lead) or mp.mpf(1))
        a_end, b_end = (np.pad(end, (0, len(vector) - self.rank)) for vector in (a, b))
        overlap = mp.fdot(a, a_end) * mp.fdot(b, b_end)
        square = s * s + self.limit**2 - 2 * s * self.limit * overlap
        c = self.alignment(tau)
        return {
            "directions": mp.norm([*a - a_end, *b - b_end]),
            "alignment_gap": self.limit - c,
            "excess": (s * s - 2 * s * c + self.limit**2) / 2,
            "s_gap": abs(s - self.limit),
            "end_to_end": mp.sqrt(square),
        }

    def _energies(self, tau):
        return [share * mp.exp(2 * rate * tau) for rate, share in self.modes]

    def _mean(self, tau, function):
        """Mean of a function of the rates, each weighted by its share of E."""
        energies = self._energies(tau)
        return mp.fdot(energies, [function(rate) for rate, _ in self.modes]) / mp.fsum(energies)

    def _march(self, reached):
        """Add panels until one begins beyond what is to be reached, or all is settled."""
        while not reached(self.knots[-1]) and not self._settled(self.knots[-1]):
            if len(self.knots) > self.most_panels:
                raise TooManyPanelsError
            tau, t, y = knot = self.knots[-1]
            # At first y changes by much over a τ of the order of y/N.
            width = min(self.step, (y / self.depth + tau) / 3) if tau < self.step else self.step
            elapsed, y = self._panel(knot, width)
            self.knots.append(Knot(tau + width, t + elapsed, y))

    def _panel(self, knot, width):
        """Return the time that a panel takes, and y at its end."""
        _, weights, cumulative = _rule()
        energies = self._energies(knot.tau)
        total = mp.fsum(energies)
        growth = self.step_growth if width == self.step else self._growth(width)
        powers = [(mp.fdot(row, energies) / total) ** (mp.mpf(self.depth) / 2) for row in growth]
        integrals = [width * mp.fdot(row, powers[:-1]) for row in cumulative]
        ys = [
            (knot.y + self.depth * integral) / power
            for integral, power in zip(integrals, powers, strict=True)
        ]
        return width * mp.fdot(weights, [y**self.q for y in ys[:-1]]), ys[-1]

    def _growth(self, width):
        """Growth of the modes of E from the start of a panel to its nodes and its end."""
        return [[mp.exp(2 * rate * x * width) for rate, _ in self.modes] for x in [*_rule()[0], 1]]

    def _settled(self, knot):
        """Whether the rest of the flow is an elementary law, to all digits."""
        if self.c_limit < 0 and self.depth > 2:
            return False  # t grows exponentially in τ: the march ends soon
        negligible = 100 * mp.eps
        if self.c_limit > 0 and abs(self.c_limit * knot.y - 1) > negligible:
            return False
        energies = self._energies(knot.tau)
        allowed = negligible * mp.fsum(energies) / (self.depth * self.sigma[0])
        return all(
            energy < allowed * (self.c_limit - rate)
            for (rate, _), energy in zip(self.modes, energies, strict=True)
            if rate != self.c_limit
        )

    def _tail(self, knot, width):
        """Return what `_panel` does, from a knot where all is settled."""
        c, n, y = self.c_limit, self.depth, knot.y
        if c == 0:
            power, y_end = 1 + self.q, y + n * width
            return (y_end**power - y**power) / (n * power), y_end
        decay = mp.expm1(-n * c * width)
        return width * y**self.q, y * (1 + decay) - decay / c

    def _invert(self, time):
        """Return τ and y at a time."""
        self._march(lambda knot: knot.t > time)
        k = bisect_right(self.knots, time, key=lambda knot: knot.t) - 1
        knot, rest = self.knots[k], time - self.knots[k].t
        if self._settled(knot):
            power = 1 + self.q
            width = rest / knot.y**self.q
            if self.c_limit == 0:
                y = (knot.y**power + self.depth * power * rest) ** (1 / power)
                width = (y - knot.y) / self.depth
            return knot.tau + width, self._tail(knot, width)[1]
        after = self.knots[k + 1]
        width = (after.tau - knot.tau) * rest / (after.t - knot.t)
        for _ in range(50):  # Newton's iteration: dt/dτ = y^q
            elapsed, y = self._panel(knot, width)
            if abs(elapsed - rest) <= 100 * mp.eps * time:
                return knot.tau + width, y
            width -= (elapsed - rest) / y**self.q
        raise ArithmeticError(f"no τ found for t = {time}")


class TooManyPanelsError(Exception):
    """The reference would need more panels than it may."""


def _exact(values):
    return np.array([mp.mpf(float(x)) for x in values])


@lru_cache(maxsize=1)
def _rule():
    """Gauss-Legendre nodes and weights on [0, 1], and those of integrals from 0 to a node or 1."""
    n = _NODES
    with mp.workdps(DIGITS + 20):  # the inverse of a Vandermonde matrix costs these
        guesses = np.polynomial.legendre.leggauss(n)[0]
        roots = [mp.findroot(lambda z: mp.legendre(n, z), mp.mpf(float(x))) for x in guesses]
        nodes = [(x + 1) / 2 for x in roots]
        ends = [*nodes, mp.mpf(1)]
        values = mp.matrix([[x**j for j in range(n)] for x in nodes])
        integrals = mp.matrix([[x ** (j + 1) / (j + 1) for j in range(n)] for x in ends])
        cumulative = (integrals * values**-1).tolist()
        return nodes, cumulative[-1], cumulative
