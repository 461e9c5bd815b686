"""The files of a table."""

from typing import Any

import pandas as pd

from companion.files import write_text
from companion.provenance import current_note
from companion.tables import KINDS, rendered

COMMENTS = {"csv": "", "md": "\n<!-- {} -->\n", "tex": "% {}\n", "html": "<!-- {} -->\n"}


def write_table(table: pd.DataFrame, output: Any) -> None:
    """Write a table as those of a rule's outputs that are named for a kind of table.

    A comment at the end says how it was made; CSV knows no comments.
    """
    for kind in KINDS:
        if kind in output.keys():
            comment = COMMENTS[kind].format(current_note())
            write_text(output[kind], rendered(table, kind) + comment)
