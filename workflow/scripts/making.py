"""What a job's outputs say of how they were made."""

import hashlib
import json
from pathlib import Path
from typing import Any

from dlnpaper.provenance import SOURCE


def record(snakemake: Any) -> dict[str, str]:
    """Return the record of a job (`dlnpaper.provenance`): the same wherever and whenever it runs.

    The code is the rule's script and every module of the project that it imports; the hash covers
    their names and contents.
    """
    declared = set(snakemake.input.get("modules", []))
    modules = sorted(name for name in declared if name.endswith(".py"))
    code = hashlib.sha256(Path(snakemake.scriptdir, f"{snakemake.rule}.py").read_bytes())
    for name in modules:
        code.update(f"\n{name}\n".encode() + Path(name).read_bytes())
    parameters = {**dict(snakemake.params.items()), **dict(snakemake.wildcards.items())}
    return {
        "source": SOURCE,
        "rule": snakemake.rule,
        "code_sha256": code.hexdigest(),
        "parameters": json.dumps(parameters, ensure_ascii=False, sort_keys=True, default=list),
        "inputs": "\n".join(name for name in snakemake.input if name not in declared),
    }
