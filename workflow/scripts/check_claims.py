"""Judge every claim by its study's table, and write the verdicts for programs and for people."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from companion.claims import Claim, judge, verdict_table
from companion.claims_page import claims_page
from companion.files import write_text
from companion.registry import Studies
from companion.statements import statements

from reporting import errors_in_one_sentence
from table_files import write_table

with errors_in_one_sentence(snakemake):
    tables = {Path(path).stem: pd.read_csv(path) for path in snakemake.input.tables}
    studies = Studies(snakemake.config)
    verdicts = [judge(Claim(**claim), tables) for claim in studies.claims()]
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
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(snakemake.output.json, text + "\n")
    write_table(verdict_table(verdicts), snakemake.output)
    write_text(snakemake.output.page, claims_page(verdicts, statements(studies)))
