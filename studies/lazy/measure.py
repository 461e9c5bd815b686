"""How far the weights end from their initialization: the lazy regime and the rich one."""

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import starts_of, target_of
from dlnpaper.layers._flow import integrate
from dlnpaper.one_neuron._distance import ATTRS, distance_from_initialization
from dlnpaper.one_neuron._limits import limits


def measure(starts, *, depths, last, seed):
    """Compute and measure the distance from initialization of every start at several depths.

    The layers are integrated to the time ``last``, from hidden directions that the seed draws.

    Returns ``predicted``, ``measured`` and ``excess`` (depth, start), and over ``start`` the
    magnitude ``s``, the ``family`` and the ``angle`` of u from u_1 in degrees.
    """
    target, points = target_of(starts), starts_of(starts)
    by_depth = [
        measured_distance(target, depth, points, last, seed)
        .rename(distance="measured")
        .assign(predicted=distance_from_initialization(target, depth, points))
        for depth in depths
    ]
    angle = np.rad2deg(np.arctan2(np.linalg.norm(points.a[:, 1:], axis=1), points.a[:, 0]))
    angle = angle.round(9)  # so that rows of one angle can be found by it
    measured = xr.concat(by_depth, dim=depth_axis(depths))
    return measured.assign(starts[["s", "family", "singular_values"]]).assign(
        angle=variable("start", angle, "angle of u from u_1 at the start", units="degree"),
    )


def measured_distance(target, depth, starts, time, seed, rtol=1e-10):
    """Integrate the layers and measure their distance from initialization, over their norm there.

    All hidden layers have one neuron, which is no restriction: the hidden directions, drawn by the
    seed, stand still. The time is long enough for the limit if ``excess`` comes out small.

    Returns, over ``start``: ``distance``, and ``excess``, the loss at the end above that of the
    limit.
    """
    value = limits(target, starts)["value"].values
    energy = float(np.sum(target.singular_values**2))
    ratio, excess = np.empty((2, len(starts)))
    for i in range(len(starts)):
        layers = starts.layers(i, depth, 1, seed, target)
        path = integrate(target, layers, [0.0, time], rtol=rtol).isel(start=0)
        ratio[i] = np.sqrt((path["distance"][:, -1] ** 2).sum() / (path["norm"][:, 0] ** 2).sum())
        limit_loss = 0.5 * (energy - value[i] ** 2) + target.loss_offset
        excess[i] = path["loss"][-1] - limit_loss
    text = "quadratic loss at the end above its value at the limit"
    return xr.Dataset(
        {"distance": ("start", ratio, ATTRS), "excess": variable("start", excess, text)}
    )
