"""Draw a study's figure, and keep the data that it shows and its caption beside it."""

from importlib import import_module

from inputs import datasets

from companion.files import write_text
from companion.storage import write_dataset

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    figure = import_module(f"studies.{snakemake.wildcards.study}.figure")
    data = figure.data(**datasets(snakemake), **snakemake.params.settings)
    write_dataset(data, snakemake.output.data)
    write_figure(figure.draw(data), snakemake.output)
    write_text(snakemake.output.caption, f"{snakemake.params.caption}\n")
