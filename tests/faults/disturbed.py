"""A copy of the project that tests disturb while it runs and compare with an undisturbed one."""

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import copy
from pathlib import Path

import psutil

from tests.workflow.conftest import Project

#: A short chain of jobs with every kind of file: compile_module, generate_starts,
#: solve_trajectories, draw_figure.
FIGURE = "figures/limit_map.pdf"
STARTS = "results/starts/limit_map.nc"
TRAJECTORIES = "results/trajectories/limit_map.nc"

#: A home folder that not even root can make.
NO_HOME = "/proc/no/home"


class Copy(Project):
    """A project whose runs can be disturbed, and which can be copied with all that it made."""

    def unmade(self, folder: Path) -> "Copy":
        """Copy what a run starts from, with the code that Numba compiled."""
        other = self.duplicate(folder)
        for name in ("results", "figures", ".snakemake"):
            shutil.rmtree(folder / name)
        return other

    def duplicate(self, folder: Path) -> "Copy":
        """Copy everything, the times of files included, so that nothing is left to do there."""
        shutil.copytree(self.folder, folder)
        other = copy(self)
        other.folder = folder
        path = self.environment["PYTHONPATH"].replace(str(self.folder), str(folder))
        other.environment = {**self.environment, "PYTHONPATH": path}
        return other

    def outputs(self) -> dict[str, bytes]:
        """Return what a run makes, without temporary files: a killed one may leave some."""
        return super().outputs("[!.]*")

    def without_home(self) -> None:
        """Take the home folder away and name a place for caches, as the Makefile does."""
        cache = f"{self.folder}/.snakemake/cache"
        changes = {"XDG_CACHE_HOME": cache, "MPLCONFIGDIR": f"{cache}/matplotlib"}
        self.environment |= {"HOME": NO_HOME, **changes}

    def leftovers(self) -> list[str]:
        """Return the temporary files, the scripts of jobs and the locks that there are."""
        snakemake = self.folder / ".snakemake"
        found = [*self.folder.rglob(".dlnpaper-*"), *snakemake.glob("scripts/*")]
        return [str(file) for file in [*found, *snakemake.glob("locks/*")]]

    def start(self, *command: str) -> subprocess.Popen:
        """Start Python with these arguments; what it says goes to a file."""
        with open(self.folder / "said.txt", "w") as said:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=self.folder,
                env=self.environment,
                stderr=said,
                # What a shell starts in the background, these tests included, would ignore it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def said(self) -> str:
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    def resume(self, *targets: str) -> subprocess.CompletedProcess:
        """Run what `make resume` runs."""
        return self.python("-m", "companion.recovery", "--cores", "2", *targets)


def await_jobs(project: Copy, run: subprocess.Popen, number: int) -> None:
    """Wait until a run has started so many jobs."""
    rules = re.compile(r"^(?:local)?rule (?!all)", flags=re.MULTILINE)
    await_true(lambda: len(rules.findall(project.said())) >= number or run.poll() is not None)
    assert run.poll() is None, f"over before job {number}:\n{project.said()}"


def await_true(condition: Callable[[], bool], seconds: float = 600) -> None:
    """Wait until a condition holds: by default long enough for any machine; what hangs fails."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.02)


def jobs_of(run: subprocess.Popen) -> list[psutil.Process]:
    """Return the processes of the jobs of a run."""
    jobs = []
    for child in psutil.Process(run.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if any(".snakemake/scripts" in argument for argument in child.cmdline()):
                jobs.append(child)
    return jobs


def sentence(text: str, pattern: str) -> str:
    """Return the one line that a user reads, and assert that there is one and no traceback."""
    assert "Traceback" not in text, text
    lines = [line for line in text.splitlines() if re.search(pattern, line)]
    assert lines, f"no line of {pattern!r} in:\n{text}"
    return lines[0]


def refused(run: subprocess.CompletedProcess, pattern: str) -> str:
    """Return the line that a user reads of a run that did not succeed."""
    assert run.returncode != 0
    return sentence(run.stderr, pattern)


def assert_made(project: Copy, run: subprocess.CompletedProcess, undisturbed: Copy) -> None:
    """Assert that a run made what one that nothing disturbed makes, and left nothing behind."""
    assert run.returncode == 0, run.stderr
    assert project.outputs() == undisturbed.outputs()
    assert project.leftovers() == []


def assert_kept(project: Copy, expected: dict[str, bytes], remade: Iterable[str]) -> None:
    """Assert that files are as they were; those of a failed job may be absent, but not half."""
    found = project.outputs()
    assert found.items() <= expected.items()
    assert expected.keys() - found.keys() <= {*remade}
