"""Tabulate the exact shares that each theory covers against those of sampled starts."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.coverage_sweeps import tabulate_coverage

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    write_table(tabulate_coverage(read_dataset(snakemake.input.coverage)), snakemake.output)
