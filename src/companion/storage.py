"""NetCDF files that are whole or absent, and that say so when they are damaged.

A file ends in a SHA-256 checksum of everything before it, which other readers of HDF5 ignore and
`read_dataset` compares before it parses anything. This one layer suffices: it sees every flipped
bit, truncation and foreign file, so whatever is parsed is what `write_dataset` wrote, after it had
checked the content. Checksums of chunks, or another check of the content on reading, could find
nothing more.

Nothing here depends on the clock: the same content gives the same bytes.
"""

import hashlib
import io
import os
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from companion.arguments import command_for
from companion.files import StorageError, write_bytes
from companion.provenance import DISCOVERY, KEYS, file_attributes

MISSING = "missing_data"

_CHECKSUM_LABEL = b"\ndlnpaper sha256 "
_CHECKSUM_SIZE = len(_CHECKSUM_LABEL) + 64


def write_dataset(dataset: xr.Dataset, path: str | os.PathLike) -> None:
    """Write a dataset as NetCDF-4, compressed and checksummed, whole or not at all.

    The same dataset always gives the same bytes. Within `companion.provenance.made_by` the file
    also says how it was made. Its folder must exist, and a previous file of that name is replaced.

    Every variable and coordinate must have a ``long_name``, and every number ``units`` or flags
    with meanings. Every number must be finite, except in variables with an attribute
    ``missing_data`` that says what a missing value means.

    Raises
    ------
    ValueError
        If something is not described, or an undeclared number is not finite.
    StorageError
        If the file cannot be written; a previous file of that name is untouched.
    """
    for name, variable in dataset.variables.items():
        if problem := _description_problem(name, variable) or _finiteness_problem(name, variable):
            raise ValueError(f"dataset for {path} {problem}; repair it before it is written")
    stored = dataset.drop_encoding()
    made = file_attributes(Path(path).stem)
    stored.attrs = {"Conventions": "CF-1.11", **dataset.attrs, **made}
    encoding = {name: _encoding(variable) for name, variable in stored.variables.items()}
    content = bytes(stored.to_netcdf(engine="h5netcdf", encoding=encoding))
    write_bytes(path, content + _checksum(content))


def read_dataset(path: str | os.PathLike) -> xr.Dataset:
    """Read a dataset that `write_dataset` wrote, into memory, after checking that it is intact.

    It comes as it was written, without the record of how the file was made, which is not about what
    is made from it. No variable is converted to dates.

    Raises
    ------
    StorageError
        If the file is missing or damaged; the sentence names the command that rebuilds it.
    """
    dataset = xr.load_dataset(
        io.BytesIO(_intact(path)), engine="h5netcdf", decode_times=False, decode_timedelta=False
    ).drop_encoding()
    for key in (*KEYS, *DISCOVERY):
        dataset.attrs.pop(key, None)
    for name, variable in dataset.variables.items():
        if variable.dtype.kind == "O":
            dataset[name] = variable.astype(str)
    return dataset


def read_record(path: str | os.PathLike) -> dict[str, str]:
    """Return what a NetCDF file says of how it was made (`companion.provenance`).

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
        reason = f"{path} could not be read ({error.strerror})"
        raise StorageError(f"{reason}; {_rebuild(path)}") from error
    content, checksum = stored[:-_CHECKSUM_SIZE], stored[-_CHECKSUM_SIZE:]
    if checksum == _checksum(content):
        return content
    size = len(stored)
    damage = f"its {size} bytes do not end in a checksum, so it was cut short or made otherwise"
    if not stored:
        damage = "it is empty"
    elif checksum.startswith(_CHECKSUM_LABEL):
        damage = "its content does not match its checksum"
    raise StorageError(f"{path} is damaged: {damage}; {_rebuild(path)}")


def _rebuild(path: str | os.PathLike) -> str:
    return f"rebuild it with: {command_for(os.fspath(path))}"


def _checksum(content: bytes) -> bytes:
    return _CHECKSUM_LABEL + hashlib.sha256(content).hexdigest().encode()


def _encoding(variable: xr.Variable) -> dict:
    encoding: dict = {}
    if MISSING not in variable.attrs:
        # Without this every variable of floats would claim to have missing values.
        encoding["_FillValue"] = None
    if variable.dtype.kind == "U":
        encoding["dtype"] = "S1"
    if variable.ndim and variable.size:
        encoding |= {"zlib": True, "complevel": 1, "shuffle": True}
    return encoding


def _description_problem(name: object, variable: xr.Variable) -> str | None:
    """Say what a reader would have to guess (CF conventions, 3.1, 3.2 and 3.5), or None."""
    attrs = variable.attrs
    if not attrs.get("long_name"):
        return f"must say in 'long_name' what each variable is, got none for {name!r}"
    if "flag_values" in attrs:
        values = np.ravel(attrs["flag_values"])
        meanings = str(attrs.get("flag_meanings", "")).split()
        if len(values) != len(meanings) or not np.isin(variable.values, values).all():
            return (
                f"must give each flag its meaning, got the flag_values {values.tolist()} and"
                f" the flag_meanings {meanings} for {name!r} with the values"
                f" {np.unique(variable.values).tolist()}"
            )
    elif variable.dtype.kind in "fiu" and "units" not in attrs:
        return f"must say in 'units' what numbers count, or '1', got none for {name!r}"
    return None


def _finiteness_problem(name: object, variable: xr.Variable) -> str | None:
    if variable.dtype.kind != "f" or MISSING in variable.attrs:
        return None
    wrong = ~np.isfinite(variable.values)
    if not wrong.any():
        return None
    where = ", ".join(map(str, np.argwhere(wrong)[0])) if variable.ndim else ""
    value = variable.values[wrong].flat[0]
    return (
        f"must hold finite numbers, got {name}[{where}] = {value}"
        f" (an attribute {MISSING!r} that says why would allow it)"
    )
