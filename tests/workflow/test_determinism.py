"""The same configuration gives the same bytes: elsewhere, on other cores, with nothing compiled."""

from pathlib import Path

import pytest

from tests.workflow.conftest import Project

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
    first, second = (run.outputs() for run in (first_run, second_run))
    assert first.keys() == second.keys()
    assert {Path(name).suffix for name in first} >= KINDS
    assert [name for name in first if first[name] != second[name]] == []
