"""Chains of one-neuron layers with balanced ends, exact and integrated (docs/two_layers.md, 7)."""

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import starts_of, target_of, time_grid
from dlnpaper.layers._flow import integrate
from dlnpaper.one_neuron._chains import solve_chain
from dlnpaper.one_neuron._end_to_end import end_to_end
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Relative tolerance of a step of the integrated layers.
RTOL = 1e-12


def measure(starts, *, depths, times, ratios, end_factor, compared_until):
    """Follow every start with inner scalars of several ratios, and with unbalanced ends.

    Returns what `follow_balanced` and `follow_unbalanced` return, by ``depth`` and ``case``.
    """
    target, points, grid = target_of(starts), starts_of(starts), time_grid(**times)
    by_depth = []
    for depth in depths:
        cases = [
            follow_balanced(target, depth, points, ratio, grid, compared_until) for ratio in ratios
        ]
        cases.append(follow_unbalanced(target, depth, points, end_factor, grid))
        by_depth.append(xr.concat(cases, dim="case"))
    names = [*(f"ratio {ratio:g}" for ratio in ratios), f"ends {end_factor:g}"]
    measured = xr.concat(by_depth, dim=depth_axis(depths))
    for name in ("s", "first", "inner", "agreement"):
        measured[name].attrs["missing_data"] = "not defined where the ends are not balanced"
    return measured.assign(starts[["family", "singular_values"]]).assign_coords(
        case=("case", names, {"long_name": "what is not balanced"})
    )


def follow_balanced(target, depth, starts, ratio, times, compared_until):
    """Follow chains with balanced ends, each scalar ``ratio`` times the one before.

    Returns over ``start`` and ``time`` the weights of the exact chains, ``s``, ``first`` (‖W_1‖ =
    ‖W_N‖) and ``inner`` (the scalar of layer N − 1), and the same of the integrated layers,
    ``integrated_...``; and over ``start`` what `_judged` returns. Integrated layers that leave an
    unstable limit by rounding are compared up to ``compared_until``.
    """
    powers = ratio ** np.arange(1, depth - 1)
    end = (starts.s / powers.prod()) ** (1 / depth)
    inner = end[:, None] * powers
    chain = solve_chain(target, starts, inner, times)
    path = integrate(target, chain_layers(starts, end, end, inner), times, rtol=RTOL)
    passes = np.count_nonzero(np.diff(np.sign(chain["inner"].prod("scalar").values)), axis=1)
    turned = StartingPoints(np.where(passes[:, None] % 2, -starts.a, starts.a), starts.b, starts.s)
    limit = limits(target, turned)
    product = end_to_end(target, chain).values
    apart = np.linalg.norm(product - path["end_to_end"].values, axis=(2, 3))
    attracts = limit["kind_name"].values == "global_minimizer"
    compared = attracts[:, None] | (times <= compared_until)
    return xr.Dataset(
        {
            "s": chain["s"].variable,
            "first": chain["end"].variable,
            "inner": chain["inner"].isel(scalar=-1).variable,
            **_integrated(path),
            **_judged(target, starts, product, end_to_end(target, limit).values, passes, path),
            "agreement": variable(
                "start", np.where(compared, apart, 0.0).max(axis=1), "distance to integrated layers"
            ),
        },
        coords={"time": chain["time"]},
    )


def follow_unbalanced(target, depth, starts, factor, times):
    """Follow layers with equal scalars, W_1 multiplied by a factor and W_N divided by it.

    Returns what `follow_balanced` does, as far as it does not need the exact chains.
    """
    end = starts.s ** (1 / depth)
    inner = np.repeat(end[:, None], depth - 2, axis=1)
    layers = chain_layers(starts, factor * end, end / factor, inner)
    path = integrate(target, layers, times, rtol=RTOL)
    scalars = [path[f"layer_{j}"].values[..., 0, 0] for j in range(2, depth)]
    passes = np.count_nonzero(np.diff(np.sign(np.prod(scalars, axis=0))), axis=1)
    minimizer = np.zeros(target.shape)
    minimizer[0, 0] = target.singular_values[0]
    product = path["end_to_end"].values
    return xr.Dataset(
        {**_integrated(path), **_judged(target, starts, product, minimizer, passes, path)},
        coords={"time": path["time"]},
    )


def chain_layers(starts, first, last, inner):
    """Return the layers (M, out, in) of chains whose ends have these norms, (M,)."""
    scalars = [column[:, None, None] for column in inner.T]
    row = first[:, None, None] * starts.b[:, None, :]
    return [row, *scalars, last[:, None, None] * starts.a[:, :, None]]


def _integrated(path):
    """Return the weights of integrated layers over start and time."""
    norms, product = path["norm"], path["end_to_end"].values
    depth = norms.sizes["layer"]
    inner = path[f"layer_{depth - 1}"].values[..., 0, 0]
    s = np.linalg.norm(product, axis=(2, 3))
    values = {"s": s, "first": norms.sel(layer=1).values, "inner": inner}
    return {
        f"integrated_{name}": variable(("start", "time"), each, f"{_LONG_NAMES[name]}, integrated")
        for name, each in values.items()
    }


def _judged(target, starts, product, limit, passes, path):
    """Return over ``start``: distances of the last W to its limit and to that of balanced layers.

    And ``passes``, how often W passes through zero, and ``drift``, by how much what integrated
    layers conserve has changed.
    """
    balanced = end_to_end(target, limits(target, starts)).values
    values = {
        "passes": passes,
        "distance": np.linalg.norm(product[:, -1] - limit, axis=(1, 2)),
        "from_balanced": np.linalg.norm(product[:, -1] - balanced, axis=(1, 2)),
        "drift": path["drift"].values.max(axis=(1, 2)),
    }
    return {name: variable("start", each, _LONG_NAMES[name]) for name, each in values.items()}


_LONG_NAMES = {
    "s": "singular value of the end-to-end matrix",
    "first": "norm of the first layer",
    "inner": "scalar of the last inner layer",
    "passes": "how often the end-to-end matrix passes through zero",
    "distance": "distance of the end-to-end matrix to its predicted limit at the last time",
    "from_balanced": "distance of the end-to-end matrix to the limit of balanced layers",
    "drift": "largest change of the imbalance of two adjacent layers",
}
