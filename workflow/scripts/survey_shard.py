"""Measure one shard of the large ensemble, and reduce what was measured."""

from dlnpaper.storage import write_dataset
from dlnpaper.studies.blocks import shard_range
from dlnpaper.studies.reductions import REDUCED
from dlnpaper.studies.survey import survey
from dlnpaper.target import Target

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    shard, shards = int(snakemake.wildcards.shard), int(snakemake.wildcards.shards)
    reduced = survey(
        Target(**settings["target"]),
        settings["depth"],
        shard_range(settings["size"], shard, shards),
        settings["seed"],
        tuple(settings["s"]),
        settings["measure"],
        settings["times"],
    )
    write_dataset(reduced, snakemake.output[0], REDUCED)
