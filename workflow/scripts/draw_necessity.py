"""Draw the examples that show why each assumption is made."""

from dlnpaper.ensembles import STARTS
from dlnpaper.figures.necessity import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts_and_trajectories = [
        read_dataset(snakemake.input.starts, STARTS),
        read_dataset(snakemake.input.trajectories, SCHEMA),
        read_dataset(snakemake.input.tied_starts, STARTS),
        read_dataset(snakemake.input.tied_trajectories, SCHEMA),
    ]
    unbalanced = read_dataset(snakemake.input.unbalanced)
    drawn = numbers(*starts_and_trajectories, unbalanced, snakemake.params.depth)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
