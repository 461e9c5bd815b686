"""Follow the starting points of an ensemble in closed form, at each of its depths."""

from companion.ensembles import over_depths, select, time_grid
from companion.storage import read_dataset, write_dataset
from dlnpaper.one_neuron._closed_form import solve

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    wanted = settings["trajectories"]
    trajectories = over_depths(
        solve,
        select(read_dataset(snakemake.input.starts), wanted["families"]),
        settings["depths"],
        time_grid(**settings["times"]),
        variables=wanted["variables"],
        threads=snakemake.threads,
    )
    write_dataset(trajectories, snakemake.output[0])
