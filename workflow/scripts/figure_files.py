"""The files of a figure."""

from typing import Any

from matplotlib.figure import Figure

from dlnpaper.figures.style import rendered
from dlnpaper.storage import write_bytes


def write_figure(figure: Figure, output: Any) -> None:
    """Write a figure as a rule's outputs ``pdf`` and ``png``."""
    for kind in ("pdf", "png"):
        write_bytes(output[kind], rendered(figure, kind))
