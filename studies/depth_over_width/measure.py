"""How Gaussian layers spread outputs, singular values and training times."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._draws import generator
from dlnpaper._target import Target
from dlnpaper.layers._gaussian import free_widths, gaussian, gaussian_moments
from dlnpaper.one_neuron._plateau import plateau_law, plateau_times
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.depth_over_width.laws import interpolated

#: Points of a distribution function that are kept.
POINTS = 200


def measure(
    *,
    widths: Sequence[int],
    ratios: Sequence[float],
    samples: int,
    networks: int,
    one_neuron: Mapping,
    seed: int,
) -> xr.Dataset:
    """Sample networks of equal widths, and balanced starts from Gaussian layers with one neuron.

    Returns
    -------
    xarray.Dataset
        Of q = ‖W x‖²/‖x‖² on ``width, ratio``, the depth over the width: the sampled ``log_mean``
        and ``log_variance`` of log q, and the exact ``log_mean_law`` and ``log_variance_law``; on
        ``ratio`` the largest distance ``layers_distance`` between the distributions of explicit
        networks of the smallest width and the exact one, and for the figure quantiles ``log_q``
        (ratio, point) of the former at the shares ``share``.
        Of starts with one neuron on ``start_width``: ``log_s_mean``, ``log_s_variance`` and their
        laws; ``s_distance``, the largest distance between the distribution of s in explicit layers
        and its law; ``time_variance`` of the logarithm of plateau times and ``time_variance_law``;
        ``time_distance`` of their distributions; and quantiles ``time`` and ``time_law``
        (start_width, point), over the median of the law. ``starts`` (start_width) are left once
        those of negative alignment are taken out.
    """
    rng = generator(seed)
    of_outputs = [[_outputs(width, ratio, samples, rng) for ratio in ratios] for width in widths]
    distances, quantiles = [], []
    for ratio in ratios:
        log_q = _explicit(min(widths), ratio, networks, rng)
        sizes = np.full(round(ratio * min(widths)), min(widths))
        distances.append(_distance(log_q, interpolated(sizes)))
        quantiles.append(np.quantile(log_q, _shares()))
    starts = [_starts(width, one_neuron, rng) for width in one_neuron["widths"]]
    grid, along = ("width", "ratio"), ("start_width", "point")
    found = np.array(of_outputs)
    variables = {
        "log_mean": variable(grid, found[..., 0], "sampled mean of log q"),
        "log_variance": variable(grid, found[..., 1], "sampled variance of log q"),
        "log_mean_law": variable(grid, found[..., 2], "mean of log q"),
        "log_variance_law": variable(grid, found[..., 3], "variance of log q"),
        "layers_distance": variable("ratio", distances, "distance of two distributions of q"),
        "log_q": variable(("ratio", "point"), quantiles, "quantile of log q"),
        "share": variable("point", _shares(), "share of the samples below"),
    }
    for name, text in _LONG_NAMES.items():
        variables[name] = variable("start_width", [each[name] for each in starts], text)
    for name in ("time", "time_law"):
        text = "quantile of the plateau time over the median of its law"
        variables[name] = variable(along, [each[name] for each in starts], text)
    coords = {
        "width": variable("width", list(widths), "width of all layers"),
        "ratio": variable("ratio", list(ratios), "depth over width"),
        "start_width": variable("start_width", one_neuron["widths"], "width of the other layers"),
    }
    return xr.Dataset(variables, coords)


_LONG_NAMES = {
    "log_s_mean": "sampled mean of log s",
    "log_s_variance": "sampled variance of log s",
    "log_s_mean_law": "mean of log s",
    "log_s_variance_law": "variance of log s",
    "s_distance": "distance of two distributions of s",
    "time_variance": "sampled variance of the logarithm of plateau times",
    "time_variance_law": "its law",
    "time_distance": "distance of two distributions of plateau times",
    "starts": "number of starts with a positive alignment",
}


def _shares() -> np.ndarray:
    return (np.arange(POINTS) + 0.5) / POINTS


def _outputs(
    width: int, ratio: float, samples: int, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Return mean and variance of log q, from the χ² variables of the layers and by theory."""
    depth = round(ratio * width)
    log_q = np.zeros(samples)
    for _ in range(depth):
        log_q += np.log(rng.chisquare(width, samples) / width)
    law = gaussian_moments(Target([1.0], shape=(width, width)), [width] * max(depth - 1, 1))
    share = depth / max(depth, 2)  # of the moments of two layers at least
    return (
        float(log_q.mean()),
        float(log_q.var()),
        share * float(law["log_q_mean"]),
        share * float(law["log_q_variance"]),
    )


def _explicit(width: int, ratio: float, networks: int, rng: np.random.Generator) -> np.ndarray:
    """Return log q of networks whose layers are drawn entry by entry, (networks,)."""
    state = np.zeros((networks, width))
    state[:, 0] = 1.0
    for _ in range(round(ratio * width)):
        layer = rng.standard_normal((networks, width, width)) / np.sqrt(width)
        state = np.einsum("mij,mj->mi", layer, state)
    return np.log(np.sum(state**2, axis=1))


def _distance(sample: np.ndarray, law: Callable[[np.ndarray], np.ndarray]) -> float:
    """Return the distance of Kolmogorov and Smirnov of a sample from a distribution function."""
    expected, steps = law(np.sort(sample)), np.arange(len(sample) + 1) / len(sample)
    return float(max(np.abs(expected - steps[1:]).max(), np.abs(expected - steps[:-1]).max()))


def _starts(width: int, settings: Mapping, rng: np.random.Generator) -> dict[str, Any]:
    """Sample starts of layers of this width, but for the one neuron, and their plateau times."""
    depth, size = settings["depth"], settings["size"]
    hidden = [width] * (depth - 1)
    hidden[(depth - 1) // 2] = 1
    target = Target(settings["singular_values"], shape=(width, width))
    moments = gaussian_moments(target, hidden)
    starts = StartingPoints.gaussian(target, hidden, size, rng)
    logs = np.log(starts.s)
    sizes = [width, *hidden, width]
    freedom = np.array(free_widths(sizes))
    shift = np.sum(np.log(freedom)) - np.sum(np.log(sizes[:-1]))  # of log s², from that of q

    known = interpolated(freedom)

    def law_of_log_s(values: np.ndarray) -> np.ndarray:
        return known(2 * values - shift)

    explicit = _log_s(gaussian(target, hidden, size, rng))
    times, constants, rate, scale = _times(target, depth, starts, settings["scale"])
    spread = np.log(times)

    def law_of_times(points: np.ndarray) -> np.ndarray:
        # T = I s^-ν with independent I and s: average the law of s over the constants I.
        log_s = np.subtract.outer(constants, points) / rate - scale
        return 1 - law_of_log_s(log_s).mean(axis=0)

    points = np.linspace(spread.min() - 1, spread.max() + 1, 500)
    law = law_of_times(points)
    median = np.interp(0.5, law, points)
    return {
        "log_s_mean": logs.mean(),
        "log_s_variance": logs.var(),
        "log_s_mean_law": float(moments["log_s_mean"]),
        "log_s_variance_law": float(moments["log_s_variance"]),
        "s_distance": _distance(explicit, law_of_log_s),
        "time_variance": spread.var(),
        "time_variance_law": rate**2 * float(moments["log_s_variance"]) + constants.var(),
        "time_distance": _distance(spread, law_of_times),
        "starts": len(times),
        "time": np.exp(np.quantile(spread, _shares()) - median),
        "time_law": np.exp(np.interp(_shares(), law, points) - median),
    }


def _log_s(layers: Sequence[np.ndarray]) -> np.ndarray:
    """Return log s of the products of layers of rank one, (M,)."""
    product = layers[0]
    for layer in layers[1:]:
        product = layer @ product
    return np.log(np.linalg.norm(product, axis=(1, 2)))


def _times(
    target: Target, depth: int, starts: StartingPoints, scale: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return plateau times of starts of positive alignment, s scaled down, and what their law is.

    That is the logarithm of the constants I, the exponent ν, and the logarithm of the scale.
    """
    r = target.rank
    aligned = (starts.a[:, :r] * starts.b[:, :r]) @ target.singular_values > 0
    small = StartingPoints(starts.a[aligned], starts.b[aligned], scale * starts.s[aligned])
    rate, constants, _ = plateau_law(target, depth, small)
    return plateau_times(target, depth, small), np.log(constants), rate, np.log(scale)
