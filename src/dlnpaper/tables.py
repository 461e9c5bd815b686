"""One table as CSV for programs, Markdown for a screen, LaTeX for a paper and HTML for a report."""

from __future__ import annotations

from html import escape
from math import isnan

import pandas as pd

KINDS = ("csv", "md", "tex", "html")


def rendered(table: pd.DataFrame, kind: str) -> str:
    """Return a table as the text of a file, by one of `KINDS`.

    CSV keeps every digit of a float; the others show three significant digits, nothing for NaN as
    CSV does, and spell the columns' names with spaces.
    """
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n")
    headings = [str(name).replace("_", " ") for name in table.columns]
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]
    return {"md": _markdown, "tex": _latex, "html": _html}[kind](headings, rows, numeric)


def html_page(body: str) -> str:
    """Return a page that needs nothing from elsewhere, styled for tables."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>dlnpaper</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3g}"
    return str(value).replace("_", " ")


def _markdown(headings: list[str], rows: list[list[str]], numeric: list[bool]) -> str:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]

    def line(cells: list[str]) -> str:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(padded)} |\n"

    rule = [
        "-" * (width - 1) + (":" if right else "-")
        for width, right in zip(widths, numeric, strict=True)
    ]
    return "".join(map(line, [headings, rule, *rows]))


def _latex(headings: list[str], rows: list[list[str]], numeric: list[bool]) -> str:
    def line(cells: list[str]) -> str:
        return f"{' & '.join(cell.translate(_ESCAPES) for cell in cells)} \\\\\n"

    columns = "".join("r" if right else "l" for right in numeric)
    body = "".join(map(line, rows))
    return (
        f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{line(headings)}\\midrule\n{body}"
        "\\bottomrule\n\\end{tabular}\n"
    )


def _html(headings: list[str], rows: list[list[str]], numeric: list[bool]) -> str:
    def line(cells: list[str], tag: str) -> str:
        marked = (f'<{tag} class="number">' if right else f"<{tag}>" for right in numeric)
        parts = [f"{mark}{escape(cell)}</{tag}>" for mark, cell in zip(marked, cells, strict=True)]
        return f"<tr>{''.join(parts)}</tr>\n"

    body = "".join(line(row, "td") for row in rows)
    return html_page(
        f"<table>\n<thead>\n{line(headings, 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table>\n"
    )


_STYLE = """\
body { font: 14px/1.4 sans-serif; color: #222; background: #fff; margin: 1.5em; }
h1 { font-size: 1.4em; }
h2 { font-size: 1.1em; margin: 1.6em 0 0.4em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.25em 0.7em; }
th { border-bottom: 2px solid #222; position: sticky; top: 0; background: #fff; }
td { border-bottom: 1px solid #ddd; }
.number { text-align: right; }
td.number { white-space: nowrap; }
.falsified { color: #a00; font-weight: bold; }
.note { color: #555; font-size: 0.9em; }
"""

_ESCAPES = str.maketrans({character: f"\\{character}" for character in "&%$#_{}"})
