"""Draw how long sampled starts stay with other modes than the first."""

from dlnpaper.figures.escape import draw, numbers
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.reductions import REDUCED

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    ensembles = [read_dataset(snakemake.input.ensemble, REDUCED)]
    # The first and the last dimension of the sweep, at the ratio in the middle.
    for path in (snakemake.input.sweep[0], snakemake.input.sweep[-1]):
        sweep = read_dataset(path, REDUCED)
        ensembles.append(sweep.isel(ratio=sweep.sizes["ratio"] // 2))
    drawn = numbers(ensembles)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
