"""The links of the pages lead somewhere, and what the pages name exists."""

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml

import dlnpaper
from companion.registry import EVERY_STUDY, Studies

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for folder in (".", "docs", "workflow", "tests/references")
    for path in (ROOT / folder).glob("*.md")
)
APPENDIX = (ROOT / "docs/artifact.md").read_text(encoding="utf-8")


def text(path):
    """Return a page without its code, in which brackets are no links."""
    return re.sub(
        r"^```.*?^```$|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.M | re.S
    )


def places(path):
    """Return the anchors that GitHub, and MyST, give the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", text(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    linked = re.findall(r"\]\((?!\w+:)([^()\s#]*)(?:#([^()\s]*))?\)", text(page))
    for name, place in linked:
        file = page.parent / name if name else page
        assert file.exists(), name
        if place:
            assert place in places(file), f"{name}#{place}"


def test_every_section_of_a_chapter_is_one_of_its_theory_page():
    studies = Studies(EVERY_STUDY, ROOT)
    for name, chapter in studies.chapters.items():
        page = ROOT / studies.theory(name)
        numbers = re.findall(r"^## (\d+) ", text(page), re.MULTILINE)
        assert {str(number) for number in chapter["sections"]} <= set(numbers), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_make_are_targets(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    # In an indented block, or in the text; `make CORES=2` has no target.
    named = re.findall(r"(?:^    |`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= set(targets.split())


def test_the_appendix_names_every_claim_and_no_other():
    claims = {
        claim["id"]: study
        for study, card in Studies(EVERY_STUDY, ROOT).cards.items()
        for claim in card.get("claims", ())
    }
    named = set()
    for row in re.findall(r"^\| .* \| [\d, ]+ \| (.*) \| (.*) \|$", APPENDIX, re.MULTILINE):
        studies, patterns = (set(re.findall(r"`(.*?)`", cell)) for cell in row)
        for pattern in patterns:
            found = {name for name in claims if name.startswith(pattern.rstrip("…"))}
            assert {claims[name] for name in found} <= studies, pattern
            assert found, pattern
            named |= found
    assert named == claims.keys()


def test_codemeta_agrees_with_the_package_and_the_citation():
    codemeta = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert codemeta["name"] == project["name"] == citation["title"].partition(":")[0]
    assert codemeta["description"] == project["description"]
    assert codemeta["version"] == dlnpaper.__version__ == citation["version"]
    assert codemeta["license"].removeprefix("https://spdx.org/licenses/") == project["license"]
    assert project["license"] == citation["license"]
    assert codemeta["softwareRequirements"] == project["dependencies"]
    assert codemeta["keywords"] == project["keywords"]
    assert codemeta["runtimePlatform"] == f"Python {project['requires-python']}"
    authors = [author["name"] for author in codemeta["author"]]
    assert authors == [author["name"] for author in project["authors"]]
    assert authors == [author["name"] for author in citation["authors"]]
    preprints = [paper["@id"].rpartition("/")[2] for paper in codemeta["referencePublication"]]
    assert preprints == [
        paper["identifiers"][0]["value"].removeprefix("arXiv:") for paper in citation["references"]
    ]


def test_the_changelog_begins_with_this_version():
    latest = re.search(r"^## (\S+),? ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1]
    assert latest.rstrip(",") == dlnpaper.__version__


def test_the_example_of_a_study_is_a_valid_one(tmp_path):
    for folder in ("studies", "workflow/schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    (card,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "studies/ceiling").mkdir()
    (tmp_path / "studies/ceiling/study.yaml").write_text(card, encoding="utf-8")
    example = Studies(EVERY_STUDY, tmp_path)
    assert "ceiling" in example.names()
    assert "s / max(s₀, σ₁) over twenty starts, for σ = (3, 2, 1)." in example.caption(
        "ceiling", "figure"
    )
