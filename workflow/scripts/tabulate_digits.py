"""Tabulate what the digits are, what was left out of them, and how solvers agree on them."""

from dlnpaper.ensembles import family_names, select
from dlnpaper.storage import read_dataset
from dlnpaper.studies.regression import DATA, regression
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    data = read_dataset(snakemake.input.data, DATA)
    witness = read_dataset(snakemake.input.witness, SCHEMA)
    exact = select(read_dataset(snakemake.input.trajectories, SCHEMA), family_names(witness))
    write_table(regression(data, exact, witness), snakemake.output)
