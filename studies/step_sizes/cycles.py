"""What gradient descent does above its edge of stability (docs/steps.md, section 4).

On balanced layers of the first mode it is one map. With q the N-th root of s over that of σ_1, and
the step in units of the edge, ``η = r 2/(N σ_1^(2-2/N))``, a step is ::

    q⁺ = q - (2r/N) q^(N-1) (q^N - 1).

Above r = 1 the minimizer q = 1 is unstable, and a cycle of two points takes its place.
"""

import numpy as np
from scipy.optimize import brentq

from dlnpaper._descent import DescentMethod

#: Ratios of the step to the edge up to which a two-cycle is looked for.
_MOST = 1.4


def two_cycle(depth: int, ratio: float) -> tuple[float, float]:
    """Return the two values of q, the lower first, between which steps above the edge alternate."""
    # By the ratio of the two, which is ``1 - (2r/N) q^(N-2) (q^N - 1)`` at the upper one.
    size = _amplitude(depth, ratio)
    upper = brentq(lambda q: _shift(depth, ratio, q), 1 + size / 4, 1 + 1.2 * size, xtol=1e-15)
    return float(_step(depth, ratio, upper)), float(upper)


def method_cycle(
    depth: int, ratio: float, method: DescentMethod, momentum: float
) -> tuple[float, float]:
    """Return the two values of q for a method whose step is in units of its own edge.

    Heavy ball alternates between those of gradient descent, and so do the points at which
    Nesterov's method takes gradients: its weights lie between these.
    """
    lower, upper = two_cycle(depth, ratio)
    if method != "nesterov":
        return lower, upper
    share = momentum / (1 + 2 * momentum)
    return lower + share * (upper - lower), upper - share * (upper - lower)


def amplitude_law(depth: int, margin: float) -> float:
    """Return half the distance of the two values of q, just above the edge: r = 1 + margin."""
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


def _step(depth: int, ratio: float, q: float) -> float:
    return q - 2 * ratio / depth * q ** (depth - 1) * (q**depth - 1)


def _slope(depth: int, ratio: float, q: float) -> float:
    powers = (2 * depth - 1) * q ** (2 * depth - 2) - (depth - 1) * q ** (depth - 2)
    return float(1 - 2 * ratio / depth * powers)


def _shift(depth: int, ratio: float, q: float) -> float:
    """Return what two steps change of q, over its distance from the minimizer."""
    return (_step(depth, ratio, _step(depth, ratio, q)) - q) / (q - 1)


def _amplitude(depth: int, ratio: float) -> float:
    return float(np.sqrt(3 * (ratio - 1) / (2 * (depth - 1) * (5 * depth - 4))))
