"""Tabulate the large ensemble: shares, means, quantiles and extremes, with error bars."""

from dlnpaper.storage import read_dataset
from dlnpaper.studies.reductions import REDUCED
from dlnpaper.studies.survey_table import survey_table

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    ensemble = read_dataset(snakemake.input.ensemble, REDUCED)
    write_table(survey_table(ensemble), snakemake.output)
