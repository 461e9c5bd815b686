"""Tabulate the stages of large ensembles against their bounds."""

from dlnpaper.stage_records import SUMMARY
from dlnpaper.storage import read_dataset
from dlnpaper.studies.stage_table import tabulate

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    summaries = [read_dataset(path, SUMMARY) for path in snakemake.input.summaries]
    write_table(
        tabulate(dict(zip(snakemake.params.cases, summaries, strict=True))), snakemake.output
    )
