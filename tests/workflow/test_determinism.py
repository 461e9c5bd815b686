"""The same configuration gives the same bytes: elsewhere, on other cores, with nothing compiled."""

from pathlib import Path

import pytest
from conftest import Project

# What tells of the run itself: messages, and when and where it was.
OF_THE_RUN = ("results/logs/", "results/run.json")
# What the comparison must not have missed.
KINDS = {".csv", ".html", ".json", ".md", ".nc", ".pdf", ".png", ".tex", ".txt"}


@pytest.fixture
def second_run(tmp_path_factory):
    """Return a cold run in which all is different that must not matter."""
    project = Project(tmp_path_factory.mktemp("elsewhere") / "deeper", tmp_path_factory.mktemp("c"))
    # Compiled code of the checkout came with the sources; this run compiles its own.
    project.environment |= {
        "NUMBA_CACHE_DIR": str(tmp_path_factory.mktemp("numba")),
        "PYTHONHASHSEED": "12345",
        "TZ": "Pacific/Chatham",
        "LC_ALL": "C",
    }
    run = project.snakemake("--cores", "3")
    assert run.returncode == 0, run.stdout + run.stderr
    return project


def test_two_cold_runs_give_the_same_bytes(first_run, second_run):
    first, second = (outputs(run.folder) for run in (first_run, second_run))
    assert first.keys() == second.keys()
    assert {Path(name).suffix for name in first} >= KINDS
    assert [name for name in first if first[name] != second[name]] == []


def outputs(folder):
    """Return the content of every file that the pipeline made, under its name."""
    files = (file for top in ("figures", "results") for file in (folder / top).rglob("*"))
    named = {file.relative_to(folder).as_posix(): file for file in files if file.is_file()}
    return {
        name: file.read_bytes() for name, file in named.items() if not name.startswith(OF_THE_RUN)
    }
