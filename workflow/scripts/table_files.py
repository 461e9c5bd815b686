"""The files of a table."""

from typing import Any

import pandas as pd

from companion.files import write_text
from companion.provenance import current_note
from companion.tables import rendered

#: The comment at the end of each format, which says how the table was made; CSV knows none.
COMMENTS = {"csv": "", "md": "\n<!-- {} -->\n", "tex": "% {}\n", "html": "<!-- {} -->\n"}


def write_table(table: pd.DataFrame, output: Any) -> None:
    """Write a table as those of a rule's outputs that are named for a format."""
    # Nothing in the record, such as a caption, may end the comment; JSON reads the codes as well.
    note = current_note().replace("<", "\\u003c").replace(">", "\\u003e")
    for kind, comment in COMMENTS.items():
        if kind in output.keys():
            write_text(output[kind], rendered(table, kind) + comment.format(note))
