"""Compute random starting points of every ensemble again, in extended precision, and compare."""

import xarray as xr

from companion.audit import audit
from companion.ensembles import time_grid
from companion.storage import read_dataset, write_dataset

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    parts = []
    ensembles = snakemake.params.ensembles
    for path, (name, ensemble) in zip(snakemake.input.starts, ensembles.items(), strict=True):
        starts, times = read_dataset(path), time_grid(**ensemble["times"])
        settings = snakemake.params.settings
        parts.append(audit(name, starts, ensemble["depths"], times, **settings))
    write_dataset(xr.concat(parts, dim="pair"), snakemake.output[0])
