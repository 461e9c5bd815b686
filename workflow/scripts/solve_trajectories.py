"""Follow the starting points of an ensemble in closed form, at each of its depths."""

from companion.ensembles import follow
from companion.storage import read_dataset, write_dataset
from dlnpaper.one_neuron._closed_form import solve

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts, settings = read_dataset(snakemake.input.starts), snakemake.params.settings
    followed = follow(solve, starts, settings, "trajectories", threads=snakemake.threads)
    write_dataset(followed, snakemake.output[0])
