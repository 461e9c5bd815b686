"""Draw how far the weights travel, from the lazy regime to the rich one."""

from dlnpaper.ensembles import STARTS
from dlnpaper.figures.lazy import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts = read_dataset(snakemake.input.starts, STARTS)
    travels = read_dataset(snakemake.input.travels)
    trajectories = read_dataset(snakemake.input.trajectories, SCHEMA)
    drawn = numbers(starts, travels, trajectories, snakemake.params.depth)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
