"""Draw the singular values of the digits, and the loss of networks that learn them."""

from dlnpaper.ensembles import family_names, select
from dlnpaper.figures.digits import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.regression import DATA
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    data = read_dataset(snakemake.input.data, DATA)
    ensemble = read_dataset(snakemake.input.trajectories, SCHEMA)
    witness = read_dataset(snakemake.input.witness, SCHEMA)
    drawn = numbers(data, ensemble, select(ensemble, family_names(witness)), witness)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
