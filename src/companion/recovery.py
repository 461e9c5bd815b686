"""Finish a run that was killed: `make resume`, or this module with the options of Snakemake.

A Snakemake that is killed can neither end its jobs, which go on writing, nor take its lock away.
The jobs are found by what they run and by the folder they run in, so that those of another copy of
the project are left alone. Every file is whole or absent at any moment: nothing is lost by ending
them at once, and no file that a user or a rule made is ever removed.
"""

import contextlib
import os
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from companion.arguments import last

#: Folders that a run makes, and those that it reads.
MADE = ("results", "figures")
SOURCES = ("config", "src", "studies", "workflow")

#: Seconds by which the clocks of machines that share a folder may differ.
CLOCKS_DIFFER = 60


def main(arguments: list[str]) -> None:
    """End what is left of a killed run in this folder, and become the run that finishes it.

    Its arguments are those of the last run, but for a number of cores among these; if these are
    more than that, they are its arguments.
    """
    folder = Path.cwd()
    if running := running_sentence(folder):
        sys.exit(running)
    if ended := end_orphans(folder):
        print(f"ended {_numbered(ended)}, left over from a killed run", file=sys.stderr)
    # Both are Snakemake's, which clears neither after a kill: its lock and the scripts of its jobs.
    for name in ("locks", "scripts"):
        shutil.rmtree(folder / ".snakemake" / name, ignore_errors=True)
    command = [sys.executable, "-m", "snakemake", "--rerun-incomplete", *with_last(arguments)]
    os.execv(sys.executable, command)


def with_last(arguments: list[str]) -> list[str]:
    """Return the arguments of the last run with a number of cores, or else these as they are."""
    kept = last()
    if arguments[:1] not in ([], ["--cores"]) or len(arguments) > 2:
        return arguments
    end = kept.index("--") if "--" in kept else len(kept)
    return [*kept[:end], *arguments, *kept[end:]]


def write_sentence(*names: str) -> str | None:
    """Return which folder cannot be written to, and a remedy, in one sentence; None if all can be.

    The names are those of folders that a run writes to; one that does not exist would be made.
    """
    for name in names:
        path = Path(name)
        within = [file for file in path.rglob("*") if file.is_dir()] if name in MADE else []
        for each in [path, *within] if path.exists() else [Path()]:
            if not os.access(each, os.W_OK):
                return (
                    f"{each.absolute()} must be a folder that you can write to, but is not;"
                    " get write access, or copy the project to where you have it"
                )
    return None


def future_sentence(arguments: Sequence[str] = ()) -> str | None:
    """Return what to do about files from the future, in one sentence; None if there are none.

    Snakemake, which has these arguments, would take for up to date what depends on them.
    """
    latest = time.time() + CLOCKS_DIFFER
    files = (file for name in (*MADE, *SOURCES) for file in sorted(Path(name).rglob("*")))
    future = [str(file) for file in files if file.is_file() and file.stat().st_mtime > latest]
    if not future:
        return None
    shown = ", ".join(future[:3]) + (f" and {len(future) - 3} more" if future[3:] else "")
    folders = " ".join(name for name in (*MADE, *SOURCES) if Path(name).exists())
    return (
        f"times of files must not lie in the future, got {shown}: what depends on them could pass"
        f" for up to date; set the clock right and type: find {folders} -newermt now"
        f" -exec touch {{}} + && {shlex.join(['snakemake', '--forceall', *arguments])}"
    )


def lock_sentence(folder: Path) -> str | None:
    """Return what to do about a lock on the folder, in one sentence; None if there is none."""
    locks = folder / ".snakemake" / "locks"
    if not (locks.is_dir() and any(locks.iterdir())):
        return None
    return running_sentence(folder) or (
        "this folder is locked, but no Snakemake on this machine is at work in it: unless one is on"
        " another machine, the last run was killed; finish it with: make resume"
    )


def running_sentence(folder: Path) -> str | None:
    """Return which other Snakemake is at work in the folder, in one sentence; None if none is."""
    own = os.getpid()
    pids = [found.pid for found, argv in _processes(folder) if found.pid != own and _is_run(argv)]
    if not pids:
        return None
    return (
        f"another Snakemake is at work in this folder ({_numbered(pids)}); wait until it is done,"
        f" or stop it with: kill {' '.join(map(str, pids))}"
    )


def end_orphans(folder: Path) -> list[int]:
    """End all jobs in the folder, and return the numbers of their processes."""
    ended: set[int] = set()
    # Until none is found: a job takes a moment to end, and it may be a Snakemake that has just
    # started the script. A zombie, which works in no folder, is not found and not waited for.
    while orphans := [found for found, argv in _processes(folder) if _is_job(argv)]:
        for orphan in orphans:
            # One that has ended since is left alone, and so is another that got its number.
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.kill()
                ended.add(orphan.pid)
        time.sleep(0.05)
    return sorted(ended)


def _processes(folder: Path) -> list[tuple[psutil.Process, list[str]]]:
    """Return the processes that work in the folder, as far as this user may see, with arguments."""
    found = psutil.process_iter(["cwd", "cmdline"])
    here = str(folder.resolve())
    return [(each, each.info["cmdline"] or []) for each in found if each.info["cwd"] == here]


def _is_run(argv: list[str]) -> bool:
    """Whether these are the arguments of a Snakemake that starts jobs, or of this module."""
    names = {Path(argument).name for argument in argv[:3]}
    return bool(names & {"snakemake", "companion.recovery"}) and not _is_job(argv)


def _is_job(argv: list[str]) -> bool:
    """Whether these are the arguments of a job: a script, or a Snakemake that runs a single job."""
    if len(argv) < 2 or not Path(argv[0]).name.startswith("python"):
        return False
    if Path(argv[1]).parent.parts[-2:] == (".snakemake", "scripts"):
        return True
    return argv[1:3] == ["-m", "snakemake"] and "--mode" in argv


def _numbered(pids: list[int]) -> str:
    return f"{'process' if len(pids) == 1 else 'processes'} {', '.join(map(str, pids))}"


if __name__ == "__main__":
    main(sys.argv[1:])
