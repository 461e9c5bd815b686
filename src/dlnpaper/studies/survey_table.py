"""The table of a large ensemble: what was measured beside what is known exactly."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from dlnpaper.ensembles import target_of
from dlnpaper.guarantees import overlap_probability
from dlnpaper.studies.escape import tail_shares
from dlnpaper.studies.reductions import statistics
from dlnpaper.target import Target

# Times grow like powers of 1/|α|, which may vanish: their means need not exist.
_WITHOUT_MEAN = ("t_0", "t_1")


def survey_table(
    reduced: xr.Dataset,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
    levels: Sequence[float] = (2.0, 4.0, 6.0, 8.0),
) -> pd.DataFrame:
    """Tabulate an ensemble with error bars and with the exact values that are known.

    Parameters
    ----------
    reduced : xarray.Dataset
        From `dlnpaper.studies.survey.survey`, with ``escape_tau``, for a target of rank two or
        more.
    quantiles : sequence of float
    levels : sequence of float
        For `dlnpaper.studies.escape.tail_shares`.

    Returns
    -------
    pandas.DataFrame
        The columns of `dlnpaper.studies.reductions.statistics`, and ``predicted``: the exact share
        of an event among starts with uniform directions, or the law of `tail_shares` in rows with
        the statistic ``share_beyond``, whose ``level`` is x.
    """
    target = target_of(reduced)
    table = statistics(reduced, quantiles, _WITHOUT_MEAN)
    table["predicted"] = table["quantity"].map(_exact_shares(target))
    tail = tail_shares(reduced, levels).rename(columns={"x": "level"})
    tail = tail.assign(quantity="escape_tau", statistic="share_beyond")
    return pd.concat([table, tail[table.columns]], ignore_index=True)


def _exact_shares(target: Target) -> dict[str, float]:
    """Return the exact shares of events (docs/theory.md, sections 4, 6 and 7).

    The alignment changes its sign with b, so that it is negative with probability one half.
    """
    sigma = target.singular_values
    return {
        "global_minimizer": 1.0,
        "negative_alignment": 0.5,
        "bound_violated": 0.0,
        "restricted_union": overlap_probability(target.shape, float(sigma[1] / sigma[0])),
    }
