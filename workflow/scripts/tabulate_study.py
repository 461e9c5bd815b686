"""Tabulate a study in all formats."""

from importlib import import_module

from inputs import datasets

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    table = import_module(f"studies.{snakemake.wildcards.study}.table")
    write_table(table.table(**datasets(snakemake), **snakemake.params.settings), snakemake.output)
