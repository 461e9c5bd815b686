"""Sums, counts and histograms of an ensemble that do not depend on how it is cut into parts.

Integers add exactly. Sums of floats do not, so they are taken over blocks of starts with fixed ends
and kept apart until the last step, where ``math.fsum`` adds them without rounding on the way.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import scipy
import xarray as xr

from companion.survey.blocks import BLOCK
from dlnpaper.analysis._intervals import binomial_interval

#: Of all error bars.
CONFIDENCE = 0.95

# Bins are the floats that share an exponent and the five leading bits of the mantissa: 2 to 3 %
# wide at every magnitude, from 2^-200 to 2^100. What lies below the first counts as zero, and what
# lies above the last is larger than any time of interest. Floats that are not negative are ordered
# like their bits read as integers: shifted, these number the bins.
_SHIFT = 52 - 5
_FIRST = (1023 - 200) << 5
_BINS = 300 << 5

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

    Returns, over ``block``: ``size``; over ``block`` and ``quantity``: ``sum``, ``squares`` (of the
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
    firsts = np.arange(0, size, BLOCK)
    moments = np.array([_moments(array, firsts) for array in quantities.values()])
    moments = moments.reshape(len(quantities), len(firsts), 4)
    count = np.array([_histogram(array) for array in quantities.values()], np.int64)
    hits = np.array([np.count_nonzero(array) for array in events.values()], np.int64)

    def described(dims, numbers, long_name):
        return dims, numbers, {"long_name": long_name, "units": "1"}

    return xr.Dataset(
        {
            "size": described("block", np.minimum(BLOCK, size - firsts), "starts in the block"),
            **{
                name: described(("block", "quantity"), moments[..., i].T, text)
                for i, (name, text) in enumerate(_MOMENTS.items())
            },
            "count": described(("quantity", "bin"), count, "starts in the bin"),
            "hits": described("event", hits, "starts with the event"),
        },
        coords={
            name: (name, np.array(list(names), "U"), {"long_name": text})
            for name, names, text in (
                ("quantity", quantities, "what is measured of a start"),
                ("event", events, "what a start may do"),
            )
        },
    )


def combine(parts: Iterable[xr.Dataset]) -> xr.Dataset:
    """Join reduced parts of an ensemble, in their order, one at a time.

    Parameters
    ----------
    parts : iterable of xarray.Dataset
        From `reduce`, with the same quantities and events; all but the last of whole blocks.

    Returns what `reduce` would return for the whole.
    """
    blocks: list[xr.Dataset] = []
    count: np.ndarray | int = 0
    hits: np.ndarray | int = 0
    for part in parts:
        blocks.append(part[["size", *_MOMENTS]])
        count, hits = count + part["count"].values, hits + part["hits"].values
    size = np.concatenate([block["size"].values for block in blocks])
    if (size[:-1] != BLOCK).any():
        raise ValueError(
            f"parts must consist of blocks of {BLOCK} starts, but for the last block of the last "
            f"part, got blocks of {sorted({int(n) for n in size[:-1]} - {BLOCK})}; cut elsewhere"
        )
    # What else is stored with a part describes the ensemble, and is the same in all.
    joined = xr.concat(blocks, dim="block", combine_attrs="override").assign(
        count=part["count"].copy(data=count), hits=part["hits"].copy(data=hits)
    )
    return joined.merge(part.drop_dims(["block", "bin", "event"]), combine_attrs="override")


def statistics(
    reduced: xr.Dataset, quantiles: Sequence[float], without_mean: Sequence[str] = ()
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

    Returns the columns ``quantity``, ``statistic``, ``level`` (of a quantile), ``starts``,
    ``value``, ``low``, ``high``. The interval of a share is Clopper and Pearson's; that of a mean
    is normal, from the standard error; that of a quantile is given by order statistics, and
    includes the width of the bins. Extremes have none.
    """
    total = int(reduced["size"].sum())
    rows: list[tuple] = []
    for event, hits in reduced["hits"].to_series().items():
        low, high = binomial_interval(hits, total, CONFIDENCE)
        rows.append((event, "share", np.nan, total, hits / total, float(low), float(high)))
    for name in reduced["quantity"].values.astype(str):
        one = reduced.sel(quantity=name)
        if name not in without_mean:
            mean, error = _mean(one, total)
            margin = scipy.stats.norm.ppf((1 + CONFIDENCE) / 2) * error
            rows.append((name, "mean", np.nan, total, mean, mean - margin, mean + margin))
        least, largest = float(one["minimum"].min()), float(one["maximum"].max())
        cumulative = np.cumsum(one["count"].values)
        for p in quantiles:
            # A bin is wider than the ensemble where all values agree.
            triple = np.clip(_quantile(cumulative, p), least, largest).tolist()
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

    The ends increase from zero to infinity; the number is that of the starts at which the quantity
    is at or above that end, or, for the end zero, above.
    """
    if quantity not in reduced["quantity"]:
        raise ValueError(
            f"quantity must be one that was measured, got {quantity!r}, "
            f"not among {', '.join(reduced['quantity'].values.astype(str))}; measure it as well"
        )
    count = reduced["count"].sel(quantity=quantity).values
    return _upper_ends(), count.sum() - np.cumsum(count)


def _moments(array: np.ndarray, firsts: np.ndarray) -> list[tuple[float, ...]]:
    rows: list[tuple[float, ...]] = []
    for first in firsts:
        block = array[first : first + BLOCK]
        total = math.fsum(block)
        squares = math.fsum((block - total / len(block)) ** 2)
        rows.append((total, squares, block.min(), block.max()))
    return rows


def _histogram(array: np.ndarray) -> np.ndarray:
    bits = np.ascontiguousarray(array).view(np.int64) >> _SHIFT
    return np.bincount(np.clip(bits - _FIRST + 1, 0, _BINS + 1), minlength=_BINS + 2)


def _upper_ends() -> np.ndarray:
    """Return the end of each bin; zero for the first, in which only zeros are expected."""
    inner = np.arange(_FIRST + 1, _FIRST + _BINS + 1) << _SHIFT
    return np.concatenate([[0.0], inner.view(np.float64), [np.inf]])


def _mean(one: xr.Dataset, total: int) -> tuple[float, float]:
    """Return the mean and its standard error."""
    size, sums = one["size"].values, one["sum"].values
    mean = math.fsum(sums) / total
    between = size * (sums / size - mean) ** 2
    squares = math.fsum([*one["squares"].values, *between])
    return mean, math.sqrt(squares / max(total - 1, 1) / total)


def _quantile(cumulative: np.ndarray, p: float) -> tuple[float, float, float]:
    total = int(cumulative[-1])
    ends = _upper_ends()
    starts = np.concatenate([[0.0], ends[:-1]])

    def position(rank: float) -> int:
        return int(np.searchsorted(cumulative, np.clip(rank, 1, total)))

    k = position(math.ceil(p * total))
    before = cumulative[k] - np.diff(cumulative, prepend=0)[k]
    part = (p * total - before) / (cumulative[k] - before)
    value = starts[k] + np.clip(part, 0, 1) * (ends[k] - starts[k]) if k else 0.0
    tail = (1 - CONFIDENCE) / 2
    low = starts[position(scipy.stats.binom.ppf(tail, total, p))]
    high = ends[position(scipy.stats.binom.ppf(1 - tail, total, p) + 1)]
    return float(value), float(low), float(high)
