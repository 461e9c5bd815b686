"""One table as CSV for programs, Markdown for a screen, LaTeX for a paper and HTML for a report.

Whatever a cell holds comes out as that text: nothing in it is markup.
"""

import re
import unicodedata

import pandas as pd
from jinja2 import Environment

_WIDE = 40  # letters beyond which a column of LaTeX breaks its lines


def rendered(table: pd.DataFrame, kind: str) -> str:
    """Return a table as the text of a file: "csv", "md", "tex" or "html".

    CSV keeps every digit of a float; the others show three significant digits, nothing for NaN as
    CSV does, and spaces for the underscores of its column names.
    """
    if kind == "csv":
        return table.to_csv(index=False, lineterminator="\n")
    return {"md": _markdown, "tex": _latex, "html": _html}[kind](table)


def html_table(table: pd.DataFrame) -> str:
    """Return a table as an element of a page, its numbers of the class ``number``."""
    return _TABLE.render(
        header=list(zip(_header(table), _numeric(table), strict=True)),
        rows=[zip(row, _numeric(table), strict=True) for row in _shown(table).to_numpy()],
    )


def html_page(body: str) -> str:
    """Return a page that needs nothing from elsewhere, styled for tables."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>dlnpaper</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _header(table: pd.DataFrame) -> list[str]:
    return [str(name).replace("_", " ") for name in table.columns]


def _numeric(table: pd.DataFrame) -> list[bool]:
    return [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the cells as one reads them, each on one line."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return "" if pd.isna(value) else f"{value:.3g}"
        return " ".join(str(value).split())

    return table.astype(object).map(cell)


def _markdown(table: pd.DataFrame) -> str:
    alignment = ["right" if right else "left" for right in _numeric(table)]

    def escaped(text: str) -> str:
        return _IN_MARKDOWN.sub(lambda found: "&lt;" if found[0] == "<" else f"\\{found[0]}", text)

    shown = _shown(table).map(escaped).set_axis(map(escaped, _header(table)), axis=1)
    return shown.to_markdown(index=False, disable_numparse=True, colalign=alignment) + "\n"


def _latex(table: pd.DataFrame) -> str:
    shown = _shown(table)
    wide = [(shown[name].str.len() > _WIDE).any() for name in shown]
    columns = "".join(
        "r" if right else r"p{0.3\linewidth}" if broken else "l"
        for right, broken in zip(_numeric(table), wide, strict=True)
    )

    # The escapes of pandas leave out <, > and |, which the default fonts of LaTeX lack.
    def escaped(text: str) -> str:
        return text.translate(_IN_LATEX).replace("--", "-{}-")

    shown = shown.map(escaped).set_axis(map(escaped, _header(table)), axis=1)
    text = shown.to_latex(index=False, escape=False, column_format=columns)
    return f"% needs \\usepackage{{booktabs}}\n{text}"


def _html(table: pd.DataFrame) -> str:
    return html_page(html_table(table))


class _LatexEscapes(dict):
    """What stands for a character, by its code; what LaTeX cannot typeset is named."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind, _, base = unicodedata.decomposition(character).partition(" ")
        if kind in ("<super>", "<sub>"):
            text = "".join(chr(int(part, 16)) for part in base.split()).translate(self)
            return f"\\text{kind.strip('<>')}script{{{text}}}"
        # The accents of western Europe, quotation marks and dashes are known in every encoding.
        accented = code < 0x100 and kind and kind[0] != "<"
        known = character.isascii() or accented or character in "–—‘’“”…"
        return character if known else f"\\texttt{{U+{code:04X}}}"


_GREEK = zip(
    "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ",
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi "
    "Omega".split(),
    strict=True,
)
_SIGNS = zip(
    "±×·≤≥≠≈≃∞∫∑√→∈−‖",
    r"\pm \times \cdot \le \ge \ne \approx \simeq \infty \int \sum \surd \to \in - \|".split(),
    strict=True,
)
_IN_LATEX = _LatexEscapes(
    str.maketrans(
        {character: f"\\{character}" for character in "&%$#_{}"}
        | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
        | {
            "<": r"\textless{}",
            ">": r"\textgreater{}",
            "|": r"\textbar{}",
            "`": r"\textasciigrave{}",
        }
        # At the start of a row these would belong to the end of the row before.
        | {"[": "{[}", "*": "{*}"}
        | {letter: f"\\ensuremath{{\\{name}}}" for letter, name in _GREEK}
        | {sign: f"\\ensuremath{{{command}}}" for sign, command in _SIGNS}
    )
)

# Underscores and ampersands only where they would mean something, and < where a tag would begin.
_IN_MARKDOWN = re.compile(r"[\\`*\[\]|$~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|<(?=[A-Za-z/!?])")

_TABLE = Environment(autoescape=True, trim_blocks=True).from_string("""\
<table>
<thead><tr>
{%- for name, right in header %}<th{% if right %} class="number"{% endif %}>{{ name }}</th>
{%- endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr>{% for cell, right in row %}<td{% if right %} class="number"{% endif %}>{{ cell }}</td>
{%- endfor %}</tr>
{% endfor %}
</tbody>
</table>
""")

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
