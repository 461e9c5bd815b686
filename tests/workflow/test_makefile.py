"""The set-up that `make` does, driven by a stand-in for the interpreter that records its calls."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[2] / "Makefile"

# Its `-m venv` makes an environment whose python is the same script, as a real one does.
INTERPRETER = """\
#!/bin/sh
echo "$(basename "$0") $*" >> calls
case "$*" in
--version) echo "Python $(cat version)" ;;
*sys.version_info*) test "$(cat version)" != 3.10.13 ;;
"-m venv --clear .venv"*) rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
*--require-hashes*) test ! -e offline ;;
"-m snakemake"*) echo "$0" > started_as; echo "$XDG_CACHE_HOME" > caches ;;
esac
"""


@pytest.fixture(params=["plain", "with a space"])
def project(request, tmp_path):
    """A folder with the Makefile, a lock and an interpreter, version 3.12.1."""
    folder = tmp_path / request.param
    folder.mkdir()
    shutil.copy(MAKEFILE, folder)
    (folder / "requirements.lock").touch()
    (folder / "version").write_text("3.12.1")
    (folder / "python").write_text(INTERPRETER)
    (folder / "python").chmod(0o755)
    return folder


def make(project, *arguments):
    """Run make; return it with the calls of the interpreter, those of the version check aside."""
    calls = project / "calls"
    calls.write_text("")
    command = ["make", "PYTHON=./python", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    called = [line for line in calls.read_text().splitlines() if "sys.version_info" not in line]
    return done, called


def test_sets_up_once_from_the_lock_then_runs_what_is_asked_for(project):
    done, calls = make(project)
    assert done.returncode == 0, done.stderr
    environment, dependencies, package, pipeline = calls
    assert environment == "python -m venv --clear .venv"
    assert "--require-hashes --requirement requirements.lock" in dependencies
    assert "--no-deps" in package
    assert package.endswith("--editable .")
    assert pipeline == "python -m snakemake --cores all"
    two_cores = "python -m snakemake --cores 2"
    for target, expected in {
        "all": [two_cores],
        "resume": ["python -m companion.recovery --cores 2"],
        "verify": [two_cores, "python -m companion.verify"],
        "record": [two_cores, "python -m companion.verify --record"],
    }.items():
        done, calls = make(project, target, "CORES=2")
        assert done.returncode == 0, done.stderr
        assert calls == expected


def test_trains_in_an_environment_of_its_own_after_all_else_is_made(project):
    lock = project / "studies/training/requirements.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    make(project)
    done, calls = make(project, "training", "CORES=2")
    assert done.returncode == 0, done.stderr
    pipeline, environment, dependencies, _, steps, training, recorded = calls
    assert pipeline == "python -m snakemake --cores 2"
    assert environment == "python -m venv --clear .venv-training"
    assert f"--requirement {lock.relative_to(project)}" in dependencies
    assert steps.startswith("python -m pytest tests/studies/test_training.py")
    assert training == f"{pipeline} --config framework_study=True"
    assert " " not in (project / "started_as").read_text().strip()
    assert recorded == "python -m companion.verify training"


def test_begins_afresh_after_an_interrupted_set_up(project):
    (project / "offline").touch()
    done, _ = make(project)
    assert done.returncode != 0
    (project / "offline").unlink()
    done, calls = make(project)
    assert done.returncode == 0, done.stderr
    assert calls[0] == "python -m venv --clear .venv"


def test_installs_again_when_the_lock_changes(project):
    make(project)
    ready = project / ".venv" / ".ready"
    newer = ready.stat().st_mtime + 10
    (project / "requirements.lock").write_text("changed")
    os.utime(project / "requirements.lock", (newer, newer))
    _, calls = make(project)
    assert any("--require-hashes" in call for call in calls)


def test_starts_snakemake_from_a_path_without_a_space(project):
    make(project)
    started_as = (project / "started_as").read_text().strip()
    assert " " not in started_as
    # The link that stood in for a path with a space is gone, the environment is not.
    assert not Path(started_as).is_absolute() or not Path(started_as).exists()
    assert (project / ".venv" / "bin" / "python").exists()


@pytest.mark.parametrize("home", ["", "/no/home"])
def test_keeps_caches_in_the_project_where_there_is_no_home(project, monkeypatch, home):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    make(project, f"HOME={project}")
    assert (project / "caches").read_text() == "\n"
    monkeypatch.setenv("HOME", home)
    make(project)
    assert (project / "caches").read_text() == f"{project}/.snakemake/cache\n"


@pytest.mark.parametrize(
    ("version", "python", "found"),
    [("3.10.13", "./python", "Python 3.10.13"), ("3.12.1", "./no-python", "missing")],
)
def test_says_which_python_it_needs(project, version, python, found):
    (project / "version").write_text(version)
    done, calls = make(project, f"PYTHON={python}")
    assert done.returncode != 0
    sentence = done.stderr.splitlines()[0]
    assert sentence == (
        f"dlnpaper needs Python 3.11 or newer, but {python} is {found}; "
        "install one, or name another: make PYTHON=python3.12"
    )
    assert not any("venv" in call for call in calls)
