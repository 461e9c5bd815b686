"""Follow the starting points of an ensemble by numerical integration, at each of its depths."""

from companion.ensembles import follow
from companion.storage import read_dataset, write_dataset
from dlnpaper.one_neuron._flows import integrate

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts, settings = read_dataset(snakemake.input.starts), snakemake.params.settings
    followed = follow(integrate, starts, settings, "reference", **settings["reference"]["options"])
    write_dataset(followed, snakemake.output[0])
