"""Follow starts on the stable sets of saddles in singular coordinates and in a rotated basis."""

from dlnpaper.ensembles import STARTS, time_grid
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.saddle_trap import follow
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    followed = follow(
        read_dataset(snakemake.input.starts, STARTS),
        settings["depths"],
        time_grid(**settings["times"]),
        **settings["solvers"],
    )
    write_dataset(followed, snakemake.output[0], SCHEMA)
