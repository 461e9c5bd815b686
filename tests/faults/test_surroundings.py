"""What surrounds a run changes no byte: language, time zone, path, home folder, clock."""

import os
import re
import subprocess
import time

import pytest

from tests.faults.disturbed import FIGURE, NO_HOME, STARTS, TRAJECTORIES, assert_made, refused

pytestmark = pytest.mark.slow

#: A name with spaces, letters beyond ASCII, and what a shell would take for its own.
NAME = "größe & Δt 'ünïcode' 名"
SAME = "nothing: the same bytes"


@pytest.mark.parametrize(
    ("language", "zone"), [("tr_TR", "Asia/Kathmandu"), ("de_DE", "Pacific/Chatham"), ("C", "UTC")]
)
def test_another_language_and_time_zone(project, undisturbed, tmp_path, record, language, zone):
    """In Turkish the small letter of I is no i; in German the decimal point is a comma."""
    if language == "C":
        # Python itself then takes texts for ASCII, unless a file is opened as what it is.
        changes = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    else:
        locale, folder = f"{language}.UTF-8", tmp_path / "locales"
        folder.mkdir()
        make = f"localedef -i {language} -f UTF-8 '{folder}/{locale}'"
        made = project.run(["sh", "-c", make])
        if made.returncode != 0:
            pytest.skip(f"the locale cannot be made: {made.stderr.splitlines()[0]}")
        changes = {"LOCPATH": str(folder), "LC_ALL": locale, "LANG": locale}
    project.environment |= {**changes, "TZ": zone}
    assert_made(project, project.snakemake(FIGURE), undisturbed)
    record(f"LC_ALL={changes['LC_ALL']}, TZ={zone}", SAME)


def test_path_with_spaces_and_letters_beyond_ascii(undisturbed, tmp_path, record):
    project = undisturbed.unmade(tmp_path / NAME)
    assert_made(project, project.snakemake(FIGURE), undisturbed)
    # A damaged file is named such that its sentence can be followed there as well.
    (project.folder / STARTS).write_bytes(b"")
    refused(project.snakemake(TRAJECTORIES), f"{STARTS} is damaged: it is empty")
    record("path with spaces and non-ASCII letters", SAME)


@pytest.mark.parametrize("home", [None, NO_HOME])
def test_no_home(project, undisturbed, record, home):
    project.without_home()
    if home is None:
        del project.environment["HOME"]
    assert_made(project, project.snakemake(FIGURE), undisturbed)
    record(f"HOME {home or 'unset'}, through make", SAME)


def test_no_home_and_snakemake_called_by_itself(project, record):
    """Before it reads our files it wants a cache: that text is its own, and ends in the path."""
    project.environment["HOME"] = NO_HOME
    project.environment.pop("XDG_CACHE_HOME", None)
    run = project.snakemake(FIGURE)
    assert run.returncode != 0
    assert re.search(r"No such file or directory: '/proc/no'\s*$", run.stderr)
    assert project.outputs() == {}
    record("the same, snakemake by itself", "its traceback, which ends in the path; use make")


@pytest.mark.parametrize("name", [TRAJECTORIES, "src/dlnpaper/_target.py"])
def test_clock_set_back(built, undisturbed, record, name):
    """It would hide a change of what it is made of; the command in the sentence repairs that."""
    mine = built.folder / "results/mine.txt"
    mine.write_text("mine")
    shift(built, [name, "results/mine.txt"], 86400)
    for run in (built.snakemake(FIGURE), built.resume(FIGURE)):
        reads = refused(run, "^times of files must not lie in the future, got r")
    find, _, remake = reads.partition("type: ")[2].partition(" && snakemake ")
    subprocess.run(find, shell=True, cwd=built.folder, check=True)
    assert built.snakemake(remake, FIGURE).returncode == 0
    assert mine.read_text() == "mine"
    mine.unlink()
    assert_made(built, built.snakemake(FIGURE), undisturbed)
    assert built.planned(FIGURE) == set()
    record(f"clock set back, {name} from the future", reads)


def test_clock_set_forward(built, undisturbed, record):
    """What was made long ago is made again, if anything."""
    shift(built, undisturbed.outputs(), -400 * 86400)
    assert_made(built, built.snakemake(FIGURE), undisturbed)
    record("clock set forward", SAME)


def shift(project, names, seconds):
    for name in names:
        then = time.time() + seconds
        os.utime(project.folder / name, (then, then))
