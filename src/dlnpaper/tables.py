"""One table as CSV for programs, Markdown for a screen and LaTeX for a paper."""

from __future__ import annotations

import pandas as pd


def rendered(table: pd.DataFrame, kind: str) -> str:
    """Return a table as the text of a "csv", "md" or "tex" file.

    CSV keeps every digit of a float; the other two show three significant digits and spell the
    columns' names with spaces.
    """
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n")
    headings = [str(name).replace("_", " ") for name in table.columns]
    rows = [[_cell(value) for value in row] for row in table.itertuples(index=False)]
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]
    return {"md": _markdown, "tex": _latex}[kind](headings, rows, numeric)


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value).replace("_", " ")


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


_ESCAPES = str.maketrans({character: f"\\{character}" for character in "&%$#_{}"})
