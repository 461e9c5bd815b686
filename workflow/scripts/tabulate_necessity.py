"""Tabulate what the examples of necessity predict against what they do."""

from dlnpaper.ensembles import STARTS
from dlnpaper.storage import read_dataset
from dlnpaper.studies.necessity import tabulate_examples
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    starts_and_trajectories = [
        read_dataset(snakemake.input.starts, STARTS),
        read_dataset(snakemake.input.trajectories, SCHEMA),
        read_dataset(snakemake.input.tied_starts, STARTS),
        read_dataset(snakemake.input.tied_trajectories, SCHEMA),
    ]
    unbalanced = read_dataset(snakemake.input.unbalanced)
    write_table(tabulate_examples(*starts_and_trajectories, unbalanced), snakemake.output)
