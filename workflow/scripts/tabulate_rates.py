"""Tabulate the rates and prefactors that theory predicts against those measured on trajectories."""

import pandas as pd

from dlnpaper.ensembles import STARTS
from dlnpaper.storage import read_dataset
from dlnpaper.studies.rate_table import measure, summarize
from dlnpaper.trajectories import SCHEMA

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    starts = [read_dataset(path, STARTS) for path in snakemake.input.starts]
    trajectories = [read_dataset(path, SCHEMA) for path in snakemake.input.trajectories]
    parts = [measure(*pair) for pair in zip(starts, trajectories, strict=True)]
    write_table(summarize(pd.concat(parts, ignore_index=True)), snakemake.output)
