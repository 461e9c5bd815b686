"""One table in four formats."""

import csv
import io

import pandas as pd

from dlnpaper.tables import rendered

TABLE = pd.DataFrame(
    {
        "kind_of_limit": ["origin", "global_minimizer", "50 % & more"],
        "count": [20, 0, 3],
        "largest_distance": [1 / 3, 2.5e-13, 0.0],
    }
)


def test_csv_keeps_every_digit():
    rows = list(csv.DictReader(io.StringIO(rendered(TABLE, "csv"))))
    assert [row["kind_of_limit"] for row in rows] == list(TABLE["kind_of_limit"])
    assert [float(row["largest_distance"]) for row in rows] == list(TABLE["largest_distance"])


def test_markdown_is_aligned_for_those_who_read_the_text():
    assert rendered(TABLE, "md") == (
        "| kind of limit    | count | largest distance |\n"
        "| ---------------- | ----: | ---------------: |\n"
        "| origin           |    20 |            0.333 |\n"
        "| global minimizer |     0 |          2.5e-13 |\n"
        "| 50 % & more      |     3 |                0 |\n"
    )


def test_latex_escapes_what_it_would_take_for_commands():
    assert rendered(TABLE, "tex") == (
        "\\begin{tabular}{lrr}\n"
        "\\toprule\n"
        "kind of limit & count & largest distance \\\\\n"
        "\\midrule\n"
        "origin & 20 & 0.333 \\\\\n"
        "global minimizer & 0 & 2.5e-13 \\\\\n"
        "50 \\% \\& more & 3 & 0 \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )


def test_html_escapes_and_aligns():
    page = rendered(TABLE, "html")
    assert '<th>kind of limit</th><th class="number">count</th>' in page
    assert '<td>50 % &amp; more</td><td class="number">3</td><td class="number">0</td>' in page
    assert page.count("<tr>") == 4
    assert "http" not in page


def test_what_was_not_measured_is_an_empty_cell():
    table = pd.DataFrame({"rate": [1.5, float("nan")]})
    assert rendered(table, "csv") == 'rate\n1.5\n""\n'
    assert rendered(table, "md").splitlines()[-1] == "|      |"
    assert rendered(table, "tex").splitlines()[5] == " \\\\"
    assert '<td class="number"></td>' in rendered(table, "html")
