"""Draw which starts each theory covers, and what share of all."""

from dlnpaper.figures.coverage import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    drawn = numbers(read_dataset(snakemake.input.coverage), snakemake.params.ratio)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
