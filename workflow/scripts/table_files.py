"""The files of a table."""

import json
from typing import Any

import pandas as pd

from dlnpaper.files import write_text
from dlnpaper.provenance import current_record
from dlnpaper.tables import KINDS, rendered

COMMENTS = {"csv": "", "md": "\n<!-- {} -->\n", "tex": "% {}\n", "html": "<!-- {} -->\n"}


def write_table(table: pd.DataFrame, output: Any) -> None:
    """Write a table as those of a rule's outputs that are named for a kind of table.

    A comment at the end says how it was made; CSV knows no comments and stays as it is.
    """
    note = json.dumps(current_record())
    for kind in KINDS:
        if kind in output.keys():
            write_text(output[kind], rendered(table, kind) + COMMENTS[kind].format(note))
