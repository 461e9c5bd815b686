"""Follow layers that are not balanced, at each of the study's depths."""

import xarray as xr

from dlnpaper.ensembles import STARTS, select, starts_of, target_of, time_grid
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.unbalanced import follow_unbalanced

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    wanted = settings["unbalanced"]
    starts = select(read_dataset(snakemake.input.starts, STARTS), [wanted["family"]])
    followed = [
        follow_unbalanced(
            target_of(starts),
            depth,
            starts_of(starts)[0],
            wanted["factors"],
            time_grid(**wanted["times"]),
            settings["seed"],
        )
        for depth in settings["depths"]
    ]
    layers = {"long_name": "number of layers", "units": "1"}
    together = xr.concat(followed, dim=xr.Variable("depth", settings["depths"], layers))
    write_dataset(together, snakemake.output[0])
