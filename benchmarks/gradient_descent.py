"""Gradient descent on the layers, as one would train the network: explicit Euler for the flow."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.problem import TIMES, initial, target

jax.config.update("jax_enable_x64", True)

MATRIX = target.matrix


def gradient_descent(depth, count, step):
    """Train `count` networks at once, layers of one neuron between the first and the last.

    A time between two steps is reached by a shorter last step. Returns the states (s, a, b),
    shape (count, T, 2d + 1).
    """
    full_steps = np.floor(TIMES / step).astype(int)
    scale = initial[:count, :1] ** (1 / depth)
    size = MATRIX.shape[0]
    a, b = initial[:count, 1 : 1 + size], initial[:count, 1 + size :]
    hidden = np.repeat(scale, depth - 2, axis=1)
    rest = TIMES - full_steps * step
    return np.asarray(_train((scale * b, hidden, scale * a), full_steps, rest, step))


def _loss(layers):
    first, hidden, last = layers
    return 0.5 * jnp.sum((jnp.prod(hidden) * jnp.outer(last, first) - MATRIX) ** 2)


def _descend(layers, step):
    return jax.tree.map(lambda w, g: w - step * g, layers, jax.grad(_loss)(layers))


def _state(layers):
    first, hidden, last = layers
    norms = jnp.linalg.norm(first), jnp.linalg.norm(last)
    s = norms[0] * norms[1] * jnp.prod(hidden)
    return jnp.concatenate([s[None], last / norms[1], first / norms[0]])


def _one(layers, full_steps, rest, step):
    def until(carry, output):
        layers, done = carry
        goal, last = output
        layers = jax.lax.fori_loop(done, goal, lambda _, w: _descend(w, step), layers)
        return (layers, goal), _state(_descend(layers, last))

    return jax.lax.scan(until, (layers, 0), (full_steps, rest))[1]


_train = jax.jit(jax.vmap(_one, in_axes=(0, None, None, None)))
