"""Make a study's families of starting points."""

from dlnpaper.ensembles import STARTS, generate
from dlnpaper.storage import write_dataset
from dlnpaper.target import Target

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    starts = generate(Target(**settings["target"]), settings["starts"], settings["seed"])
    write_dataset(starts, snakemake.output[0], STARTS)
