"""Runs that are killed or interrupted, then `make resume`: as if nothing had happened."""

import os
import random
import signal
import time

import pytest

from tests.faults.disturbed import FIGURE, await_jobs, await_true, jobs_of, sentence

SEED = 20
RESUME = "finish it with: make resume"


def disturb(project, run, moment, victim):
    """Kill a run, or one of its jobs, at a moment; return when the killed process is gone."""
    jobs, delay = moment
    await_jobs(project, run, jobs)
    time.sleep(delay)
    if victim == "Snakemake":
        run.kill()
    else:
        await_true(lambda: run.poll() is not None or jobs_of(run))
        assert run.poll() is None, f"over before a job could be killed:\n{project.said()}"
        jobs_of(run)[0].kill()
    assert run.wait() != 0
    # What stands under its name is whole at any moment, also beside jobs that still write.
    return project.outputs()


def recovered(project, undisturbed, *targets):
    run = project.resume(*targets)
    assert run.returncode == 0, run.stderr
    assert project.outputs() == undisturbed.outputs()
    assert project.leftovers() == []
    return run


@pytest.mark.parametrize("victim", ["Snakemake", pytest.param("a job", marks=pytest.mark.slow)])
def test_killed_once(project, undisturbed, record, victim):
    run = project.start("-m", "snakemake", "--cores", "2", FIGURE)
    # The third job is that which solves; the fourth draws.
    found = disturb(project, run, (3, 0.2), victim)
    assert found.items() <= undisturbed.outputs().items()
    if victim == "Snakemake":
        again = project.snakemake(FIGURE)
        assert again.returncode != 0
        reads = sentence(again.stderr, "^this folder is locked, but no Snakemake")
    else:
        reads = sentence(project.said(), RESUME)
    recovered(project, undisturbed, FIGURE)
    record(f"kill -9 of {victim}", reads)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["Snakemake", "a job"])
def test_killed_at_five_random_moments(project, undisturbed_all, record, victim):
    """All runs but the first are resumed ones; all but the last are killed on their way."""
    draw = random.Random(f"{SEED} {victim}")
    expected = undisturbed_all.outputs()
    moments = [(draw.randint(1, 14), round(draw.uniform(0, 1.5), 2)) for _ in range(5)]
    command = ("-m", "snakemake", "--cores", "2")
    for moment in moments:
        found = disturb(project, project.start(*command), moment, victim)
        assert found.items() <= expected.items()
        command = ("-m", "companion.recovery", "--cores", "2")
    recovered(project, undisturbed_all)
    shown = ", ".join(f"job {jobs} + {delay} s" for jobs, delay in moments)
    record(f"kill -9 of {victim}, 5 moments (seed {SEED}: {shown})", "as for one kill, each time")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_stopped_by_a_signal(project, undisturbed, record, name):
    run = project.start("-m", "snakemake", "--cores", "2", FIGURE)
    await_jobs(project, run, 3)
    time.sleep(0.5)
    run.send_signal(getattr(signal, name))
    assert run.wait() == 1
    reads = sentence(project.said(), RESUME)
    assert project.outputs().items() <= undisturbed.outputs().items()
    recovered(project, undisturbed, FIGURE)
    record(name, reads)


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
    assert run.returncode != 0
    assert "died with <Signals.SIGKILL: 9>" in run.stderr
    reads = sentence(run.stderr, RESUME)
    assert [name for name in project.leftovers() if name.endswith(".partial")] != []
    assert project.outputs().items() <= undisturbed.outputs().items()
    project.environment["PYTHONPATH"] = path
    recovered(project, undisturbed, FIGURE)
    record("NetCDF killed between write and rename", reads)


def test_two_runs_at_once(project, undisturbed, record):
    first = project.start("-m", "snakemake", "--cores", "2", FIGURE)
    await_jobs(project, first, 1)
    second = project.snakemake(FIGURE)
    assert second.returncode != 0
    at_work = rf"^another Snakemake is at work in this folder \(process {first.pid}\)"
    reads = sentence(second.stderr, at_work)
    resumed = project.resume(FIGURE)
    assert resumed.returncode == 1
    sentence(resumed.stderr, at_work)
    assert first.wait() == 0
    assert project.outputs() == undisturbed.outputs()
    assert project.leftovers() == []
    record("two runs at once", reads.replace(str(first.pid), "PID"))
