"""How trained residual weights scale with depth: exact limits, steps, noise and matrices."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from dlnpaper.residual._limits import limits
from studies.residual_scaling import starts, training

#: How weights are trained: "flow" is exact, the others are run.
NETWORKS = ("flow", "gradient descent", "noisy target", "matrices")

#: Where hidden states are compared with the Brownian bridge.
PLACES = (0.25, 0.5, 0.75)


def measure(
    *,
    target: float,
    depths: Sequence[int],
    betas: Sequence[float],
    draws: int,
    steps: Mapping[str, float],
    stepped_depths: Sequence[int],
    bridge: Mapping[str, int],
    drawn_depth: int,
    seed: int,
) -> xr.Dataset:
    """Train residual networks of all depths and starts.

    Returns
    -------
    xarray.Dataset
        value (network, quantity, start, depth, draw)
            Quantities of the trained weights; NaN where a network was not trained.
        outside (start, depth)
            By how much the common shift lies outside of its bounds at worst, over their middle.
        loss (start, depth)
            The largest final loss of the matrices.
        spread (start)
            What small steps add to the shift of single layers, over the law.
        target ()
            z.
        bridge (draw_of_bridge, place)
            log h_xL/h_0 after training from noise L^-1/2.
        weights, hidden (start, layer)
            Trained weights and log h_l/h_0 of one network, for the figure.
    """
    rng, names = np.random.default_rng(seed), starts.names(betas)
    value = np.full((len(NETWORKS), 4, len(names), len(depths), draws), np.nan)
    outside, loss = np.zeros((len(names), len(depths))), np.full((len(names), len(depths)), np.nan)
    for i, name in enumerate(names):
        for j, depth in enumerate(depths):
            drawn = starts.draw(name, depth, (draws if starts.is_noise(name) else 1, depth), rng)
            found = limits(drawn, target)
            value[0, :, i, j] = starts.observe(found["weights"].values)
            outside[i, j] = _outside(drawn, found["theta"].values, target)
            if depth not in stepped_depths:
                continue
            value[1, :, i, j], value[2, :, i, j] = _stepped(drawn, draws, target, steps, rng)
            if starts.is_noise(name):
                value[3, :, i, j], loss[i, j] = _matrices(name, depth, draws, steps, rng)
    spread = [_spread(name, target, min(stepped_depths), steps["small"], rng) for name in names]
    dims = ("network", "quantity", "start", "depth", "draw")
    return xr.Dataset(
        {
            "value": variable(
                dims,
                value,
                "quantity of the trained weights",
                missing_data="not every network is trained at every depth",
            ),
            "outside": variable(dims[2:4], outside, "relative distance of the shift to its bounds"),
            "loss": variable(
                dims[2:4],
                loss,
                "largest final loss of the matrices",
                missing_data="matrices are trained from noise, at some depths",
            ),
            "spread": variable(
                "start",
                spread,
                "spread of the shifts over its law",
                missing_data="from zero there is no spread",
            ),
            "bridge": _bridge(target, bridge, rng),
            "target": variable((), target, "target z"),
            **_profiles(target, names, drawn_depth, rng),
        },
        {
            "network": variable("network", list(NETWORKS), "how weights are trained"),
            "quantity": variable("quantity", list(starts.QUANTITIES), "quantity"),
            "start": variable("start", names, "start of the weights"),
            "depth": depth_axis(depths),
            "place": variable("place", list(PLACES), "l/L"),
        },
    )


def _outside(drawn: np.ndarray, theta: np.ndarray, target: float) -> float:
    """Return by how much shifts miss (1 ± m)² (e^{T/L} − 1), relatively; 0 or less if they lie."""
    excess = 2 * (np.log(target) - np.log1p(drawn).sum(axis=1))
    ratio = theta / np.expm1(excess / drawn.shape[1])
    largest = np.abs(drawn).max(axis=1)
    return float(np.maximum((1 - largest) ** 2 - ratio, ratio - (1 + largest) ** 2).max())


def _stepped(
    drawn: np.ndarray,
    draws: int,
    target: float,
    steps: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return quantities after gradient descent, and after that with a noisy target.

    The noise of the target differs from draw to draw, from a start without noise as well.
    """
    step, count = steps["chain"] / drawn.shape[1], int(steps["count"])

    def noisy() -> np.ndarray:
        return target + steps["noise"] * rng.standard_normal(draws)

    drawn = np.broadcast_to(drawn, (draws, drawn.shape[1]))
    plain = training.descend(drawn, step, count, lambda: target)
    return starts.observe(plain), starts.observe(training.descend(drawn, step, count, noisy))


def _matrices(
    name: str, depth: int, draws: int, steps: Mapping[str, float], rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """Return quantities of 2 × 2 matrices after gradient descent, and the largest loss.

    Noise has half the norm of a chain's, so that no start is so far off that steps do not converge.
    """
    drawn = starts.draw(name, depth, (draws, depth, 2, 2), rng) / np.sqrt(8)
    step, count = steps["matrix"] / depth, int(steps["count"])
    trained, losses = training.descend_matrices(drawn, step, count)
    return starts.observe(trained), float(losses.max())


def _spread(name: str, target: float, depth: int, small: float, rng: np.random.Generator) -> float:
    """Return the slope of measured against predicted differences of shifts; NaN if there are none.

    The slopes of a step and of half of it are extrapolated to no step, since the law is of first
    order. Steps are as many as take the loss to rounding.
    """
    if name == "zero":
        return np.nan
    drawn = starts.draw(name, depth, (1, depth), rng)
    theta = float(limits(drawn, target)["theta"][0])
    slopes = []
    for step in (small, small / 2):
        trained = training.descend(drawn, step / depth, int(40 / step), lambda: target)[0]
        shifts = (1 + trained) ** 2 - (1 + drawn[0]) ** 2
        law = training.spread_law(drawn[0], theta, step / depth, target)
        slopes.append(float(np.polyfit(law - law.mean(), shifts - shifts.mean(), 1)[0]))
    return 2 * slopes[1] - slopes[0]


def _bridge(target: float, bridge: Mapping[str, int], rng: np.random.Generator) -> xr.Variable:
    """Return log h at `PLACES` after training from noise of scale L^-1/2, (draw, place)."""
    depth = bridge["depth"]
    drawn = starts.draw("noise 0.5", depth, (bridge["draws"], depth), rng)
    hidden = np.log1p(limits(drawn, target)["weights"].values).cumsum(axis=1)
    at = [round(place * depth) - 1 for place in PLACES]
    return variable(("draw_of_bridge", "place"), hidden[:, at], "log h after a part of the layers")


def _profiles(
    target: float, names: Sequence[str], depth: int, rng: np.random.Generator
) -> dict[str, xr.Variable]:
    drawn = np.concatenate([starts.draw(name, depth, (1, depth), rng) for name in names])
    weights = limits(drawn, target)["weights"].values
    hidden = np.log1p(weights).cumsum(axis=1)
    return {
        "weights": variable(("start", "layer"), weights, "trained weight"),
        "hidden": variable(("start", "layer"), hidden, "log h"),
    }
