"""Measure an ensemble for every ratio of singular values, in one dimension."""

import numpy as np
import xarray as xr

from dlnpaper.storage import write_dataset
from dlnpaper.studies.blocks import shard_range
from dlnpaper.studies.reductions import REDUCED, combine
from dlnpaper.studies.survey import survey
from dlnpaper.target import Target

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings, shards = snakemake.params.settings, snakemake.params.shards
    dimension = int(snakemake.wildcards.dimension)
    ensembles = []
    for ratio in settings["ratios"]:
        target = Target(ratio ** np.arange(dimension), shape=(dimension, dimension))
        parts = (shard_range(settings["size"], shard, shards) for shard in range(shards))
        ensembles.append(
            combine(
                survey(
                    target,
                    settings["depth"],
                    part,
                    settings["seed"],
                    tuple(settings["s"]),
                    settings["measure"],
                )
                for part in parts
            )
        )
    attrs = {"long_name": "sigma_2 / sigma_1", "units": "1"}
    ratios = xr.DataArray(settings["ratios"], dims="ratio", name="ratio", attrs=attrs)
    write_dataset(xr.concat(ensembles, dim=ratios), snakemake.output[0], REDUCED)
