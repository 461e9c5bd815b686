"""What a rule reads, and what a study's module makes of it."""

from importlib import import_module
from types import ModuleType
from typing import Any

from companion.storage import read_dataset


def study_module(snakemake: Any, step: str) -> tuple[ModuleType, dict[str, Any]]:
    """Return a step's module, and its arguments: datasets by keyword, and settings.

    Several files of one keyword make a list.
    """
    inputs = {
        name: read_dataset(files) if isinstance(files, str) else list(map(read_dataset, files))
        for name, files in snakemake.input.items()
        if name != "modules"
    }
    module = import_module(f"studies.{snakemake.wildcards.study}.{step}")
    return module, {**inputs, **snakemake.params.settings}
