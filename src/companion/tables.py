"""One table as CSV for programs, Markdown for a screen, LaTeX for a paper and HTML for a report."""

import pandas as pd


def rendered(table: pd.DataFrame, kind: str) -> str:
    """Return a table as the text of a file: "csv", "md", "tex" or "html".

    CSV keeps every digit of a float; the others show three significant digits, nothing for NaN as
    CSV does, and spaces for underscores.
    """
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n")
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]
    shown = table.astype(object).map(_cell).rename(columns=_cell)
    return {"md": _markdown, "tex": _latex, "html": _html}[kind](shown, numeric)


def html_page(body: str) -> str:
    """Return a page that needs nothing from elsewhere, styled for tables."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>dlnpaper</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.3g}"
    return str(value).replace("_", " ")


def _markdown(shown: pd.DataFrame, numeric: list[bool]) -> str:
    alignment = ["right" if right else "left" for right in numeric]
    escaped = shown.map(lambda text: text.replace("|", r"\|"))
    text = escaped.to_markdown(index=False, disable_numparse=True, colalign=alignment)
    return text + "\n"


def _latex(shown: pd.DataFrame, numeric: list[bool]) -> str:
    # The escapes of pandas leave out <, > and |, which the default fonts of LaTeX lack.
    def escaped(text: str) -> str:
        return text.translate(_ESCAPES)

    columns = "".join("r" if right else "l" for right in numeric)
    shown = shown.map(escaped).rename(columns=escaped)
    return shown.to_latex(index=False, escape=False, column_format=columns)


def _html(shown: pd.DataFrame, numeric: list[bool]) -> str:
    numbers = [f"tr > :nth-child({k})" for k, right in enumerate(numeric, start=1) if right]
    style = f"<style>\n{', '.join(numbers)} {{ text-align: right; }}\n</style>\n" if numbers else ""
    # Else pandas cuts texts off after fifty letters.
    with pd.option_context("display.max_colwidth", None):
        return html_page(f"{style}{shown.to_html(index=False, border=0)}\n")


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

_ESCAPES = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)
