"""What surrounds a run changes no byte: language, time zone, path, home folder, clock."""

import os
import re
import shutil
import subprocess
import time

import pytest

from tests.faults.disturbed import FIGURE, NO_HOME, STARTS, TRAJECTORIES, Copy, sentence

#: A name with spaces, letters beyond ASCII, and what a shell would take for its own.
NAME = "größe & Δt 'ünïcode' 名"


def assert_same(project, undisturbed):
    run = project.snakemake(FIGURE)
    assert run.returncode == 0, run.stderr
    assert project.outputs() == undisturbed.outputs()
    assert project.leftovers() == []


@pytest.fixture(scope="module")
def locales(tmp_path_factory):
    """Return a function that makes a locale of the C library, and the folder of those made."""
    folder = tmp_path_factory.mktemp("locales")

    def make(language):
        if shutil.which("localedef") is None:
            pytest.skip("there is no localedef")
        command = ["localedef", "-i", language, "-f", "UTF-8", str(folder / f"{language}.UTF-8")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"the locale cannot be made: {done.stderr.splitlines()[0]}")
        return str(folder)

    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "zone"), [("tr_TR", "Asia/Kathmandu"), ("de_DE", "Pacific/Chatham")]
)
def test_another_language_and_time_zone(project, undisturbed, locales, record, language, zone):
    """In Turkish the small letter of I is no i; in German the decimal point is a comma."""
    project.environment |= {
        "LOCPATH": locales(language),
        "LC_ALL": f"{language}.UTF-8",
        "LANG": f"{language}.UTF-8",
        "TZ": zone,
    }
    assert_same(project, undisturbed)
    record(f"LC_ALL={language}.UTF-8, TZ={zone}", "nothing: the same bytes")


@pytest.mark.slow
def test_no_language_at_all(project, undisturbed, record):
    """Python itself then takes texts for ASCII, unless a file is opened as what it is."""
    project.environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    project.environment["TZ"] = "UTC"
    assert_same(project, undisturbed)
    record("LC_ALL=C without UTF-8, TZ=UTC", "nothing: the same bytes")


@pytest.mark.slow
def test_path_with_spaces_and_letters_beyond_ascii(undisturbed, tmp_path, record):
    project = undisturbed.unmade(tmp_path / NAME)
    assert_same(project, undisturbed)
    # A damaged file is named such that its sentence can be followed there as well.
    (project.folder / STARTS).write_bytes(b"")
    run = project.snakemake(TRAJECTORIES)
    sentence(run.stderr, f"{STARTS} is damaged: it is empty")
    record("path with spaces and non-ASCII letters", "nothing: the same bytes")


@pytest.mark.slow
@pytest.mark.parametrize("home", [None, NO_HOME])
def test_no_home(project, undisturbed, record, home):
    project.without_home(home)
    assert_same(project, undisturbed)
    shown = "unset" if home is None else "a folder that cannot be made"
    record(f"HOME {shown}, through make", "nothing: the same bytes")


@pytest.mark.slow
def test_no_home_and_snakemake_called_by_itself(project, record):
    """Before it reads our files it wants a cache: that text is its own, and ends in the path."""
    project.environment["HOME"] = NO_HOME
    project.environment.pop("XDG_CACHE_HOME", None)
    run = project.snakemake(FIGURE)
    assert run.returncode != 0
    assert re.search(r"No such file or directory: '/proc/no'\s*$", run.stderr)
    assert project.outputs() == {}
    record("the same, snakemake by itself", "its traceback, which ends in the path; use make")


@pytest.mark.slow
def test_clock_set_back(built, undisturbed, record):
    """A result from the future would hide a change of what it is made of."""
    expected = undisturbed.outputs()
    shift(built, [TRAJECTORIES], 86400)
    run = built.snakemake(FIGURE)
    assert run.returncode != 0
    reads = sentence(run.stderr, "^times of files must not lie in the future, got 1 that do")
    assert built.outputs() == expected
    resumed = built.resume(FIGURE)
    assert resumed.returncode == 0, resumed.stderr
    assert built.outputs() == expected
    assert built.planned(FIGURE) == set()
    record("clock set back", reads)


@pytest.mark.slow
def test_clock_set_forward(built, undisturbed, record):
    """What was made long ago is made again, if anything."""
    shift(built, undisturbed.outputs(), -400 * 86400)
    assert_same(built, undisturbed)
    record("clock set forward", "nothing: the same bytes")


@pytest.mark.slow
def test_clock_set_back_after_a_change_of_code(built, undisturbed, record):
    """The module is from the future: nothing made of it could be newer."""
    shift(built, ["src/dlnpaper/closed_form.py"], 86400)
    run = built.snakemake(FIGURE)
    assert run.returncode != 0
    reads = sentence(run.stderr, "^times of files must not lie in the future, got 1 that do")
    resumed = built.resume(FIGURE)
    assert resumed.returncode == 0, resumed.stderr
    assert built.outputs() == undisturbed.outputs()
    record("clock set back after a change of code", reads)


def shift(project: Copy, names, seconds):
    for name in names:
        then = time.time() + seconds
        os.utime(project.folder / name, (then, then))
