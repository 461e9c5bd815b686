"""The files of a figure."""

import json
from typing import Any

from matplotlib.figure import Figure

from dlnpaper.figures.style import rendered
from dlnpaper.files import write_bytes
from dlnpaper.provenance import current_record


def write_figure(figure: Figure, output: Any) -> None:
    """Write a figure as a rule's outputs ``pdf`` and ``png``, with a note of how it was made."""
    note = json.dumps(current_record())
    for kind in ("pdf", "png"):
        write_bytes(output[kind], rendered(figure, kind, note))
