"""Draw what depth does to the start and to the end of a trajectory."""

from dlnpaper.figures.depth import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.depth_effects import DEPTH

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    drawn = numbers(read_dataset(snakemake.input.effects, DEPTH))
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
