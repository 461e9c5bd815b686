"""Integrate the starts of the agreement study at one depth, with every method and tolerance."""

from dlnpaper.ensembles import STARTS, time_grid
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.agreement import integrations
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    witness = integrations(
        read_dataset(snakemake.input.starts, STARTS),
        [int(snakemake.wildcards.depth)],
        time_grid(**settings["times"]),
        seed=settings["seed"],
        **settings["integrations"],
    )
    write_dataset(witness, snakemake.output[0], SCHEMA)
