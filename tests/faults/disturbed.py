"""A copy of the project that tests disturb while it runs and compare with an undisturbed one."""

import re
import shutil
import signal
import subprocess
import sys
import time
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

#: Long enough for any machine; what hangs fails.
PATIENCE = 600


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
        other = object.__new__(Copy)
        other.folder = folder
        shutil.copytree(self.folder, folder)
        path = self.environment["PYTHONPATH"].replace(str(self.folder), str(folder))
        other.environment = {**self.environment, "PYTHONPATH": path}
        return other

    def outputs(self) -> dict[str, bytes]:
        """Return what a run makes, without temporary files: a killed one may leave some."""
        return super().outputs("[!.]*")

    def without_home(self, home: str | None = NO_HOME) -> None:
        """Take the home folder away and name a place for caches, as the Makefile does."""
        self.environment.pop("HOME", None)
        if home is not None:
            self.environment["HOME"] = home
        cache = self.folder / ".snakemake" / "cache"
        self.environment |= {"XDG_CACHE_HOME": str(cache), "MPLCONFIGDIR": f"{cache}/matplotlib"}

    def leftovers(self) -> list[str]:
        """Return the temporary files, the scripts of jobs and the locks that there are."""
        found = list(self.folder.rglob(".dlnpaper-*"))
        for name in ("scripts", "locks"):
            found += (self.folder / ".snakemake" / name).glob("*")
        return [str(file.relative_to(self.folder)) for file in found]

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

    def jobs_started(self) -> int:
        return len(re.findall(r"^(?:local)?rule (?!all)", self.said(), flags=re.MULTILINE))

    def resume(self, *targets: str) -> subprocess.CompletedProcess:
        """Run what `make resume` runs."""
        return self.python("-m", "companion.recovery", "--cores", "2", *targets)


def await_jobs(project: Copy, run: subprocess.Popen, number: int) -> None:
    """Wait until a run has started so many jobs."""
    await_true(lambda: project.jobs_started() >= number or run.poll() is not None)
    assert run.poll() is None, f"over before job {number}:\n{project.said()}"


def await_true(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def jobs_of(run: subprocess.Popen) -> list[psutil.Process]:
    """Return the processes of the jobs of a run."""
    children = psutil.Process(run.pid).children(recursive=True)
    return [child for child in children if is_script(child)]


def is_script(process: psutil.Process) -> bool:
    try:
        return any(".snakemake/scripts" in argument for argument in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def sentence(text: str, pattern: str) -> str:
    """Return the one line that a user reads, and assert that there is one and no traceback."""
    assert "Traceback" not in text, text
    lines = [line for line in text.splitlines() if re.search(pattern, line)]
    assert lines, f"no line of {pattern!r} in:\n{text}"
    return lines[0]


def assert_kept(project: Copy, expected: dict[str, bytes], remade=(), damaged=None) -> None:
    """Assert that files are as they were; those of a failed job may be absent, but not half."""
    found = project.outputs()
    found.pop(damaged, None)
    assert found.items() <= expected.items()
    assert expected.keys() - found.keys() <= {*remade, damaged}
