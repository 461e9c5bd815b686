"""Projects to disturb, and the table of every fault that the tests try."""

import pytest

from tests.faults.disturbed import FIGURE, Copy
from tests.workflow.conftest import caches  # noqa: F401

TABLE = pytest.StashKey[list[tuple[str, str]]]()


@pytest.fixture
def record(request):
    """Return a function that adds a line to the table, called once a test has shown all of it."""
    return lambda *fault: request.config.stash.setdefault(TABLE, []).append(fault)


def pytest_terminal_summary(terminalreporter, config):
    if table := config.stash.get(TABLE, []):
        terminalreporter.section("fault | what the user reads; nothing was lost")
        for fault in table:
            terminalreporter.write_line(" | ".join(fault))


@pytest.fixture(scope="session")
def make(tmp_path_factory, caches):  # noqa: F811
    """Return a function that makes targets, all by default, in a copy of the project."""

    def make(*targets):
        project = Copy(tmp_path_factory.mktemp("undisturbed"), caches)
        run = project.snakemake("--", *targets)
        assert run.returncode == 0, run.stderr
        return project

    return make


@pytest.fixture(scope="session")
def undisturbed(make):
    """Return a copy of the project in which one figure was made without any fault."""
    return make(FIGURE)


@pytest.fixture
def project(undisturbed, tmp_path):
    """Return a copy of the project in which nothing is made yet."""
    return undisturbed.unmade(tmp_path / "project")


@pytest.fixture
def built(undisturbed, tmp_path):
    """Return a copy of the project in which the figure is made, to disturb."""
    return undisturbed.duplicate(tmp_path / "built")
