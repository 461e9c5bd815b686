"""The tables of the README and of docs/figures.md: `python -m companion.readme`.

They are made from the cards and from the numbers that are recorded beside them.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from os.path import relpath
from pathlib import Path

import pandas as pd

from companion.claims import Claim, judge
from companion.files import write_text
from companion.registry import CARDS, EVERY_STUDY, Studies
from companion.statements import Statement, statements

README = Path("README.md")
FIGURES = Path("docs/figures.md")
PROOF = Path("docs/proof.md")
BEGIN = "<!-- python -m companion.readme writes this -->"
ENDS = {README: "<!-- end of the statements -->", FIGURES: "<!-- end of the studies -->"}


def statements_table(studies: Studies) -> str:
    """Return the map of the first chapter's statements in Markdown, then a row for each other one.

    Verdicts are those on the recorded numbers.
    """
    outcomes = _recorded_outcomes(studies)
    first, *others = _by_chapter(studies).items()
    lines = [_map(first[1], outcomes, README), "", "### Beyond the paper", ""]
    lines += ["| chapter | statements | claims | verdict |", "|---|--:|--:|---|"]
    for chapter, stated in others:
        title, theory = studies.chapters[chapter]["title"], studies.theory(chapter)
        text = f"**[{title}]({theory}).** {_cell(studies.chapters[chapter]['summary'])}"
        place = f"{FIGURES}#{_anchor(title)}"
        claims = sum(len(statement.claims) for statement in stated)
        lines.append(
            f"| {text} | [{len(stated)}]({place}) | {claims} | {_verdict(stated, outcomes)} |"
        )
    return "\n".join(lines)


def studies_table(studies: Studies) -> str:
    """Return what each chapter that has studies shows, in Markdown.

    That is its map of statements, where the README does not have it, and a table with one row for
    every figure and table, by section.
    """
    outcomes, stated = _recorded_outcomes(studies), _by_chapter(studies)
    lines, files = list[str](), {"figure": "figures/{}.pdf", "table": "results/tables/{}.csv"}
    for place, chapter in enumerate(studies.chapters):
        if not studies.names(chapter=chapter):
            continue
        theory = relpath(studies.theory(chapter), FIGURES.parent)
        lines += ["", f"## {studies.chapters[chapter]['title']}", ""]
        lines += [studies.chapters[chapter]["summary"], ""]
        if place:
            lines += [_map(stated.get(chapter, []), outcomes, FIGURES), ""]
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


def _by_chapter(studies: Studies) -> dict[str, list[Statement]]:
    titles = {content["title"]: name for name, content in studies.chapters.items()}
    grouped = groupby(statements(studies), key=lambda statement: statement.chapter)
    return {titles[title]: list(stated) for title, stated in grouped}


def _map(stated: Iterable[Statement], outcomes: Mapping[str, str], page: Path) -> str:
    """Return a table of statements for this page."""
    lines = [
        "| statement | theory | theorems | figures and tables | claims | verdict |",
        "|---|---|--:|---|--:|---|",
    ]
    for statement in stated:
        shown = ", ".join(f"`{study}`" for study in statement.studies) or "none"
        text = _cell(f"{_heading(statement)} {statement.statement}")
        proof = relpath(PROOF, page.parent)
        proved = f"[{len(statement.proved)}]({proof})" if statement.proved else "none"
        lines.append(
            f"| {text} | {_sections(statement, page)} | {proved} | {shown} "
            f"| {len(statement.claims)} | {statement.verdict(outcomes)} |"
        )
    return "\n".join(lines)


def _verdict(stated: Iterable[Statement], outcomes: Mapping[str, str]) -> str:
    """Return the verdict on all claims of these statements."""
    verdicts = {statement.verdict(outcomes) for statement in stated if statement.claims}
    return ", ".join(sorted(verdicts)) or "nothing claimed"


def _cell(text: str) -> str:
    """Return a text whose bars do not end its cell of a table."""
    return text.replace("|", r"\|")


def _heading(statement: Statement) -> str:
    number = f"{statement.number}. " if statement.number else ""
    return f"**{number}{statement.title}.**"


def _sections(statement: Statement, page: Path) -> str:
    """Return links to the sections of a statement."""
    theory = Path(statement.theory).read_text(encoding="utf-8")
    headings = re.findall(r"^## ((\d+) .*)$", theory, flags=re.MULTILINE)
    places = {int(number): _anchor(heading) for heading, number in headings}
    file = relpath(statement.theory, page.parent)
    return ", ".join(f"[{number}]({file}#{places[number]})" for number in statement.sections)


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _recorded_outcomes(studies: Studies) -> dict[str, str]:
    """Return how each claim comes out by the table that is recorded beside its study."""
    tables = {name: pd.read_csv(CARDS / name / "recorded.csv") for name in studies.layouts()}
    claims = [Claim(**claim) for claim in studies.claims()]
    return {claim.id: judge(claim, tables).outcome for claim in claims if claim.study in tables}


if __name__ == "__main__":
    studies = Studies(EVERY_STUDY)
    for file, table in {README: statements_table(studies), FIGURES: studies_table(studies)}.items():
        write_text(file, with_table(file.read_text(encoding="utf-8"), table, ENDS[file]))
