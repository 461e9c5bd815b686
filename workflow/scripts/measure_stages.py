"""Measure the stages of a study's starting points, at each of its depths."""

from dlnpaper.ensembles import STARTS
from dlnpaper.stage_records import STAGES
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.stage_ensembles import measure

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts = read_dataset(snakemake.input.starts, STARTS)
    stages = measure(starts, snakemake.params.settings["depths"])
    write_dataset(stages, snakemake.output[0], STAGES)
