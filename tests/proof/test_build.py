"""Coq accepts the proof, which rests on the axioms of its real numbers alone."""

import shutil

import pytest

from proof import check

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason=check.INSTALL)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Return a folder with the proof as Coq has compiled it."""
    folder = tmp_path_factory.mktemp("proof") / "copy"
    check.copy(folder)
    assert not check.build(folder)
    return folder


def test_every_theorem_rests_on_the_axioms_of_the_reals_alone(compiled):
    stated = check.statements()
    found = check.assumptions(compiled, stated)
    assert list(found) == [each.name for each in stated]
    assert set().union(*found.values()) == check.AXIOMS


def test_a_gap_in_a_proof_is_noticed(compiled, tmp_path):
    shutil.copytree(compiled, tmp_path / "gap")
    theorems = tmp_path / "gap/Theorems.v"
    text = theorems.read_text(encoding="utf-8")
    head, _, tail = text.partition("Theorem limit_zero")
    _, _, rest = tail.partition("Qed.")
    statement = tail.partition("Proof")[0]
    theorems.write_text(f"{head}Theorem limit_zero{statement}Proof. Admitted.{rest}")
    assert check.coq("coqc", "-q", "Theorems.v", folder=tmp_path / "gap").returncode == 0
    stated = [each for each in check.statements() if each.name == "limit_zero"]
    found = check.assumptions(tmp_path / "gap", stated)
    assert "Theorems.limit_zero" in found["limit_zero"]
