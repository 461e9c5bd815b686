"""How far Gaussian layers stray from the balanced theory (docs/scaling.md, section 7)."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import variable
from dlnpaper._target import Target
from dlnpaper.layers._gaussian import gaussian
from dlnpaper.one_neuron._limits import limits
from dlnpaper.two_layers._limits import limits as two_layer_limits
from dlnpaper.two_layers._starts import Starts
from studies.unbalanced_starts import passages

#: Networks whose imbalance is averaged, and whose limits are found without integrations.
MANY = 20_000

_MINIMIZER, _ORIGIN = 2, 0


def measure(
    *,
    target: Mapping,
    deep: Sequence[int],
    widths: Sequence[int],
    scales: Sequence[float],
    small_scales: Sequence[float],
    exact_size: int,
    size: int,
    seed: int,
) -> xr.Dataset:
    """Follow Gaussian layers to one percent of their excess, and the balanced starts of their W(0).

    Layers of a depth and width are the same at every scale.

    Returns
    -------
    xarray.Dataset
        exact_time, exact_balanced, exact_shift (small_scale, exact_start)
            Of two layers, the times of layers and balanced starts, and the predicted difference for
            vanishing scale.
        exact_other (small_scale)
            How many of `MANY` starts have another limit than their balanced one.
        time, balanced, frozen (case, start)
            Of integrated layers, the same, and at the largest scale the times for the first kernel;
            inf where one percent is not reached. Coordinates: depth, width, scale (case).
        other, opposite (scalar_depth)
            For a target of shape (1, 1): how many networks, of ``scalar_size``, have another limit
            than their balanced start; and how many do so without W(0) and the target having
            opposite signs, or the converse.
        found_imbalance, imbalance_error, imbalance_law (pair, wide_width)
            Mean square of the imbalance of two neighbors over the sum of those of its two terms.
    """
    made = Target(target["singular_values"], shape=tuple(target["shape"]))
    parts = [
        _exact(made, small_scales, exact_size, seed),
        _integrated(made, deep, widths, scales, size, seed),
        _scalar(float(made.singular_values[0]), deep, widths[0], size, seed),
        _imbalances(widths, made.shape[0], seed),
    ]
    return xr.merge(parts, combine_attrs="no_conflicts", join="exact").assign_attrs(
        singular_values=made.singular_values, exact_size=exact_size, many=MANY
    )


def _exact(target, scales, size, seed):
    """Follow two layers, by their exact solution."""
    drawn = gaussian(target, [1], MANY, np.random.default_rng([seed, 2]))
    times, balanced, others = [], [], []
    for scale in scales:
        layers = [scale * layer for layer in drawn]
        found = two_layer_limits(target, Starts.from_layers(target, layers))["kind"].values
        expected = limits(target, passages.balanced_starts(layers))["kind"].values
        others.append(int((found != expected).sum()))
        few = [layer[:size] for layer in layers]
        balanced.append(passages.balanced_times(target, 2, few))
        times.append(passages.exact_times(target, few, balanced[-1]))
    r, p = passages.factors([layer[:size] for layer in drawn])
    start = passages.balanced_starts([layer[:size] for layer in drawn])
    growing = np.sqrt(start.s) * (start.a[:, 0] + start.b[:, 0])
    shift = np.log(np.abs(growing / (p[:, 0] + r[:, 0]))) / target.singular_values[0]
    dims = ("small_scale", "exact_start")
    late = {"missing_data": "infinite where one percent is not reached"}
    return xr.Dataset(
        {
            "exact_time": variable(dims, times, "time to one percent of two layers", **late),
            "exact_balanced": variable(dims, balanced, "that of the balanced start", **late),
            "exact_shift": variable("exact_start", shift, "their difference for vanishing scale"),
            "exact_other": variable("small_scale", others, "number of starts with another limit"),
        },
        {"small_scale": variable("small_scale", list(scales), "scale of all layers")},
    )


def _integrated(target, depths, widths, scales, size, seed):
    """Follow deeper networks, of all widths at the largest scale, and of the least at all."""
    cases = [
        (depth, width, scale)
        for depth in depths
        for width in widths
        for scale in scales
        if scale == max(scales) or width == min(widths)
    ]
    times, balanced, frozen = [], [], []
    for depth, width, scale in cases:
        rng = np.random.default_rng([seed, depth, width])
        drawn = gaussian(target, [1, *[width] * (depth - 2)], size, rng)
        layers = [scale * layer for layer in drawn]
        balanced.append(passages.balanced_times(target, depth, layers))
        times.append(passages.integrated_times(target, layers, balanced[-1]))
        frozen.append(np.full(size, np.nan))
        if scale == max(scales):
            frozen[-1] = passages.frozen_times(target, layers, balanced[-1])
    late = {"missing_data": "infinite where one percent is not reached"}
    small = {"missing_data": "missing at smaller scales, infinite where it is far later"}
    dims = ("case", "start")
    axes = zip(*cases, strict=True)
    names = {"depth": "number of layers", "width": "their width", "scale": "scale of all layers"}
    return xr.Dataset(
        {
            "time": variable(dims, times, "time to one percent of integrated layers", **late),
            "balanced": variable(dims, balanced, "that of the balanced start", **late),
            "frozen": variable(
                dims, frozen, "that of upper layers with their first kernel", **small
            ),
        },
        {
            name: variable("case", list(each), names[name])
            for name, each in zip(names, axes, strict=True)
        },
    )


def _scalar(sigma, depths, width, size, seed):
    """Find limits for a target of one number."""
    target = Target([sigma], shape=(1, 1))
    others, exceptions, sizes = [], [], []
    for depth in [2, *depths]:
        count = MANY if depth == 2 else size
        rng = np.random.default_rng([seed, depth, 0])
        layers = gaussian(target, [1, *[width] * (depth - 2)], count, rng)
        start = passages.balanced_starts(layers)
        expected = limits(target, start)["kind"].values
        if depth == 2:
            found = two_layer_limits(target, Starts.from_layers(target, layers))["kind"].values
        else:
            # Whoever comes to one percent is below the loss of W = 0, the only other limit.
            near = np.ones(size)
            arrived = np.isfinite(passages.integrated_times(target, layers, near))
            found = np.where(arrived, _MINIMIZER, _ORIGIN)
        against = start.a[:, 0] * start.b[:, 0] < 0
        others.append(int((found != expected).sum()))
        exceptions.append(int(((found != expected) != against).sum()))
        sizes.append(count)
    return xr.Dataset(
        {
            "other": variable("scalar_depth", others, "number of networks with another limit"),
            "opposite": variable("scalar_depth", exceptions, "exceptions from the rule of signs"),
            "scalar_size": variable("scalar_depth", sizes, "number of networks"),
        },
        {"scalar_depth": variable("scalar_depth", [2, *depths], "number of layers")},
    )


def _imbalances(widths, outputs, seed):
    """Average the imbalance of two neighbors, inner ones and those of the one neuron."""
    found, errors, laws = (np.empty((2, len(widths))) for _ in range(3))
    for j, width in enumerate(widths):
        for i, sizes in enumerate([(width, width, width), (outputs, 1, width)]):
            into, middle, out = sizes
            rng = np.random.default_rng([seed, width, i, 1])
            count = max(MANY // width, 100)
            lower = rng.standard_normal((count, middle, into)) / np.sqrt(into)
            upper = rng.standard_normal((count, out, middle)) / np.sqrt(middle)
            before, after = lower @ lower.mT, upper.mT @ upper
            square = ((after - before) ** 2).sum(axis=(1, 2))
            both = (after**2 + before**2).sum(axis=(1, 2))
            found[i, j] = square.mean() / both.mean()
            errors[i, j] = (square - found[i, j] * both).std() / both.mean() / np.sqrt(count)
            laws[i, j] = imbalance_law(into, middle, out)
    dims = ("pair", "wide_width")
    return xr.Dataset(
        {
            "found_imbalance": variable(dims, found, "relative mean square of the imbalance"),
            "imbalance_error": variable(dims, errors, "its standard error"),
            "imbalance_law": variable(dims, laws, "its exact value"),
        },
        {
            "pair": ("pair", ["inner", "neuron"], {"long_name": "which neighbors"}),
            "wide_width": variable("wide_width", list(widths), "their width"),
        },
    )


def imbalance_law(into: int, middle: int, out: int) -> float:
    """Return E‖B − A‖²/(E‖A‖² + E‖B‖²) for A = W_1 W_1ᵀ and B = W_2ᵀ W_2."""
    before, after = middle * (middle + into + 1) / into, out * (out + middle + 1) / middle
    return 1 - 2 * out / (before + after)
