"""Record when, where and from which commit the results were last brought up to date."""

import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import distributions

from dlnpaper.files import write_text


def write_run_record(path: str) -> None:
    """Write what no other file of the results may say, since it differs from run to run."""
    record = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted": _git("status", "--porcelain"),
        "packages": {found.name: found.version for found in sorted(distributions(), key=_name)},
    }
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _git(*arguments: str) -> str | None:
    """Return what git says, or None where there is no repository or no git."""
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _name(distribution: object) -> str:
    return str(getattr(distribution, "name", "")).lower()
