"""Training as `studies.training.framework` does it, in NumPy and by the optimizers' definitions."""

from itertools import accumulate

import numpy as np


def train(layers, inputs, outputs, *, optimizer, records, every, batches=None, **options):
    """Return the end-to-end matrices of each run, as the framework does."""
    drawn = [None] if batches is None else batches
    network = Network(layers, inputs, outputs)
    return np.array([network.run(optimizer, records, every, some, options) for some in drawn])


class Network:
    """The layers of a linear network, and data."""

    def __init__(self, layers, inputs, outputs):
        self.layers, self.data = layers, (inputs, outputs)

    def run(self, optimizer, records, every, batches, options):
        layers, memory = [each.copy() for each in self.layers], {}
        path = [product(layers)]
        for k in range(records * every):
            slopes = self.slopes(layers, None if batches is None else batches[k])
            updates = OPTIMIZERS[optimizer](slopes, memory, k + 1, **options)
            layers = [each + update for each, update in zip(layers, updates, strict=True)]
            if (k + 1) % every == 0:
                path.append(product(layers))
        return np.array(path)

    def slopes(self, layers, batch):
        inputs, outputs = self.data
        if batch is None:
            batch = slice(None)
        inputs, outputs = inputs[:, batch], outputs[:, batch]
        weight = self.data[0].shape[1] / inputs.shape[1]
        below = [inputs, *accumulate(layers, lambda seen, layer: layer @ seen, initial=inputs)][1:]
        error = weight * (below[-1] - outputs)
        found = []
        for layer, seen in zip(reversed(layers), reversed(below[:-1]), strict=True):
            found.append(error @ seen.T)
            error = layer.T @ error
        return found[::-1]


def product(layers):
    """Return the end-to-end matrix."""
    return list(accumulate(layers, lambda seen, layer: layer @ seen))[-1]


def sgd(slopes, memory, _, *, learning_rate, momentum=0.0):
    """Return the updates of Polyak's heavy ball."""
    before = memory.get("trace", [np.zeros_like(each) for each in slopes])
    memory["trace"] = [g + momentum * v for g, v in zip(slopes, before, strict=True)]
    return [-learning_rate * each for each in memory["trace"]]


def adam(slopes, memory, k, *, learning_rate):
    """Return the updates of Kingma and Ba's Adam (2015), with their defaults."""
    zeros = [np.zeros_like(each) for each in slopes]
    m, v = memory.get("moments", (zeros, zeros))
    m = [0.9 * each + 0.1 * g for each, g in zip(m, slopes, strict=True)]
    v = [0.999 * each + 0.001 * g**2 for each, g in zip(v, slopes, strict=True)]
    memory["moments"] = m, v
    return [
        -learning_rate * (first / (1 - 0.9**k)) / (np.sqrt(second / (1 - 0.999**k)) + 1e-8)
        for first, second in zip(m, v, strict=True)
    ]


OPTIMIZERS = {"sgd": sgd, "adam": adam}
