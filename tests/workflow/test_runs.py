"""Runs with a name of their own: they do not mix, and every remedy is for the run that needs it."""

import json
import shlex
import shutil

import pytest
import yaml

from companion.arguments import command_for
from companion.recovery import with_last
from companion.storage import read_dataset
from tests.workflow.conftest import Project

STARTS = "starts/lazy.nc"
MINE = ("--configfile", "mine.yaml", "--config", "run=mine")


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory, caches):
    """A copy with the starts of one ensemble, by default and in a run with a target of its own."""
    project = Project(tmp_path_factory.mktemp("runs"), caches)
    target = {"target": {"singular_values": [5.0, 4.0], "shape": [6, 3]}}
    (project.folder / "mine.yaml").write_text(yaml.safe_dump({"ensembles": {"lazy": target}}))
    for arguments in (["--", f"results/{STARTS}"], [*MINE, "--", f"results/mine/{STARTS}"]):
        run = project.snakemake(*arguments)
        assert run.returncode == 0, run.stderr
    return project


@pytest.fixture
def copy(two_runs, tmp_path, caches):
    """What two runs made, in a copy that a test may change."""
    folder = tmp_path / "copy"
    shutil.copytree(two_runs.folder, folder)
    project = object.__new__(Project)
    project.folder = folder
    project.environment = {
        **two_runs.environment,
        "PYTHONPATH": two_runs.environment["PYTHONPATH"].replace(str(two_runs.folder), str(folder)),
    }
    return project


def test_two_runs_do_not_mix(two_runs):
    found = [two_runs.folder / "results" / run / STARTS for run in ("", "mine")]
    sizes = [read_dataset(path).sizes["left"] for path in found]
    assert sizes == [4, 6]
    # Neither takes what the other made for its own, or for out of date.
    for arguments, run in ([[], ""], [MINE, "mine/"]):
        dry = two_runs.snakemake("--dry-run", *arguments, "--", f"results/{run}{STARTS}")
        assert "Nothing to be done" in dry.stdout + dry.stderr


def test_what_is_damaged_is_made_anew_with_the_settings_of_its_run(copy, monkeypatch):
    damaged = copy.folder / "results/mine" / STARTS
    damaged.write_bytes(damaged.read_bytes()[:-1])
    wanted = "results/mine/trajectories/lazy.nc"
    run = copy.snakemake(*MINE, "--", wanted)
    assert run.returncode != 0
    (sentence,) = {line for line in run.stderr.splitlines() if "is damaged" in line}
    command = shlex.split(sentence.partition("rebuild it with: ")[2])
    assert command[-4:] == list(MINE)
    assert copy.python("-m", *command).returncode == 0
    assert read_dataset(damaged).sizes["left"] == 6
    monkeypatch.chdir(copy.folder)
    default = f"snakemake --cores 1 --force results/{STARTS}"
    assert command_for(f"results/{STARTS}") == default
    # What finishes the last run has its arguments.
    assert with_last([]) == command[1:]
    assert with_last(["--cores", "3"]) == [*command[1:], "--cores", "3"]
    assert with_last(["results/x.nc"]) == ["results/x.nc"]
    assert json.loads((copy.folder / ".snakemake/arguments.json").read_text())["last"] != []


def test_results_from_elsewhere_are_refused_until_they_are_taken_or_made_anew(copy):
    target = f"results/{STARTS}"
    before = (copy.folder / target).read_bytes()
    shutil.rmtree(copy.folder / ".snakemake")
    copy.configure(ensembles={"lazy": {"seed": 7}})
    for arguments in ([], ["--dry-run"]):
        run = copy.snakemake(*arguments, "--", target)
        assert run.returncode == 1
        assert (
            "results must come from runs in this folder, so that their settings are known, got"
            f" {target} from elsewhere; make all anew with the option --forceall, or take them as"
        ) in run.stderr
    assert (copy.folder / target).read_bytes() == before
    assert copy.snakemake("--forceall", "--touch", "--", target).returncode == 0
    assert copy.planned(target) == set()
    assert (copy.folder / target).read_bytes() == before
    shutil.rmtree(copy.folder / ".snakemake")
    assert copy.snakemake("--forceall", "--", target).returncode == 0
    assert (copy.folder / target).read_bytes() != before


def test_a_place_that_is_taken_is_named(copy):
    folder = copy.folder

    def said(*arguments):
        run = copy.snakemake("--dry-run", "--quiet", "all", *arguments)
        assert run.returncode == 1
        return [line for line in run.stderr.splitlines() if not line.startswith("Using workflow")][
            -1
        ]

    (folder / "figures").symlink_to("nowhere")
    assert said() == (
        "figures must be a folder, got a link that leads nowhere; move it away, or give it another"
        " name"
    )
    (folder / "figures").unlink()
    (folder / "figures/lazy.pdf").mkdir(parents=True)
    assert said() == (
        "figures/lazy.pdf must be a file, got a folder; move it away, or give it another name"
    )
    (folder / "results/trajectories").write_text("")
    assert said().startswith("results/trajectories must be a folder, got a file; ")
    (folder / "bad.yaml").write_bytes(b"# r\xe9sum\xe9\n")
    assert said("--configfile", "bad.yaml").startswith("bad.yaml: it must be UTF-8 text, got other")
    assert said("--configfile", "none.yaml") == (
        "none.yaml: it must be a file that can be read, got No such file or directory; check the"
        " name"
    )
