"""When steps leave saddles, against the law, and what they never do."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

#: Names, then numbers.
_KEYS = ["quantity", "depth", "descent", "limit", "effective_step"]


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return one row for each quantity, depth, method, limit and effective step.

    Of several starts the row is about the one with the largest error.
    """
    rows = [*_leaving(measured), *_sides(measured), *_symmetric(measured), *_checks(measured)]
    rows.append(_imbalance(measured))
    columns = [*_KEYS, "predicted", "measured", "error"]
    return pd.DataFrame(rows)[columns].sort_values(_KEYS, ignore_index=True)


def _leaving(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    """Yield times, and their slopes against ln(1/step) and errors from one step to the next."""
    steps = measured["effective_step"].values
    folds = np.log(steps[:-1] / steps[1:])
    for at in _runs(measured):
        depth, saddle = int(at["depth"]), int(at["saddle"])
        rate = unstable_rate(measured["singular_values"].values, depth, saddle)
        found, law = at["leaving"].values, at["leaving_law"].values
        errors = rate * (found - law)
        slopes = np.diff(found, axis=0) / folds[:, None]
        keys = _keys(at, "saddle")
        for j, step in enumerate(steps):
            worst = _worst(errors[j])
            yield _row("time", keys, step, law[j, worst], found[j, worst], errors[j, worst])
        for j, step in enumerate(steps[1:]):
            worst = _worst(slopes[j] * rate - 1)
            slope = slopes[j, worst]
            yield _row("slope", keys, step, 1 / rate, slope, slope * rate - 1)
        sizes = np.abs(errors).max(axis=1)
        order = float(np.log(sizes[-2] / sizes[-1]) / folds[-1])
        yield _row("order of the error", keys, steps[-1], 1.0, order, order - 1)


def _sides(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for at in _runs(measured):
        keys = _keys(at, "saddle")
        wrong = at["side"] != np.sign(at["growing_part"])
        for step in measured["effective_step"].values:
            count = float(wrong.sel(effective_step=step).sum())
            yield _row("ends on the other side", keys, step, 0.0, count, count)


def _symmetric(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    names = {"symmetric_part": "symmetric part", "symmetric_excess": "symmetric excess"}
    for name, quantity in names.items():
        for at in _each(measured[name], "depth", "descent", "limit"):
            yield _row(quantity, _keys(at, "limit"), np.nan, 0.0, float(at), float(at))


def _checks(measured: xr.Dataset) -> Iterator[dict[str, object]]:
    for at in _each(measured["identity_error"], "depth", "descent"):
        yield _row("identity of the imbalance", _keys(at), np.nan, 0.0, float(at), float(at))
    first = measured.isel(descent=0, effective_step=0, saddle=0, start=0)
    for depth in measured["depth"].values:
        digits, floats = (first[name].sel(depth=depth) for name in ("leaving_decimal", "leaving"))
        keys = {"depth": int(depth), "descent": "gradient_descent", "limit": int(first["saddle"])}
        error = float(floats - digits)
        step = float(first["effective_step"])
        yield _row("time with 50 digits", keys, step, float(digits), float(floats), error)


def _imbalance(measured: xr.Dataset) -> dict[str, object]:
    """Return the largest difference of the imbalance over time from its law, over its size."""
    law, step = measured["imbalance_law"], measured["effective_step"].values[-2]
    apart = abs(measured["imbalance"] - law).max("time")
    size = float(np.abs(law).max())
    keys = {"depth": int(measured.attrs["drawn_depth"]), "descent": "all"}
    keys |= {"limit": int(measured["saddle"][0])}
    worst = float(apart.max())
    return _row("imbalance over time", keys, step, size, worst, worst / size)


def unstable_rate(sigma: np.ndarray, depth: int, saddle: int) -> float:
    """Return the rate at which mode 1 grows at a saddle (docs/steps.md, section 3)."""
    own = float(sigma[saddle - 1])
    return own ** (1 - 2 / depth) * (float(sigma[0]) - own)


def _runs(measured: xr.Dataset) -> Iterator[xr.Dataset]:
    names = ["leaving", "leaving_law", "side", "growing_part"]
    return _each(measured[names], "depth", "descent", "saddle")


def _each(data, *dims):
    """Yield what is left at each combination of these coordinates."""
    if not dims:
        yield data
        return
    for i in range(data.sizes[dims[0]]):
        yield from _each(data.isel({dims[0]: i}), *dims[1:])


def _keys(at, limit: str | None = None) -> dict[str, object]:
    """Return depth, method and the number of the limit, which a coordinate of this name holds."""
    names = {"depth": int(at["depth"]), "descent": str(at["descent"].values)}
    return {**names, "limit": int(at[limit]) if limit else 0}


def _worst(errors: np.ndarray) -> int:
    """Return where the error is largest; a missing one is the largest."""
    return int(np.argmax(np.where(np.isnan(errors), np.inf, np.abs(errors))))


def _row(quantity, keys, step, predicted, measured, error):
    names = {"quantity": quantity, **keys, "effective_step": float(step)}
    numbers = {"predicted": predicted, "measured": measured, "error": error}
    return names | {name: float(number) for name, number in numbers.items()}
