"""How far the weights travel from their start to their limit: the lazy regime and the rich one."""

import numpy as np
import xarray as xr

from dlnpaper.arguments import validate_depth
from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.layer_flow import integrate_layers
from dlnpaper.limits import limits

__all__ = ["compare_travel", "measure_travel", "tabulate_travel", "travel"]


def travel(target, depth, starts):
    """Compute how far the layers travel, relative to their norm at the start.

    With x = (σ_K/s)^(1/N), σ_K the singular value of the limit, u, v the directions of the start
    and u_∞, v_∞ those of the limit,

        ``Σ_j ‖W_j(∞) − W_j(0)‖² / Σ_j ‖W_j(0)‖² = (1 − x)² + (2x/N) (2 − u·u_∞ − v·v_∞)`` .

    The ratio is small only near the limit, and grows like ``s^(−1/N)`` as s → 0.

    Parameters
    ----------
    target : Target
    depth : int
        Number of layers N.
    starts : StartingPoints
        M starts.

    Returns
    -------
    xarray.DataArray
        The root of the ratio, over ``start``; 1 for starts that end at the origin.

    References
    ----------
    docs/theory.md, section 7.
    """
    depth, end = validate_depth(depth), limits(target, starts)
    x = (end["value"].values / starts.s) ** (1 / depth)
    # 1 - u·u_∞ of unit vectors, without cancellation where they agree.
    turned = [
        0.5 * np.sum((start - limit) ** 2, axis=1)
        for start, limit in ((starts.a, end["a"].values), (starts.b, end["b"].values))
    ]
    ratio = np.sqrt((1 - x) ** 2 + 2 * x / depth * (turned[0] + turned[1]))
    return xr.DataArray(ratio, dims="start", attrs=_ATTRS["travel"])


def measure_travel(target, depth, starts, time, seed, rtol=1e-10):
    """Integrate the layers and measure how far they travel, relative to their norm at the start.

    All hidden layers have one neuron, which is no restriction: the hidden directions stand still.

    Parameters
    ----------
    target, depth, starts
        As in `travel`.
    time : float
        When to stop; long enough for the limit if ``excess`` comes out small.
    seed : int
        Of the hidden directions.
    rtol : float
        Relative tolerance of a step.

    Returns
    -------
    xarray.Dataset
        Over ``start``: ``travel``, and ``excess``, the loss at the end above that of the limit.
    """
    depth, value = validate_depth(depth), limits(target, starts)["value"].values
    energy = float(np.sum(target.singular_values**2))
    ratio, excess = np.empty((2, len(starts)))
    for i in range(len(starts)):
        layers = starts.layers(i, depth, 1, seed, target)
        path = integrate_layers(target, layers, [0.0, time], rtol=rtol)
        ratio[i] = np.sqrt((path["distance"][:, -1] ** 2).sum() / (path["norm"][:, 0] ** 2).sum())
        limit_loss = 0.5 * (energy - value[i] ** 2) + target.loss_offset
        excess[i] = path["loss"][-1] - limit_loss
    return xr.Dataset(
        {
            "travel": ("start", ratio, _ATTRS["travel"]),
            "excess": ("start", excess, _ATTRS["excess"]),
        }
    )


def compare_travel(starts, depths, time, seed):
    """Compute and measure how far the layers travel, for a dataset of starts at several depths.

    Parameters
    ----------
    starts : xarray.Dataset
        As `dlnpaper.ensembles.generate` returns it.
    depths : sequence of int
    time, seed
        As in `measure_travel`.

    Returns
    -------
    xarray.Dataset
        ``predicted``, ``measured`` and ``excess`` (depth, start), and over ``start`` the magnitude
        ``s``, the ``family`` and the ``angle`` of u from u_1 in degrees.
    """
    target, points = target_of(starts), starts_of(starts)
    measured = [measure_travel(target, depth, points, time, seed) for depth in depths]
    together = xr.concat(measured, dim="depth").rename(travel="measured")
    predicted = xr.concat([travel(target, depth, points) for depth in depths], dim="depth")
    angle = np.rad2deg(np.arctan2(np.linalg.norm(points.a[:, 1:], axis=1), points.a[:, 0]))
    angle = angle.round(9)  # so that rows of one angle can be found by it
    described = {"long_name": "angle of u from u_1 at the start", "units": "degree"}
    layers = {"long_name": "number of layers", "units": "1"}
    return together.assign(
        predicted=predicted,
        angle=("start", angle, described),
        s=starts["s"],
        family=starts["family"],
        singular_values=starts["singular_values"],
    ).assign_coords(depth=("depth", np.array(depths), layers))


def tabulate_travel(travels):
    """Return what `compare_travel` found as a table, one row for each depth and start."""
    columns = ["depth", "angle", "s", "predicted", "measured", "excess"]
    table = travels[columns[1:]].to_dataframe().reset_index()[columns]
    error = np.abs(table["measured"] - table["predicted"]) / table["predicted"]
    table.insert(5, "relative_error", error)
    table = table.rename(columns={"excess": "excess_at_end"})
    return table.sort_values(["depth", "angle", "s"], ignore_index=True)


_ATTRS = {
    "travel": {"long_name": "distance of the layers to their start over their norm", "units": "1"},
    "excess": {"long_name": "quadratic loss at the end above its value at the limit", "units": "1"},
}
