"""The map of statements leaves out nothing, and its verdicts follow from those of the claims."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from companion.claims_page import claims_page
from companion.readme import studies_table
from companion.registry import EVERY_STUDY, Studies
from companion.statements import Statement, statements

ROOT = Path(__file__).parents[2]


@pytest.fixture
def chapter(tmp_path):
    """Return what changes the chapter of a copy of the cards, and reads the studies there."""
    for name in ("studies", "workflow/schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    file = tmp_path / "studies/theorem.yaml"

    def changed(change):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        change(content)
        file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return Studies(EVERY_STUDY, tmp_path)

    return changed


def statement(**changes):
    parts = {"title": "t", "statement": "S.", "sections": (4,), "studies": (), "claims": ("a", "b")}
    place = {"chapter": "c", "theory": "docs/theory.md"}
    return Statement(id="s", **{**parts, **place, **changes})


def test_every_study_and_every_claim_belongs_to_a_statement_or_to_the_checks():
    studies = Studies(EVERY_STUDY, ROOT)
    found = statements(studies)
    theorem = [each.number for each in found if each.chapter == "The one-neuron theorem"]
    assert theorem == [1, 2, 3, 4, 5, 6, 0]
    assert found[0].number == 1
    assert found[0].theory == "docs/theory.md"
    assert [each.id for each in found if each.id.startswith("others")] == []
    assert {name for each in found for name in each.claims} == {c["id"] for c in studies.claims()}
    assert {name for each in found for name in each.studies} == set(studies.names())


def test_what_is_assigned_to_no_statement_makes_a_group_of_its_own(chapter):
    def forget(content):
        content["statements"][3]["claims"].remove("necessity_tie")
        content["statements"][4]["studies"].remove("lazy")

    (rest,) = (each for each in statements(chapter(forget)) if each.id.startswith("others"))
    assert (rest.id, rest.claims, rest.studies) == ("others_theorem", ("necessity_tie",), ("lazy",))
    assert rest.sections == (7, 8)


def test_a_chapter_has_its_own_page_statements_and_rest(chapter, tmp_path, monkeypatch):
    content = {"title": "Lazy starts", "number": 9, "summary": "They hardly move."}
    content |= {"theory": "docs/lazy.md", "sections": {1: "laziness"}}
    (tmp_path / "studies/another.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    studies = chapter(lambda content: content["statements"][4]["studies"].remove("lazy"))
    assert "Lazy starts" not in {each.chapter for each in statements(studies)}

    card = tmp_path / "studies/lazy/study.yaml"
    moved = yaml.safe_load(card.read_text(encoding="utf-8")) | {"chapter": "another", "section": 1}
    card.write_text(yaml.safe_dump(moved, allow_unicode=True), encoding="utf-8")
    studies = Studies(EVERY_STUDY, tmp_path)
    (rest,) = (each for each in statements(studies) if each.id.startswith("others"))
    assert (rest.chapter, rest.theory, rest.sections) == ("Lazy starts", "docs/lazy.md", (1,))
    assert rest.studies == ("lazy",)
    claims = {claim["id"]: claim["source"] for claim in studies.claims()}
    assert claims["lazy_far"] == "Lazy starts. Section 1: laziness"
    assert (studies.theories()[0], studies.theories()[-1]) == ("docs/theory.md", "docs/lazy.md")
    studies.cards["lazy"]["figure"]["shows"] = "how far ‖W‖ and |s| move"
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs", "docs", ignore=shutil.ignore_patterns("_build", "images"))
    Path("docs/lazy.md").write_text("# Lazy starts\n\n## 1 Laziness\n", encoding="utf-8")
    table = studies_table(studies)
    assert " | [1](lazy.md#1-laziness) | none | `lazy` | " in table
    assert r"| `figures/lazy.pdf` | how far ‖W‖ and \|s\| move | Section 1: laziness |" in table
    assert "## Lazy starts\n\nThey hardly move.\n\n| statement |" in table
    assert "\n| figure or table | what it shows | [theory](lazy.md) |" in table
    assert table.index("## The one-neuron theorem") < table.index("## Lazy starts")
    assert table.index("## Lazy starts") < table.index("`figures/lazy.pdf`")


@pytest.mark.parametrize(
    ("key", "name", "sentence"),
    [
        (
            "claims",
            "limits_sadle",
            "limits_sadle is not a known claim; did you mean limits_saddle?",
        ),
        ("studies", "limit_mop", "limit_mop is not a known study; did you mean limit_map?"),
        ("sections", 11, "11 is not a known section"),
    ],
)
def test_a_name_that_does_not_exist_is_refused(chapter, key, name, sentence):
    with pytest.raises(ValueError, match=f"studies/theorem.yaml: statement limits: {sentence}"):
        chapter(lambda content: content["statements"][0][key].append(name))


def test_two_chapters_with_one_number_are_refused(chapter):
    with pytest.raises(ValueError, match=r"number 2 is that of theorem.yaml; choose another"):
        chapter(lambda content: content.update(number=2))


def test_an_unknown_key_is_refused(chapter):
    with pytest.raises(ValueError, match=r"claim is not a known key; did you mean .*claims"):
        chapter(lambda content: content["statements"][0].update(claim=["limits_saddle"]))


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ({"a": "supported", "b": "supported"}, "supported"),
        ({"a": "supported", "b": "falsified"}, "1 supported, 1 falsified"),
        ({"a": "falsified", "b": "falsified", "c": "supported"}, "falsified"),
        ({"a": "supported", "b": "not applicable"}, "1 supported, 1 not applicable"),
        ({}, "nothing claimed"),
    ],
)
def test_the_verdict_on_a_statement_counts_those_on_its_claims(outcomes, verdict):
    assert statement().verdict(outcomes) == verdict


def test_the_claims_page_puts_statements_below_their_chapter():
    stated = [statement(chapter=name, title=f"of {name}") for name in ("First", "First", "Second")]
    page = claims_page([], stated)
    shown = ["".join(each) for each in re.findall(r'<th colspan="\d">(\w+)|<td>(of \w+)', page)]
    assert shown == ["First", "of First", "of First", "Second", "of Second"]


def test_a_headline_shows_measured_numbers_or_nothing():
    stated = statement(headline="At most {a:.0e} of {b:.0f}.")
    assert stated.number_in_words({"a": 1.25e-14, "b": 20.0}) == "At most 1e-14 of 20."
    assert stated.number_in_words({"a": None, "b": 20.0}) == ""
    assert stated.number_in_words({"b": 20.0}) == ""
    assert statement().number_in_words({}) == ""


def test_the_headlines_of_the_project_name_claims_of_their_statement():
    for stated in statements(Studies(EVERY_STUDY, ROOT)):
        numbers = dict.fromkeys(stated.claims, 0.5)
        assert bool(stated.headline) == bool(stated.number_in_words(numbers)) == bool(stated.claims)
