"""Two-layer ReLU networks on real data, against the Gram matrix at their start."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from sklearn import datasets

from companion.datasets import variable
from dlnpaper._descent import DESCENT_METHODS, DescentMethod
from studies.gram_descent import measured_gap, movement, predicted_gap, train, tuned
from studies.relu_network import ReluNetwork, expected_gram

#: Data sets that come with scikit-learn, by what loads them.
LOADERS = {
    "digits": datasets.load_digits,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "diabetes": datasets.load_diabetes,
    "linnerud": datasets.load_linnerud,
}
#: What is left of the residual at the end.
FLOOR = 1e-10
#: Steps that a run may take, in units of those in which its residual falls by a factor e.
PATIENCE = 60
#: Points of a path that are kept.
POINTS = 200


def measure(*, samples: int, largest_cosine: float, widths: Sequence[int], seed: int) -> xr.Dataset:
    """Train networks of every width on some samples of every data set, by every method.

    Returns
    -------
    xarray.Dataset
        On ``dataset``: the numbers ``samples`` and ``features``, and ``expected_condition``, that
        of the expected Gram matrix. On ``width, dataset``: ``condition`` of H at the start. On
        ``width, dataset, method``: ``gap``, the part of the residual that a step finally removes,
        ``start_gap`` and ``end_gap``, what H at the start and at the end predict for it, ``steps``
        until the residual is `FLOOR` of its start, and ``movement``, how far H moves relative to
        its norm; and of the largest width ``loss`` (dataset, method, point) over that at the start,
        after ``loss_step`` steps.
    """
    names, methods = list(LOADERS), list(DESCENT_METHODS)
    shape = (len(widths), len(names), len(methods))
    found = {name: np.empty(shape) for name in _LONG_NAMES}
    conditions, expected, sizes = np.empty(shape[:2]), [], []
    steps, losses = np.empty((2, *shape[1:], POINTS))
    for j, name in enumerate(names):
        inputs, targets = select(name, samples, largest_cosine, seed)
        expected.append(np.linalg.cond(expected_gram(inputs)))
        sizes.append(inputs.shape)
        for i, width in enumerate(widths):
            network = ReluNetwork(width, inputs, targets, np.random.default_rng([seed, width]))
            gram = network.gram(network.weights)
            conditions[i, j] = np.linalg.cond(gram)
            for k, method in enumerate(methods):
                residuals, values = _run(network, gram, method)
                for key, value in values.items():
                    found[key][i, j, k] = value
                at = np.linspace(0, len(residuals) - 1, POINTS).astype(int)
                steps[j, k], losses[j, k] = at, residuals[at] ** 2  # the last width stays
    dims, path = ("width", "dataset", "method"), ("dataset", "method", "point")
    variables = {key: variable(dims, found[key], text) for key, text in _LONG_NAMES.items()}
    variables |= {
        "condition": variable(dims[:2], conditions, "condition number of H at the start"),
        "expected_condition": variable("dataset", expected, "its limit for infinite width"),
        "features": variable("dataset", [size[0] for size in sizes], "number of features"),
        "samples": variable("dataset", [size[1] for size in sizes], "number of samples"),
        "loss": variable(path, losses, "training loss over that at the start"),
        "loss_step": variable(path, steps, "number of steps"),
    }
    coords = {
        "width": variable("width", list(widths), "number of neurons"),
        "dataset": variable("dataset", names, "data set"),
        "method": variable("method", methods, "method of descent"),
    }
    return xr.Dataset(variables, coords)


_LONG_NAMES = {
    "gap": "part of the residual that a step finally removes",
    "start_gap": "what H at the start predicts for it",
    "end_gap": "what H at the end predicts for it",
    "steps": f"number of steps until the residual is {FLOOR:g} of its start",
    "movement": "how far H moves, relative to its norm",
}


def select(
    name: str, samples: int, largest_cosine: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return some inputs of a data set, (d, n), of norm one, and their targets, (n,).

    Targets are centered and together of norm one. Features are standardized over the whole set.
    Samples are taken in random order, but for those that have a larger cosine with one taken
    before: the Gram matrix of two equal ones is singular.
    """
    data = LOADERS[name]()
    features, targets = data.data, data.target.reshape(len(data.data), -1)[:, 0].astype(float)
    varying = features.std(axis=0) > 0
    features = features[:, varying] - features[:, varying].mean(axis=0)
    features /= features.std(axis=0)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    taken: list[int] = []
    for i in np.random.default_rng(seed).permutation(len(features)):
        if (features[taken] @ features[i] <= largest_cosine).all() and len(taken) < samples:
            taken.append(int(i))
    chosen = targets[taken] - targets[taken].mean()
    return features[taken].T, chosen / np.linalg.norm(chosen)


def _run(
    network: ReluNetwork, gram: np.ndarray, method: DescentMethod
) -> tuple[np.ndarray, dict[str, float]]:
    """Train a network; return the residuals, and the values of `_LONG_NAMES`."""
    tuning = tuned(gram, method)
    path = train(network, tuning, FLOOR, int(PATIENCE / tuning.gap))
    last = network.gram(path.weights)
    return path.residuals, {
        "gap": measured_gap(path.residuals, FLOOR),
        "start_gap": tuning.gap,
        "end_gap": predicted_gap(last, tuning),
        "steps": len(path.residuals) - 1,
        "movement": movement(last, gram),
    }
