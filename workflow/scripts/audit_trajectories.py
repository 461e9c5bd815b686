"""Compute random starts of every study again, in wide arithmetic, and compare."""

from zlib import crc32

from dlnpaper.ensembles import STARTS, time_grid
from dlnpaper.storage import read_dataset, write_dataset
from dlnpaper.studies.audit import AUDIT, audit

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    studies = snakemake.params.studies.items()
    for (name, study), starts, output in zip(
        studies, snakemake.input.starts, snakemake.output, strict=True
    ):
        audited = audit(
            read_dataset(starts, STARTS),
            study["depths"],
            time_grid(**study["times"]),
            settings["size"],
            settings["moments"],
            # Each study has draws of its own.
            [settings["seed"], crc32(name.encode())],
        )
        write_dataset(audited, output, AUDIT)
