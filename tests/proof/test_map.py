"""The map of statements and the reader's guide name theorems that exist, and all of them."""

import re
from pathlib import Path

from companion.registry import EVERY_STUDY, Studies
from companion.statements import statements
from proof import check

ROOT = Path(__file__).parents[2]
PROVED = {each.name for each in check.statements()}


def test_the_guide_names_every_theorem_and_no_other():
    guide = (ROOT / "docs/proof.md").read_text(encoding="utf-8")
    rows = [
        row
        for table in guide.split("## Statement by statement")[1].split("|---|---|---|\n")[1:]
        for row in table.partition("\n\n")[0].splitlines()
    ]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row.split(" | ")[2])}
    assert named == PROVED
    sections = {re.match(r"\| (\d)", row)[1] for row in rows}
    assert {"1", "3", "4", "5", "6"} <= sections


def test_the_map_of_statements_names_theorems_that_exist():
    found = statements(Studies(EVERY_STUDY, ROOT))
    named = [name for each in found for name in each.proved]
    assert set(named) == PROVED
    assert {each.id for each in found if each.support == "proved and measured"} >= {
        "limits",
        "rates",
        "sets",
    }
