"""Runs that are killed or interrupted, and damaged files: then as if nothing had happened."""

import os
import random
import shlex
import signal
import time

import pytest

from tests.faults.disturbed import (
    FIGURE,
    STARTS,
    TRAJECTORIES,
    assert_kept,
    assert_made,
    await_jobs,
    await_true,
    jobs_of,
    refused,
    sentence,
)

RESUME = "finish it with: make resume"


def disturb(project, run, moment, victim, expected):
    """Kill or stop a run, or kill one of its jobs, at a moment; wait until the run is over.

    What stands under its name is whole at any moment, also beside jobs that still write.
    """
    jobs, delay = moment
    await_jobs(project, run, jobs)
    time.sleep(delay)
    if victim == "a job":
        await_true(lambda: run.poll() is not None or jobs_of(run))
        assert run.poll() is None, f"over before a job could be killed:\n{project.said()}"
        jobs_of(run)[0].kill()
    else:
        run.send_signal(signal.SIGKILL if victim == "Snakemake" else signal.Signals[victim])
    assert run.wait() != 0
    assert project.outputs().items() <= expected.items()


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("victim", "delay"),
    [("Snakemake", 0.2), slow("a job", 0.2), slow("SIGINT", 0.5), slow("SIGTERM", 0.5)],
)
def test_stopped_once(project, undisturbed, record, victim, delay):
    run = project.start("-m", "snakemake", "--cores", "2", FIGURE)
    # The third job is that which solves; the fourth draws.
    disturb(project, run, (3, delay), victim, undisturbed.outputs())
    if victim == "Snakemake":
        reads = refused(project.snakemake(FIGURE), "^this folder is locked, but no Snakemake")
    else:
        assert run.returncode == 1
        reads = sentence(project.said(), RESUME)
    assert_made(project, project.resume(FIGURE), undisturbed)
    record(victim if victim.startswith("SIG") else f"kill -9 of {victim}", reads)


@pytest.fixture(scope="module")
def everything(make):
    """Return a copy of the project in which everything was made without any fault."""
    return make()


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["Snakemake", "a job"])
def test_killed_at_five_random_moments(project, everything, record, victim):
    """All runs but the first are resumed ones; all but the last are killed on their way."""
    draw = random.Random(f"20 {victim}")
    moments = [(draw.randint(1, 14), round(draw.uniform(0, 1.5), 2)) for _ in range(5)]
    command, expected = ("-m", "snakemake", "--cores", "2"), everything.outputs()
    for moment in moments:
        disturb(project, project.start(*command), moment, victim, expected)
        command = ("-m", "companion.recovery", "--cores", "2")
    assert_made(project, project.resume(), everything)
    shown = ", ".join(f"job {jobs} + {delay} s" for jobs, delay in moments)
    record(f"kill -9 of {victim}, 5 moments ({shown})", "as for one kill, each time")


KILL_WITHIN_WRITE = """
import os, signal
flush = os.fsync
def stop(file):
    flush(file)
    name = os.readlink(f"/proc/self/fd/{file}")
    if name.endswith(".partial") and "/results/trajectories/" in name:
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = stop
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs /proc")
def test_killed_between_write_and_rename(project, undisturbed, tmp_path, record):
    """The content is in the temporary file, its name is not: the kill that is worst for a file."""
    (tmp_path / "sitecustomize.py").write_text(KILL_WITHIN_WRITE)
    path = project.environment["PYTHONPATH"]
    project.environment["PYTHONPATH"] = f"{tmp_path}:{path}"
    run = project.snakemake(FIGURE)
    reads = refused(run, RESUME)
    assert "died with <Signals.SIGKILL: 9>" in run.stderr
    assert [name for name in project.leftovers() if name.endswith(".partial")] != []
    assert project.outputs().items() <= undisturbed.outputs().items()
    project.environment["PYTHONPATH"] = path
    assert_made(project, project.resume(FIGURE), undisturbed)
    record("NetCDF killed between write and rename", reads)


def test_two_runs_at_once(project, undisturbed, record):
    first = project.start("-m", "snakemake", "--cores", "2", FIGURE)
    await_jobs(project, first, 1)
    at_work = rf"^another Snakemake is at work in this folder \(process {first.pid}\)"
    reads = refused(project.snakemake(FIGURE), at_work)
    refused(project.resume(FIGURE), at_work)
    first.wait()
    assert_made(project, first, undisturbed)
    record("two runs at once", reads.replace(str(first.pid), "PID"))


def test_a_damaged_file_is_named_with_the_command_that_rebuilds_it(built, undisturbed, record):
    """That command, taken as it stands in the sentence, then brings the same bytes back."""
    expected = undisturbed.outputs()
    truncated = expected[STARTS][:-1000]
    (built.folder / STARTS).write_bytes(truncated)
    damaged = rf"^solve_trajectories limit_map: {STARTS} is damaged: its \d+ bytes do not end in"
    reads = refused(built.snakemake(FIGURE), damaged)
    assert_kept(built, {**expected, STARTS: truncated}, remade=[TRAJECTORIES])
    program, *arguments = shlex.split(reads.partition("rebuild it with: ")[2])
    assert program == "snakemake"
    for options in (arguments, [FIGURE]):
        again = built.snakemake(*options)
        assert again.returncode == 0, again.stderr
    assert built.outputs() == expected
    record("truncated NetCDF", reads)
