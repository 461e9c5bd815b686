"""Draw a trajectory through its stages, and how long they take in an ensemble."""

from dlnpaper.ensembles import STARTS, select, starts_of, target_of
from dlnpaper.figures.stages import draw, numbers
from dlnpaper.rates import rates
from dlnpaper.stage_records import STAGES
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from figure_files import write_figure
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    starts = read_dataset(snakemake.input.starts, STARTS)
    trajectories = read_dataset(snakemake.input.trajectories, SCHEMA)
    stages = read_dataset(snakemake.input.stages, STAGES)
    example = starts_of(select(starts, ["example"]))
    laws = rates(target_of(starts), snakemake.params.settings["drawn_depth"], example)
    drawn = numbers(starts, trajectories, stages, laws)
    write_dataset(drawn, snakemake.output.data)
    write_figure(draw(drawn), snakemake.output)
