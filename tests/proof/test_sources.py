"""Nothing in proof/ is left unproved, and every statement has its theorem; all without Coq."""

import re

import pytest

from proof import check

SOURCES = {name: (check.SOURCE / name).read_text(encoding="utf-8") for name in check.files()}
LEFT_OPEN = r"""Admitted|admit|give_up|Axioms?|Parameters?|Conjecture|Primitive
    |bypass_check|native_compute|Unset\s+Guard|Unset\s+Positivity|Unset\s+Universe|type-in-type|Declare\s+Module"""


def without_comments(text):
    while (shorter := re.sub(r"\(\*((?!\(\*|\*\)).)*\*\)", "", text, flags=re.DOTALL)) != text:
        text = shorter
    return text


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_left_open(name):
    found = re.findall(rf"\b(?:{LEFT_OPEN})\b", without_comments(SOURCES[name]), flags=re.VERBOSE)
    assert not found


def test_all_files_are_built():
    assert {path.name for path in check.SOURCE.glob("*.v")} == set(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_assumptions_are_made_in_sections_only(name):
    depth = 0
    for sentence in re.split(r"\.\s", without_comments(SOURCES[name])):
        first = sentence.strip().partition(" ")[0]
        if first == "Section":
            depth += 1
        elif first == "End":
            depth -= 1
        elif first in {"Variable", "Variables", "Hypothesis", "Hypotheses", "Context"}:
            assert depth > 0, sentence
    assert depth == 0


@pytest.mark.parametrize("name", sorted(set(SOURCES) - set(check.stating())))
def test_every_proof_says_what_it_uses(name):
    assert not re.search(r"\bProof\.", SOURCES[name])


def test_every_statement_has_its_theorem_and_its_section():
    stated = {each.name: each for each in check.statements()}
    for name in check.stating():
        defined = re.findall(r"Definition (\w+) : Prop", SOURCES[name])
        assert set(defined) <= set(stated)
    for module in {each.module for each in stated.values()}:
        theorems = dict(re.findall(r"Theorem (\w+)\s*: S\w\.(\w+)", SOURCES[f"{module}.v"]))
        assert theorems == {name: name for name in stated if stated[name].module == module}
    for each in stated.values():
        assert re.fullmatch(
            r"([A-Z][a-z ]+ )?[1-9][\d.]*((, | and | to )[\d.]+)*", each.sections
        ), each
        assert each.summary
