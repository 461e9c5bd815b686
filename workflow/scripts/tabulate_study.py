"""Tabulate a study in all formats."""

from inputs import study_module
from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    study, arguments = study_module(snakemake, "table")
    write_table(study.table(**arguments), snakemake.output)
