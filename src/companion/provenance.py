"""How each file was made, and how a run went.

A file names the program, rule, code, parameters and inputs, never a time or a host: its bytes stay
the same in every run. What differs between runs stands in the run record alone.
"""

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from companion.files import write_text
from dlnpaper._version import __version__

#: Keys of a job's record: attributes of a NetCDF file, and keys of the note in a figure or table.
KEYS = ("source", "rule", "code_sha256", "parameters", "inputs")

#: What a NetCDF file has beside them: attributes that the CF conventions recommend.
DISCOVERY = ("title", "history")

#: Folders of measurements; starting points and settings are no evidence.
_MEASURED = ("measured/", "trajectories/", "reference/")

_record: ContextVar[Mapping[str, str]] = ContextVar("record")


def job_record(snakemake: Any) -> dict[str, str]:
    """Return the record of a job: by `KEYS`, the same wherever and whenever the job runs.

    The code is the rule's script and the modules that the rule declares; the hash covers their
    names and contents. Parameters are JSON, inputs are paths, one a line.
    """
    declared = set(snakemake.input.get("modules", []))
    modules = sorted(name for name in declared if name.endswith(".py"))
    code = hashlib.sha256(Path(snakemake.scriptdir, f"{snakemake.rule}.py").read_bytes())
    for name in modules:
        code.update(f"\n{name}\n".encode() + Path(name).read_bytes())
    parameters = {**dict(snakemake.params.items()), **dict(snakemake.wildcards.items())}
    return {
        "source": f"dlnpaper {__version__}",
        "rule": snakemake.rule,
        "code_sha256": code.hexdigest(),
        "parameters": json.dumps(parameters, ensure_ascii=False, sort_keys=True, default=list),
        "inputs": "\n".join(name for name in snakemake.input if name not in declared),
    }


@contextmanager
def made_by(record: Mapping[str, str]) -> Iterator[None]:
    """Put a job's record into every file that is written within the context."""
    token = _record.set(record)
    try:
        yield
    finally:
        _record.reset(token)


def current_note() -> str:
    """Return the record of the innermost `made_by` as JSON: the note in a figure or table."""
    return json.dumps(dict(_record.get({})))


def file_attributes(name: str) -> dict[str, str]:
    """Return `DISCOVERY` and `KEYS` for a NetCDF file of this name; nothing outside `made_by`."""
    record = _record.get({})
    if not record:
        return {}
    return {
        "title": f"{name}, the result of {record['rule']}",
        "history": f"written by the rule {record['rule']} of {record['source']}",
        **record,
    }


def manifest(
    records: Mapping[str, Mapping[str, str]],
    claims: Iterable[Mapping[str, Any]],
    results: str = "results/",
    figures: str = "figures/",
) -> dict[str, dict[str, Any]]:
    """Return an entry for every file: its hash, how it was made, and the claims that it bears on.

    A claim, with its ``id`` and ``study``, rests on its study's table, in every format, and on all
    that the table was made from. It is shown by the study's figure, and by each figure that shares
    a measurement with the table. The folders are those of the run.
    """
    inputs = {path: record["inputs"].splitlines() for path, record in records.items()}

    @cache
    def made_from(path: str) -> frozenset[str]:
        near = inputs.get(path, [])
        return frozenset(near).union(*map(made_from, near))

    def is_measured(path: str) -> bool:
        return path.removeprefix(results).startswith(_MEASURED)

    def bears_on(path: str, study: str) -> bool:
        table = f"{results}tables/{study}.csv"
        if path in made_from(table) or path.rpartition(".")[0] == table.removesuffix(".csv"):
            return True
        shared = made_from(path) & made_from(table)
        shown = Path(path).stem == study or any(map(is_measured, shared))
        return path.startswith(figures) and shown

    studies = [(claim["id"], claim["study"]) for claim in claims]
    return {
        path: {
            "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
            **records[path],
            "parameters": json.loads(records[path]["parameters"]),
            "inputs": inputs[path],
            "made_from": sorted(made_from(path)),
            "claims": [claim for claim, study in studies if bears_on(path, study)],
        }
        for path in sorted(records)
    }


def write_run_record(path: str) -> None:
    """Write when, where and from which commit the results were last brought up to date."""
    packages = {found.name: found.version for found in distributions()}
    record = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted": _git("status", "--porcelain"),
        "packages": dict(sorted(packages.items(), key=lambda package: package[0].lower())),
    }
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _git(*arguments: str) -> str | None:
    """Return the output of git, or None where there is no repository or no git."""
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
