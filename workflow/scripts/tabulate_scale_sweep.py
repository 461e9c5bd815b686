"""Tabulate the ensembles of the sweep over targets."""

import pandas as pd

from dlnpaper.storage import read_dataset
from dlnpaper.studies.reductions import REDUCED
from dlnpaper.studies.survey_table import survey_table

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    parts = []
    for path in snakemake.input.sweep:
        sweep = read_dataset(path, REDUCED)
        for ratio in sweep["ratio"].values:
            table = survey_table(sweep.sel(ratio=ratio), quantiles=[0.5, 0.95], levels=[4.0])
            table = table[table["statistic"].isin(["share", "quantile", "share_beyond"])]
            table.insert(0, "ratio", ratio)
            table.insert(0, "dimension", sweep.attrs["shape"][0])
            parts.append(table)
    write_table(pd.concat(parts, ignore_index=True), snakemake.output)
