"""Outputs, singular values and training times from Gaussian layers, by theory and sampled."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import xarray as xr

KEYS = ["quantity", "width", "ratio"]


def table(measured: xr.Dataset, *, samples: int, networks: int, one_neuron: dict) -> pd.DataFrame:
    """Return one row for each sampled number; the ratio is 0 for starts with one neuron.

    The ``error`` is in standard errors for means, relative for variances. Distances are those of
    Kolmogorov and Smirnov, times the root of the number of samples.
    """
    rows = [*_outputs(measured, samples, networks), *_starts(measured, one_neuron["size"])]
    columns = [*KEYS, "predicted", "measured", "error"]
    return pd.DataFrame(rows, columns=columns).sort_values(KEYS, ignore_index=True)


def _outputs(measured: xr.Dataset, samples: int, networks: int) -> Iterator[tuple]:
    for width in measured["width"].values:
        for ratio in measured["ratio"].values:
            at, place = measured.sel(width=width, ratio=ratio), (width, ratio)
            law, found = float(at["log_mean_law"]), float(at["log_mean"])
            deviation = np.sqrt(float(at["log_variance_law"]) / samples)
            yield "mean of log q", *place, law, found, (found - law) / deviation
            law, found = float(at["log_variance_law"]), float(at["log_variance"])
            yield "variance of log q", *place, law, found, found / law - 1
            yield (
                "variance over 2 depth/width",
                *place,
                1.0,
                found / (2 * ratio),
                found / (2 * ratio) - 1,
            )
    smallest = measured["width"].values.min()
    for ratio in measured["ratio"].values:
        distance = float(measured["layers_distance"].sel(ratio=ratio)) * np.sqrt(networks)
        yield "distance of explicit layers", smallest, ratio, 0.0, distance, distance


def _starts(measured: xr.Dataset, size: int) -> Iterator[tuple]:
    for width in measured["start_width"].values:
        at, place = measured.sel(start_width=width), (width, 0.0)
        law, found = float(at["log_s_mean_law"]), float(at["log_s_mean"])
        deviation = np.sqrt(float(at["log_s_variance_law"]) / size)
        yield "mean of log s", *place, law, found, (found - law) / deviation
        for name, text in (("log_s", "variance of log s"), ("time", "variance of log T")):
            law, found = float(at[f"{name}_variance_law"]), float(at[f"{name}_variance"])
            yield text, *place, law, found, found / law - 1
        distance = float(at["s_distance"]) * np.sqrt(size)
        yield "distance of s", *place, 0.0, distance, distance
        distance = float(at["time_distance"] * np.sqrt(at["starts"]))
        yield "distance of T", *place, 0.0, distance, distance
