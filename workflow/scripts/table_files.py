"""The files of a table."""

from typing import Any

import pandas as pd

from dlnpaper.storage import write_text
from dlnpaper.tables import rendered


def write_table(table: pd.DataFrame, output: Any) -> None:
    """Write a table as a rule's outputs ``csv``, ``md`` and ``tex``."""
    for kind in ("csv", "md", "tex"):
        write_text(output[kind], rendered(table, kind))
