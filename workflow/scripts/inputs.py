"""The datasets that a rule reads."""

from typing import Any

import xarray as xr

from companion.storage import read_dataset


def datasets(snakemake: Any) -> dict[str, xr.Dataset | list[xr.Dataset]]:
    """Return a rule's input datasets by their keywords; several files make a list."""
    return {
        name: read_dataset(files) if isinstance(files, str) else list(map(read_dataset, files))
        for name, files in snakemake.input.items()
        if name != "modules"
    }
