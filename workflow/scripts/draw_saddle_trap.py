"""Draw what solvers make of a start that ends in a saddle, in two coordinate systems."""

from dlnpaper.figures.saddle_trap import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.saddle_trap import departures
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    followed = read_dataset(snakemake.input.followed, SCHEMA)
    drawn = numbers(followed, departures(followed))
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
