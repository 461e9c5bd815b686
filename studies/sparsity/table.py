"""Risks of networks with weight decay beside those of other estimators, and their exponents."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from studies.sparsity.sequences import linear_smoothness

#: Exponents are slopes over this factor of n, two or three periods of what the octaves of the
#: sequences leave as oscillations.
SPAN = 2**6
#: Where hardly any draw exceeds the threshold, deviations are in units of this part of the risk.
LEAST_ERROR = 1e-3
#: What falls with n itself; what thresholds falls with n/ln(n).
WITHOUT_LOGARITHM = ("oracle", "linear")


def table(
    measured: xr.Dataset, *, values: Sequence[float], smoothness: float, integrability: float
) -> pd.DataFrame:
    """Return one row for each estimator and sequence, and one for each exponent.

    ``predicted`` is the risk and ``measured`` the simulated one, with the ``deviation`` in standard
    errors; or the exponents of the theory and of the risks.
    """
    shown = (measured["sequence"] == "besov") | measured["at"].isin(values)
    measured = measured.isel(case=np.flatnonzero(shown))
    rows = pd.DataFrame([*_risks(measured), *_exponents(measured, smoothness, integrability)])
    return rows.sort_values(["quantity", "sequence", "name", "depth", "at"], ignore_index=True)


def _risks(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    names, depths = measured["name"].values, measured["depth"].values
    known = {name: measured["risk"].values[names == name][0] for name in ("soft", "hard", "oracle")}
    for k, (name, depth) in enumerate(zip(names, depths, strict=True)):
        at = measured.isel(estimator=k)
        shallower = max((n for n in depths[names == name] if n < depth), default=0)
        below = measured["risk"].values[(names == name) & (depths == shallower)]
        risk = at["risk"].values
        error = np.maximum(at["standard_error"], LEAST_ERROR * risk)
        columns = {
            "threshold": at["threshold"],
            "predicted": risk,
            "measured": at["simulated"],
            "standard_error": at["standard_error"],
            "deviation": (at["simulated"] - risk) / error,
            **{f"over_{other}": risk / known[other] for other in known},
            "over_shallower": risk / (below[0] if len(below) else np.nan),
        }
        for c in range(at.sizes["case"]):
            case = {"sequence": str(at["sequence"].values[c]), "at": float(at["at"].values[c])}
            yield {"quantity": "risk", **case, "name": str(name), "depth": int(depth)} | {
                column: float(np.asarray(each)[c]) for column, each in columns.items()
            }


def _exponents(
    measured: xr.Dataset, smoothness: float, integrability: float
) -> Iterator[dict[str, object]]:
    besov = measured.isel(case=np.flatnonzero(measured["sequence"] == "besov"))
    sizes = besov["at"].values
    ends = [int(np.flatnonzero(sizes == size)[0]) for size in (sizes.max() / SPAN, sizes.max())]
    for k, name in enumerate(besov["name"].values):
        effective = sizes[ends]
        if name not in WITHOUT_LOGARITHM:
            effective = effective / np.log(effective)
        fall = np.diff(np.log(besov["risk"].values[k, ends]))[0]
        alpha = smoothness if name != "linear" else linear_smoothness(smoothness, integrability)
        yield {
            "quantity": "exponent",
            "sequence": "besov",
            "at": float(sizes.max()),
            "name": str(name),
            "depth": int(besov["depth"].values[k]),
            "predicted": 2 * alpha / (2 * alpha + 1),
            "measured": float(-fall / np.diff(np.log(effective))[0]),
        }
