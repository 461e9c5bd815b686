"""The files of a table."""

from typing import Any

import pandas as pd

from dlnpaper.storage import write_text
from dlnpaper.tables import KINDS, rendered


def write_table(table: pd.DataFrame, output: Any) -> None:
    """Write a table as those of a rule's outputs that are named for a kind of table."""
    for kind in KINDS:
        if kind in output.keys():
            write_text(output[kind], rendered(table, kind))
