"""Follow the starting points of an ensemble by numerical integration, at each of its depths."""

from companion.ensembles import over_depths, select, time_grid
from companion.storage import read_dataset, write_dataset
from dlnpaper.one_neuron._flows import integrate

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    wanted = settings["reference"]
    reference = over_depths(
        integrate,
        select(read_dataset(snakemake.input.starts), wanted["families"]),
        settings["depths"],
        time_grid(**settings["times"]),
        variables=wanted["variables"],
        **wanted["options"],
    )
    write_dataset(reference, snakemake.output[0])
