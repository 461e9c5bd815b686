"""Tables of the closed form: a quadrature rule, and the decay of the modes.

All starts with the same dominant exponential share them.
"""

from functools import lru_cache

import numpy as np
from numpy.polynomial import chebyshev, legendre

from dlnpaper.one_neuron._kernel import BLOCK, NODES, Elementary, Panels

LEVELS = range(-44, 42)  # panels have the widths 2**level in reduced time


@lru_cache(maxsize=64)
def panel_tables(depth: int, c_limit: float, rates: bytes) -> Panels:
    """Tabulate how the modes decay within panels of every width, for all starts of a class."""
    gamma = np.frombuffer(rates)
    nodes, cumulative, series = _rule()
    widths = 2.0 ** np.array(LEVELS)
    x = widths[:, None] * nodes
    growth = depth * c_limit * widths
    with np.errstate(over="ignore"):
        fade = np.exp(-growth[:, None] * nodes)
    return Panels(
        nodes=nodes,
        integrate=cumulative,
        chebyshev=series,
        decay=np.exp(-2 * x[:, :, None] * gamma),
        decay_end=np.exp(-widths[:, None] * gamma),
        fade=fade,
        relax=np.stack([_relaxation(z) for z in growth]),
        first_level=LEVELS[0],
    )


@lru_cache(maxsize=8)
def elementary_tables(rates: bytes, c_limit: float, times: bytes) -> Elementary:
    """Tabulate the exponentials and their integrals at all times."""
    gamma, given = np.frombuffer(rates)[:, None], np.frombuffer(times)
    blocks = -(-given.size // BLOCK)
    tau = np.full(blocks * BLOCK, given[-1])
    tau[: given.size] = given
    decay = np.exp(-gamma * tau)
    squares = decay * decay
    shift = np.exp(-2 * max(c_limit, 0.0) * tau)
    exponents = 2 * (c_limit - gamma)
    sizes = np.where(exponents == 0, 1.0, np.abs(exponents))
    elapsed = np.where(exponents == 0, tau, -np.expm1(-sizes * tau) / sizes)
    integrals = 2 * np.where(exponents > 0, squares, shift) * elapsed

    def in_blocks(table: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(table.reshape(-1, blocks, BLOCK).swapaxes(0, 1))

    return Elementary(
        decay=np.ascontiguousarray(decay[:, : given.size]),
        squares=in_blocks(squares),
        integrals=in_blocks(integrals),
        shift=shift.reshape(blocks, BLOCK),
    )


@lru_cache(maxsize=1)
def _rule() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gauss-Lobatto nodes on [0, 1], cumulative integration, and the Chebyshev coefficients."""
    nodes = _lobatto(NODES)
    series = np.linalg.inv(chebyshev.chebvander(nodes, NODES - 1))
    cumulative = chebyshev.chebvander(nodes, NODES) @ (0.5 * chebyshev.chebint(series, lbnd=-1))
    cumulative[0] = 0.0
    return 0.5 * (nodes + 1), cumulative, np.ascontiguousarray(series)


def _lobatto(size: int) -> np.ndarray:
    inner = legendre.legroots(legendre.legder([0.0] * (size - 1) + [1.0]))
    return np.concatenate([[-1.0], 0.5 * (inner - inner[::-1]), [1.0]])


def _relaxation(growth: float) -> np.ndarray:
    """Matrix from nodal values of G to ``∫_0^x exp(growth (u - x)) G(u) du`` at the nodes.

    It is nan where no use is made of it: for an exponential that falls steeply.
    """
    nodes, cumulative, series = _rule()
    if abs(growth) <= 4:
        return np.exp(-growth * nodes)[:, None] * cumulative * np.exp(growth * nodes)
    if growth < 0:
        return np.full((NODES, NODES), np.nan)
    if growth < 64:
        derivative, interpolate, sample = _fine_rule()
        system = derivative + growth * np.eye(len(derivative))
        solution = np.linalg.solve(system[1:, 1:], sample[1:])
        return interpolate[:, 1:] @ solution
    # v' + growth v = G has one polynomial solution, and its value at 0 is what fades.
    smooth = np.linalg.solve(growth * np.eye(NODES) + _chebyshev_derivative(NODES), series)
    values = chebyshev.chebvander(2 * nodes - 1, NODES - 1) @ smooth
    return values - np.exp(-growth * nodes)[:, None] * values[0]


@lru_cache(maxsize=1)
def _fine_rule() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Make a Lobatto rule that resolves exp(-64 x): derivative, maps to and from `_rule`."""
    size = 72
    nodes = _lobatto(size)
    vander = chebyshev.chebvander(nodes, size - 1)
    series = np.linalg.inv(vander)
    derivative = vander @ _chebyshev_derivative(size) @ series
    coarse = 2 * _rule()[0] - 1
    interpolate = chebyshev.chebvander(coarse, size - 1) @ series
    sample = chebyshev.chebvander(nodes, NODES - 1) @ _rule()[2]
    return derivative, interpolate, sample


def _chebyshev_derivative(size: int) -> np.ndarray:
    """Matrix of d/dx, x in [0, 1], on Chebyshev coefficients."""
    return np.pad(chebyshev.chebder(np.eye(size), scl=2), ((0, 1), (0, 0)))
