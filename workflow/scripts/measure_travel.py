"""Compute, and measure on integrated layers, how far the weights travel."""

from dlnpaper.ensembles import STARTS
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.travel import compare_travel

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    starts = read_dataset(snakemake.input.starts, STARTS)
    last = settings["travel"]["last"]
    travels = compare_travel(starts, settings["depths"], last, settings["seed"])
    write_dataset(travels, snakemake.output[0])
