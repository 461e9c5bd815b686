"""A study is one folder: what is added there is everywhere, and gone with it."""

import shutil
from textwrap import dedent

import pytest

from companion.readme import (
    BEGIN,
    ENDS,
    FIGURES,
    README,
    statements_table,
    studies_table,
    with_table,
)
from companion.registry import EVERY_STUDY, Studies
from tests.workflow.conftest import ROOT

FILES = {
    "study.yaml": """
        title: A study of the tests
        chapter: theorem
        section: 3
        ensembles:
          throwaway:
            target: {singular_values: [2.0, 1.0], shape: [2, 2]}
            seed: 1
            starts: {sampled: {sample: {size: 3, s: [0.1, 1.0]}}}
        settings:
          power: {default: 2, type: integer, minimum: 1, description: Power of s.}
        measure: {inputs: {starts: starts/throwaway}, settings: [power]}
        figure:
          title: powers of s
          shows: powers of s
          caption: "Powers {power} of s, for σ = ({throwaway[target][singular_values]})."
        table: {title: powers, shows: the same in numbers, caption: Powers of s.}
        claims:
          - id: throwaway_positive
            statement: Powers of s are positive.
            column: power
            reduction: min
            relation: ">="
            expected: 0
            tolerance: 0
            reason: So is s.
    """,
    "measure.py": """
        def measure(starts, *, power):
            values = (starts["s"] ** power).assign_attrs(long_name="power of s", units="1")
            return values.to_dataset(name="power")
    """,
    "figure.py": """
        from companion import style

        def data(measured):
            return measured

        def draw(data):
            figure = style.new_figure(2)
            figure.subplots().plot(data["power"])
            return figure
    """,
    "table.py": """
        def table(measured):
            return measured["power"].to_dataframe().reset_index()
    """,
}
MADE = ("figures/throwaway.pdf", "figures/throwaway.md", "results/tables/throwaway.csv")


def test_a_folder_is_all_that_a_study_needs(project):
    folder = project.folder / "studies/throwaway"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(dedent(text), encoding="utf-8")
    before = contents(project.folder)
    run = project.snakemake("--", *MADE)
    assert run.returncode == 0, run.stderr
    assert contents(project.folder) == before
    assert (project.folder / MADE[0]).read_bytes().startswith(b"%PDF")
    assert (project.folder / MADE[1]).read_text() == "Powers 2 of s, for σ = (2, 1).\n"
    assert (project.folder / MADE[2]).read_text().startswith("start,power\n0,")
    assert set(MADE[::2]) <= files_of_all(project)
    studies = Studies({"memory_mb": 1}, project.folder)
    row = "| `figures/throwaway.pdf` | powers of s | Section 3: the closed form |"
    assert row in studies_table(studies)
    claims = {claim["id"]: claim for claim in studies.claims()}
    assert claims["throwaway_positive"]["study"] == "throwaway"

    shutil.rmtree(folder)
    assert files_of_all(project).isdisjoint(MADE)
    assert "throwaway" not in str(Studies({"memory_mb": 1}, project.folder).config)


@pytest.mark.parametrize(
    ("file", "written"), [(README, statements_table), (FIGURES, studies_table)]
)
def test_the_tables_of_readme_and_docs_are_those_of_the_cards(monkeypatch, file, written):
    monkeypatch.chdir(ROOT)
    page = file.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(ENDS[file]) == 1
    table = written(Studies(EVERY_STUDY))
    assert with_table(page, table, ENDS[file]) == page, "run: python -m companion.readme"


def contents(folder):
    """Return the content of every file of the sources."""
    tops = ("config", "envs", "profiles", "src", "studies", "workflow")
    files = (file for top in tops for file in (folder / top).rglob("*") if file.is_file())
    return {file: file.read_bytes() for file in files if "__pycache__" not in file.parts}


def files_of_all(project):
    """Return the files that the whole pipeline needs."""
    run = project.snakemake("--dry-run")
    assert run.returncode == 0, run.stderr
    lines = (run.stdout + run.stderr).splitlines()
    named = (line.partition("input: ")[2] for line in lines if line.startswith("    input: "))
    return {file for line in named for file in line.split(", ")}
