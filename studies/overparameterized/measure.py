"""How fast over-parameterized networks learn, against the Gram matrix at their start."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._descent import DESCENT_METHODS
from studies.gram_descent import (
    Network,
    Path,
    Tuning,
    measured_gap,
    movement,
    predicted_gap,
    recursion,
    train,
    tuned,
)
from studies.overparameterized.networks import LinearNetwork
from studies.overparameterized.projection import dense, projected
from studies.overparameterized.starts import STARTS
from studies.relu_network import ReluNetwork, expected_gram

#: Samples, and inputs and outputs of the linear networks; ReLU networks have one output.
SAMPLES, INPUTS, OUTPUTS, RELU_INPUTS = 6, 6, 4, 12
#: What is left of the residual where rates are fitted; gradient descent beyond a condition number
#: would take too long to get there, and its slowest mode has been alone for long before.
FLOOR, SHALLOW_FLOOR, LARGE = 1e-10, 1e-5, 500.0
#: Steps that a run may take, in units of those in which its residual falls by a factor e.
PATIENCE = 40
#: What is left of the residual down to which a dense network is compared with its projection.
COMPARED = 1e-8
#: Starts of ReLU networks of each width: how many neurons change sides varies.
DRAWS = 5
#: Points of a path that are kept.
POINTS = 200


class Setup(NamedTuple):
    """A network by its names and sizes."""

    start: str
    width: int
    condition: float
    seed: int
    draw: int = 0


def measure(
    *,
    conditions: Sequence[float],
    widths: Sequence[int],
    relu_widths: Sequence[int],
    condition: float,
    dense_width: int,
    seed: int,
) -> xr.Dataset:
    """Train networks over condition numbers at the largest width, and over widths at one condition.

    Returns
    -------
    xarray.Dataset
        On ``run``, which has the coordinates ``start``, ``method``, ``width``, ``draw`` and
        ``condition``, that of the data: ``gap``, the part of the residual that a step finally
        removes, and ``predicted_gap``; ``gram_condition``, that of H at the start, and
        ``expected_condition``, what it tends to; ``movement``, how far H moves, relative to its
        norm; and, of runs at the condition of all widths, ``recursion_gap``, the same part of the
        residual if H stayed as it is at the start, and ``end_gap``, what H at the end predicts. On
        ``path``, with the coordinates ``path_start`` and ``path_method``: ``residual`` after
        ``steps`` (path, point), over that at the start, of the runs at the condition of all widths
        and the largest width, with ``path_gap``, their predicted gap; and ``truncation``, for
        linear networks of the dense width the largest relative difference of the residual from
        that of the projection.
    """
    of_start = dict.fromkeys(STARTS, widths) | {"relu": relu_widths}
    setups = {
        Setup(start, width, each, seed)
        for start, own in of_start.items()
        for width, each in [*((max(own), c) for c in conditions), *((w, condition) for w in own)]
    }
    setups |= {
        Setup("relu", width, condition, seed, draw)
        for width in relu_widths
        for draw in range(DRAWS)
    }
    runs, paths = [], []
    for setup in sorted(setups):
        network, expected = _network(setup)
        gram = network.gram(network.weights)
        for method in DESCENT_METHODS:
            tuning = tuned(gram, method)
            path = _trained(network, tuning)
            last = network.gram(path.weights)
            gap = measured_gap(path.residuals, _floor(tuning))
            scanned = setup.condition == condition
            fixed = _fixed(network, gram, tuning) if scanned else np.nan
            end = predicted_gap(last, tuning) if scanned else np.nan
            known = (tuning.gap, tuning.condition, expected, movement(last, gram), fixed, end)
            runs.append((*setup[:3], setup.draw, method, gap, *known))
            if setup[1:] == (max(of_start[setup.start]), condition, seed, 0):
                truncation = _truncation(Setup(setup.start, dense_width, condition, seed), tuning)
                paths.append((setup.start, method, path.residuals, tuning.gap, truncation))
    return _assemble(runs, paths)


def _network(setup: Setup) -> tuple[Network, float]:
    """Return a network on its data, and what the condition number of H tends to with the width."""
    rng = np.random.default_rng([setup.seed, 1])
    drawn = np.random.default_rng([setup.seed, 2, setup.draw])
    if setup.start == "relu":
        inputs, targets = relu_data(setup.condition, rng)
        expected = float(np.linalg.cond(expected_gram(inputs)))
        return ReluNetwork(setup.width, inputs, targets, drawn), expected
    inputs, outputs = linear_data(setup.condition, rng)
    network = STARTS[setup.start](setup.width, INPUTS, OUTPUTS, drawn)
    return LinearNetwork(network, inputs, outputs), setup.condition


def linear_data(condition: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs X with geometric singular values, and outputs that a linear map makes of them.

    Outputs that did not depend on X would make weights move by √κ, and H with them.
    """
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in (INPUTS, SAMPLES))
    inputs = left * np.geomspace(1, condition**-0.5, SAMPLES) @ right.T
    return inputs, rng.standard_normal((OUTPUTS, INPUTS)) @ inputs


def relu_data(condition: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs in random directions with geometric norms, and targets that are linear in them.

    Singular values would not do: the kernel of ReLU networks has a moderate condition number for
    any inputs of one norm that are not nearly parallel.
    """
    inputs = rng.standard_normal((RELU_INPUTS, SAMPLES))
    inputs *= np.geomspace(1, condition**-0.5, SAMPLES) / np.linalg.norm(inputs, axis=0)
    return inputs, rng.standard_normal(RELU_INPUTS) @ inputs


def _floor(tuning: Tuning) -> float:
    shallow = tuning.method == "gradient_descent" and tuning.condition > LARGE
    return SHALLOW_FLOOR if shallow else FLOOR


def _trained(network: Network, tuning: Tuning) -> Path:
    return train(network, tuning, _floor(tuning), int(PATIENCE / tuning.gap))


def _fixed(network: Network, gram: np.ndarray, tuning: Tuning) -> float:
    """Return what a step finally removes if H stays as it is at the start."""
    floor, residual = _floor(tuning), network.pull(network.weights)[0].ravel(order="F")
    return measured_gap(recursion(gram, residual, tuning, floor, int(PATIENCE / tuning.gap)), floor)


def _truncation(setup: Setup, tuning: Tuning) -> float:
    """Return how far the residual of a dense network is from that of its projection, or NaN."""
    if setup.start not in STARTS:
        return float("nan")
    inputs, outputs = linear_data(setup.condition, np.random.default_rng([setup.seed, 1]))
    rng = np.random.default_rng([setup.seed, 3])
    whole = dense(setup.start, setup.width, INPUTS, OUTPUTS, rng)
    networks = [LinearNetwork(each, inputs, outputs) for each in (whole, projected(whole))]
    tuning = tuned(networks[0].gram(networks[0].weights), tuning.method)
    full, reduced = (
        train(network, tuning, COMPARED, int(PATIENCE / tuning.gap)).residuals
        for network in networks
    )
    both = min(len(full), len(reduced)) - 1
    return float(np.abs(full[:both] / reduced[:both] - 1).max())


def _assemble(runs: list[tuple], paths: list[tuple]) -> xr.Dataset:
    names = {
        "start": "architecture and start",
        "width": "width of the hidden layers",
        "condition": "condition number of the data",
        "draw": "number of the draw of the start",
        "method": "method of descent",
        "gap": "part of the residual that a step finally removes",
        "predicted_gap": "what the Gram matrix at the start predicts for it",
        "gram_condition": "condition number of the Gram matrix at the start",
        "expected_condition": "what it tends to with the width",
        "movement": "how far the Gram matrix moves, relative to its norm",
        "recursion_gap": "the same part if the Gram matrix stays that at the start",
        "end_gap": "what the Gram matrix at the end predicts for it",
    }
    elsewhere = {"missing_data": "computed at the condition number of all widths"}
    missing = dict.fromkeys(("recursion_gap", "end_gap"), elsewhere)
    columns = dict(zip(names, zip(*runs, strict=True), strict=True))
    found = {
        name: variable("run", list(columns[name]), long_name, **missing.get(name, {}))
        for name, long_name in names.items()
    }
    starts, methods, residuals, gaps, truncations = zip(*paths, strict=True)
    kept = np.array([np.linspace(0, len(each) - 1, POINTS).astype(int) for each in residuals])
    values = [each[at] for each, at in zip(residuals, kept, strict=True)]
    text = "of the network, against that of its projection"
    found |= {
        "path_start": variable("path", list(starts), names["start"]),
        "path_method": variable("path", list(methods), names["method"]),
        "path_gap": variable("path", list(gaps), names["predicted_gap"]),
        "truncation": variable(
            "path",
            list(truncations),
            f"largest error of the residual {text}",
            missing_data="ReLU networks have no projection",
        ),
        "steps": variable(("path", "point"), kept, "number of steps"),
        "residual": variable(("path", "point"), values, "residual over that at the start"),
    }
    return xr.Dataset(found).set_coords(["start", "width", "condition", "draw", "method"])
