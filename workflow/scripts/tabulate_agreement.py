"""Tabulate the errors of integrated flows."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.agreement import agreement, errors
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    exact = read_dataset(snakemake.input.trajectories, SCHEMA)
    witnesses = [read_dataset(path, SCHEMA) for path in snakemake.input.witnesses]
    write_table(agreement(errors(exact, witnesses)), snakemake.output)
