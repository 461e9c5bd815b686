"""Join the shards of the large ensemble, one at a time."""

from companion.storage import read_dataset, write_dataset
from companion.survey.reductions import combine

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    ensemble = combine(read_dataset(path) for path in snakemake.input.shards)
    write_dataset(ensemble, snakemake.output[0])
