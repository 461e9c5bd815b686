"""One trajectory by Gauss-Legendre quadrature in wide arithmetic: slow, and independent.

The formulas of docs/theory.md, section 3, on narrow panels, in 80-bit floats (19 digits, quick) or
in mpmath's numbers (as many digits as its context has, slow): the same few lines serve both, and
each checks the other. It shares neither nodes nor panels nor the treatment of late times with
`dlnpaper.one_neuron._closed_form`: panels simply go on until nothing changes in the last digit.
"""

from functools import lru_cache

import mpmath as mp
import numpy as np

NODES = 24
NEGLIGIBLE = {"long": 1e-19, "mp": 1e-32}
#: Panels in units of 1 / (max(N, 4) σ_1): the Gauss rule then converges by 8 or 12 a node.
WIDTHS = {"long": 1.5, "mp": 1.0}


class ExactFlow:
    """The trajectory of start 0 up to a time, from floats that are taken as exact.

    `a` and `b` are normalized by one factor, as the closed form does it.
    """

    def __init__(self, target, depth, starts, end, arithmetic="long", most_panels=60_000):
        self.number = np.longdouble if arithmetic == "long" else mp.mpf
        self.depth, self.rank = depth, target.rank
        self.sigma = self._wide(target.singular_values)
        self.a, self.b = self._wide(starts.a[0]), self._wide(starts.b[0])
        r = self.rank
        self.s_0 = self._wide(starts.s)[0]
        null = np.concatenate([self.a[r:], self.b[r:]])
        rho = _root((null * null).sum() / 2)
        self.amplitudes = np.concatenate(
            [(self.a[:r] + self.b[:r]) / 2, (self.a[:r] - self.b[:r]) / 2, [rho]]
        )
        self.rates = np.concatenate([self.sigma, -self.sigma, [0 * self.s_0]])
        self.present = self.amplitudes != 0
        self.log_amplitudes = _log(abs(self.amplitudes[self.present]))
        self.signs = self.amplitudes[self.present] / abs(self.amplitudes[self.present])
        self.kappa = self.rates[self.present].max()
        self.half = self._wide([depth])[0] / 2
        self.q = 1 - 1 / self.half
        self.nodes, self.weights, self.legendre, self.cumulative = map(self._wide, _gauss())
        self.rounding = 20 * (np.finfo(np.longdouble).eps if arithmetic == "long" else mp.eps)
        self.negligible, self.width = NEGLIGIBLE[arithmetic], WIDTHS[arithmetic]
        self.step = self.width / (max(self.depth, 4) * self.sigma[0])
        self.steady = self._growth(self.step)
        # A little further, for times that were rounded up.
        self._march(self._wide([end])[0] * (1 + self._wide([1e-12])[0]), most_panels)

    def state(self, time):
        """Return the state at a time, and how much it magnifies a relative error of the time."""
        t = self._wide([time])[0]
        tau, log_y = self._beyond(t) if not self.ends or t > self.ends[-1] else self._within(t)
        factors = self._factors(tau)
        energy = (factors * factors).sum()
        shares = factors * factors / energy
        c = (self.rates * shares).sum()
        r, root, s = self.rank, _root(energy), _exp(-log_y)
        a, b = self._null(self.a, tau, root), self._null(self.b, tau, root)
        a[:r] = (factors[:r] + factors[r : 2 * r]) / root
        b[:r] = (factors[:r] - factors[r : 2 * r]) / root
        gap = ((self.kappa - self.rates) * shares).sum()
        variance = ((self.kappa - self.rates) ** 2 * shares).sum() - gap * gap
        kappa = self.kappa if self.kappa > 0 else 0
        excess = (s - c) ** 2 / 2 + gap * (kappa + c) / 2 if kappa else s * (s / 2 - c)
        elapsed = t * _exp(-self.q * log_y)
        falling = s * (self.depth * (c - s) ** 2 + 2 * variance)
        return {
            "tau": tau,
            "log_s": -log_y,
            "s": s,
            "alignment": c,
            "excess": excess,
            "a": a,
            "b": b,
            "condition": {
                "tau": elapsed,
                "log_s": elapsed * self.depth * abs(c - s),
                "alignment": elapsed * 2 * variance / self.sigma[0],
                "directions": elapsed * _root(abs(variance)),
                "excess": elapsed * falling / excess if excess else 0,
            },
        }

    def _null(self, vector, tau, root):
        out = vector.copy()
        if self.amplitudes[-1] != 0:
            out[self.rank :] = out[self.rank :] * (
                _exp(-self.kappa * tau - max(self._logs(tau))) / root
            )
        return out

    def _march(self, end, most_panels):
        step = self.step
        y = 1 / self.s_0
        tau, t = 0 * y, 0 * y
        self.begins, self.widths, self.ys, self.ends = [], [], [], []
        while t < end and not self._settled(tau, y):
            if len(self.begins) > most_panels:
                raise TooManyPanelsError
            width = min(step, (y / self.depth + tau) / 3) if tau < step else step
            y_nodes, y_end = self._panel(tau, width, y)
            self.begins.append(tau)
            self.widths.append(width)
            self.ys.append(y)
            t = t + width * (self.weights * _power(y_nodes, self.q)).sum()
            self.ends.append(t)
            tau, y = tau + width, y_end
        self.tau_end, self.y_end = tau, y

    def _settled(self, tau, y):
        """Whether the rest of the flow is one of three elementary laws, to all digits."""
        falling = self.kappa - self.rates
        factors = self._factors(tau)
        energy = factors * factors / (factors * factors).sum()
        others = energy[falling > 0] / falling[falling > 0]
        if not (self.depth * self.sigma[0] * others < self.negligible).all():
            return False
        if self.kappa < 0 and self.depth > 2:
            return False  # t grows exponentially in τ: the march ends soon
        if self.kappa > 0:
            return abs(self.kappa * y - 1) < max(self.negligible, self.rounding)
        return True

    def _beyond(self, t):
        x, y, n = t - (self.ends[-1] if self.ends else 0), self.y_end, self.depth
        if self.kappa > 0:
            return self.tau_end + x / _power(y, self.q), _log(y)
        if self.kappa == 0:
            p = 1 + self.q
            growth = _log1p(p * n * x / _power(y, p)) / p
            return self.tau_end + y * _expm1(growth) / n, _log(y) + growth
        c = -self.kappa
        return self.tau_end + x, _log(y - _expm1(-n * c * x) / c) + n * c * x

    def _within(self, t):
        k = int(np.searchsorted(np.array(self.ends, dtype=object), t))
        k = min(k, len(self.begins) - 1)
        begin, width, y = self.begins[k], self.widths[k], self.ys[k]
        start = self.ends[k - 1] if k else 0 * t
        y_nodes, _ = self._panel(begin, width, y)
        speeds = _power(y_nodes, self.q)
        coefficients = self.legendre @ speeds
        low, high = 0 * t, 0 * t + 1
        x = (t - start) / (self.ends[k] - start)
        for _ in range(60):
            values, integrals = _legendre(2 * x - 1, NODES)
            miss = start + width * (coefficients * integrals).sum() - t
            low, high = (low, x) if miss > 0 else (x, high)
            moved = x - miss / (width * (coefficients * values).sum())
            if not low <= moved <= high:
                moved = (low + high) / 2
            if abs(moved - x) <= self.rounding:
                break
            x = moved
        if x <= 0:
            return begin, _log(y)
        return begin + width * x, _log(self._panel(begin, width * x, y)[1])

    def _growth(self, width):
        """Growth of the squared modes from the start of a panel to its nodes and end."""
        x = np.append(self.nodes, self.nodes[0] * 0 + 1) * width
        return _exp(2 * x[:, None] * self.rates[None, :])

    def _panel(self, tau, width, y):
        """Magnitude y at the nodes and at the end of a panel."""
        factors = self._factors(tau)
        weights = factors * factors / (factors * factors).sum()
        growth = (self.steady if width == self.step else self._growth(width)) @ weights
        powers = _power(growth, self.half)
        integrals = np.append(self.cumulative @ powers[:-1], (self.weights * powers[:-1]).sum())
        values = (y + self.depth * width * integrals) / powers
        return values[:-1], values[-1]

    def _logs(self, tau):
        """Logarithms of e^{-κτ} times the amplitudes at τ; those that are zero stay out."""
        return self.log_amplitudes + (self.rates[self.present] - self.kappa) * tau

    def _factors(self, tau):
        """Amplitudes at τ, relative to the largest."""
        logs = self._logs(tau)
        out = self.amplitudes * 0
        out[self.present] = self.signs * _exp(logs - max(logs))
        return out

    def _wide(self, values):
        if self.number is mp.mpf:
            return np.vectorize(lambda x: +mp.mpf(x), otypes=[object])(np.asarray(values))
        text = np.vectorize(lambda x: mp.nstr(mp.mpf(x), 25), otypes=[object])(np.asarray(values))
        return text.astype(str).astype(np.longdouble)


class TooManyPanelsError(Exception):
    """The witness would need more panels than it may."""


@lru_cache(maxsize=1)
def _gauss():
    """Nodes and weights on [0, 1], and the maps to Legendre coefficients and to integrals."""
    with mp.workdps(40):
        guesses = np.polynomial.legendre.leggauss(NODES)[0]
        nodes = [mp.findroot(lambda z: mp.legendre(NODES, z), mp.mpf(float(x))) for x in guesses]
        slopes = [NODES * mp.legendre(NODES - 1, x) / (1 - x * x) for x in nodes]
        weights = [1 / ((1 - x * x) * d * d) for x, d in zip(nodes, slopes, strict=True)]
        tables = [_legendre(x, NODES) for x in nodes]
        values = np.array([table[0] for table in tables])
        degrees = np.array([mp.mpf(2 * k + 1) for k in range(NODES)])
        series = degrees[:, None] * values.T * np.array(weights)
        cumulative = np.array([table[1] for table in tables]) @ series
        return np.array([(x + 1) / 2 for x in nodes]), np.array(weights), series, cumulative


def _legendre(u, size):
    """Legendre polynomials of u, and their integrals over [0, 1] up to (u + 1)/2."""
    p = [0 * u + 1, u]
    for k in range(1, size):
        p.append(((2 * k + 1) * u * p[k] - k * p[k - 1]) / (k + 1))
    integrals = [(p[1] + p[0]) / 2] + [(p[k + 1] - p[k - 1]) / (4 * k + 2) for k in range(1, size)]
    return np.array(p[:size]), np.array(integrals)


def _elementwise(function, native):
    def apply(x):
        if isinstance(x, mp.mpf):
            return function(x)
        if isinstance(x, np.ndarray) and x.dtype == object:
            return np.vectorize(function, otypes=[object])(x)
        return native(x)

    return apply


_exp = _elementwise(mp.exp, np.exp)
_log = _elementwise(mp.log, np.log)
_log1p = _elementwise(mp.log1p, np.log1p)
_expm1 = _elementwise(mp.expm1, np.expm1)
_root = _elementwise(mp.sqrt, np.sqrt)


def _power(x, exponent):
    return _exp(exponent * _log(x)) if exponent != 0 else x * 0 + 1
