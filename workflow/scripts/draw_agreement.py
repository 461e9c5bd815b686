"""Draw the errors of integrated flows against their tolerance."""

from dlnpaper.figures.agreement import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.agreement import errors
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    exact = read_dataset(snakemake.input.trajectories, SCHEMA)
    witnesses = [read_dataset(path, SCHEMA) for path in snakemake.input.witnesses]
    drawn = numbers(errors(exact, witnesses))
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
