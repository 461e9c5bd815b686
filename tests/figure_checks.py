"""What every figure must satisfy, whatever it shows."""

from itertools import combinations

import matplotlib as mpl

from companion import style


def check_rendering(draw, monkeypatch, least_texts=12):
    """Check that bytes depend on the data alone, and that a figure can be read as it is printed.

    It has the width of the text, and no text in it is too small, cut off or overlaps another; and
    the lines of a panel that have a name differ without their colors.

    The files are rendered twice, the second time under other settings of the user's own.
    """
    boxes = {}
    draw_text = mpl.text.Text.draw

    def recorded(text, renderer):
        draw_text(text, renderer)
        if text.get_text() and text.get_visible():
            boxes[text] = text.get_window_extent(renderer)

    figure = draw()
    pdf = style.rendered(figure, "pdf")
    with monkeypatch.context() as patch:
        patch.setattr(mpl.text.Text, "draw", recorded)
        png = style.rendered(figure, "png")
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 5, "savefig.dpi": 30}):
        other = draw()
        assert style.rendered(other, "pdf") == pdf
        assert style.rendered(other, "png") == png

    assert figure.get_size_inches()[0] == style.TEXT_WIDTH
    assert min(text.get_fontsize() for text in boxes) >= style.SMALLEST_TEXT
    width, height = figure.get_size_inches() * 200  # in dots, as the boxes are
    assert len(boxes) > least_texts
    for text, box in boxes.items():
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, text
    for one, other in combinations(boxes, 2):
        assert not boxes[one].overlaps(boxes[other]), (one, other)
    for axes in figure.axes:
        lines = named_lines(axes)
        names = {line.get_label() for line in lines}
        assert len(looks_without_color(lines)) == len(names), names


def named_lines(axes):
    """Return the lines of a panel that its legend explains."""
    return [line for line in axes.get_lines() if not line.get_label().startswith("_")]


def looks_without_color(lines):
    """Return how lines look in a gray print."""
    return {
        (
            line.get_marker(),
            line.get_fillstyle(),
            line.get_markerfacecolor() == "white",
            str(line._unscaled_dash_pattern),
            line.get_linewidth(),
        )
        for line in lines
    }
