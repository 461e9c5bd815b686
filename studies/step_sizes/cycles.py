"""What gradient descent does above its edge of stability (docs/steps.md, section 4).

On balanced layers of the first mode it is one map. For φ, the N-th root of s, in units of that of
σ_1, and a step that is ``ratio`` times the edge ``2/(N σ_1^(2-2/N))``, it is ::

    φ⁺ = φ - (2 ratio/N) φ^(N-1) (φ^N - 1).

Above the edge the minimizer φ = 1 is unstable, and a cycle of two points takes its place.
"""

import numpy as np
from scipy.optimize import brentq

from dlnpaper._descent import DescentMethod

#: Ratios of the step to the edge up to which a two-cycle is looked for.
_MOST = 1.4


def two_cycle(depth: int, ratio: float) -> tuple[float, float]:
    """Return the two values of φ, the lower first, between which steps above the edge alternate."""
    # Between a point near the minimizer, which two steps leave, and one beyond the law.
    size = _amplitude(depth, ratio)
    upper = brentq(lambda phi: _shift(depth, ratio, phi), 1 + size / 4, 1 + 1.2 * size, xtol=1e-15)
    return float(_step(depth, ratio, upper)), float(upper)


def method_cycle(
    depth: int, ratio: float, method: DescentMethod, momentum: float
) -> tuple[float, float]:
    """Return the two values of φ for a method whose step is in units of its own edge.

    Heavy ball alternates between those of gradient descent, and so do the points at which
    Nesterov's method takes gradients: its weights lie between these.
    """
    lower, upper = two_cycle(depth, ratio)
    if method != "nesterov":
        return lower, upper
    share = momentum / (1 + 2 * momentum)
    return lower + share * (upper - lower), upper - share * (upper - lower)


def amplitude_law(depth: int, margin: float) -> float:
    """Return half the distance of the two values just above the edge, by a relative ``margin``."""
    return _amplitude(depth, 1 + margin)


def balance_factor(depth: int, ratio: float) -> float:
    """Return by what two steps on the cycle multiply differences of the layers' norms."""
    lower, upper = two_cycle(depth, ratio)
    return 5 - 2 * (lower / upper + upper / lower)


def doubling(depth: int) -> float:
    """Return the ratio of the step to the edge at which the two-cycle gives way to one of four."""

    def excess(ratio: float) -> float:
        lower, upper = two_cycle(depth, ratio)
        return _slope(depth, ratio, lower) * _slope(depth, ratio, upper) + 1

    return float(brentq(excess, 1.001, _MOST, xtol=1e-14))


def _step(depth: int, ratio: float, phi: float) -> float:
    return phi - 2 * ratio / depth * phi ** (depth - 1) * (phi**depth - 1)


def _slope(depth: int, ratio: float, phi: float) -> float:
    powers = (2 * depth - 1) * phi ** (2 * depth - 2) - (depth - 1) * phi ** (depth - 2)
    return float(1 - 2 * ratio / depth * powers)


def _shift(depth: int, ratio: float, phi: float) -> float:
    """Return what two steps change of φ, over its distance from the minimizer."""
    return (_step(depth, ratio, _step(depth, ratio, phi)) - phi) / (phi - 1)


def _amplitude(depth: int, ratio: float) -> float:
    return float(np.sqrt(3 * (ratio - 1) / (2 * (depth - 1) * (5 * depth - 4))))
