"""Sums, counts and histograms of an ensemble that do not depend on how it is cut into parts.

Integers add exactly. Sums of floats do not, so they are taken over blocks of starts with fixed ends
and kept apart until the last step, where ``math.fsum`` adds them without rounding on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import scipy
import xarray as xr

from companion.survey.blocks import BLOCK
from dlnpaper.analysis._intervals import binomial_interval

# Bins are the floats that share an exponent and the five leading bits of the mantissa: 2 to 3 %
# wide at every magnitude. What lies below the first counts as zero, and what lies above the
# last is larger than any time of interest.
_LEADING_BITS = 5
_OCTAVES = range(-200, 100)

_MOMENTS = {
    "sum": "sum over the block",
    "squares": "sum over the block of the squared deviation from its mean",
    "minimum": "least value in the block",
    "maximum": "largest value in the block",
}


def reduce(values: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Reduce what was measured at consecutive starts, from the first start of a block on.

    Parameters
    ----------
    values : mapping of str to ndarray, (M,)
        Quantities as floats, finite and not negative; events as booleans.

    Returns
    -------
    xarray.Dataset
        Over ``block``: ``size``; over ``block`` and ``quantity``: ``sum``, ``squares`` (of the
        deviations from the block's mean), ``minimum``, ``maximum``; ``count`` over ``quantity`` and
        ``bin``; ``hits`` over ``event``.

    Raises
    ------
    ValueError
        If a quantity is negative, infinite or not a number.
    """
    events = {name: array for name, array in values.items() if array.dtype == bool}
    quantities = {name: array for name, array in values.items() if array.dtype != bool}
    for name, array in quantities.items():
        if not (np.isfinite(array) & (array >= 0)).all():
            i = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))[0]
            raise ValueError(
                f"{name} must be finite and not negative to be summed up, got {array[i]} at start "
                f"{i}; leave it out or measure earlier"
            )
    size = len(next(iter(values.values())))
    firsts = range(0, size, BLOCK)
    table = np.array([_moments(array, firsts) for array in quantities.values()])
    table = table.reshape(len(quantities), len(firsts), 4)
    by_block = dict(zip(_MOMENTS, np.moveaxis(table, 2, 0), strict=True))
    return _dataset(
        np.minimum(BLOCK, size - np.array(firsts, dtype=np.int64)),
        {name: array.T for name, array in by_block.items()},
        np.array([_histogram(array) for array in quantities.values()], np.int64),
        np.array([np.count_nonzero(array) for array in events.values()], np.int64),
        list(quantities),
        list(events),
    )


def combine(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Join reduced parts of an ensemble, in their order, one at a time.

    Parameters
    ----------
    parts : iterable of xarray.Dataset
        From `reduce`, with the same quantities and events; all but the last of whole blocks.

    Returns
    -------
    xarray.Dataset
        What `reduce` would return for the whole.
    """
    blocks = []
    count: np.ndarray | int = 0
    hits: np.ndarray | int = 0
    for part in parts:
        blocks.append(part[["size", *_MOMENTS]])
        count = count + part["count"].values
        hits = hits + part["hits"].values
        names = [list(part[name].values.astype(str)) for name in ("quantity", "event")]
    size = np.concatenate([block["size"].values for block in blocks])
    if (size[:-1] != BLOCK).any():
        raise ValueError(
            f"parts must consist of blocks of {BLOCK} starts, but for the last block of the last "
            f"part, got blocks of {sorted({int(n) for n in size[:-1]} - {BLOCK})}; cut elsewhere"
        )
    by_block = {name: np.concatenate([block[name].values for block in blocks]) for name in _MOMENTS}
    joined = _dataset(size, by_block, count, hits, *names)
    # What else is stored with a part describes the ensemble, and is the same in all.
    described = part.drop_dims(["block", "quantity", "bin", "event"])
    return joined.assign(described.data_vars).assign_attrs(described.attrs)


def statistics(
    reduced: xr.Dataset,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
    without_mean: Sequence[str] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Tabulate shares, means, quantiles and extremes with error bars.

    Parameters
    ----------
    reduced : xarray.Dataset
        From `reduce` or `combine`.
    quantiles : sequence of float
        Between 0 and 1.
    without_mean : sequence of str
        Quantities whose mean may not exist.
    confidence : float
        Of the error bars, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Columns ``quantity``, ``statistic``, ``level`` (of a quantile), ``starts``, ``value``,
        ``low``, ``high``. The interval of a share is Clopper and Pearson's; that of a mean is
        normal, from the standard error; that of a quantile is given by order statistics, and
        includes the width of the bins. Extremes have none.
    """
    total = int(reduced["size"].sum())
    rows: list[tuple] = []
    for event, hits in zip(
        reduced["event"].values.astype(str), reduced["hits"].values, strict=True
    ):
        low, high = binomial_interval(hits, total, confidence)
        rows.append((event, "share", np.nan, total, hits / total, float(low), float(high)))
    for name in reduced["quantity"].values.astype(str):
        one = reduced.sel(quantity=name)
        if name not in without_mean:
            mean, error = _mean(one, total)
            margin = scipy.stats.norm.ppf((1 + confidence) / 2) * error
            rows.append((name, "mean", np.nan, total, mean, mean - margin, mean + margin))
        least, largest = float(one["minimum"].min()), float(one["maximum"].max())
        cumulative = np.cumsum(one["count"].values)
        for p in quantiles:
            # A bin is wider than the ensemble where all values agree.
            triple = np.clip(_quantile(cumulative, p, confidence), least, largest).tolist()
            rows.append((name, "quantile", p, total, *triple))
        rows += [
            (name, "minimum", np.nan, total, least, np.nan, np.nan),
            (name, "maximum", np.nan, total, largest, np.nan, np.nan),
        ]
    return pd.DataFrame(
        rows, columns=["quantity", "statistic", "level", "starts", "value", "low", "high"]
    )


def survival(reduced: xr.Dataset, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the bins and how many starts are beyond each.

    Parameters
    ----------
    reduced : xarray.Dataset
    quantity : str

    Returns
    -------
    ends : ndarray
        From zero on, increasing, the last infinite.
    beyond : ndarray of int
        Number of starts at which the quantity is at or above that end; for the end zero, above.
    """
    if quantity not in reduced["quantity"]:
        raise ValueError(
            f"quantity must be one that was measured, got {quantity!r}, "
            f"not among {', '.join(reduced['quantity'].values.astype(str))}; measure it as well"
        )
    count = reduced["count"].sel(quantity=quantity).values
    return _upper_ends(), count.sum() - np.cumsum(count)


def _moments(array: np.ndarray, firsts: range) -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for first in firsts:
        block = array[first : first + BLOCK]
        total = math.fsum(block)
        squares = math.fsum((block - total / len(block)) ** 2)
        rows.append((total, squares, block.min(), block.max()))
    return rows


def _histogram(array: np.ndarray) -> np.ndarray:
    shift = 52 - _LEADING_BITS
    # Floats that are not negative are ordered like their bits read as integers.
    bits = np.ascontiguousarray(array).view(np.int64) >> shift
    first = (1023 + _OCTAVES.start) << _LEADING_BITS
    bins = len(_OCTAVES) << _LEADING_BITS
    return np.bincount(np.clip(bits - first + 1, 0, bins + 1), minlength=bins + 2)


def _upper_ends() -> np.ndarray:
    """Return the end of each bin; zero for the first, in which only zeros are expected."""
    shift = 52 - _LEADING_BITS
    first = (1023 + _OCTAVES.start) << _LEADING_BITS
    inner = np.arange(first + 1, first + (len(_OCTAVES) << _LEADING_BITS) + 1) << shift
    return np.concatenate([[0.0], inner.view(np.float64), [np.inf]])


def _mean(one: xr.Dataset, total: int) -> tuple[float, float]:
    """Return the mean and its standard error."""
    size, sums = one["size"].values, one["sum"].values
    mean = math.fsum(sums) / total
    between = size * (sums / size - mean) ** 2
    squares = math.fsum([*one["squares"].values, *between])
    return mean, math.sqrt(squares / max(total - 1, 1) / total)


def _quantile(cumulative: np.ndarray, p: float, confidence: float) -> tuple[float, float, float]:
    total = int(cumulative[-1])
    ends = _upper_ends()
    starts = np.concatenate([[0.0], ends[:-1]])

    def position(rank: float) -> int:
        return int(np.searchsorted(cumulative, np.clip(rank, 1, total)))

    k = position(math.ceil(p * total))
    before = cumulative[k] - np.diff(cumulative, prepend=0)[k]
    part = (p * total - before) / (cumulative[k] - before)
    value = starts[k] + np.clip(part, 0, 1) * (ends[k] - starts[k]) if k else 0.0
    tail = (1 - confidence) / 2
    low = starts[position(scipy.stats.binom.ppf(tail, total, p))]
    high = ends[position(scipy.stats.binom.ppf(1 - tail, total, p) + 1)]
    return float(value), float(low), float(high)


def _dataset(
    size: np.ndarray,
    by_block: Mapping[str, np.ndarray],
    count: np.ndarray | int,
    hits: np.ndarray | int,
    quantities: Sequence[str],
    events: Sequence[str],
) -> xr.Dataset:
    variables: dict = {"size": ("block", size, {"long_name": "starts in the block", "units": "1"})}
    for name, text in _MOMENTS.items():
        dims = ("block", "quantity")
        variables[name] = (dims, by_block[name], {"long_name": text, "units": "1"})
    counted = {"long_name": "starts in the bin", "units": "1"}
    variables["count"] = (("quantity", "bin"), count, counted)
    variables["hits"] = ("event", hits, {"long_name": "starts with the event", "units": "1"})
    coords = {
        name: (name, np.array(names, "U"), {"long_name": text})
        for name, names, text in (
            ("quantity", quantities, "what is measured of a start"),
            ("event", events, "what a start may do"),
        )
    }
    return xr.Dataset(variables, coords=coords)
