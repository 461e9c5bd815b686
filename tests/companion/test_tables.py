"""One table in four formats, in which nothing that a cell holds is markup."""

import csv
import io
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from companion.tables import rendered
from tests.latex import compiled

LONG = "a statement of more than the fifty letters that pandas would show of it"
TABLE = pd.DataFrame(
    {
        "kind_of_limit": ["origin", "global_minimizer", r"<5 % & ~#{$^|\>", LONG],
        "count": [20, 0, 3, 1],
        "largest_distance": [1 / 3, 2.5e-13, 0.0, float("nan")],
    }
)
# What would be taken for markup, end a cell or a row, or be missing from a font.
HOSTILE = [
    "a_1 b_1 > ω and |s - σ_k| <= 1/|α_1|, or \\|",
    "<script>alert(1)</script> &lt; &#60; <!-- -->",
    r"\input{/etc/passwd} \\ $x_1$ %",
    "_x_ *y* **z** `c` [text](link) ~~no~~ ![i](u)",
    "[1ex] * after the end of a row",
    "* -- ``quoted'' \"too\" ^ ~",
    "é – ’ ± × · ≤ ≥ ≠ ≈ ∞ ∫ Σ √ → − α² t₁ Wᵀ 🙂 ℝ",
]


class Cells(HTMLParser):
    """The texts of the cells of a page, and the elements of its body."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.elements = [], set()
        self.feed(page.partition("<body>")[2])

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        if tag in ("td", "th"):
            self.texts.append("")

    def handle_data(self, data):
        if self.texts and data.strip():
            self.texts[-1] += data


def hostile_table():
    return pd.DataFrame({"1/|α|_of": HOSTILE, "<b>": range(len(HOSTILE))})


def markdown_cells(text):
    """Return the text of every cell, as a parser of GitHub's tables reads it."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [token for token in parser.parse(text) if token.type == "inline"]
    assert {child.type for token in tokens for child in token.children} == {"text"}
    return ["".join(child.content for child in token.children) for token in tokens]


def test_csv_keeps_every_digit_and_shows_nothing_where_nothing_was_measured():
    text = rendered(TABLE, "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind_of_limit"] for row in rows] == list(TABLE["kind_of_limit"])
    assert [float(row["largest_distance"]) for row in rows[:3]] == [1 / 3, 2.5e-13, 0.0]
    assert text.endswith(f"{LONG},1,\n")


def test_markdown_is_aligned_and_numbers_stand_at_the_right():
    lines = rendered(TABLE, "md").splitlines()
    assert len({len(line) for line in lines}) == 1
    assert re.fullmatch(r"\|:?-+\|-+:\|-+:\|", lines[1])
    assert lines[0].split()[1:4] == ["kind", "of", "limit"]
    assert lines[3].split() == ["|", "global_minimizer", "|", "0", "|", "2.5e-13", "|"]
    assert "".join(lines[5].split()).endswith("|1||")


def test_markdown_shows_every_cell_as_it_is():
    cells = markdown_cells(rendered(hostile_table(), "md"))
    assert cells[:2] == ["1/|α| of", "<b>"]
    assert cells[2::2] == HOSTILE
    assert cells[3::2] == [str(number) for number in range(len(HOSTILE))]


@pytest.mark.parametrize("kind", ["md", "html"])
def test_a_line_end_does_not_end_a_row(kind):
    text = rendered(pd.DataFrame({"text": ["one\n\ntwo\r\nthree"]}), kind)
    assert "one two three" in text


def test_latex_escapes_what_it_would_take_for_commands():
    assert rendered(TABLE, "tex") == (
        "% needs \\usepackage{booktabs}\n"
        "\\begin{tabular}{p{0.3\\linewidth}rr}\n"
        "\\toprule\n"
        "kind of limit & count & largest distance \\\\\n"
        "\\midrule\n"
        "origin & 20 & 0.333 \\\\\n"
        "global\\_minimizer & 0 & 2.5e-13 \\\\\n"
        "\\textless{}5 \\% \\& \\textasciitilde{}\\#\\{\\$\\textasciicircum{}\\textbar{}"
        "\\textbackslash{}\\textgreater{} & 3 & 0 \\\\\n"
        f"{LONG} & 1 &  \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )


def test_latex_needs_no_letter_that_its_fonts_lack():
    text = rendered(hostile_table(), "tex")
    assert set(re.findall(r"[^\x00-\x7f]", text)) == set("é–’")  # which LaTeX knows
    assert r"\ensuremath{\alpha}\textsuperscript{2} t\textsubscript{1} W\textsuperscript{T}" in text
    assert r"\texttt{U+1F642} \texttt{U+211D}" in text
    # A row that began with a bracket or a star would belong to the end of the row before.
    assert not re.search(r"\\\\\s*[\[*]", text)


def test_latex_compiles(tmp_path):
    compiled([rendered(TABLE, "tex"), rendered(hostile_table(), "tex")], tmp_path)


def test_html_shows_every_cell_as_it_is_and_needs_nothing_from_elsewhere():
    page = rendered(hostile_table(), "html")
    cells = Cells(page)
    assert cells.texts[:2] == ["1/|α| of", "<b>"]
    assert cells.texts[2::2] == HOSTILE
    assert cells.elements == {"table", "thead", "tbody", "tr", "th", "td"}
    assert '<th class="number">count</th>' in rendered(TABLE, "html")
    assert f"<td>{LONG}</td>" in rendered(TABLE, "html")
    assert "http" not in page


@pytest.mark.parametrize("kind", ["md", "tex", "html"])
def test_booleans_and_whole_numbers_keep_their_form(kind):
    text = rendered(pd.DataFrame({"reached": [True], "starts": [100000]}), kind)
    assert "True" in text
    assert "100000" in text
