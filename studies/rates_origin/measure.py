"""Rates to the origin, measured (docs/theory.md, section 5.4)."""

from collections.abc import Sequence

import xarray as xr

from companion import rate_measurement


def measure(starts: Sequence[xr.Dataset], trajectories: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return what `rate_measurement.measure` does, the starts of all ensembles one after another.

    The ensembles must share their depths and times.
    """
    pairs = zip(starts, trajectories, strict=True)
    return xr.concat([rate_measurement.measure(*pair) for pair in pairs], dim="start", join="exact")
