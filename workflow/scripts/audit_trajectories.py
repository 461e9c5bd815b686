"""Compute random starting points of every ensemble again, in extended precision, and compare."""

from companion.audit import audit_all
from companion.storage import read_dataset, write_dataset

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    ensembles = snakemake.params.ensembles
    starts = map(read_dataset, snakemake.input.starts)
    audited = audit_all(
        dict(zip(ensembles, starts, strict=True)), ensembles, **snakemake.params.settings
    )
    write_dataset(audited, snakemake.output[0])
