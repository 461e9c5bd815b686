"""A trajectory in high precision, straight from docs/theory.md, section 3: slow, and independent.

It shares no code with the library: mpmath numbers, its own quadrature, and distances to the limit
taken as plain differences, which 90 digits can afford.
"""

from functools import lru_cache

import mpmath as mp
import numpy as np

DIGITS = 90
_NODES = 24


class ExactTrajectory:
    """One trajectory, from floats that are taken as exact up to one common normalization."""

    def __init__(self, target, starts, depth):
        with mp.workdps(DIGITS):
            self.depth = mp.mpf(depth)
            self.sigma = [mp.mpf(float(x)) for x in target.singular_values]
            self.rank = target.rank
            self.a = [mp.mpf(float(x)) for x in starts.a[0]]
            self.b = [mp.mpf(float(x)) for x in starts.b[0]]
            pairs = list(zip(self.sigma, self.a, self.b, strict=False))
            self.alpha = [a + b for _, a, b in pairs]
            self.beta = [a - b for _, a, b in pairs]
            null = self.a[self.rank :] + self.b[self.rank :]
            self.rho_squared = sum(x * x for x in null) / 2
            self.s_0 = mp.mpf(float(starts.s[0]))
            total = self._raw_energy(0)
            self.norm = 1 / mp.sqrt(total)
            present = [(s, al) for s, al in zip(self.sigma, self.alpha, strict=True) if al != 0]
            self.limit = present[0][0] if present else mp.mpf(0)

    def _raw_energy(self, tau):
        modes = zip(self.sigma, self.alpha, self.beta, strict=True)
        grow = [(al * mp.exp(s * tau)) ** 2 + (be * mp.exp(-s * tau)) ** 2 for s, al, be in modes]
        return sum(grow) / 4 + self.rho_squared

    def energy(self, tau):
        return self.norm**2 * self._raw_energy(tau)

    def alignment(self, tau):
        modes = zip(self.sigma, self.alpha, self.beta, strict=True)
        slope = sum(
            s * ((al * mp.exp(s * tau)) ** 2 - (be * mp.exp(-s * tau)) ** 2) for s, al, be in modes
        )
        return slope / (4 * self._raw_energy(tau))

    def directions(self, tau):
        """Unit vectors a and b."""
        p, q = list(self.a), list(self.b)
        for i, (s, al, be) in enumerate(zip(self.sigma, self.alpha, self.beta, strict=True)):
            up, down = al * mp.exp(s * tau), be * mp.exp(-s * tau)
            p[i], q[i] = (up + down) / 2, (up - down) / 2
        # Each by its own norm: as floats a and b are unit vectors to 1e-16 only.
        return [x / mp.norm(p) for x in p], [x / mp.norm(q) for x in q]

    def states(self, end, panels):
        """List of (τ, t, s) at the ends of equal panels."""
        nodes, weights, cumulative = _rule()
        width = mp.mpf(end) / panels
        exponent = 1 - 2 / self.depth
        integral, t = mp.mpf(0), mp.mpf(0)
        out = []
        for k in range(panels):
            powers = [self.energy(width * (k + x)) ** (self.depth / 2) for x in nodes]
            for j in range(_NODES):
                part = integral + width * mp.fdot(cumulative[j], powers)
                y = (1 / self.s_0 + self.depth * part) / powers[j]
                t += width * weights[j] * y**exponent
            integral += width * mp.fdot(weights, powers)
            tau = width * (k + 1)
            power = self.energy(tau) ** (self.depth / 2)
            out.append((tau, t, power / (1 / self.s_0 + self.depth * integral)))
        return out

    def distances(self, tau, s):
        """Distance to the limit by the names of `dlnpaper.one_neuron._laws.LAW_QUANTITIES`."""
        a, b = self.directions(tau)
        c = self.alignment(tau)
        lead = [
            al if s_i == self.limit else 0 for s_i, al in zip(self.sigma, self.alpha, strict=True)
        ]
        norm = mp.sqrt(sum(x * x for x in lead)) or mp.mpf(1)
        a_end = [x / norm for x in lead] + [mp.mpf(0)] * (len(a) - self.rank)
        b_end = [x / norm for x in lead] + [mp.mpf(0)] * (len(b) - self.rank)
        apart = mp.fsum((x - y) ** 2 for x, y in zip(a + b, a_end + b_end, strict=True))
        overlap = mp.fdot(a, a_end) * mp.fdot(b, b_end)
        square = s * s + self.limit**2 - 2 * s * self.limit * overlap
        return {
            "directions": mp.sqrt(apart),
            "alignment_gap": self.limit - c,
            "excess": (s * s - 2 * s * c + self.limit**2) / 2,
            "s_gap": abs(s - self.limit),
            "end_to_end": mp.sqrt(square),
        }


@lru_cache(maxsize=1)
def _rule():
    """Gauss-Legendre nodes, weights and integrals from 0 to a node, on [0, 1]."""
    with mp.workdps(DIGITS):
        n = _NODES
        nodes, weights = [], []
        for guess in np.polynomial.legendre.leggauss(n)[0]:
            x = mp.findroot(lambda z: mp.legendre(n, z), mp.mpf(float(guess)))
            slope = n * mp.legendre(n - 1, x) / (1 - x * x)
            nodes.append((x + 1) / 2)
            weights.append(1 / ((1 - x * x) * slope**2))
        values = mp.matrix(n, n)
        integrals = mp.matrix(n, n)
        for i in range(n):
            for j in range(n):
                values[i, j] = nodes[i] ** j
                integrals[i, j] = nodes[i] ** (j + 1) / (j + 1)
        matrix = integrals * values**-1
        return nodes, weights, [[matrix[i, j] for j in range(n)] for i in range(n)]
