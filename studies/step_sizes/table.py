"""Finite steps against the flow and at the edge of stability, in numbers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from studies.step_sizes.cycles import amplitude_law, balance_factor

Row = dict[str, object]

_COLUMNS = ["quantity", "depth", "method", "share", "side", "predicted", "measured", "error"]

#: Where periods are measured, and what they should be.
_PERIODS = (
    ("period at the edge", "period at the edge", "period beyond", "period beyond"),
    ("below", "above", "below", "above"),
    (1, 2, 2, 4),
)


def table(measured: xr.Dataset, *, margin: float, edge_momentum: float) -> pd.DataFrame:
    """Return one row for each thing measured, its prediction and the error.

    The share is that of the step in the largest stable one and in (1-β)², NaN at the edge, where
    the side says how it compares. Errors of slopes, shares of starts and periods are absolute, that
    of the decay of the imbalance is relative in the logarithm of the factor, others are relative.
    """
    rows: list[Row] = []
    for depth in measured["depth"].values:
        one = measured.sel(depth=depth)
        for method in measured["method"].values:
            # As a dictionary: the keyword is how sel looks for near labels.
            each = one.sel({"method": method})
            rows += _flow_rows(each, depth, method)
            rows += _edge_rows(each, depth, method, margin, edge_momentum)
        rows += _descent_rows(one, depth, margin)
    return pd.DataFrame(rows, columns=_COLUMNS)


def _flow_rows(one: xr.Dataset, depth: int, method: str) -> Iterator[Row]:
    """Yield distances to the flow, and slopes between two steps."""
    shares, distances, steps = (one[name].values for name in ("share", "distance", "step"))
    for share, away, law in zip(shares, distances, one["predicted_distance"].values, strict=True):
        yield _row("distance to the flow", depth, method, share, "", law, away, away / law - 1)
    order = np.argsort(steps)
    slopes = np.diff(np.log(distances[order])) / np.diff(np.log(steps[order]))
    for share, slope in zip(shares[order], slopes, strict=False):
        yield _row("slope", depth, method, share, "", 1.0, slope, slope - 1)


def _edge_rows(
    one: xr.Dataset, depth: int, method: str, margin: float, momentum: float
) -> Iterator[Row]:
    """Yield what starts near the minimizers of random targets do, with steps about the edge."""
    for side, name in (("below", "converged"), ("above", "left")):
        found = float(one[name].sel(side=side))
        yield _row(f"targets {name}", depth, method, np.nan, side, 1.0, found, found - 1)
    wrong = float(one["cycle_error"])
    yield _row("two-cycle", depth, method, np.nan, "above", 0.0, wrong, wrong)
    width = 1 + 2 * momentum if method == "nesterov" else 1.0
    law, found = amplitude_law(depth, margin) / width, float(one["amplitude"])
    yield _row("amplitude", depth, method, np.nan, "above", law, found, found / law - 1)


def _descent_rows(one: xr.Dataset, depth: int, margin: float) -> Iterator[Row]:
    """Yield what is measured of gradient descent alone."""
    at, found = (depth, "gradient_descent", np.nan), float(one["arrived"])
    yield _row("random starts converged", *at, "below", 1.0, found, found - 1)
    law, found = balance_factor(depth, 1 + margin), float(one["balance"])
    error = np.log(found) / np.log(law) - 1
    yield _row("imbalance in two steps", *at, "above", law, found, error)
    for name, side, law, period in zip(*_PERIODS, one["period"].values, strict=True):
        yield _row(name, *at, side, law, int(period), int(period) - law)


def _row(quantity: str, *values: object) -> Row:
    return dict(zip(_COLUMNS, (quantity, *values), strict=True))
