"""Judge every claim by the tables, and write the verdicts for programs and for people."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import yaml

from dlnpaper.claims import Claim, judge, verdict_table
from dlnpaper.claims_page import claims_page
from dlnpaper.files import write_text

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    tables = {Path(path).stem: pd.read_csv(path) for path in snakemake.input.tables}
    entries = yaml.safe_load(Path(snakemake.input.claims).read_text(encoding="utf-8"))
    verdicts = [judge(Claim(**entry), tables) for entry in entries]
    records = [
        {
            **asdict(verdict.claim),
            "rows": verdict.rows,
            "measured": verdict.measured,
            "verdict": verdict.outcome,
            "sentence": verdict.sentence,
        }
        for verdict in verdicts
    ]
    write_text(
        snakemake.output.json,
        json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
    )
    write_table(verdict_table(verdicts), snakemake.output)
    write_text(snakemake.output.page, claims_page(verdicts))
