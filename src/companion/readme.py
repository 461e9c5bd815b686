"""The tables of the README and of docs/figures.md: `python -m companion.readme`.

They are made from the cards and from the numbers that are recorded beside them.
"""

import re
from pathlib import Path

import pandas as pd

from companion.claims import Claim, judge
from companion.files import write_text
from companion.registry import CARDS, Studies
from companion.statements import Statement, statements

README = Path("README.md")
FIGURES = Path("docs/figures.md")
THEORY = Path("docs/theory.md")
BEGIN = "<!-- python -m companion.readme writes this -->"
ENDS = {README: "<!-- end of the statements -->", FIGURES: "<!-- end of the studies -->"}


def statements_table(studies: Studies) -> str:
    """Return the map of statements in Markdown, with the verdicts on the recorded numbers."""
    rows = [
        "| statement | theory | figures and tables | claims | verdict |",
        "|---|---|---|--:|---|",
    ]
    outcomes, places = _recorded_outcomes(studies), _places(THEORY.read_text(encoding="utf-8"))
    for statement in statements(studies):
        sections = ", ".join(
            f"[{number}]({THEORY}#{places[number]})" for number in statement.sections
        )
        shown = ", ".join(f"`{study}`" for study in statement.studies) or "none"
        rows.append(
            f"| {_heading(statement)} {statement.statement} | {sections} | {shown} "
            f"| {len(statement.claims)} | {statement.verdict(outcomes)} |"
        )
    return "\n".join(rows)


def studies_table(studies: Studies) -> str:
    """Return one row in Markdown for every figure and table, by chapter and section."""
    rows = ["| figure or table | what it shows | mathematics |", "|---|---|---|"]
    files = {"figure": "figures/{}.pdf", "table": "results/tables/{}.csv"}
    for name in studies.names():
        for step in (step for step in files if step in studies.cards[name]):
            shows = studies.cards[name][step]["shows"]
            rows.append(f"| `{files[step].format(name)}` | {shows} | {studies.heading(name)} |")
    return "\n".join(rows)


def with_table(page: str, table: str, end: str) -> str:
    """Return a page with this table between the mark `BEGIN` and that of its end."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(end)
    return f"{before}{BEGIN}\n\n{table}\n\n{end}{after}"


def _heading(statement: Statement) -> str:
    number = f"{statement.number}. " if statement.number else ""
    return f"**{number}{statement.title}.**"


def _places(theory: str) -> dict[int, str]:
    """Return the anchors that GitHub gives to the sections of the theory, by their number."""
    headings = re.findall(r"^## ((\d+) .*)$", theory, flags=re.MULTILINE)
    return {int(number): heading.lower().replace(" ", "-") for heading, number in headings}


def _recorded_outcomes(studies: Studies) -> dict[str, str]:
    """Return how each claim comes out by the table that is recorded beside its study."""
    tables = {name: pd.read_csv(CARDS / name / "recorded.csv") for name in studies.layouts()}
    claims = [Claim(**claim) for claim in studies.claims()]
    return {claim.id: judge(claim, tables).outcome for claim in claims if claim.study in tables}


if __name__ == "__main__":
    studies = Studies({"large_study": True, "memory_mb": 1})
    for file, table in {README: statements_table(studies), FIGURES: studies_table(studies)}.items():
        write_text(file, with_table(file.read_text(encoding="utf-8"), table, ENDS[file]))
