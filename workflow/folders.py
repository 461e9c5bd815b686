"""What in the folders of the project would stop a run, or let it take old results for new ones."""

import os
import time
from pathlib import Path

MADE = ("results", "figures")
SOURCES = ("config", "src", "workflow")

#: Seconds by which the clocks of machines that share a folder may differ.
CLOCKS_DIFFER = 60


def write_sentence(folder: Path, *names: str) -> str | None:
    """Return which folder cannot be written to, and a remedy, in one sentence; None if all can be.

    Parameters
    ----------
    folder : Path
        The project's.
    *names : str
        Folders in it that a run writes to; one that does not exist would be made.
    """
    for name in names:
        path = folder / name
        within = [file for file in _files(folder, name) if file.is_dir()] if name in MADE else []
        for each in [path, *within] if path.exists() else [folder]:
            if not os.access(each, os.W_OK):
                return (
                    f"{each} must be a folder that you can write to, but is not;"
                    " get write access, or copy the project to where you have it"
                )
    return None


def future_sentence(folder: Path) -> str | None:
    """Return what to do about files from the future, in one sentence; None if there are none."""
    files = _future(folder, *MADE, *SOURCES)
    if not files:
        return None
    return (
        f"times of files must not lie in the future, got {len(files)} that do, among them"
        f" {files[0].relative_to(folder)}: what depends on them could pass for up to date;"
        " set the clock right and run: make resume"
    )


def remove_future(folder: Path) -> list[Path]:
    """Remove all results if some come from the future, and return them.

    A clock that was set back leaves them, and they would pass for newer than any change. No time
    would do for a result: an old one would hide from what is made of it that it is new, and the
    time of now would hide a change of what it is made of. Nor would it do to remove these alone:
    where a file on the way is missing, Snakemake takes what was once made of it for up to date.
    Sources from the future get the time of now.
    """
    for source in _future(folder, *SOURCES):
        os.utime(source)
    if not _future(folder, *MADE):
        return []
    results = [file for file in _files(folder, *MADE) if file.is_file()]
    for result in results:
        result.unlink()
    return results


def _future(folder: Path, *names: str) -> list[Path]:
    latest = time.time() + CLOCKS_DIFFER
    files = _files(folder, *names)
    return [file for file in files if file.is_file() and file.stat().st_mtime > latest]


def _files(folder: Path, *names: str) -> list[Path]:
    return [file for name in names for file in sorted((folder / name).rglob("*"))]
