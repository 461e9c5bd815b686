"""Tabulate how far the weights travel: predicted, and measured on integrated layers."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.travel import tabulate_travel

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    write_table(tabulate_travel(read_dataset(snakemake.input.travels)), snakemake.output)
