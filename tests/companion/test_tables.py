"""One table in four formats."""

import csv
import io
import re

import pandas as pd
import pytest

from companion.tables import rendered

LONG = "a statement of more than the fifty letters that pandas would show of it"
TABLE = pd.DataFrame(
    {
        "kind_of_limit": ["origin", "global_minimizer", r"<5 % & ~#{$^|\>", LONG],
        "count": [20, 0, 3, 1],
        "largest_distance": [1 / 3, 2.5e-13, 0.0, float("nan")],
    }
)


def test_csv_keeps_every_digit_and_shows_nothing_where_nothing_was_measured():
    text = rendered(TABLE, "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind_of_limit"] for row in rows] == list(TABLE["kind_of_limit"])
    assert [float(row["largest_distance"]) for row in rows[:3]] == [1 / 3, 2.5e-13, 0.0]
    assert text.endswith(f"{LONG},1,\n")


def test_markdown_is_aligned_and_escapes_what_would_end_a_cell():
    lines = rendered(TABLE, "md").splitlines()
    assert len({len(line) for line in lines}) == 1
    cells = ["".join(line.replace(r"\|", "¦").split()) for line in lines]
    assert cells[0] == "|kindoflimit|count|largestdistance|"
    assert re.fullmatch(r"\|:?-+\|-+:\|-+:\|", cells[1])
    assert cells[2:5] == ["|origin|20|0.333|", "|globalminimizer|0|2.5e-13|", "|<5%&~#{$^¦\\>|3|0|"]
    assert cells[5].endswith("|1||")


def test_latex_escapes_what_it_would_take_for_commands():
    assert rendered(TABLE, "tex") == (
        "\\begin{tabular}{lrr}\n"
        "\\toprule\n"
        "kind of limit & count & largest distance \\\\\n"
        "\\midrule\n"
        "origin & 20 & 0.333 \\\\\n"
        "global minimizer & 0 & 2.5e-13 \\\\\n"
        "\\textless{}5 \\% \\& \\textasciitilde{}\\#\\{\\$\\textasciicircum{}\\textbar{}"
        "\\textbackslash{}\\textgreater{} & 3 & 0 \\\\\n"
        f"{LONG} & 1 &  \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )


def test_html_can_be_read_back_and_needs_nothing_from_elsewhere():
    page = rendered(TABLE, "html")
    assert "tr > :nth-child(2), tr > :nth-child(3) { text-align: right; }" in page
    assert "<td>&lt;5 % &amp; ~#{$^|\\&gt;</td>" in page
    assert f"<td>{LONG}</td>" in page
    assert page.count("<tr") == 5
    assert "http" not in page


@pytest.mark.parametrize("kind", ["md", "tex", "html"])
def test_booleans_and_whole_numbers_keep_their_form(kind):
    text = rendered(pd.DataFrame({"reached": [True], "starts": [100000]}), kind)
    assert "True" in text
    assert "100000" in text
