"""Training of linear networks by JAX and Optax, which envs/training.yaml adds to the project's.

They are imported where they are used, since the other environments do not have them.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np


def train(
    layers: Sequence[np.ndarray],
    inputs: np.ndarray,
    outputs: np.ndarray,
    *,
    optimizer: str,
    records: int,
    every: int,
    batches: np.ndarray | None = None,
    **options: float,
) -> np.ndarray:
    """Train a linear network on the loss ``½‖Y − W X‖²``, summed over samples.

    Parameters
    ----------
    layers : sequence of ndarray
        W_1, ..., W_N at the start.
    inputs, outputs : ndarray, (d_x, n) and (d_y, n)
        X and Y, a sample a column.
    optimizer : str
        Name of an optimizer of Optax, which takes the ``options``, ``learning_rate`` among them.
    records, every : int
        The state is recorded at the start, and so many times after so many more steps.
    batches : ndarray of int, (run, records * every, size), optional
        Samples in the batch of each step, whose loss is weighted by n / size; all, if not given.

    Returns
    -------
    ndarray, (run, records + 1, d_y, d_x)
        End-to-end matrices; of one run if every batch holds all samples.
    """
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)
    method = getattr(optax, optimizer)(**options)
    start = tuple(map(jax.numpy.asarray, layers))
    data = jax.numpy.asarray(inputs), jax.numpy.asarray(outputs)
    run = partial(_run, method, records, every)
    if batches is None:
        path = jax.jit(run)(start, data, None)[None]
    else:
        drawn = batches.reshape(len(batches), records, every, -1)
        path = jax.jit(jax.vmap(run, in_axes=(None, None, 0)))(start, data, drawn)
    first = np.broadcast_to(_end_to_end(start), (len(path), 1, *path.shape[2:]))
    return np.concatenate([first, path], axis=1)


def _run(method, records, every, layers, data, batches):
    """Return the end-to-end matrices that are recorded after the start."""
    import jax
    import optax

    def take(state, batch):
        layers, memory = state
        updates, memory = method.update(jax.grad(_loss)(layers, data, batch), memory, layers)
        return (optax.apply_updates(layers, updates), memory), None

    def record(state, some):
        state, _ = jax.lax.scan(take, state, some, length=every)
        return state, _end_to_end(state[0])

    return jax.lax.scan(record, (layers, method.init(layers)), batches, length=records)[1]


def _loss(layers, data, batch):
    inputs, outputs = data if batch is None else (each[:, batch] for each in data)
    weight = data[0].shape[1] / inputs.shape[1]
    for layer in layers:
        inputs = layer @ inputs
    return 0.5 * weight * ((outputs - inputs) ** 2).sum()


def _end_to_end(layers):
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return product
