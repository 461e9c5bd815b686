"""Follow a study's starting points by numerical integration, at each of its depths."""

from dlnpaper.ensembles import STARTS, over_depths, select, time_grid
from dlnpaper.flows import integrate
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    wanted = settings["witness"]
    starts = select(read_dataset(snakemake.input.starts, STARTS), wanted["families"])
    witness = over_depths(
        integrate,
        starts,
        settings["depths"],
        time_grid(**settings["times"]),
        variables=wanted["variables"],
        **wanted["options"],
    )
    write_dataset(witness, snakemake.output[0], SCHEMA)
