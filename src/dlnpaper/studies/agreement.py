"""The closed form against integrated flows, whose error depends on their tolerance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.ensembles import over_depths
from dlnpaper.flows import integrate
from dlnpaper.starting_points import StartingPoints
from dlnpaper.target import Target

#: What is compared: s relative to its value, the entries of a and b absolutely.
QUANTITIES = ("s", "a", "b")


def integrations(
    starts: xr.Dataset,
    depths: Sequence[int],
    times: np.ndarray,
    flows: Sequence[str],
    tolerances: Mapping[str, Sequence[float]],
    largest_width: int,
    seed: int,
) -> xr.Dataset:
    """Integrate every flow with every method at every one of the method's tolerances.

    Parameters
    ----------
    starts : xarray.Dataset
        Starts as `dlnpaper.ensembles.generate` returns them.
    depths : sequence of int
    times : ndarray, (T,)
    flows : sequence of str
        Out of `dlnpaper.flows.FLOWS`. The layers get random hidden widths, see `random_widths`,
        and random hidden unit vectors, both for each start anew.
    tolerances : mapping of str to sequence of float
        Values of rtol by the name of a method.
    largest_width : int
    seed : int
        Of the hidden widths and vectors: the same ones in every integration of a start.

    Returns
    -------
    xarray.Dataset
        ``s`` (run, depth, start, time), ``a`` (..., left) and ``b`` (..., right);
        ``singular_values`` (mode); coordinates ``flow``, ``method`` and ``rtol`` (run).
    """
    runs = [
        (flow, method, rtol)
        for flow in flows
        for method, rtols in tolerances.items()
        for rtol in rtols
    ]
    layers = partial(_integrate_layers, largest_width=largest_width, seed=seed)
    parts = [
        over_depths(
            layers if flow == "layers" else partial(integrate, flow=flow),
            starts,
            depths,
            times,
            method=method,
            rtol=rtol,
            variables=QUANTITIES,
        )
        for flow, method, rtol in runs
    ]
    values = parts[0]["singular_values"]
    parts = [part[list(QUANTITIES)] for part in parts]
    coordinates = {
        name: ("run", list(values), attrs)
        for (name, attrs), values in zip(_RUN.items(), zip(*runs, strict=True), strict=True)
    }
    joined = xr.concat(parts, dim="run", combine_attrs="drop_conflicts")
    return joined.assign(singular_values=values).assign_coords(coordinates)


def random_widths(depth: int, largest: int, rng: np.random.Generator) -> list[int]:
    """Draw hidden widths d_1, ..., d_{N-1} from 1 to ``largest``, a random one of them set to 1."""
    widths = rng.integers(1, largest, depth - 1, endpoint=True)
    widths[rng.integers(depth - 1)] = 1
    return widths.tolist()


def errors(exact: xr.Dataset, witnesses: Sequence[xr.Dataset]) -> xr.Dataset:
    """Compare integrated trajectories with the closed form, each at its worst time.

    Parameters
    ----------
    exact : xarray.Dataset
        ``s`` (depth, start, time), ``a`` (..., left) and ``b`` (..., right).
    witnesses : sequence of xarray.Dataset
        As `integrations` returns them, alike but for their depths, which ``exact`` has as well.

    Returns
    -------
    xarray.Dataset
        Over (run, depth, start): ``s``, the largest relative error of s over time; ``a`` and ``b``,
        the largest absolute error of an entry; coordinates ``flow``, ``method`` and ``rtol`` (run).
    """
    return xr.concat([_errors(exact, witness) for witness in witnesses], dim="depth")


def agreement(errors: xr.Dataset) -> pd.DataFrame:
    """Tabulate errors over an ensemble.

    Parameters
    ----------
    errors : xarray.Dataset
        As `errors` returns them.

    Returns
    -------
    pandas.DataFrame
        One row for each depth, flow, method and rtol: the number of starts; the largest and the
        median error over them of s, a and b; ``max_error``, the largest of all, and how many times
        the tolerance it is.
    """
    rows = []
    for depth in errors["depth"].values:
        for run in range(errors.sizes["run"]):
            chosen = errors.sel(depth=depth).isel(run=run)
            keys = {name: chosen[name].item() for name in _RUN}
            row = {"depth": depth, **keys, "starts": errors.sizes["start"]}
            for name in QUANTITIES:
                row[f"{name}_max"] = chosen[name].max().item()
                row[f"{name}_median"] = chosen[name].median().item()
            row["max_error"] = max(row[f"{name}_max"] for name in QUANTITIES)
            row["error_over_rtol"] = row["max_error"] / row["rtol"]
            rows.append(row)
    return pd.DataFrame(rows)


_RUN = {
    "flow": {"long_name": "equations that are integrated"},
    "method": {"long_name": "method of solve_ivp"},
    "rtol": {"long_name": "relative tolerance of a step", "units": "1"},
}


def _errors(exact: xr.Dataset, witness: xr.Dataset) -> xr.Dataset:
    exact = exact.sel(depth=witness["depth"])
    found = {
        "s": abs(witness["s"] / exact["s"] - 1).max("time"),
        "a": abs(witness["a"] - exact["a"]).max(["time", "left"]),
        "b": abs(witness["b"] - exact["b"]).max(["time", "right"]),
    }
    for name, values in found.items():
        kind = "relative error" if name == "s" else "error of an entry"
        values.attrs = {"long_name": f"largest {kind} of {name} over time", "units": "1"}
    return xr.Dataset(found).transpose("run", "depth", "start")


def _integrate_layers(
    target: Target,
    depth: int,
    starts: StartingPoints,
    times: np.ndarray,
    *,
    largest_width: int,
    seed: int,
    **options,
) -> xr.Dataset:
    """Integrate the flow of the layers, with hidden widths and vectors drawn for each start."""
    parts = []
    for i in range(len(starts)):
        rng = np.random.default_rng([seed, depth, i])
        widths = random_widths(depth, largest_width, rng)
        vectors = int(rng.integers(2**32))
        parts.append(
            integrate(
                target,
                depth,
                starts[i],
                times,
                flow="layers",
                widths=widths,
                seed=vectors,
                **options,
            )
        )
    return xr.concat(parts, dim="start", data_vars="minimal", combine_attrs="drop_conflicts")
