"""Predicted and measured rates and prefactors (docs/theory.md, section 5)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

_KEYS = ["limit", "case", "depth", "quantity"]
_RATE = ["predicted", "measured", "relative_error"]
_PREFACTOR = ["predicted_prefactor", "measured_prefactor", "prefactor_relative_error"]


def table(measured: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Reduce measurements to one row for each limit, case, depth and quantity.

    Returns the variables of `companion.rate_measurement.measure` and the number of ``starts``. Each
    of the two errors is that of the start that is worst in it. What was predicted and measured is
    that of the first start, or, of the prefactor, of the first for which it is known: which start
    is worst, last bits may decide. A row ``reached`` its window if all its starts did; if not,
    nothing is measured in it.
    """
    rows = pd.concat([_rows(one) for one in measured], ignore_index=True)
    grouped = rows.groupby(_KEYS, sort=False)
    reduced = pd.DataFrame([_reduced(key, group) for key, group in grouped])
    # In the order in which they come up, all depths of a case together.
    together = reduced.groupby(["limit", "case"], sort=False).ngroup()
    return reduced.iloc[np.argsort(together, kind="stable")].reset_index(drop=True)


def _rows(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each start, depth and quantity that has a law."""
    laws = measured.drop_dims("time").to_dataframe(dim_order=["depth", "start", "quantity"])
    return laws[laws["law"] != "undefined"].reset_index()


def _reduced(key: tuple, group: pd.DataFrame) -> dict:
    """Return the row of a group: one start's rate and prefactor, and the worst errors."""
    reached = group["tolerance"].notna()
    # A start that did not reach its window comes first: nothing is measured in its row.
    ordered = group.iloc[np.argsort(reached, kind="stable")]
    known = ordered[ordered["predicted_prefactor"].notna()]
    first, first_known = ordered.iloc[0], (ordered if known.empty else known).iloc[0]
    row = dict(zip(_KEYS, key, strict=True))
    row |= {"law": first["law"], "starts": len(group), "reached": bool(reached.all())}
    row["tolerance"] = group["tolerance"].max(skipna=False)
    row |= dict(first[_RATE]) | dict(first_known[_PREFACTOR])
    row["relative_error"] = group["relative_error"].max(skipna=False)
    row["prefactor_relative_error"] = known["prefactor_relative_error"].max(skipna=False)
    return row
