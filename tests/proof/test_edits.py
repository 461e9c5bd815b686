"""A statement that is not the proved one is refused by Coq: `make proof-edits`."""

import shutil

import pytest

from proof import check
from tests.proof.edits import EDITS

TEXT = (check.SOURCE / "Statements.v").read_text(encoding="utf-8")
#: The files that read the statements, in the order in which they are compiled.
READERS = ["Statements.v", "Matrices.v", "Gap.v", "Flow.v", "FlowLaws.v", "Theorems.v"]
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason=check.INSTALL)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Return a folder with the proof as Coq has compiled it."""
    folder = tmp_path_factory.mktemp("proof") / "copy"
    check.copy(folder)
    assert not check.build(folder)
    return folder


def first_refused(folder, *names):
    """Compile files until one is refused; return its name, or nothing."""
    for name in names:
        if check.coq("coqc", "-q", "-w", "-all", name, folder=folder).returncode:
            return name
    return ""


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_changes_one_place(name):
    old, new = EDITS[name]
    assert TEXT.count(old) == 1
    assert old != new


def test_every_file_that_reads_the_statements_is_compiled_again():
    readers = [
        name
        for name in check.files()
        if "Statements" in (check.SOURCE / name).read_text(encoding="utf-8").partition("Open")[0]
    ]
    assert set(readers) - {"Sums.v"} == set(READERS)


@needs_coq
@pytest.mark.slow
def test_the_unchanged_statements_are_accepted(compiled):
    assert first_refused(compiled, *READERS) == ""


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", EDITS)
def test_a_changed_statement_is_refused(name, compiled, tmp_path):
    folder = tmp_path / "edited"
    shutil.copytree(compiled, folder)
    (folder / "Statements.v").write_text(TEXT.replace(*EDITS[name]), encoding="utf-8")
    # The edited file itself is a proper text of Coq; what is refused is its proof.
    assert first_refused(folder, *READERS) in READERS[1:]
