"""Measure what a study shows, once for its table, its figure and its claims."""

from companion.storage import write_dataset

from inputs import study_module
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    study, arguments = study_module(snakemake, "measure")
    write_dataset(study.measure(**arguments), snakemake.output[0])
