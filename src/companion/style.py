"""The look that all figures share, and their bytes.

Sizes are printed sizes: a figure is drawn at the width it has on the page, so that fonts come out
at the size named here. The colors are Okabe and Ito's, told apart with every common kind of color
vision; every line also differs by its dashes or markers, so that a gray print loses nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

#: Width of a page's text, and so of every figure, in inches.
TEXT_WIDTH = 5.5

#: No text of a figure is smaller than this, in points; sub- and superscripts are, as everywhere.
SMALLEST_TEXT = 7

#: Okabe and Ito's colors (2008), by the names used here.
COLORS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}

#: Keywords of Matplotlib for what figures tell apart: color, dashes and marker are the same in all.
Look = dict[str, Any]

#: By number of layers, from two on; `depth_look` knows all others too.
DEPTHS: dict[int, Look] = {
    2: {"color": COLORS["black"], "linestyle": "-", "marker": "o"},
    3: {"color": COLORS["blue"], "linestyle": (0, (5, 1.2)), "marker": "s"},
    4: {"color": COLORS["vermilion"], "linestyle": (0, (1, 1)), "marker": "^"},
    5: {"color": COLORS["purple"], "linestyle": (0, (4, 1, 1, 1, 1, 1)), "marker": "v"},
    6: {"color": COLORS["green"], "linestyle": (0, (4, 1, 1, 1)), "marker": "D"},
    7: {"color": COLORS["orange"], "linestyle": (0, (2, 1)), "marker": "P"},
}

#: By kind of limit; a saddle is named for its singular value where there is more than one.
LIMITS: dict[str, Look] = {
    "global_minimizer": {"color": COLORS["black"], "linestyle": "-", "marker": "o"},
    "saddle": {"color": COLORS["blue"], "linestyle": "-", "marker": "s"},
    "saddle_2": {"color": COLORS["blue"], "linestyle": "-", "marker": "s"},
    "saddle_3": {"color": COLORS["green"], "linestyle": "-", "marker": "D"},
    "origin": {"color": COLORS["vermilion"], "linestyle": (0, (4, 1.2)), "marker": "^"},
}

#: By method of integration.
METHODS: dict[str, Look] = {
    "closed form": {"color": "0.78", "linestyle": "-", "marker": "P"},
    "LSODA": {"color": COLORS["black"], "linestyle": "-", "marker": "o"},
    "DOP853": {"color": COLORS["vermilion"], "linestyle": (0, (4, 1.2)), "marker": "^"},
    "RK45": {"color": COLORS["blue"], "linestyle": "-.", "marker": "s"},
    "Radau": {"color": COLORS["green"], "linestyle": ":", "marker": "D"},
    "BDF": {"color": COLORS["purple"], "linestyle": (0, (4, 1, 1, 1, 1, 1)), "marker": "v"},
}

#: By method of descent.
DESCENT: dict[str, Look] = {
    "gradient_descent": {"color": COLORS["black"], "linestyle": "-", "marker": "o"},
    "heavy_ball": {"color": COLORS["blue"], "linestyle": (0, (5, 1.2)), "marker": "s"},
    "nesterov": {"color": COLORS["vermilion"], "linestyle": (0, (1, 1)), "marker": "^"},
}

#: What they are called in legends.
DESCENT_NAMES = {
    "gradient_descent": "gradient descent",
    "heavy_ball": "heavy ball",
    "nesterov": "Nesterov",
}

#: For anything else, such as angles or sizes of a target: unlike any depth, limit or method.
OTHERS: tuple[Look, ...] = (
    {"color": COLORS["sky"], "linestyle": (0, (5, 1.2)), "marker": "<"},
    {"color": "0.5", "linestyle": "-", "marker": "p"},
    {"color": COLORS["orange"], "linestyle": (0, (4, 1, 1, 1)), "marker": ">"},
    {"color": COLORS["purple"], "linestyle": ":", "marker": "h"},
)

#: For starts near the stable set of a saddle, which visit it on their way.
NEAR_SADDLE: tuple[Look, ...] = tuple(
    {"color": COLORS["purple"], "linestyle": dashes}
    for dashes in ("-.", (0, (4, 1, 1, 1, 1, 1)), ":", (0, (8, 2)), (0, (3, 3)))
)

_SETTINGS: dict[str, Any] = {
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "font.family": "STIXGeneral",
    "font.size": SMALLEST_TEXT,
    "hatch.linewidth": 0.6,
    "legend.borderaxespad": 0.3,
    "legend.fontsize": SMALLEST_TEXT,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.handletextpad": 0.5,
    "legend.labelspacing": 0.35,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.4,
    "mathtext.fontset": "stix",
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "xtick.labelsize": SMALLEST_TEXT,
    "xtick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.labelsize": SMALLEST_TEXT,
    "ytick.major.width": 0.6,
    "ytick.minor.width": 0.4,
}


@contextmanager
def applied() -> Iterator[None]:
    """Draw with this style, whatever the user's own settings, while the context lasts."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(mpl.RcParams(_SETTINGS))
        yield


def depth_look(depth: int) -> Look:
    """Return the color, dashes and marker of any depth: those of `DEPTHS` in turn."""
    return DEPTHS[2 + (depth - 2) % len(DEPTHS)]


def line_of(look: Look) -> Look:
    """Return a look without its marker: that of a line, mostly of theory."""
    return {key: look[key] for key in ("color", "linestyle")}


def marks_of(look: Look, **changes: Any) -> Look:
    """Return a look without its line, mostly that of a measurement."""
    return {**look, "linestyle": "none", **changes}


def draw_levels(axes: Axes, levels: Iterable[float], **options: Any) -> None:
    """Draw horizontal lines behind the data, at values where a trajectory can end."""
    look: Look = {"color": "0.75", "linewidth": 0.5, "zorder": 0, **options}
    for level in levels:
        axes.axhline(level, **look)


def draw_torus(axes: Axes) -> None:
    """Lay out axes for the angles of u and v, each over one turn from -π/2 on."""
    ticks = np.pi / 2 * np.arange(-1, 4)
    labels = [r"$-\pi/2$", "0", r"$\pi/2$", r"$\pi$", r"$3\pi/2$"]
    axes.set(xticks=ticks, yticks=ticks, xticklabels=labels, yticklabels=labels, aspect="equal")
    axes.set(xlim=(ticks[0], ticks[-1]), ylim=(ticks[0], ticks[-1]))
    axes.spines[:].set_visible(True)


def legend_above(figure: Figure, axes: Axes, **options: Any) -> None:
    """Explain the lines of one panel, which all share, in a row above the panels."""
    handles, labels = axes.get_legend_handles_labels()
    options = {"ncols": len(handles), **options}
    figure.legend(handles, labels, loc="outside upper center", **options)


def draw_logarithms(axes: Axes, which: str, step: int) -> None:
    """Put a tick at every ``step``-th power of ten along "x" or "y", and none between them."""
    axis = {"x": axes.xaxis, "y": axes.yaxis}[which]
    axis.set_major_locator(LogLocator(10.0**step, numticks=99))
    axis.set_minor_locator(NullLocator())


def scientific(value: float, digits: int = 0) -> str:
    """Return a number as a power of ten, as mathematics; 1e-3 loses its factor of one."""
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    factor = f"{float(mantissa):g}"
    power = f"10^{{{int(exponent)}}}"
    return {"1": "", "-1": "-"}.get(factor, rf"{factor} \times ") + power


def new_figure(height: float) -> Figure:
    """Return an empty figure of a height in inches; its parts are laid out by themselves."""
    return Figure(figsize=(TEXT_WIDTH, height), layout="constrained")


def rendered(figure: Figure, kind: str, note: str | None = None) -> bytes:
    """Return a figure as the bytes of a "pdf" or "png" file, the same in every run.

    The note goes into the file's metadata: the subject of a PDF, the description of a PNG.
    """
    metadata = {
        "pdf": {"CreationDate": None, "Subject": note},
        "png": {"Software": None, "Description": note},
    }[kind]
    buffer = BytesIO()
    with applied():
        figure.savefig(buffer, format=kind, metadata=metadata)
    return buffer.getvalue()
