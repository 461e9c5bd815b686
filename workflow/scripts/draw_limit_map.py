"""Draw the map of limits over all directions."""

from dlnpaper.ensembles import STARTS, select, starts_of, target_of
from dlnpaper.figures.limit_map import draw, numbers
from dlnpaper.limits import limits
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts = select(read_dataset(snakemake.input.starts, STARTS), ["directions"])
    trajectories = read_dataset(snakemake.input.trajectories, SCHEMA)
    drawn = numbers(starts, limits(target_of(starts), starts_of(starts)), trajectories)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
