"""Compute, and estimate from sampled starts, the share that each theory covers."""

from dlnpaper.storage import write_dataset
from dlnpaper.studies.coverage_sweeps import list_cases, sweep_coverage

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    swept = sweep_coverage(
        list_cases(**settings["cases"]),
        settings["s"],
        settings["omega_fraction"],
        settings["size"],
        settings["confidence"],
        settings["seed"],
    )
    write_dataset(swept, snakemake.output[0])
