"""How far networks that a framework trains on digits are from the exact trajectory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._descent import DescentMethod
from studies.training.networks import STARTS, Networks

MOMENTUM = 0.9
#: For each way to train on all samples: an optimizer of Optax, its options but the learning rate,
#: and how many times the steps it takes; errors grow with momentum by 1/(1 - β).
OPTIMIZERS: dict[str, tuple[str, dict[str, float], int]] = {
    "sgd": ("sgd", {}, 1),
    "momentum": ("sgd", {"momentum": MOMENTUM}, 4),
    "adam": ("adam", {}, 1),
}
#: What `dlnpaper.descend` calls those that it knows.
DESCENTS: dict[str, DescentMethod] = {"sgd": "gradient_descent", "momentum": "heavy_ball"}
#: Batches of independent samples, or the parts of all samples, shuffled anew in every epoch.
DRAWS = ("independent", "reshuffled")
#: Optimizers that are followed to the end.
FOLLOWED = ("sgd", "adam")

RECORDS, LONG_RECORDS = 20, 120
#: Points of the exact curve among which the nearest one is sought.
CURVE_POINTS = 4001


def measure(
    *,
    depth: int,
    width: int,
    magnitude: float,
    time: float,
    counts: Sequence[int],
    batch: int,
    runs: int,
    long_time: float,
    long_count: int,
    seed: int,
) -> xr.Dataset:
    """Train networks of `studies.training.networks` on the digits.

    In each of the ``counts`` of steps the ``time`` passes, and in ``long_count`` the ``long_time``.
    Batches are tried from the sampled start only.

    Returns
    -------
    xarray.Dataset
        learning_rate (optimizer, count)
            With all samples; with batches it is that of sgd.
        distance (optimizer, start, count)
            The largest from the exact matrix at the same time t = ηk/(1 - β).
        difference (descent, start, count)
            The largest from the steps of `dlnpaper.descend`.
        off_curve (start, count)
            The largest of Adam from the nearest exact matrix at any time.
        strayed (draw, run, count)
            Root mean square of the distance in a run.
        path_loss (kind, path_time), exact_loss (exact_time)
            Loss of a network from the sampled start, with the fewest steps.
        to_minimizer (followed, start, long_time), exact_to_minimizer (start, long_time)
            Distance from the global minimizer.
        singular_values (mode)
            Of the target.
    """
    networks = Networks.of_digits(depth, width, magnitude, seed)
    full = [_full_batches(networks, name, time, counts) for name in OPTIMIZERS]
    drawn = [_batches(networks, name, time, counts, batch, runs, seed) for name in DRAWS]
    rates, distances, apart = (np.stack([each[i] for each in full]) for i in range(3))
    times = np.linspace(0, time, RECORDS + 1)
    long_times = np.linspace(0, long_time, LONG_RECORDS + 1)
    best = networks.minimizer()
    exact_ends = [networks.distance(networks.exact(name, long_times), best) for name in STARTS]
    ends = [
        [_end(networks, name, start, long_time, long_count) for start in STARTS]
        for name in FOLLOWED
    ]
    losses = [each[-1] for each in (*full, *drawn)]
    exact_times = np.linspace(0, time, 10 * RECORDS + 1)
    exact_loss = networks.loss(networks.exact("sampled", exact_times))
    dims, known = ("optimizer", "start", "count"), len(DESCENTS)
    variables = {
        "learning_rate": variable(("optimizer", "count"), rates, "learning rate"),
        "distance": variable(dims, distances, "largest distance at the same time, over σ_1"),
        "difference": variable(
            ("descent", *dims[1:]), apart[:known], "largest distance from descend, over σ_1"
        ),
        "off_curve": variable(dims[1:], apart[known], "largest distance of Adam from the curve"),
        "strayed": variable(
            ("draw", "run", "count"), [each[0] for each in drawn], "mean distance, over σ_1"
        ),
        "path_loss": variable(("kind", "path_time"), losses, "loss"),
        "exact_loss": variable("exact_time", exact_loss, "exact loss"),
        "to_minimizer": variable(
            ("followed", "start", "long_time"), ends, "distance from the minimizer, over σ_1"
        ),
        "exact_to_minimizer": variable(
            ("start", "long_time"), exact_ends, "exact distance from the minimizer, over σ_1"
        ),
        "singular_values": variable(
            "mode", networks.target.singular_values, "singular values of the target"
        ),
    }
    coords = {
        "optimizer": variable("optimizer", list(OPTIMIZERS), "optimizer, with all samples"),
        "descent": variable("descent", list(DESCENTS), "optimizer that descend knows"),
        "start": variable("start", list(STARTS), "start"),
        "count": variable("count", list(counts), "number of steps"),
        "draw": variable("draw", list(DRAWS), "how batches are drawn"),
        "kind": variable("kind", [*OPTIMIZERS, *DRAWS], "optimizer, or draw of batches"),
        "path_time": variable("path_time", times, "time"),
        "exact_time": variable("exact_time", exact_times, "time"),
        "followed": variable("followed", list(FOLLOWED), "optimizer that is followed to the end"),
        "long_time": variable("long_time", long_times, "time"),
    }
    return xr.Dataset(variables, coords)


def _full_batches(
    networks: Networks, name: str, time: float, counts: Sequence[int]
) -> tuple[np.ndarray, ...]:
    """Return learning rates, distances, those from descend or off the curve, and a loss."""
    optimizer, options, more = OPTIMIZERS[name]
    momentum = options.get("momentum", 0.0)
    found, losses = np.empty((2, len(STARTS), len(counts))), []
    rates = np.array([(1 - momentum) * time / (more * count) for count in counts])
    times, curve_times = np.linspace(0, time, RECORDS + 1), np.linspace(0, 2 * time, CURVE_POINTS)
    for i, start in enumerate(STARTS):
        exact, curve = networks.exact(start, times), networks.exact(start, curve_times)
        for j, (count, rate) in enumerate(zip(counts, rates, strict=True)):
            every = more * count // RECORDS
            taken: dict[str, Any] = {"learning_rate": rate, "every": every, **options}
            path = networks.train(start, optimizer=optimizer, records=RECORDS, **taken)[0]
            if name in DESCENTS:
                how: dict[str, Any] = {"method": DESCENTS[name], "momentum": momentum}
                steps = networks.reduced(
                    start, step=rate, steps=every * RECORDS, every=every, **how
                )
                apart = networks.distance(path, steps).max()
            else:
                apart = max(networks.distance(matrix, curve).min() for matrix in path)
            found[:, i, j] = networks.distance(path, exact).max(), apart
            losses.append(networks.loss(path))
    return rates, *found, losses[0]


def _batches(
    networks: Networks,
    draw: str,
    time: float,
    counts: Sequence[int],
    batch: int,
    runs: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each run is from the exact trajectory, and the loss in one."""
    exact = networks.exact("sampled", np.linspace(0, time, RECORDS + 1))
    samples = networks.inputs.shape[1]
    found, losses = np.empty((runs, len(counts))), []
    for j, count in enumerate(counts):
        rng = np.random.Generator(np.random.Philox([seed, DRAWS.index(draw), j]))
        path = networks.train(
            "sampled",
            optimizer="sgd",
            learning_rate=time / count,
            records=RECORDS,
            every=count // RECORDS,
            batches=_drawn(draw, samples, (runs, count, batch), rng),
        )
        found[:, j] = np.sqrt(np.mean(networks.distance(path, exact)[:, 1:] ** 2, axis=1))
        losses.append(networks.loss(path[0]))
    return found, losses[0]


def _drawn(
    draw: str, samples: int, shape: tuple[int, int, int], rng: np.random.Generator
) -> np.ndarray:
    """Draw the samples of batches, (run, step, sample of the batch)."""
    if draw == "independent":
        return rng.integers(samples, size=shape, dtype=np.int32)
    runs, steps, batch = shape
    parts = samples // batch
    ordered = np.tile(np.arange(samples, dtype=np.int32), (runs, -(-steps // parts), 1))
    shuffled = rng.permuted(ordered, axis=2)[..., : parts * batch]
    return shuffled.reshape(runs, -1, batch)[:, :steps]


def _end(networks: Networks, name: str, start: str, time: float, count: int) -> np.ndarray:
    """Return distances from the minimizer to the end."""
    optimizer, options, _ = OPTIMIZERS[name]
    taken: dict[str, Any] = {"learning_rate": time / count, "every": count // LONG_RECORDS}
    path = networks.train(start, optimizer=optimizer, records=LONG_RECORDS, **taken, **options)[0]
    return networks.distance(path, networks.minimizer())
