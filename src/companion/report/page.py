"""The report as one HTML page that needs nothing from elsewhere."""

import base64
import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from companion.registry import Studies
from companion.report import prose
from companion.statements import Statement, statements
from companion.tables import html_table

FOLDER = Path(__file__).parent
#: Signs of verdicts, so that color is not all that tells them apart; any other has a ring.
SIGNS = {"supported": "✓", "falsified": "✗"}


def report_page(
    studies: Studies,
    *,
    claims: Path,
    verdicts: Path,
    manifest: Path,
    theories: Iterable[Path],
    figures: Iterable[Path],
    tables: Iterable[Path],
) -> str:
    """Return the report of a run.

    Parameters
    ----------
    studies : Studies
        The studies under the run's configuration.
    claims, verdicts : Path
        The verdicts as JSON, and as a table in CSV.
    manifest : Path
        The manifest, which says which figure bears on which claim.
    theories : iterable of Path
        The theory pages in Markdown.
    figures, tables : iterable of Path
        Figures as PNG, each with its caption beside it as Markdown, and tables as CSV.

    Returns
    -------
    str
        HTML with all images, data, styles and scripts inside.
    """
    stated = statements(studies)
    judged = _claims(claims, verdicts, stated)
    drawn = {path.stem: _figure(path, studies, manifest, stated) for path in figures}
    tabulated = {path.stem: _table(path, studies, judged, stated) for path in tables}
    for claim in judged.values():
        claim["figures"] = [
            name for name, figure in drawn.items() if claim["id"] in figure["claims"]
        ]
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(FOLDER),
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    for kind in (prose.blocks, prose.headline, prose.paragraph, prose.plain):
        environment.filters[kind.__name__] = kind
    pages = [_page(path, environment, stated, studies) for path in theories]
    return environment.get_template("page.html.jinja").render(
        chapters=_chapters(stated, judged, drawn),
        claims=judged,
        figures=drawn,
        tables=tabulated,
        pages=pages,
        titles={page["name"]: page["title"] for page in pages},
        signs=SIGNS,
        style=_verbatim("page.css"),
        script=_verbatim("page.js"),
    )


def _claims(claims: Path, verdicts: Path, stated: list[Statement]) -> dict[str, dict[str, Any]]:
    """Return every claim with its verdict, by its id, in the order of the theory."""
    words = pd.read_csv(verdicts, dtype=str, keep_default_na=False).set_index("claim")
    records = json.loads(claims.read_text(encoding="utf-8"))
    return {
        record["id"]: {
            **record,
            "expectation": words["expected"][record["id"]],
            "found": words["measured"][record["id"]],
            "statements": [each for each in stated if record["id"] in each.claims],
        }
        for record in records
    }


def _figure(
    path: Path, studies: Studies, manifest: Path, stated: list[Statement]
) -> dict[str, Any]:
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    return {
        "title": studies.cards[path.stem]["figure"]["title"],
        "caption": path.with_suffix(".md").read_text(encoding="utf-8"),
        "source": _uri("image/png", path.read_bytes()),
        "file": path.with_suffix(".pdf").as_posix(),
        "section": studies.cards[path.stem]["section"],
        "page": Path(studies.theory(studies.cards[path.stem]["chapter"])).stem,
        "claims": entries[path.as_posix()]["claims"],
        "statements": [each for each in stated if path.stem in each.studies],
    }


def _table(
    path: Path, studies: Studies, judged: Mapping[str, Any], stated: list[Statement]
) -> dict[str, Any]:
    return {
        "title": studies.cards[path.stem]["table"]["title"],
        "caption": studies.caption(path.stem, "table"),
        "source": _uri("text/csv", path.read_bytes()),
        "file": path.as_posix(),
        "section": studies.cards[path.stem]["section"],
        "page": Path(studies.theory(studies.cards[path.stem]["chapter"])).stem,
        "claims": [name for name, claim in judged.items() if claim["study"] == path.stem],
        "statements": [each for each in stated if path.stem in each.studies],
        "html": Markup(html_table(pd.read_csv(path))),
    }


def _chapters(
    stated: list[Statement], judged: Mapping[str, Mapping[str, Any]], drawn: Mapping[str, Any]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the statements of each chapter that has some, by its title."""
    return [
        (title, [_section(statement, judged, drawn, stated) for statement in group])
        for title, group in groupby(stated, key=lambda statement: statement.chapter)
    ]


def _section(
    statement: Statement,
    judged: Mapping[str, Mapping[str, Any]],
    drawn: Mapping[str, Any],
    stated: list[Statement],
) -> dict[str, Any]:
    """Return a statement with its verdict, and with the figures that no earlier one has shown."""
    shown = {name for other in stated[: stated.index(statement)] for name in other.studies}
    figures = [name for name in statement.studies if name in drawn]
    measured = {name: claim["measured"] for name, claim in judged.items()}
    outcomes = {name: claim["verdict"] for name, claim in judged.items()}
    return {
        "of": statement,
        "page": Path(statement.theory).stem,
        "verdict": statement.verdict(outcomes),
        "headline": statement.number_in_words(measured),
        "figures": [name for name in figures if name not in shown],
        "shown_before": [name for name in figures if name in shown],
    }


def _page(
    path: Path, environment: Environment, stated: list[Statement], studies: Studies
) -> dict[str, Any]:
    """Return a theory page with its title; links follow its headings to what shows a section."""
    text, template = path.read_text(encoding="utf-8"), environment.get_template("note.html.jinja")
    derived = [statement for statement in stated if statement.theory == path.as_posix()]
    shown = {
        name: card
        for name, card in studies.cards.items()
        if studies.theory(card["chapter"]) == path.as_posix() and name in studies.names()
    }
    notes = {
        number: template.render(
            statements=[each for each in derived if number in each.sections],
            studies={name: card for name, card in shown.items() if card["section"] == number},
        )
        for statement in derived
        for number in statement.sections
    }
    return {
        "name": path.stem,
        "title": text.partition("\n")[0].removeprefix("# "),
        "html": prose.theory(text, notes, path.stem),
    }


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _verbatim(name: str) -> Markup:
    return Markup((FOLDER / name).read_text(encoding="utf-8"))
