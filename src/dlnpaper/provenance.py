"""What a file says of how it was made: never when or where, so that its bytes stay the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from dlnpaper import __version__

#: The program and its version.
SOURCE = f"dlnpaper {__version__}"

#: Attributes of a NetCDF file, and keys of the note in a figure or table.
KEYS = ("source", "rule", "code_sha256", "parameters", "inputs")

#: What a NetCDF file has beside them: attributes that the CF conventions recommend.
DISCOVERY = ("title", "history")

_record: ContextVar[dict[str, str] | None] = ContextVar("record", default=None)


@contextmanager
def made_by(record: Mapping[str, str]) -> Iterator[None]:
    """Let every file that is written while the context lasts carry a record.

    Parameters
    ----------
    record : mapping of str to str
        By `KEYS`: the program and its version, the pipeline's rule, the hash of the code, the
        resolved parameters as JSON, and the paths of the inputs, one a line.

    Raises
    ------
    ValueError
        If the record has other keys.
    """
    if set(record) != set(KEYS):
        raise ValueError(
            f"record must have the keys {', '.join(KEYS)}, got {', '.join(record)}; give each once"
        )
    token = _record.set(dict(record))
    try:
        yield
    finally:
        _record.reset(token)


def current_record() -> dict[str, str]:
    """Return the record of the innermost `made_by`, or an empty one."""
    return dict(_record.get() or {})


def file_attributes(name: str) -> dict[str, str]:
    """Return what a NetCDF file of this name says of its making: `DISCOVERY` and `KEYS`."""
    record = current_record()
    if not record:
        return {}
    title = f"{name}, the result of {record['rule']}"
    history = f"written by the rule {record['rule']} of {record['source']}"
    return {**dict(zip(DISCOVERY, (title, history), strict=True)), **record}
