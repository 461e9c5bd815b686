"""The files of a figure."""

from typing import Any

from matplotlib.figure import Figure

from companion.files import write_bytes
from companion.provenance import current_note
from companion.style import rendered


def write_figure(figure: Figure, output: Any) -> None:
    """Write a figure as a rule's outputs ``pdf`` and ``png``, with a note of how it was made."""
    for kind in ("pdf", "png"):
        write_bytes(output[kind], rendered(figure, kind, current_note()))
