"""A statement that is not the proved one is refused by Coq: `make proof-edits`."""

import re
import shutil

import pytest

from proof import check
from tests.proof.edits import EDITS

TEXT = {name: (check.SOURCE / name).read_text(encoding="utf-8") for name in check.stating()}
NAMES = [(file, name) for file in EDITS for name in EDITS[file]]
needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason=check.INSTALL)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Return a folder with the proof as Coq has compiled it."""
    folder = tmp_path_factory.mktemp("proof") / "copy"
    check.copy(folder)
    assert not check.build(folder)
    return folder


def first_refused(folder, *names):
    """Compile files until one is refused; return its name, or nothing.

    A proof of something else may go on for ever; after minutes that is an error.
    """
    for name in names:
        if check.coq("coqc", "-q", "-w", "-all", name, folder=folder, timeout=300).returncode:
            return name
    return ""


def readers(file):
    """Return the files from one of statements to its theorems that name it, in order."""
    stem = file.removesuffix(".v")
    order = check.files()
    last = order.index(file.replace("Statements", "Theorems"))
    return [
        name
        for name in order[: last + 1]
        if re.search(rf"^(From OneNeuron|Module).*\b{stem}\b", sources(name), re.MULTILINE)
        and name not in TEXT
    ]


def sources(name):
    """Return the text of a file of the proof."""
    return (check.SOURCE / name).read_text(encoding="utf-8")


def test_all_statements_are_edited():
    assert set(EDITS) == set(TEXT)


@pytest.mark.parametrize(("file", "name"), NAMES)
def test_each_edit_changes_one_place(file, name):
    old, new = EDITS[file][name]
    assert TEXT[file].count(old) == 1
    assert old != new


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("file", EDITS)
def test_the_unchanged_statements_are_accepted(file, compiled, tmp_path):
    shutil.copytree(compiled, tmp_path / "copy")
    assert first_refused(tmp_path / "copy", file, *readers(file)) == ""


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize(("file", "name"), NAMES)
def test_a_changed_statement_is_refused(file, name, compiled, tmp_path):
    folder = tmp_path / "edited"
    shutil.copytree(compiled, folder)
    (folder / file).write_text(TEXT[file].replace(*EDITS[file][name]), encoding="utf-8")
    # The edited file itself is a proper text of Coq; what is refused is its proof.
    assert first_refused(folder, file, *readers(file)) in readers(file)
