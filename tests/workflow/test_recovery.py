"""What `make resume` finds, ends and refuses, shown on processes that only sleep."""

import os
import subprocess
import sys
import time

import pytest

from workflow.folders import future_sentence, remove_future
from workflow.recovery import end_orphans, lock_sentence
from workflow.recovery import running_sentence as running

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


def test_a_snakemake_of_another_folder_does_not_count(folder, tmp_path, start):
    start(with_sleepers(tmp_path / "other"), "-m", "snakemake")
    assert running(folder) is None


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
    assert lock_sentence(folder).endswith("the last run was killed; finish it with: make resume")
    snakemake = start(folder, "-m", "snakemake")
    assert f"at work in this folder (process {snakemake.pid})" in lock_sentence(folder)


def test_results_from_the_future_are_made_again(folder):
    names = ("results/old.nc", "results/starts/new.nc", "figures/new.pdf", "src/new.py")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("content")
    # The clock of another machine may be a little ahead of this one's.
    os.utime(folder / "results/old.nc", (time.time() + 10,) * 2)
    assert future_sentence(folder) is None
    for name in names[1:]:
        os.utime(folder / name, (time.time() + 86400,) * 2)
    assert future_sentence(folder) == (
        "times of files must not lie in the future, got 3 that do, among them"
        " results/starts/new.nc: what depends on them could pass for up to date; set the clock"
        " right and run: make resume"
    )
    removed = remove_future(folder)
    # With all that may have been made of them.
    assert [file.name for file in removed] == ["old.nc", "new.nc", "new.pdf"]
    assert [(folder / name).exists() for name in names] == [False, False, False, True]
    assert future_sentence(folder) is None


def test_sources_from_the_future_cost_no_result(folder):
    for name in ("results/x.nc", "config/x.yaml"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("content")
    os.utime(folder / "config/x.yaml", (time.time() + 86400,) * 2)
    assert remove_future(folder) == []
    assert (folder / "results/x.nc").exists()
    assert future_sentence(folder) is None


def lock(folder):
    (folder / ".snakemake/locks").mkdir()
    (folder / ".snakemake/locks/0.output.lock").write_text("results/x.nc\n")


def resume(folder, *arguments):
    """Run the recovery in the folder, where `python -m snakemake` is the module that sleeps."""
    program = "import sys; from workflow.recovery import main; main(sys.argv[1:])"
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
