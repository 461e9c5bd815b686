"""The tables of the README and of docs/figures.md: `python -m companion.readme`.

They are made from the cards and from the numbers that are recorded beside them.
"""

import re
from itertools import groupby
from os.path import relpath
from pathlib import Path

import pandas as pd

from companion.claims import Claim, judge
from companion.files import write_text
from companion.registry import CARDS, Studies
from companion.statements import Statement, statements

README = Path("README.md")
FIGURES = Path("docs/figures.md")
PROOF = Path("docs/proof.md")
BEGIN = "<!-- python -m companion.readme writes this -->"
ENDS = {README: "<!-- end of the statements -->", FIGURES: "<!-- end of the studies -->"}


def statements_table(studies: Studies) -> str:
    """Return the map of statements in Markdown, with the verdicts on the recorded numbers.

    Each chapter that states something has a table; those after the first have a heading.
    """
    outcomes, lines = _recorded_outcomes(studies), list[str]()
    for chapter, stated in groupby(statements(studies), key=lambda statement: statement.chapter):
        lines += ["", f"### {chapter}", ""] if lines else []
        lines += [
            "| statement | theory | theorems | figures and tables | claims | verdict |",
            "|---|---|--:|---|--:|---|",
        ]
        for statement in stated:
            shown = ", ".join(f"`{study}`" for study in statement.studies) or "none"
            text = _cell(f"{_heading(statement)} {statement.statement}")
            lines.append(
                f"| {text} | {_sections(statement)} | {_theorems(statement)} | {shown} "
                f"| {len(statement.claims)} | {statement.verdict(outcomes)} |"
            )
    return "\n".join(lines)


def studies_table(studies: Studies) -> str:
    """Return a table in Markdown for every chapter that has studies.

    It has one row for every figure and table, by section.
    """
    lines, files = list[str](), {"figure": "figures/{}.pdf", "table": "results/tables/{}.csv"}
    for chapter in filter(lambda chapter: studies.names(chapter=chapter), studies.chapters):
        theory = relpath(studies.theory(chapter), FIGURES.parent)
        lines += ["", f"## {studies.chapters[chapter]['title']}", ""]
        lines += [f"| figure or table | what it shows | [theory]({theory}) |", "|---|---|---|"]
        for name in studies.names(chapter=chapter):
            for step in (step for step in files if step in studies.cards[name]):
                shows = _cell(studies.cards[name][step]["shows"])
                heading = studies.heading(name)
                lines.append(f"| `{files[step].format(name)}` | {shows} | {heading} |")
    return "\n".join(lines[1:])


def with_table(page: str, table: str, end: str) -> str:
    """Return a page with this table between the mark `BEGIN` and that of its end."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(end)
    return f"{before}{BEGIN}\n\n{table}\n\n{end}{after}"


def _theorems(statement: Statement) -> str:
    return f"[{len(statement.proved)}]({PROOF})" if statement.proved else "none"


def _cell(text: str) -> str:
    """Return a text whose bars do not end its cell of a table."""
    return text.replace("|", r"\|")


def _heading(statement: Statement) -> str:
    number = f"{statement.number}. " if statement.number else ""
    return f"**{number}{statement.title}.**"


def _sections(statement: Statement) -> str:
    """Return links to the sections of a statement, at the anchors that GitHub gives them."""
    theory = Path(statement.theory).read_text(encoding="utf-8")
    headings = re.findall(r"^## ((\d+) .*)$", theory, flags=re.MULTILINE)
    places = {
        int(number): re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading, number in headings
    }
    return ", ".join(
        f"[{number}]({statement.theory}#{places[number]})" for number in statement.sections
    )


def _recorded_outcomes(studies: Studies) -> dict[str, str]:
    """Return how each claim comes out by the table that is recorded beside its study."""
    tables = {name: pd.read_csv(CARDS / name / "recorded.csv") for name in studies.layouts()}
    claims = [Claim(**claim) for claim in studies.claims()]
    return {claim.id: judge(claim, tables).outcome for claim in claims if claim.study in tables}


if __name__ == "__main__":
    studies = Studies({"large_study": True, "memory_mb": 1})
    for file, table in {README: statements_table(studies), FIGURES: studies_table(studies)}.items():
        write_text(file, with_table(file.read_text(encoding="utf-8"), table, ENDS[file]))
