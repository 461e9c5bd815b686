"""Rates measured on trajectories, against the predicted laws (docs/theory.md, section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.ensembles import starts_of, target_of
from dlnpaper.fits import LAWS, fit_rate
from dlnpaper.rates import KINDS, rates
from dlnpaper.studies.distances import distances
from dlnpaper.target import Target

#: How well the slopes within a fit's window must agree: the first of these with which there is a
#: window. The rate comes out about as well, its prefactor worse by the e-folds of the window.
TOLERANCES = (1e-5, 1e-4, 1e-3)

#: What decides the laws of a start: the columns' values, and their meaning.
CASES = {
    "driven": "the alignment drives s: 2g < Nσ_k",
    "resonant": "2g = Nσ_k",
    "free": "s is slower than the alignment: 2g > Nσ_k, g finite",
    "exact": "directions exact from the start on: g infinite",
    "no_null_component": "to the origin with ρ = 0",
    "null_component": "to the origin with ρ > 0",
}

_KEYS = ["limit", "case", "depth", "quantity"]
_LAW = ("kind", "rate", "exponent", "log_prefactor", "prefactor_known")
_RATE = ("predicted", "measured", "relative_error")
_PREFACTOR = ("predicted_prefactor", "measured_prefactor", "prefactor_relative_error")


def measure(
    starts: xr.Dataset, trajectories: xr.Dataset, quantities: Sequence[str] | None = None
) -> pd.DataFrame:
    """Measure the law of every quantity on every trajectory.

    Parameters
    ----------
    starts : xarray.Dataset
        Starts as `dlnpaper.ensembles.generate` returns them.
    trajectories : xarray.Dataset
        Of the same starts: ``s`` and ``excess`` (depth, start, time), ``a`` (depth, start, time,
        left) and ``b`` (depth, start, time, right), until long after the laws have set in.
    quantities : sequence of str, optional
        Some of `dlnpaper.rates.QUANTITIES`; all by default.

    Returns
    -------
    pandas.DataFrame
        One row for each start, depth and quantity that has a law:

        limit, case, depth, quantity, start
            What is measured; ``limit`` is "global_minimizer", "saddle_k" (k from 1) or "origin",
            and ``case`` one of `CASES`.
        law
            "exponential" or "power"; "exact" for what is zero from the start on; "resonant", which
            no straight line measures.
        reached : bool
            Whether a fit found the asymptotic window. If not, what was measured is nan.
        tolerance : float
            The one of `TOLERANCES` to which the slopes in the window agree; 0 for an exact law.
        predicted, measured, relative_error : float
            The rate or exponent. Of an exact law: zero, the largest distance, and again the latter.
        predicted_prefactor, measured_prefactor, prefactor_relative_error : float
            Likewise the prefactor; nan where there is none or it is not known.
    """
    return pd.DataFrame(list(_measurements(starts, trajectories, quantities)))


def summarize(measurements: pd.DataFrame) -> pd.DataFrame:
    """Reduce measurements to one row for each limit, case, depth and quantity.

    Parameters
    ----------
    measurements : pandas.DataFrame
        Of `measure`.

    Returns
    -------
    pandas.DataFrame
        The columns of `measure`, with the number of ``starts`` in place of ``start``. Each of the
        two errors is that of the start that is worst in it. What was predicted and measured is that
        of the first start, or, of the prefactor, of the first for which it is known: which start is
        worst, last bits may decide. A row reached its window if all its starts did; if not, nothing
        is measured in it.
    """
    grouped = measurements.groupby(_KEYS, sort=False)
    table = pd.DataFrame([_reduced(key, group) for key, group in grouped])
    # In the order in which they come up, all depths of a case together.
    together = table.groupby(["limit", "case"], sort=False).ngroup()
    return table.iloc[np.argsort(together, kind="stable")].reset_index(drop=True)


def _measurements(starts, trajectories, quantities) -> Iterator[dict]:
    target, points = target_of(starts), starts_of(starts)
    has_null = points.rho(target) > 0
    away = distances(target, points, trajectories)
    if quantities is not None:
        away = away.sel(quantity=list(quantities))
    away = away.transpose("depth", "start", "quantity", "time")
    times, names = away["time"].values, away["quantity"].values
    found, unsure = away["distance"].values, away["uncertainty"].values
    for d, depth in enumerate(away["depth"].values):
        laws = rates(target, int(depth), points).sel(quantity=names)
        value, gap = laws["value"].values, laws["gap"].values
        for i, q in np.ndindex(found.shape[1:3]):
            law = {name: laws[name].values[i, q] for name in _LAW}
            kind = KINDS[law["kind"]]
            if kind != "undefined":
                yield {
                    "limit": _limit_name(target, value[i]),
                    "case": _case(value[i], gap[i], int(depth), bool(has_null[i])),
                    "depth": int(depth),
                    "quantity": names[q],
                    "start": i,
                    "law": kind,
                } | _compared(kind, law, times, found[d, i, q], unsure[d, i, q])


def _limit_name(target: Target, value: float) -> str:
    if value == 0:
        return "origin"
    k = int(np.argmax(target.singular_values == value)) + 1
    return "global_minimizer" if k == 1 else f"saddle_{k}"


def _case(value: float, gap: float, depth: int, has_null: bool) -> str:
    if value == 0:
        return "null_component" if has_null else "no_null_component"
    if np.isinf(gap):
        return "exact"
    if np.isclose(2 * gap, depth * value, rtol=1e-12, atol=0):
        return "resonant"
    return "driven" if 2 * gap < depth * value else "free"


def _compared(
    kind: str, law: dict, times: np.ndarray, distance: np.ndarray, uncertainty: np.ndarray
) -> dict:
    """Return what is predicted and measured of one law on one trajectory."""
    if kind == "exact":
        largest = float(distance.max())
        return _row(0.0, (0.0, largest, largest), (np.nan, np.nan, np.nan))
    predicted = float(law["exponent" if kind == "power" else "rate"])
    log_prefactor = float(law["log_prefactor"]) if law["prefactor_known"] else np.nan
    for tolerance in TOLERANCES if kind in LAWS else ():
        fit = fit_rate(times, distance, kind, uncertainty=uncertainty, tolerance=tolerance)
        if fit.reached:
            error = abs(fit.rate / predicted - 1)
            prefactors = np.exp([log_prefactor, fit.log_prefactor])
            prefactor_error = abs(np.expm1(fit.log_prefactor - log_prefactor))
            return _row(tolerance, (predicted, fit.rate, error), (*prefactors, prefactor_error))
    return _row(np.nan, (predicted, np.nan, np.nan), (np.exp(log_prefactor), np.nan, np.nan))


def _row(tolerance: float, rate: tuple, prefactor: tuple) -> dict:
    reached = {"reached": not np.isnan(tolerance), "tolerance": tolerance}
    return reached | dict(zip(_RATE + _PREFACTOR, rate + prefactor, strict=True))


def _reduced(key: tuple, group: pd.DataFrame) -> dict:
    """Return the row of a group: one start's rate and prefactor, and the worst errors."""
    # A start that did not reach its window comes first: nothing is measured in its row.
    ordered = group.sort_values("reached", kind="stable")
    known = ordered[ordered["predicted_prefactor"].notna()]
    first, first_known = ordered.iloc[0], (ordered if known.empty else known).iloc[0]
    row = dict(zip(_KEYS, key, strict=True))
    row |= {"law": first["law"], "starts": len(group), "reached": bool(group["reached"].all())}
    row["tolerance"] = group["tolerance"].max(skipna=False)
    row |= {name: first[name] for name in _RATE} | {name: first_known[name] for name in _PREFACTOR}
    row["relative_error"] = group["relative_error"].max(skipna=False)
    row["prefactor_relative_error"] = known["prefactor_relative_error"].max(skipna=False)
    return row
