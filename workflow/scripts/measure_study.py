"""Measure what a study shows, once for its table, its figure and its claims."""

from importlib import import_module

from inputs import datasets

from companion.storage import write_dataset

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    study = import_module(f"studies.{snakemake.wildcards.study}.measure")
    measured = study.measure(**datasets(snakemake), **snakemake.params.settings)
    write_dataset(measured, snakemake.output[0])
