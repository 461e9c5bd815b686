"""What `make resume` finds, ends and refuses, shown on processes that only sleep."""

import os
import subprocess
import sys
import time

import pytest

from companion.recovery import end_orphans, future_sentence, lock_sentence, running_sentence
from tests.workflow.conftest import ROOT

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
JOB = ".snakemake/scripts/tmp1.draw_limit_map.py"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a script of a job and a module `snakemake`, both of which sleep."""
    return with_sleepers(tmp_path / "project")


@pytest.fixture
def start():
    """Return a function that starts Python in a folder and returns its process."""
    processes = []

    def start(folder, *arguments):
        command = [sys.executable, *map(str, arguments)]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE)
        processes.append(process)
        assert process.stdout.readline() == b"up\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def with_sleepers(folder):
    (folder / JOB).parent.mkdir(parents=True)
    (folder / JOB).write_text(SLEEP)
    (folder / "snakemake.py").write_text(SLEEP)
    return folder


def test_ends_the_jobs_of_this_folder_and_nothing_else(folder, tmp_path, start):
    other = with_sleepers(tmp_path / "project 2")
    job = start(folder, folder / JOB)
    group = start(folder, "-m", "snakemake", "--target-jobs", "x", "--mode", "subprocess")
    spared = [
        start(other, other / JOB),
        start(other, "-m", "snakemake", "--mode", "subprocess"),
        # No jobs: one only names a script, the other works in a folder within.
        start(folder, "-c", SLEEP, folder / JOB),
        start(folder / ".snakemake", "-c", SLEEP),
    ]
    assert end_orphans(folder) == sorted([job.pid, group.pid])
    assert (job.wait(), group.wait()) == (-9, -9)
    assert [process.poll() for process in spared] == [None] * len(spared)
    assert end_orphans(folder) == []


@pytest.mark.parametrize("options", [("--cores", "2"), ()])
def test_refuses_while_a_snakemake_is_at_work(folder, start, options):
    snakemake = start(folder, "-m", "snakemake", *options)
    job = start(folder, folder / JOB)
    run = resume(folder)
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        f"another Snakemake is at work in this folder (process {snakemake.pid}); wait until it is"
        f" done, or stop it with: kill {snakemake.pid}"
    ]
    assert (snakemake.poll(), job.poll()) == (None, None)


def test_clears_what_a_kill_left_and_becomes_snakemake(folder, start):
    (folder / "snakemake.py").write_text("import sys; print(*sys.argv[1:])")
    lock(folder)
    job = start(folder, folder / JOB)
    run = resume(folder, "--cores", "2", "results/x.nc")
    assert run.stdout.split() == ["--rerun-incomplete", "--cores", "2", "results/x.nc"]
    assert run.stderr == f"ended process {job.pid}, left over from a killed run\n"
    assert os.listdir(folder / ".snakemake") == []


def test_a_lock_is_explained(folder, start):
    assert lock_sentence(folder) is None
    lock(folder)
    start(with_sleepers(folder.parent / "other"), "-m", "snakemake")
    assert running_sentence(folder) is None
    assert lock_sentence(folder).endswith("the last run was killed; finish it with: make resume")
    snakemake = start(folder, "-m", "snakemake")
    assert f"at work in this folder (process {snakemake.pid})" in lock_sentence(folder)


def test_files_from_the_future_are_named_and_none_is_removed(folder, monkeypatch):
    monkeypatch.chdir(folder)
    names = ("results/mine.txt", "results/starts/new.nc", "figures/new.pdf", "src/new.py", "src/b")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("content")
    # The clock of another machine may be a little ahead of this one's.
    os.utime(folder / names[0], (time.time() + 10,) * 2)
    assert future_sentence() is None
    for name in names[1:]:
        os.utime(folder / name, (time.time() + 86400,) * 2)
    sentence = future_sentence()
    assert sentence.startswith(
        "times of files must not lie in the future, got results/starts/new.nc, figures/new.pdf,"
        " src/b and 1 more: what depends on them could pass for up to date; "
    )
    (folder / "snakemake.py").write_text("")
    assert resume(folder).returncode == 0
    assert all((folder / name).exists() for name in names)
    command = sentence.partition("type: ")[2].partition(" && ")[0]
    subprocess.run(command, shell=True, cwd=folder, check=True)
    assert future_sentence() is None


def lock(folder):
    (folder / ".snakemake/locks").mkdir()
    (folder / ".snakemake/locks/0.output.lock").write_text("results/x.nc\n")


def resume(folder, *arguments):
    """Run the recovery in the folder, where `python -m snakemake` is the module that sleeps."""
    program = "import sys; from companion.recovery import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src"},
        capture_output=True,
        text=True,
        check=False,
    )
