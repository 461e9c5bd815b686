"""Where a run writes: whether the places are free, and what is there was made in this folder."""

import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

#: Folders of Snakemake with a record for each file that it made, or is about to.
RECORDS = (".snakemake/metadata", ".snakemake/incomplete")

#: Options with which a run makes everything, or takes what is there as it is.
_ACCEPTING = {"--forceall", "-F", "--touch", "-t", "--unlock", "--cleanup-metadata", "--cm"}

_SHOWN = 2  # files that a sentence names


def place_sentence(patterns: Sequence[str]) -> str | None:
    """Return which path of some files is taken, and a remedy, in one sentence; None if none is.

    The files are those of rules, with wildcards in braces, and what these must match.
    """
    folders = {parent for pattern in patterns for parent in _fixed(pattern).parents}
    for folder in sorted(folders):
        if os.path.lexists(folder) and not folder.is_dir():
            what = "a link that leads nowhere" if folder.is_symlink() else "a file"
            return f"{folder} must be a folder, got {what}; move it away, or give it another name"
    for path in _there(patterns):
        if os.path.isdir(path):
            return f"{path} must be a file, got a folder; move it away, or give it another name"
    return None


def origin_sentence(patterns: Sequence[str], arguments: Sequence[str]) -> str | None:
    """Return which files were not made here, and a remedy, in one sentence; None if all were.

    Snakemake, which has these arguments, knows the settings of what it made itself in this folder,
    and would take everything else for up to date.
    """
    if _ACCEPTING & set(arguments):
        return None
    known = {name for folder in RECORDS for name in _recorded(folder)}
    unknown = [path for path in _there(patterns) if _record(path) not in known]
    if not unknown:
        return None
    more = f" and {len(unknown) - _SHOWN} more" if unknown[_SHOWN:] else ""
    return (
        "results must come from runs in this folder, so that their settings are known, got"
        f" {', '.join(unknown[:_SHOWN])}{more} from elsewhere; make all anew with the option"
        " --forceall, or take them as they are with --forceall --touch"
    )


def _fixed(pattern: str) -> Path:
    """Return the path up to the first wildcard, with a name in its place."""
    return Path(pattern.partition("{")[0] + "_")


def _there(patterns: Sequence[str]) -> list[str]:
    """Return the paths that are there and match a pattern."""
    wanted: dict[Path, list[str]] = {}
    for pattern in patterns:
        wanted.setdefault(_fixed(pattern).parent, []).append(_expression(pattern))
    found: set[str] = set()
    for folder, expressions in wanted.items():
        matches = re.compile("|".join(expressions)).fullmatch
        found |= {path for path in _within(str(folder)) if matches(path)}
    return sorted(found)


def _within(folder: str) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        yield from (os.path.join(path, name) for name in (*folders, *files))


def _expression(pattern: str) -> str:
    """Return the regular expression of a pattern."""
    parts = re.split(r"\{\w+(?:,([^{}]*))?\}", pattern)
    parts[::2] = [re.escape(part) for part in parts[::2]]
    parts[1::2] = [f"(?:{constraint or '[^/]+'})" for constraint in parts[1::2]]
    return "".join(parts)


def _record(path: str) -> str:
    return urlsafe_b64encode(path.encode()).decode()


def _recorded(folder: str) -> Iterable[str]:
    """Yield the names of records; Snakemake spreads a long one over several folders."""
    for path, _, files in os.walk(folder):
        parents = [part.removeprefix("@") for part in Path(path).relative_to(folder).parts]
        yield from ("".join([*parents, name]) for name in files)
