"""How often, and by how much, Gaussian layers differ from their balanced prediction."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.analysis._intervals import binomial_interval

#: Of the intervals of shares.
CONFIDENCE = 0.99

#: Times differ if they do so by more than this factor.
FACTOR = 1.1

#: Names, then numbers.
_KEYS = ["quantity", "depth", "width", "scale"]


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each quantity, depth, width and scale.

    ``low`` and ``high`` are the ends of a share's interval; where nothing is predicted, or nothing
    is a share, cells are empty.
    """
    rows = [*_two_layers(measured), *_deeper(measured), *_changes(measured)]
    rows += [*_scalar(measured), *_imbalances(measured)]
    columns = [*_KEYS, "predicted", "measured", "low", "high", "error"]
    return pd.DataFrame(rows)[columns].sort_values(_KEYS, ignore_index=True)


def off(ratio: np.ndarray) -> np.ndarray:
    """Return where times differ."""
    return np.abs(np.log(ratio)) > np.log(FACTOR)


def _two_layers(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    many, shift = measured.attrs["many"], measured["exact_shift"].values
    for scale in measured["small_scale"].values:
        at, keys = measured.sel(small_scale=scale), (2, 1, scale)
        yield _share("another limit", keys, int(at["exact_other"]), many, 0.0)
        balanced, found = at["exact_balanced"].values, at["exact_time"].values
        # Far from the limit of vanishing scale the law may ask for times before 0.
        law = np.maximum(1 + shift / balanced, 0.5)
        ratio = found / balanced
        share = float(off(law).mean())
        yield _share("time off by a tenth", keys, int(off(ratio).sum()), ratio.size, share)
        yield _row("median ratio of times", keys, np.nan, np.median(ratio))
        errors = np.abs(found - balanced - shift)
        yield _row("shift of the time, median error", keys, 0.0, np.median(errors))


def _deeper(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for case in range(measured.sizes["case"]):
        at = measured.isel(case=case)
        keys = int(at["depth"]), int(at["width"]), float(at["scale"])
        time, ratio = at["time"].values, (at["time"] / at["balanced"]).values
        yield _share("another limit", keys, int(np.isinf(time).sum()), time.size, 0.0)
        yield _share("time off by a tenth", keys, int(off(ratio).sum()), ratio.size)
        yield _row("median ratio of times", keys, np.nan, np.median(ratio))
        if keys[2] == float(measured["scale"].max()):
            errors = np.abs(np.log(time / at["frozen"].values))
            yield _row("first kernel, median error", keys, 0.0, np.median(errors))


def _changes(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    """Yield how ratios of times change from one scale to the next, and errors with the width."""
    small, large = float(measured["scale"].min()), float(measured["scale"].max())
    least = int(measured["width"].min())
    for depth in np.unique(measured["depth"]):
        some = measured.isel(case=(measured["depth"] == depth).values)
        narrow = some.isel(case=(some["width"] == least).values).sortby("scale")
        logs = np.log((narrow["time"] / narrow["balanced"]).values)
        keys = int(depth), least, small
        change = np.median(np.abs(logs[1] - logs[0]))
        yield _row("change of the ratio with the scale", keys, 0.0, change)
        wide = some.isel(case=(some["scale"] == large).values).sortby("width")
        errors = np.median(np.abs(np.log((wide["time"] / wide["frozen"]).values)), axis=1)
        folds = np.log(wide["width"].values[-1] / wide["width"].values[0])
        exponent = np.log(errors[-1] / errors[0]) / folds
        yield _row("first kernel, exponent", (int(depth), 0, large), -1.0, exponent)


def _scalar(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for depth in measured["scalar_depth"].values:
        at = measured.sel(scalar_depth=depth)
        keys, size = (int(depth), 0, 1.0), int(at["scalar_size"])
        yield _share("one number, another limit", keys, int(at["other"]), size, 0.5)
        yield _row("one number, exceptions", keys, 0.0, float(at["opposite"]))


def _imbalances(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for pair in measured["pair"].values:
        for width in measured["wide_width"].values:
            at = measured.sel(pair=pair, wide_width=width)
            law, found = float(at["imbalance_law"]), float(at["found_imbalance"])
            row = _row(f"imbalance, {pair}", (0, int(width), 1.0), law, found)
            yield row | {"error": (found - law) / float(at["imbalance_error"])}


def _share(quantity, keys, hits, total, predicted=np.nan):
    low, high = binomial_interval(hits, total, CONFIDENCE)
    row = _row(quantity, keys, predicted, hits / total)
    return row | {"low": float(low), "high": float(high)}


def _row(quantity, keys, predicted, measured):
    numbers = {"predicted": float(predicted), "measured": float(measured)}
    ends = {"low": np.nan, "high": np.nan, "error": float(measured - predicted)}
    return {"quantity": quantity, **dict(zip(_KEYS[1:], keys, strict=True)), **numbers, **ends}
