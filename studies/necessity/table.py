"""The table of examples that show why each assumption is made (docs/theory.md, section 8)."""

from itertools import combinations, product

import numpy as np
import pandas as pd

from companion.ensembles import select, starts_of, target_of
from dlnpaper.analysis._fits import fit_rate
from dlnpaper.one_neuron._limits import limits
from studies.necessity.measure import collapse_law

#: Slopes of the thirds of a window agree to this: the trajectories are long.
FIT_TOLERANCE = 1e-4

#: Values of s far above this have all their digits as a float.
_LEAST_FLOAT = 1e-304


def table(starts, trajectories, tied_starts, tied_trajectories, unbalanced):
    """Judge the examples 8.1 to 8.4 of docs/theory.md.

    The target of the ``starts`` has no null directions, and these are the families ``origin``,
    ``saddle`` and ``near``. The tied target has σ_1 = σ_2 and null directions, and its families are
    ``origin`` and ``sampled``. All are solved at several depths.

    Returns the columns ``example``, ``case``, ``depth``, ``quantity``, ``predicted``, ``measured``,
    ``error`` (relative to the prediction, absolute where that is zero) and ``reached``: false, with
    nothing measured, where no asymptotic window was reached.
    """
    rows = [
        *collapse_rows(starts, trajectories, "no null part"),
        *collapse_rows(tied_starts, tied_trajectories, "null part"),
        *saddle_rows(starts, trajectories),
        *tie_rows(tied_starts, tied_trajectories),
        *unbalanced_rows(target_of(starts), unbalanced),
    ]
    table = pd.DataFrame(rows)
    scale = table["predicted"].abs().replace(0.0, 1.0)
    table["error"] = (table["measured"] - table["predicted"]).abs() / scale
    table["reached"] = table["measured"].notna()
    return table


def collapse_rows(starts, trajectories, case):
    """Yield the law by which s vanishes, its speed and its prefactor, at each depth."""
    solved = select(trajectories, ["origin"]).isel(start=0)
    times = solved["time"].values
    for depth in solved["depth"].values:
        law = collapse_law(starts, depth, times)
        log_s = solved["log_s"].sel(depth=depth).values
        options = {"uncertainty": _LEAST_FLOAT, "tolerance": FIT_TOLERANCE}
        fit = fit_rate(times, np.exp(log_s), law.kind, **options)
        about = {"example": "rank collapse", "case": case, "depth": int(depth)}
        speed = "rate" if law.kind == "exponential" else "exponent"
        yield about | _row(f"{law.kind} {speed} of s", law.speed, fit.rate)
        prefactor = np.exp(log_s[-1] + law.decay[-1]) if fit.reached else None
        yield about | _row(f"prefactor of s, {law.kind}", np.exp(law.log_prefactor), prefactor)


def saddle_rows(starts, trajectories):
    """Yield the limit, the growth of the alignment and the time at which a saddle is left."""
    target, starts = target_of(starts), select(starts, ["saddle", "near"])
    solved, points = select(trajectories, ["saddle", "near"]), starts_of(starts)
    predicted = limits(target, points)
    # The saddle's own start at all depths, then the others.
    for family in np.unique(starts["family"]):
        of_family = np.flatnonzero(starts["family"] == family)
        for depth, i in product(solved["depth"].values, of_family):
            path, limit = solved.sel(depth=depth).isel(start=i), predicted.isel(start=i)
            alpha_1 = points.alpha(target)[i, 0]
            about = {"example": "saddle", "case": f"alpha_1 = {alpha_1:g}", "depth": int(depth)}
            fall = max(0.0, -np.diff(path["alignment"].values).min())
            yield about | _row("s at the end", limit["value"], path["s"][-1])
            yield about | _row("largest fall of c", 0.0, fall)
            if alpha_1 != 0:
                leaving = _crossing(path, target.singular_values[:2])
                yield about | _row("tau of leaving", limit["escape_tau"], leaving)


def tie_rows(starts, trajectories):
    """Yield how far the ends are from the predicted limits, from optimal, and from each other."""
    target, points = target_of(starts), starts_of(select(starts, ["sampled"]))
    solved = select(trajectories, ["sampled"]).isel(time=-1)
    limit = limits(target, points)
    expected = _products(limit["value"].values, limit["a"].values, limit["b"].values)
    for depth in solved["depth"].values:
        end = solved.sel(depth=depth)
        ends = _products(end["s"].values, end["a"].values, end["b"].values)
        about = {"example": "tie", "case": f"{len(points)} starts", "depth": int(depth)}
        missed = np.linalg.norm(ends - expected, axis=(1, 2)).max()
        yield about | _row("largest distance to the limit", 0.0, missed)
        yield about | _row("largest excess over the minimum", 0.0, end["excess"].max())
        yield about | _row("least distance of two limits", _spread(expected), _spread(ends))


def unbalanced_rows(target, unbalanced):
    """Yield what is conserved, and what the prediction for the balanced start misses."""
    end = unbalanced.isel(time=-1)
    largest, second = target.singular_values[:2]
    for depth, factor in product(end["depth"].values, end["factor"].values):
        run, drift = (each.sel(depth=depth, factor=factor) for each in (end, unbalanced["drift"]))
        about = {"example": "unbalanced", "case": f"factor {factor:g}", "depth": int(depth)}
        yield about | _row("largest drift of the imbalance", 0.0, drift.max())
        yield about | _row("s at the end", largest, run["s"])
        missed = np.hypot(largest, second)
        yield about | _row("distance to the balanced end", missed, run["distance"])


def _row(quantity, predicted, measured):
    value = np.nan if measured is None else float(measured)
    return {"quantity": quantity, "predicted": float(predicted), "measured": value}


def _crossing(path, levels):
    """Return τ at which the alignment passes half way from the second singular value to the first.

    There ``log((c − σ_2)/(σ_1 − c))`` is linear in τ up to faded modes, so that interpolating it is
    exact on any grid of times.
    """
    upper, lower = levels
    c, tau = path["alignment"].values, path["tau"].values
    before = int(np.flatnonzero(c < (upper + lower) / 2)[-1])
    near = slice(before, before + 2)
    if not (lower < c[near]).all() or not (c[near] < upper).all():
        return None
    odds = np.log((c[near] - lower) / (upper - c[near]))
    return float(np.interp(0.0, odds, tau[near]))


def _products(s, a, b):
    return s[:, None, None] * a[:, :, None] * b[:, None, :]


def _spread(matrices):
    """Return the least distance of two matrices."""
    return min(np.linalg.norm(one - other) for one, other in combinations(matrices, 2))
