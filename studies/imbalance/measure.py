"""One hidden neuron with an imbalance: two time scales, tilted stable sets, weights without a W.

All of it is measured on integrated layers, which know nothing of the theory (docs/two_layers.md,
sections 4 and 5); the closed form stands beside it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import variable
from companion.ensembles import time_grid
from dlnpaper._target import Target
from dlnpaper.analysis._fits import fit_rate
from dlnpaper.layers._flow import integrate
from dlnpaper.two_layers._closed_form import solve
from dlnpaper.two_layers._limits import limits
from dlnpaper.two_layers._rates import rates
from dlnpaper.two_layers._starts import Starts
from studies.imbalance.plane import RTOL, fates

__all__ = ["along", "first_fall", "measure", "two_scales", "vanishing"]

#: Error of a distance to a limit that the integrations leave; fits use what is 10⁴ times as large.
FLOOR = 1e-11

#: An imbalance is large from this multiple of σ_1 on.
LARGE = 4.0

#: The lazy phase is measured while the slow directions have moved little: over so many e-folds.
LAZY_FOLDS = 1.5

#: Times at which weights that end with W = 0 are compared.
NULL_TIMES = 41


def measure(
    *,
    target: Mapping,
    imbalances: Sequence[float],
    start: Mapping,
    radius: float,
    times: Mapping,
    null_shape: Sequence[int],
    seed: int,
) -> xr.Dataset:
    """Follow starts of one hidden neuron at several imbalances λ.

    Returns what `two_scales` and `studies.imbalance.plane.fates` return, over ``imbalance``, and
    what `vanishing` returns, over ``null_imbalance``, which leaves out λ = 0.
    """
    goal, grid = Target(**target), time_grid(**times)
    wide = Target(target["singular_values"], (null_shape[0], null_shape[1]))
    values = np.sort(np.array(imbalances, float))
    followed, ended = [], []
    for k, value in enumerate(values):
        followed.append(
            xr.merge([two_scales(goal, value, start, grid), fates(goal, value, radius)])
        )
        if value != 0:
            ended.append(vanishing(wide, value, radius, np.random.default_rng([seed, k])))
    axis = variable("imbalance", values, "imbalance of the layers")
    null_axis = variable("null_imbalance", values[values != 0], "imbalance of the layers, not 0")
    return xr.merge([xr.concat(followed, dim=axis), xr.concat(ended, dim=null_axis)])


def along(target: Target, imbalance: float, *, magnitude: float, angle: float) -> list[np.ndarray]:
    """Return layers of one neuron with W = s_0 e eᵀ, the same for every imbalance.

    The unit vector e is at an angle, in degrees, from the first mode towards the second.
    """
    unit = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    large = np.sqrt(abs(imbalance) / 2 + np.hypot(imbalance / 2, magnitude))
    norms = (magnitude / large, large) if imbalance >= 0 else (large, magnitude / large)
    first, second = np.zeros((1, target.shape[1])), np.zeros((target.shape[0], 1))
    first[0, :2], second[:2, 0] = norms[0] * unit, norms[1] * unit
    return [first, second]


def two_scales(target: Target, imbalance: float, start: Mapping, times: np.ndarray) -> xr.Dataset:
    """Follow one start, `along` a direction, and measure its fast and its slow rate.

    Returns
    -------
    xarray.Dataset
        ``loss`` (time), integrated, and ``exact_loss`` in closed form; ``lazy_loss``, the least one
        while the larger layer stands still; ``slow_rate``, measured on the distance ‖W − W_∞‖,
        ``slow_reached``, whether a window for it was found, and ``predicted_slow_rate``;
        ``fast_rate``, of `first_fall`, and ``is_large``, whether the imbalance is so large that it
        is over before the slow one shows; and ``deviation``, the largest difference of the
        integrated weights from the closed form.
    """
    layers = along(target, imbalance, **start)
    starts = Starts(*(layer[None] for layer in layers), imbalance=imbalance)
    path = integrate(target, layers, times, rtol=RTOL).isel(start=0)
    exact = solve(target, starts, times).isel(start=0)
    limit = limits(target, starts)["end_to_end"].values[0]
    distance = np.linalg.norm(path["end_to_end"].values - limit, axis=(1, 2))
    fit = fit_rate(times, distance, "exponential", uncertainty=FLOOR, tolerance=1e-4)
    predicted = rates(target, starts).sel(quantity="distance")["rate"].item()
    unit = layers[1][:, 0] / np.linalg.norm(layers[1])
    lazy = (np.linalg.norm(target.matrix) ** 2 - np.linalg.norm(target.matrix.T @ unit) ** 2) / 2
    deviation = max(
        float(np.abs(path["layer_1"].values[:, 0] - exact["first"].values).max()),
        float(np.abs(path["layer_2"].values[:, :, 0] - exact["second"].values).max()),
    )
    is_large = abs(imbalance) >= LARGE * target.singular_values[0]
    scalars = {
        "lazy_loss": (lazy, "least loss while the larger layer stands still"),
        "predicted_slow_rate": (predicted, "predicted rate of that distance"),
        "fast_rate": (first_fall(target, imbalance, layers), "rate at the start"),
        "deviation": (deviation, "deviation of the integrated weights"),
    }
    return xr.Dataset(
        {
            "loss": path["loss"].variable,
            "exact_loss": exact["loss"].variable,
            "slow_reached": ((), fit.reached, {"long_name": "whether a window was found for it"}),
            "slow_rate": variable(
                (),
                np.nan if fit.rate is None else fit.rate,
                "rate of the distance to the limit",
                missing_data="no window was found",
            ),
            "is_large": ((), is_large, {"long_name": "whether the imbalance is large"}),
            **{name: variable((), *each) for name, each in scalars.items()},
        },
        coords={"time": path["time"]},
    )


def first_fall(target: Target, imbalance: float, layers: Sequence[np.ndarray]) -> float:
    """Measure the rate at which the small layer first learns what the large one lets it learn.

    It is that of ‖(Z − W)ᵀ w_2‖/‖w_2‖ for λ > 0, and of ‖(Z − W) w_1‖/‖w_1‖ for λ < 0: the
    least-squares slope of the logarithm. Zero without an imbalance.
    """
    if imbalance == 0:
        return 0.0
    times = np.linspace(0.0, LAZY_FOLDS / abs(imbalance), 16)
    path = integrate(target, layers, times, rtol=RTOL).isel(start=0)
    rest = target.matrix - path["end_to_end"].values
    if imbalance > 0:
        large, rest = path["layer_2"].values[:, :, 0], rest.swapaxes(1, 2)
    else:
        large = path["layer_1"].values[:, 0]
    unlearned = np.linalg.norm((rest @ large[:, :, None])[:, :, 0], axis=1)
    unlearned /= np.linalg.norm(large, axis=1)
    return float(-np.polyfit(times, np.log(unlearned), 1)[0])


def vanishing(
    target: Target, imbalance: float, scale: float, rng: np.random.Generator
) -> xr.Dataset:
    """Follow a start on the stable set of W = 0, which its larger layer does not leave empty.

    The target has null directions on the side of that layer. The trajectory is followed until
    errors of the integration have grown to what still decays.

    Returns over ``null_point``: ``null_time``; ``product``, ‖W‖, and ``smaller`` and ``larger``,
    squared norms of the layers, integrated; ``exact_product`` and so on in closed form. Scalar:
    ``null_part``, the squared norm that the larger layer has left in the null directions.
    """
    starts = Starts.on_stable_set(target, [], 1, rng, hidden=1, scale=scale, imbalance=imbalance)
    growth = np.hypot(target.singular_values, imbalance / 2)
    # The first mode would leave at m_1 − |λ|/2, the last one decays at m_r + |λ|/2.
    times = np.linspace(0.0, -np.log(RTOL) / (growth[0] + growth[-1]), NULL_TIMES)
    path = integrate(target, [starts.first, starts.second], times, rtol=RTOL).isel(start=0)
    exact = solve(target, starts, times).isel(start=0)
    layers = [path["layer_1"].values[:, 0], path["layer_2"].values[:, :, 0]]
    larger = layers[1 if imbalance > 0 else 0]
    null_part = np.sum(larger[-1, target.rank :] ** 2)
    return xr.Dataset(
        {
            "null_time": variable("null_point", times, "gradient flow time"),
            "null_part": variable((), null_part, "squared norm of the weights in null directions"),
            **_norms("", layers, imbalance),
            **_norms("exact_", [exact["first"].values, exact["second"].values], imbalance),
        }
    )


def _norms(kind: str, layers: Sequence[np.ndarray], imbalance: float) -> dict[str, xr.Variable]:
    """Return the norm of W and the squared norms of both layers over time."""
    smaller, larger = (np.sum(w**2, axis=1) for w in layers[:: 1 if imbalance > 0 else -1])
    values = {
        "product": (np.sqrt(smaller * larger), "norm of W"),
        "smaller": (smaller, "squared norm of the smaller layer"),
        "larger": (larger, "squared norm of the larger layer"),
    }
    return {f"{kind}{name}": variable("null_point", *each) for name, each in values.items()}
