"""What was measured on a large ensemble, beside what is known exactly."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from companion.ensembles import target_of
from companion.survey.reductions import CONFIDENCE, statistics, survival
from dlnpaper._target import Target
from dlnpaper.analysis._intervals import binomial_interval
from dlnpaper.one_neuron._escape import escape_law
from dlnpaper.one_neuron._guarantees import overlap_probability

# Times grow like powers of 1/|α|, which may vanish: their means need not exist.
_WITHOUT_MEAN = ("t_0", "t_1")


def survey_table(
    reduced: xr.Dataset, quantiles: Sequence[float], levels: Sequence[float]
) -> pd.DataFrame:
    """Tabulate an ensemble with error bars and with the exact values that are known.

    The ensemble comes from `companion.survey.measure.survey`, with ``escape_tau``, for a target of
    rank two or more. To the columns of `companion.survey.reductions.statistics` comes
    ``predicted``: the exact share of an event among starts with uniform directions, or the law of
    `tail_shares` in rows with the statistic ``share_beyond``, whose ``level`` is x.
    """
    table = statistics(reduced, quantiles, _WITHOUT_MEAN)
    table["predicted"] = table["quantity"].map(_exact_shares(target_of(reduced)))
    tail = tail_shares(reduced, levels).rename(columns={"x": "level"})
    tail = tail.assign(quantity="escape_tau", statistic="share_beyond")
    return pd.concat([table, tail[table.columns]], ignore_index=True)


def tail_shares(reduced: xr.Dataset, levels: ArrayLike) -> pd.DataFrame:
    """Tabulate how many starts stay with other modes for longer than a time.

    The directions of u + v are uniform, so that α_2/α_1 has a Cauchy law, whatever the dimension,
    and mode 1 overtakes mode 2 later than x/(σ_1 − σ_2) with the probability (2/π) arctan e^(−x).
    That bounds the share from below, and it is its limit for large x, where the other modes do not
    matter (docs/theory.md, section 4).

    Parameters
    ----------
    reduced : xarray.Dataset
        As in `survey_table`.
    levels : array_like
        Values of x, positive; the next end of a bin is taken, less than 3 % away.

    Returns the columns ``x``, ``starts``, ``value``, ``low``, ``high``, ``predicted``.
    """
    ends, beyond = survival(reduced, "escape_tau")
    sigma = reduced["singular_values"].values
    gap = sigma[0] - sigma[1]
    which = np.searchsorted(ends * gap, levels)
    x, hits, total = ends[which] * gap, beyond[which], int(reduced["size"].sum())
    low, high = binomial_interval(hits, total, CONFIDENCE)
    columns = {"x": x, "starts": total, "value": hits / total, "low": low, "high": high}
    return pd.DataFrame({**columns, "predicted": escape_law(x)})


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
