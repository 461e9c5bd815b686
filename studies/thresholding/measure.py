"""Where gradient flow of real layers with weight decay ends, for one mode and for many at once."""

from collections.abc import Callable, Sequence

import numpy as np
import scipy
import xarray as xr

from companion.datasets import depth_axis, variable
from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from dlnpaper.one_neuron._equal_thresholds import decay_of_threshold
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Singular value of a large start over that of the mode; and of a small one, within the basin of
#: the origin for modes up to three thresholds at depths from 3 to 30.
LARGE, SMALL = 2.0, 1e-3
#: Hidden neurons of the narrower network of two layers.
FEW = 2
#: The second mode over the first, and the angle of u and v from the directions of the first.
SECOND, ANGLE = 0.3, np.deg2rad(10.0)
#: Ends attract, so that errors on the way do not stay; slower near a threshold.
RTOL, LAST, LAST_NEAR = 1e-8, 300.0, 3000.0
#: σ_c lies between these for 3 ≤ N ≤ 30, and is bisected to the resolution.
BRACKET, RESOLUTION = (0.3, 1.0), 5e-5
#: σ_g = 1 lies between these, and σ_c below them.
AROUND = (0.97, 1.05)


def measure(*, depths: Sequence[int], values: Sequence[float], seed: int) -> xr.Dataset:
    """Train the layers, at every depth with the weight decay whose threshold σ_g is one.

    Parameters
    ----------
    depths : sequence of int
    values : sequence of float
        Singular values of the modes.
    seed : int
        Draws the hidden directions, and the layers of the wide networks.

    Returns
    -------
    xarray.Dataset
        s, stray, loss : (depth, origin, value)
            From the starts "large" and "small" (origin): the overlap of the end-to-end matrix with
            the mode at the end, the norm of the rest of this matrix, and the regularized loss.
        weight_decay : (depth,)
        sigma_collapse, sigma_global, s_global : (depth,)
            The least mode that survives from a large start, that at which its regularized loss is
            that of the origin, and s there; NaN at depth two.
        wide_s : (neurons, value); wide_stray : (neurons,)
            The same for one network of two layers with all ``values`` as modes, and with two or as
            many hidden ``neurons``.
    """
    measured = xr.concat([_of_depth(n, values, seed) for n in depths], dim=depth_axis(depths))
    widths = (FEW, len(values))
    wide = xr.concat([_wide(neurons, values, seed) for neurons in widths], dim="neurons")
    value = variable("value", list(values), "singular value of the mode over σ_g")
    origin = ("origin", ["large", "small"], {"long_name": "magnitude of the start"})
    return measured.merge(wide).assign_coords(value=value, origin=origin)


def _of_depth(depth: int, values: Sequence[float], seed: int) -> xr.Dataset:
    """Return the ends of networks of one depth, and the thresholds that they show."""
    decay = decay_of_threshold(depth, 1.0)
    ends = [
        [_trained(depth, value, s, decay, seed, ANGLE) for value in values] for s in (None, SMALL)
    ]
    s, stray, loss = np.moveaxis(np.array(ends), -1, 0)
    found = _thresholds(depth, decay, seed) if depth > 2 else [np.nan] * 3
    texts = {
        "sigma_collapse": "least singular value that survives from a large start",
        "sigma_global": "singular value at which the loss is that of the origin",
        "s_global": "overlap with the mode at this singular value",
    }
    missing = {"missing_data": "two layers have one threshold, where nothing jumps"}
    dims = ("origin", "value")
    return xr.Dataset(
        {
            "s": variable(dims, s, "overlap of the end-to-end matrix with the mode at the end"),
            "stray": variable(dims, stray, "norm of the rest of the end-to-end matrix at the end"),
            "loss": variable(dims, loss, "regularized loss at the end"),
            "weight_decay": variable((), decay, "weight decay"),
            **{
                name: variable((), value, text, **missing)
                for (name, text), value in zip(texts.items(), found, strict=True)
            },
        }
    )


def _thresholds(depth: int, decay: float, seed: int) -> list[float]:
    """Return σ_c, by bisection, σ_g, by the root of a difference of losses, and s there."""

    def survives(sigma: float) -> bool:
        # What survives keeps more than a third of σ, and what does not is gone by this time.
        return _trained(depth, sigma, None, decay, seed, last=LAST_NEAR)[0] > 0.1 * sigma

    def surplus(sigma: float) -> float:
        return _trained(depth, sigma, None, decay, seed)[2] - 0.5 * (1 + SECOND**2) * sigma**2

    root = scipy.optimize.brentq(surplus, *AROUND, xtol=1e-10, rtol=1e-12)
    s = _trained(depth, root, None, decay, seed)[0]
    return [_bisected(survives, *BRACKET, RESOLUTION), root, s]


def _bisected(holds: Callable[[float], bool], low: float, high: float, width: float) -> float:
    """Return the middle of an interval of this width from whose low to high end ``holds`` turns."""
    if holds(low) or not holds(high):
        return np.nan
    while high - low > width:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if holds(middle) else (middle, high)
    return 0.5 * (low + high)


def _trained(
    depth: int,
    sigma: float,
    s: float | None,
    decay: float,
    seed: int,
    angle: float = 0.0,
    last: float = LAST,
) -> tuple[float, float, float]:
    """Train one network from s, by default a large one; return ``s``, ``stray`` and ``loss``."""
    target = Target([sigma, SECOND * sigma], shape=(3, 2))
    u, v = [np.cos(angle), np.sin(angle), 0.0], [np.cos(angle), -np.sin(angle)]
    start = StartingPoints([u], [v], LARGE * sigma if s is None else s)
    layers = start.layers(0, depth, [1] + [2] * (depth - 2), seed, target)
    end = integrate(target, layers, [0.0, last], weight_decay=decay, rtol=RTOL)
    end = end.isel(start=0, time=-1)
    matrix, mode = end["end_to_end"].values, np.outer(target.left[:, 0], target.right[:, 0])
    overlap = float((matrix * mode).sum())
    penalty = 0.5 * decay * float((end["norm"] ** 2).sum())
    return overlap, float(np.linalg.norm(matrix - overlap * mode)), float(end["loss"]) + penalty


def _wide(neurons: int, values: Sequence[float], seed: int) -> xr.Dataset:
    """Train two layers with several hidden neurons, whose start need not be balanced."""
    order, size = np.argsort(values)[::-1], len(values)
    target = Target(np.array(values)[order], shape=(size + 1, size))
    rng, shapes = np.random.default_rng(seed), [(neurons, size), (size + 1, neurons)]
    layers = [rng.standard_normal(shape) / np.sqrt(size) for shape in shapes]
    decay = decay_of_threshold(2, 1.0)
    end = integrate(target, layers, [0.0, LAST_NEAR], weight_decay=decay, rtol=RTOL)
    found = target.left.T @ end["end_to_end"].values[0, -1] @ target.right
    overlaps = np.empty(size)
    overlaps[order] = np.diagonal(found)
    np.fill_diagonal(found, 0.0)
    return xr.Dataset(
        {
            "wide_s": variable("value", overlaps, "overlap with the mode at the end, two layers"),
            "wide_stray": variable((), np.linalg.norm(found), "norm of the rest of the matrix"),
        },
        coords={"neurons": variable((), neurons, "number of hidden neurons")},
    )
