"""Compare the stages of a large ensemble with their bounds, and keep counts and quantiles."""

from dlnpaper.ensembles import STARTS, starts_of, target_of
from dlnpaper.stage_records import SUMMARY
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.stage_ensembles import summarize

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts = read_dataset(snakemake.input.starts, STARTS)
    summary = summarize(target_of(starts), starts_of(starts), snakemake.params.settings["depths"])
    write_dataset(summary, snakemake.output[0], SUMMARY)
