"""How far finite steps are from the flow, to first order in the step (docs/steps.md, section 6).

On the clock ``t = nh``, ``h = η/(1-β)``, a method follows the bent flow ::

    ẇ = -∇L(w) - bend ∇²L(w) ∇L(w),      w(0) = w_0 + lag ∇L(w_0).

The bend is half the effective step, and the lag is ``hβ/(1-β)``: the weights stay behind until the
momentum has built up.
"""

import numpy as np
from scipy.integrate import solve_ivp

from dlnpaper._descent import DescentMethod
from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints

_RTOL = 1e-9
#: Of a derivative in the complex direction, where nothing cancels.
_TINY = 1e-30


def clock(step: float, momentum: float) -> float:
    """Return the time of the flow in which a method takes one step."""
    return step / (1 - momentum)


def bend_and_lag(method: DescentMethod, step: float, momentum: float) -> tuple[float, float]:
    """Return the bend and the lag."""
    h = clock(step, momentum)
    bend = h / 2 * (1 + momentum) / (1 - momentum)
    return bend - h * momentum * (method == "nesterov"), h * momentum / (1 - momentum)


def responses(
    target: Target, depth: int, start: StartingPoints, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a unit of bend and one of lag change of W, in singular coordinates.

    Both are (T, d_y, d_x). The state is that of `dlnpaper.descend`: x, y and z.
    """
    left, right = target.shape
    sigma = np.zeros((left, right))
    sigma[range(target.rank), range(target.rank)] = target.singular_values
    size = start.s[0] ** (1 / depth)
    initial = size * np.concatenate([start.a[0], start.b[0], [1.0 if depth > 2 else 1.0 / size]])

    def gradient(w: np.ndarray) -> np.ndarray:
        x, y, z = w[:left], w[left:-1], w[-1]
        m = z ** (depth - 2)
        along_x, along_y = sigma @ y, sigma.T @ x
        of_z = z ** (depth - 3) * (m * (x @ x) * (y @ y) - x @ along_x) if depth > 2 else 0.0 * z
        of_x, of_y = m * (m * (y @ y) * x - along_x), m * (m * (x @ x) * y - along_y)
        return np.concatenate([of_x, of_y, [of_z]])

    def along(w: np.ndarray, direction: np.ndarray) -> np.ndarray:
        return gradient(w + 1j * _TINY * direction).imag / _TINY

    def slope(_: float, state: np.ndarray) -> np.ndarray:
        w, moved = np.split(state, 2)
        descent = gradient(w)
        return np.concatenate([-descent, -along(w, moved + descent)])

    def of_product(w: np.ndarray, direction: np.ndarray) -> np.ndarray:
        changed = w + 1j * _TINY * direction
        product = changed[-1] ** (depth - 2) * np.outer(changed[:left], changed[left:-1])
        return product.imag / _TINY

    options = {"method": "DOP853", "t_eval": times, "rtol": _RTOL, "atol": _RTOL}
    state = np.concatenate([initial, np.zeros(initial.size)])
    found = solve_ivp(slope, (0.0, times[-1]), state, **options).y.T
    weights, bent = found[:, : initial.size], found[:, initial.size :]
    by_bend = [of_product(w, moved) for w, moved in zip(weights, bent, strict=True)]
    by_lag = [of_product(w, gradient(w)) for w in weights]
    return np.array(by_bend), np.array(by_lag)
