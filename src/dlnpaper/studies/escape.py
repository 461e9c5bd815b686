"""The law of the time for which sampled starts stay with other modes than the first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from dlnpaper.guarantees import binomial_interval
from dlnpaper.studies.reductions import survival


def tail_shares(reduced: xr.Dataset, levels: ArrayLike) -> pd.DataFrame:
    """Tabulate how many starts stay with other modes for longer than a time.

    The directions of u + v are uniform, so that α_2/α_1 has a Cauchy law, whatever the dimension,
    and mode 1 overtakes mode 2 later than x/(σ_1 − σ_2) with the probability (2/π) arctan e^(−x).
    That bounds the share from below, and it is its limit for large x, where the other modes do not
    matter (docs/theory.md, section 4).

    Parameters
    ----------
    reduced : xarray.Dataset
        From `dlnpaper.studies.survey.survey`, with ``escape_tau``, for a target of rank two or
        more.
    levels : array_like
        Values of x, positive; the next end of a bin is taken, less than 3 % away.

    Returns
    -------
    pandas.DataFrame
        Columns ``x``, ``starts``, ``value``, ``low``, ``high``, ``predicted``.
    """
    ends, beyond = survival(reduced, "escape_tau")
    sigma = reduced["singular_values"].values
    gap = sigma[0] - sigma[1]
    which = np.searchsorted(ends * gap, levels)
    x, hits, total = ends[which] * gap, beyond[which], int(reduced["size"].sum())
    low, high = binomial_interval(hits, total, 0.95)
    columns = {"x": x, "starts": total, "value": hits / total, "low": low, "high": high}
    return pd.DataFrame({**columns, "predicted": escape_law(x)})


def escape_law(x: ArrayLike) -> np.ndarray:
    """Return (2/π) arctan e^(−x), the law of `tail_shares`."""
    return 2 / np.pi * np.arctan(np.exp(-np.asarray(x)))
