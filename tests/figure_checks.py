"""What every figure must satisfy, whatever it shows."""

from itertools import combinations

import matplotlib as mpl

from companion import style


def text_problems(figure, monkeypatch):
    """Return the texts of a figure that are cut off or overlap, and how many texts there are."""
    boxes = {}
    draw_text = mpl.text.Text.draw

    def recorded(text, renderer):
        draw_text(text, renderer)
        if text.get_text() and text.get_visible():
            boxes[text] = text.get_window_extent(renderer)

    monkeypatch.setattr(mpl.text.Text, "draw", recorded)
    style.rendered(figure, "png")
    width, height = figure.get_size_inches() * 200  # in dots, as the boxes are
    cut = [
        text
        for text, box in boxes.items()
        if min(box.x0, box.y0, width - box.x1, height - box.y1) < 0
    ]
    overlapping = [
        pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])
    ]
    return cut + overlapping, len(boxes)


def bytes_of(draw, kind):
    """Return a figure's bytes twice, the second time under other settings of the user's own."""
    first = style.rendered(draw(), kind)
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 5, "savefig.dpi": 30}):
        return first, style.rendered(draw(), kind)
