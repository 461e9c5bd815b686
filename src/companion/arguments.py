"""The arguments of Snakemake, those of the last run of each name.

A remedy that a user reads, and `make resume`, are for the run that failed, with its name and its
configuration files. Snakemake keeps neither.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from companion.files import write_text

#: Where they are kept: for each run, and of the last run of all.
KEPT = Path(".snakemake/arguments.json")

#: Folders whose first part may be the name of a run.
_TOPS = ("results", "figures")


def keep(run: str, arguments: Sequence[str], settings: Sequence[str]) -> None:
    """Keep the arguments of a run that begins, and those of them that are its settings."""
    kept = _kept()
    runs = {**kept.get("runs", {}), run: list(settings)}
    write_text(KEPT, json.dumps({"last": list(arguments), "runs": runs}, indent=1) + "\n")


def last() -> list[str]:
    """Return the arguments of the last run that began in this folder."""
    return _kept().get("last", [])


def settings_arguments(files: Sequence[Path], config: Mapping[str, object]) -> list[str]:
    """Return the arguments that give a run its settings."""
    named = [str(_relative(file)) for file in files]
    values = [
        f"{key}={value if isinstance(value, str) else json.dumps(value)}"
        for key, value in config.items()
    ]
    return [
        *(["--configfile", *named] if named else []),
        *(["--config", *values] if values else []),
    ]


def command_for(path: str) -> str:
    """Return the command that makes a file anew, with the settings of its run."""
    name = Path(path)
    place = next((k for k, part in enumerate(name.parts) if part in _TOPS), 0)
    runs = _kept(Path(*name.parts[:place])).get("runs", {})
    first = name.parts[place + 1] if len(name.parts) > place + 1 else ""
    settings = runs.get(first, runs.get("", []))
    return shlex.join(["snakemake", "--cores", "1", "--force", path, *settings])


def _kept(folder: Path = Path()) -> dict:
    with suppress(OSError, ValueError):
        content = json.loads((folder / KEPT).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    return {}


def _relative(file: Path) -> Path:
    """Return a path from this folder, if it is within."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file
