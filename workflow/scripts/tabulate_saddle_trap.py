"""Tabulate where solvers say that starts on the stable sets of saddles end."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.saddle_trap import saddle_trap
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    write_table(saddle_trap(read_dataset(snakemake.input.followed, SCHEMA)), snakemake.output)
