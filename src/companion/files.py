"""Files that are whole or absent: every output goes through here.

A file is made under a temporary name in its own folder, flushed to disk and renamed, so that what
stands under its name is always complete. This module imports nothing that takes time to load: some
programs only write text, and should not wait for xarray.
"""

import contextlib
import errno
import fcntl
import os
import secrets
from pathlib import Path

_PARTIAL = (".dlnpaper-", ".partial")

_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some of your quota",
    errno.EFBIG: "raise the limit on the size of files",
    errno.EACCES: "get write access to its folder",
    errno.EPERM: "get write access to its folder",
    errno.EROFS: "write to a folder that is not read-only",
    errno.ENOENT: "create its folder first",
    errno.ENOTDIR: "give a path whose parent is a folder",
    errno.EISDIR: "remove or rename the folder of that name",
}


class StorageError(OSError):
    """A file could not be written, or does not hold what it should."""


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text in UTF-8 with its line ends as they are, like `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """Write a file, whole or not at all: whoever opens ``path`` sees the old content or the new.

    A process that is killed on the way leaves a temporary file, which the next write into the
    folder removes.

    Raises
    ------
    StorageError
        If the file cannot be written; a previous file of that name is untouched.
    """
    path = Path(path)
    try:
        _replace(path, content)
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "repair that")
        raise StorageError(
            f"{path} could not be written ({error.strerror or error});"
            f" {remedy} and run the same command again, nothing was changed"
        ) from error


def _replace(path: Path, content: bytes) -> None:
    """Write next to ``path``, flush, and rename."""
    folder = path.parent
    _remove_abandoned(folder)
    temporary, file = _open_temporary(folder)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    # The file is in place: where a file system cannot flush a folder, that is no failure.
    with contextlib.suppress(OSError):
        flushed = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(flushed)
        finally:
            os.close(flushed)


def _open_temporary(folder: Path) -> tuple[Path, int]:
    """Create a temporary file, locked for as long as it is open."""
    head, tail = _PARTIAL
    while True:
        temporary = folder / f"{head}{secrets.token_hex(8)}{tail}"
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with contextlib.suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        # Between the two calls another writer may have taken it for abandoned.
        if os.fstat(file).st_nlink:
            return temporary, file
        os.close(file)


def _remove_abandoned(folder: Path) -> None:
    """Remove temporary files that no living process has locked."""
    head, tail = _PARTIAL
    for temporary in folder.glob(f"{head}*{tail}"):
        with contextlib.suppress(OSError), open(temporary, "rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temporary.unlink()
