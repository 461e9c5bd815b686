"""Make the families of starting points of an ensemble."""

from companion.ensembles import generate, target_from
from companion.storage import write_dataset

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    target = target_from(**settings["target"])
    write_dataset(generate(target, settings["starts"], settings["seed"]), snakemake.output[0])
