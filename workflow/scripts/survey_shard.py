"""Measure one shard of the large ensemble, and reduce what was measured."""

from companion.ensembles import target_from
from companion.storage import write_dataset
from companion.survey.blocks import shard_range
from companion.survey.measure import survey

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    shard, shards = int(snakemake.wildcards.shard), int(snakemake.wildcards.shards)
    reduced = survey(
        target_from(**settings["target"]),
        settings["depth"],
        shard_range(settings["size"], shard, shards),
        settings["seed"],
        tuple(settings["s"]),
        settings["measure"],
        settings["times"],
    )
    write_dataset(reduced, snakemake.output[0])
