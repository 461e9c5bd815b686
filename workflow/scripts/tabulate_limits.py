"""Tabulate the limits that theory predicts against those that integrated trajectories reach."""

import pandas as pd

from dlnpaper.ensembles import STARTS
from dlnpaper.storage import read_dataset
from dlnpaper.studies.confusion import confusion
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    starts = [read_dataset(path, STARTS) for path in snakemake.input.starts]
    witnesses = [read_dataset(path, SCHEMA) for path in snakemake.input.witness]
    parts = [confusion(*pair) for pair in zip(starts, witnesses, strict=True)]
    write_table(pd.concat(parts, ignore_index=True), snakemake.output)
