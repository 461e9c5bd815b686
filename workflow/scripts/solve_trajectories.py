"""Follow a study's starting points in closed form, at each of its depths."""

from dlnpaper.closed_form import solve
from dlnpaper.ensembles import STARTS, over_depths, select, time_grid
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    wanted = settings["trajectories"]
    starts = select(read_dataset(snakemake.input.starts, STARTS), wanted["families"])
    trajectories = over_depths(
        solve,
        starts,
        settings["depths"],
        time_grid(**settings["times"]),
        variables=wanted["variables"],
        threads=snakemake.threads,
    )
    write_dataset(trajectories, snakemake.output[0], SCHEMA)
