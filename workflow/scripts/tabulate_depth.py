"""Tabulate the laws of depth, predicted and measured."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.depth_effects import DEPTH, tabulate

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    write_table(tabulate(read_dataset(snakemake.input.effects, DEPTH)), snakemake.output)
