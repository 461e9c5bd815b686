"""Compute random starts of a study again, in wide arithmetic, and compare."""

from zlib import crc32

from dlnpaper.audit import AUDIT, audit
from dlnpaper.ensembles import STARTS, time_grid
from dlnpaper.storage import read_dataset, write_dataset

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    settings = snakemake.params.settings
    audited = audit(
        read_dataset(snakemake.input.starts, STARTS),
        settings["depths"],
        time_grid(**settings["times"]),
        settings["size"],
        settings["moments"],
        # Each study has draws of its own.
        [settings["seed"], crc32(snakemake.wildcards.study.encode())],
    )
    write_dataset(audited, snakemake.output[0], AUDIT)
