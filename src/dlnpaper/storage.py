"""NetCDF files that are whole or absent, and that say so when they are damaged.

A file ends in a checksum of everything before it, which other readers of HDF5 ignore, so the change
of any bit is seen before the content is parsed. Nothing here depends on the clock: the same content
gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import shlex
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from dlnpaper.files import StorageError, write_bytes
from dlnpaper.provenance import DISCOVERY, KEYS, file_attributes
from dlnpaper.schema import Schema, description_problem

__all__ = ["read_dataset", "read_record", "write_dataset"]

CONVENTIONS = "CF-1.11"
MISSING = "missing_data"

_CHECKSUM_LABEL = b"\ndlnpaper sha256 "
_CHECKSUM_SIZE = len(_CHECKSUM_LABEL) + 64


def write_dataset(
    dataset: xr.Dataset, path: str | os.PathLike, schema: Schema | None = None
) -> None:
    """Write a dataset as NetCDF-4, compressed and checksummed, whole or not at all.

    The same dataset always gives the same bytes. With ``schema`` its name and version are recorded,
    and within `dlnpaper.provenance.made_by` how the file was made.

    Parameters
    ----------
    dataset : xarray.Dataset
        Every variable and coordinate must have a ``long_name``, and ``units`` or flags. Every
        number must be finite, but for variables that have an attribute ``missing_data``, which
        says what a missing value means.
    path : path-like
        File in a folder that exists; a previous file of that name is replaced.
    schema : Schema, optional
        What the dataset must hold.

    Raises
    ------
    ValueError
        If the dataset does not match the schema, something in it is not described, or an
        undeclared number is not finite.
    StorageError
        If the file cannot be written; a previous file of that name is untouched.
    """
    problem = schema and schema.problem(dataset)
    problem = problem or description_problem(dataset) or _finiteness_problem(dataset)
    if problem:
        raise ValueError(f"dataset for {path} {problem}; repair it before it is written")
    stored = dataset.drop_encoding()
    stored.attrs = {"Conventions": CONVENTIONS, **dataset.attrs}
    if schema is not None:
        stored.attrs |= {"schema": schema.name, "schema_version": schema.version}
    stored.attrs |= file_attributes(Path(path).stem)
    encoding = {name: _encoding(variable) for name, variable in stored.variables.items()}
    content = bytes(stored.to_netcdf(engine="h5netcdf", encoding=encoding))
    write_bytes(path, content + _checksum(content))


def read_dataset(path: str | os.PathLike, schema: Schema | None = None) -> xr.Dataset:
    """Read a dataset that `write_dataset` wrote, into memory, after checking that it is intact.

    Parameters
    ----------
    path : path-like
        NetCDF file.
    schema : Schema, optional
        What the file must hold.

    Returns
    -------
    xarray.Dataset
        As it was written, without the record of how the file was made: that one is about the file,
        not about what is made from it. No variable is converted to dates.

    Raises
    ------
    StorageError
        If the file is missing, damaged, or holds something else. The sentence names the file and
        the command that rebuilds it.
    """
    dataset = xr.load_dataset(
        io.BytesIO(_intact(path)), engine="h5netcdf", decode_times=False, decode_timedelta=False
    ).drop_encoding()
    for key in (*KEYS, *DISCOVERY):
        dataset.attrs.pop(key, None)
    for name, variable in dataset.variables.items():
        if variable.dtype.kind == "O":
            dataset[name] = variable.astype(str)
    problem = schema and (_recorded_problem(dataset, schema) or schema.problem(dataset))
    problem = problem or _finiteness_problem(dataset)
    if problem:
        raise StorageError(f"{path} {problem}; {_rebuild(path)}")
    return dataset


def read_record(path: str | os.PathLike) -> dict[str, str]:
    """Return what a NetCDF file says of how it was made (`dlnpaper.provenance`).

    Raises
    ------
    StorageError
        If the file is missing or damaged, or was written outside of the pipeline.
    """
    # By h5py, since xarray would read all variables, which takes fifty times longer.
    with h5py.File(io.BytesIO(_intact(path)), "r") as file:
        if not set(KEYS) <= set(file.attrs):
            raise StorageError(f"{path} does not say how it was made; {_rebuild(path)}")
        return {key: file.attrs[key] for key in KEYS}


def _intact(path: str | os.PathLike) -> bytes:
    """Return the content of a NetCDF file after comparing it with its checksum."""
    try:
        stored = Path(path).read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path} could not be read ({error.strerror}); {_rebuild(path)}"
        ) from error
    content, checksum = stored[:-_CHECKSUM_SIZE], stored[-_CHECKSUM_SIZE:]
    if checksum != _checksum(content):
        raise StorageError(f"{path} is damaged: {_damage(checksum, len(stored))}; {_rebuild(path)}")
    return content


def _rebuild(path: str | os.PathLike) -> str:
    return f"rebuild it with: snakemake --cores 1 --force {shlex.quote(os.fspath(path))}"


def _checksum(content: bytes) -> bytes:
    return _CHECKSUM_LABEL + hashlib.sha256(content).hexdigest().encode()


def _damage(checksum: bytes, size: int) -> str:
    if size == 0:
        return "it is empty"
    if checksum.startswith(_CHECKSUM_LABEL):
        return "its content does not match its checksum"
    return f"its {size} bytes do not end in a checksum, so it was cut short or made otherwise"


def _encoding(variable: xr.Variable) -> dict:
    encoding: dict = {}
    if MISSING not in variable.attrs:
        # Without this every variable of floats would claim to have missing values.
        encoding["_FillValue"] = None
    if variable.dtype.kind == "U":
        encoding["dtype"] = "S1"
    if variable.ndim and variable.size:
        encoding |= {"zlib": True, "complevel": 1, "shuffle": True, "fletcher32": True}
    return encoding


def _recorded_problem(dataset: xr.Dataset, schema: Schema) -> str | None:
    found = (dataset.attrs.get("schema"), dataset.attrs.get("schema_version"))
    if found == (schema.name, schema.version):
        return None
    return (
        f"must hold {schema.name!r} in version {schema.version},"
        f" got {found[0]!r} in version {found[1]}"
    )


def _finiteness_problem(dataset: xr.Dataset) -> str | None:
    for name, variable in dataset.variables.items():
        if variable.dtype.kind != "f" or MISSING in variable.attrs:
            continue
        wrong = ~np.isfinite(variable.values)
        if wrong.any():
            where = ", ".join(map(str, np.argwhere(wrong)[0])) if variable.ndim else ""
            value = variable.values[wrong].flat[0]
            return (
                f"must hold finite numbers, got {name}[{where}] = {value}"
                f" (an attribute {MISSING!r} that says why would allow it)"
            )
    return None
