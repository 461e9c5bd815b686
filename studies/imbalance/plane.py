"""The plane of the first mode's weights, in which the stable set of a saddle is a tilted line."""

import numpy as np
import scipy
import xarray as xr

from companion.datasets import variable
from dlnpaper._target import Target
from dlnpaper.layers._flow import integrate
from dlnpaper.two_layers._closed_form import solve
from dlnpaper.two_layers._starts import Starts
from studies.imbalance.first_mode import FirstMode

__all__ = ["ASIDE", "RTOL", "fates", "in_plane", "tilt"]

#: Relative tolerance of the integrations.
RTOL = 1e-12

#: Angles in degrees, from the stable set, of the starts whose fates are followed.
ASIDE = (-60.0, -20.0, 0.0, 20.0, 60.0)

#: E-folds by which the slowest part has decayed where a trajectory counts as settled.
_FOLDS = 25.0

#: Points on a line by the closed form, of which every fifth is compared with the integration.
_POINTS, _STEP = 101, 5

#: The first time on it after 0, in units of 1/m_1.
_FIRST = 0.02


def in_plane(target: Target, imbalance: float, radius: float, angle: float) -> list[np.ndarray]:
    """Return layers of one neuron whose weights of the first mode have a length and an angle.

    Those of the second mode, both positive, make up for the imbalance; all others are zero.
    """
    w_1, w_2 = radius * np.cos(angle), radius * np.sin(angle)
    missing = imbalance + w_1**2 - w_2**2
    first, second = np.zeros((1, target.shape[1])), np.zeros((target.shape[0], 1))
    first[0, :2] = w_1, np.sqrt(radius**2 + max(-missing, 0.0))
    second[:2, 0] = w_2, np.sqrt(radius**2 + max(missing, 0.0))
    return [first, second]


def tilt(target: Target, imbalance: float, radius: float) -> float:
    """Measure the angle of the stable set: between starts whose integrations end on either side."""

    def end(angle: float) -> float:
        layers = in_plane(target, imbalance, radius, angle)
        # The part of the weights that decays has fallen by e^-20 of the part that grows.
        last = 10 / target.singular_values[0]
        path = integrate(target, layers, [last], rtol=RTOL)
        return float(first_weights(path).sum())

    return scipy.optimize.brentq(end, 0.0, np.pi, xtol=1e-10)


def fates(target: Target, imbalance: float, radius: float) -> xr.Dataset:
    """Follow starts on the stable set of the saddle and on both sides of it, by the layers.

    Returns
    -------
    xarray.Dataset
        Over ``aside``, the angles `ASIDE`: ``w_1`` and ``w_2`` of the first mode over ``point``,
        in closed form, and over ``mark`` integrated; ``end_error``, the distance of these at the
        end to ``∓sqrt(2 m_1)(cos φ_1, sin φ_1)`` aside of the set, of W to the saddle on it.
        Scalars: ``tilt`` and ``predicted_tilt`` of the set, in degrees; ``untilted_error``, the
        distance of W to the global minimizer at the end, from a start with w_1 + w_2 = 0.
    """
    mode = FirstMode.of(target, imbalance)
    line = mode.angle + np.pi / 2
    followed = [
        _follow(target, imbalance, mode, in_plane(target, imbalance, radius, angle), aside)
        for aside, angle in zip(ASIDE, line + np.deg2rad(ASIDE), strict=True)
    ]
    untilted = in_plane(target, imbalance, radius, 3 * np.pi / 4)
    end = integrate(target, untilted, [_settled(mode)], rtol=RTOL)
    axis = variable("aside", np.array(ASIDE), "angle from the stable set", units="degree")
    return xr.concat(followed, dim=axis).assign(
        tilt=variable((), np.rad2deg(tilt(target, imbalance, radius)), "angle of the stable set"),
        predicted_tilt=variable((), np.rad2deg(line), "predicted angle of the stable set"),
        untilted_error=variable((), _off(target, end, 0), "distance of W to the global minimizer"),
    )


def first_weights(path: xr.Dataset) -> np.ndarray:
    """Return the weights (w_1, w_2) of the first mode over time."""
    return np.stack(
        [path["layer_1"].values[0, :, 0, 0], path["layer_2"].values[0, :, 0, 0]], axis=-1
    )


def _follow(
    target: Target,
    imbalance: float,
    mode: FirstMode,
    layers: list[np.ndarray],
    aside: float,
) -> xr.Dataset:
    """Follow one start, as `fates` describes it."""
    last = _settled(mode) if aside else _at_saddle(mode)
    times = np.append(0.0, np.geomspace(_FIRST / mode.rate, last, _POINTS - 1))
    path = integrate(target, layers, times[::_STEP], rtol=RTOL)
    starts = Starts(*(layer[None] for layer in layers), imbalance=imbalance)
    exact = solve(target, starts, times).isel(start=0)
    marks = first_weights(path)
    error = (
        np.linalg.norm(marks[-1] + np.sign(aside) * mode.end) if aside else _off(target, path, 1)
    )
    text = "weight of the first mode in layer"
    return xr.Dataset(
        {
            "w_1": variable("point", exact["first"].values[:, 0], f"{text} 1"),
            "w_2": variable("point", exact["second"].values[:, 0], f"{text} 2"),
            "integrated_w_1": variable("mark", marks[:, 0], f"integrated {text} 1"),
            "integrated_w_2": variable("mark", marks[:, 1], f"integrated {text} 2"),
            "end_error": variable((), error, "distance to the predicted end"),
        }
    )


def _settled(mode: FirstMode) -> float:
    """Return a time by which trajectories to the global minimizer are at their limit."""
    return _FOLDS / (mode.rate - mode.next_rate)


def _at_saddle(mode: FirstMode) -> float:
    """Return the time at which errors of the integration have grown to what still decays.

    They grow along the first mode, at the rate m_1 − m_2; the rest decays at 2 m_2 or faster.
    """
    return float(-np.log(RTOL) / (mode.rate + mode.next_rate))


def _off(target: Target, path: xr.Dataset, mode: int) -> float:
    """Return the distance of the last W to the stationary point of one mode."""
    limit = np.zeros(target.shape)
    limit[mode, mode] = target.singular_values[mode]
    return float(np.linalg.norm(path["end_to_end"].values[0, -1] - limit))
