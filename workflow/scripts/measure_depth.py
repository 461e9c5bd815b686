"""Measure plateau times, and the final rates of multiples of the target, at each depth."""

import xarray as xr

from dlnpaper.ensembles import STARTS, select, starts_of, target_of, time_grid
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.depth_effects import DEPTH, end_rates, plateaus

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    starts = read_dataset(snakemake.input.starts, STARTS)
    target, depths = target_of(starts), settings["depths"]
    plateau, end = (starts_of(select(starts, [name])) for name in ("plateau", "end"))
    parts = [
        plateaus(target, depths, plateau),
        end_rates(target, depths, end, settings["scales"], time_grid(**settings["times"])),
    ]
    write_dataset(xr.merge(parts), snakemake.output[0], DEPTH)
