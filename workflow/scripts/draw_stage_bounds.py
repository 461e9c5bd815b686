"""Draw how tight the bounds of the stages are."""

from dlnpaper.figures.stage_bounds import draw, numbers
from dlnpaper.stage_records import SUMMARY
from dlnpaper.storage import read_dataset, write_dataset

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    drawn = numbers([read_dataset(path, SUMMARY) for path in snakemake.input.summaries])
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
