"""Whiten the handwritten digits, and make starting points for the target that they give."""

from sklearn.datasets import load_digits

from dlnpaper.ensembles import STARTS, generate
from dlnpaper.storage import write_dataset
from dlnpaper.studies.regression import DATA, one_hot, whitened_data

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    digits = load_digits()
    target, data = whitened_data(digits.data.T, one_hot(digits.target))
    write_dataset(data, snakemake.output.data, DATA)
    starts = generate(target, settings["starts"], settings["seed"])
    write_dataset(starts, snakemake.output.starts, STARTS)
