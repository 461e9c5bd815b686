"""Draw trajectories to each kind of limit."""

from dlnpaper.ensembles import STARTS, family_names, select
from dlnpaper.figures.trajectories import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    trajectories = read_dataset(snakemake.input.trajectories, SCHEMA)
    starts = select(read_dataset(snakemake.input.starts, STARTS), family_names(trajectories))
    drawn = numbers(starts, trajectories)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
