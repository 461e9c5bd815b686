"""Draw how trajectories come to the origin, against the three laws."""

from dlnpaper.ensembles import STARTS
from dlnpaper.figures.rates_origin import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts = [read_dataset(path, STARTS) for path in snakemake.input.starts]
    trajectories = [read_dataset(path, SCHEMA) for path in snakemake.input.trajectories]
    drawn = numbers(starts, trajectories)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
