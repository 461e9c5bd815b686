"""Tabulate the worst errors that the audits of all studies found."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.audit import AUDIT, tabulate_audit

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    audits = (read_dataset(path, AUDIT) for path in snakemake.input.audits)
    write_table(tabulate_audit(audits, snakemake.params.studies), snakemake.output)
