"""The share that each theory covers, exact and sampled."""

import numpy as np
import pandas as pd
import xarray as xr

from dlnpaper.one_neuron._guarantees import GUARANTEES


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Tabulate the shares, one row for each guarantee and case.

    ``predicted`` is the exact share and ``measured`` that of the sample, between ``low`` and
    ``high``; ``outside`` is 1 where this interval misses the exact share, else 0.
    """
    names = {"exact": "predicted", "share": "measured"}
    columns = ["dimension", "ratio", "omega", *names, "low", "high"]
    shares = measured[columns].to_dataframe().reset_index()
    shares = shares[["guarantee", *columns]].rename(columns=names)
    missed = (shares["predicted"] < shares["low"]) | (shares["predicted"] > shares["high"])
    shares.insert(1, "rank", np.where(shares["ratio"] > 0, 2, 1))
    shares["s"], shares["starts"] = measured.attrs["s"], measured.attrs["starts"]
    shares["outside"] = missed.astype(int)
    order = {name: position for position, name in enumerate(GUARANTEES)}
    return shares.sort_values("guarantee", key=lambda column: column.map(order), kind="stable")
