"""Gradient descent on the layers, as one would train the network: explicit Euler for the flow."""

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.problem import DIMENSION, TIMES, initial, target

jax.config.update("jax_enable_x64", True)


def gradient_descent(depth, count, step):
    """Train `count` networks at once, layers of one neuron between the first and the last.

    A time between two steps is reached by a shorter last step. Returns the states (s, a, b),
    shape (count, T, 2d + 1).
    """
    steps = np.floor(TIMES / step).astype(int)
    scale = initial[:count, :1] ** (1 / depth)
    a, b = initial[:count, 1 : 1 + DIMENSION], initial[:count, 1 + DIMENSION :]
    layers = scale * b, np.repeat(scale, depth - 2, axis=1), scale * a
    return np.asarray(_train(layers, steps, TIMES - steps * step, step))


def _train_one(layers, steps, rests, step):
    def until(carry, time):
        layers, done = carry
        steps, rest = time
        layers = jax.lax.fori_loop(done, steps, lambda _, w: _descend(w, step), layers)
        return (layers, steps), _state(_descend(layers, rest))

    return jax.lax.scan(until, (layers, 0), (steps, rests))[1]


_train = jax.jit(jax.vmap(_train_one, in_axes=(0, None, None, None)))


def _descend(layers, step):
    return jax.tree.map(lambda w, g: w - step * g, layers, jax.grad(_loss)(layers))


def _loss(layers):
    first, hidden, last = layers
    return 0.5 * jnp.sum((jnp.prod(hidden) * jnp.outer(last, first) - target.matrix) ** 2)


def _state(layers):
    first, hidden, last = layers
    norms = jnp.linalg.norm(first), jnp.linalg.norm(last)
    s = norms[0] * norms[1] * jnp.prod(hidden)
    return jnp.concatenate([s[None], last / norms[1], first / norms[0]])
