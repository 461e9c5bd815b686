"""Draw how trajectories come to the global minimizer, against the predicted laws."""

from dlnpaper.ensembles import STARTS, select
from dlnpaper.figures.approach import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

FAMILIES = ["generic", "exact"]

with errors_in_one_sentence(snakemake):
    starts = select(read_dataset(snakemake.input.starts, STARTS), FAMILIES)
    trajectories = select(read_dataset(snakemake.input.trajectories, SCHEMA), FAMILIES)
    drawn = numbers(starts, trajectories)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
