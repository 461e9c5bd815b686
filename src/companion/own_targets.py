"""Targets that a configuration takes from files: a matrix, or inputs and outputs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The keys of a target that name files.
FILE_KEYS = ("matrix", "inputs", "outputs")

_SUFFIXES = (".npy", ".csv", ".nc")


def target_files(target: Mapping[str, Any]) -> list[str]:
    """Return the files that a target is read from.

    Raises
    ------
    ValueError
        If one is missing, or of no known kind.
    """
    files = [(key, target[key]) for key in FILE_KEYS if key in target]
    for key, name in files:
        if Path(name).suffix not in _SUFFIXES:
            kinds = ", ".join(_SUFFIXES)
            raise ValueError(f"target.{key} must be a file {kinds}, got {name}; save it as one")
        if not Path(name).is_file():
            raise ValueError(
                f"target.{key} must be a file, got {name}, which is not there; give its path from"
                " the folder of the project"
            )
    return [name for _, name in files]


def load_matrix(key: str, name: str) -> Any:
    """Return the matrix in a file: .npy, .csv with commas and no header, or .nc.

    Returns
    -------
    ndarray, (rows, columns)
        Finite, of floats.

    Raises
    ------
    ValueError
        If there is no such file, or it does not hold one finite matrix.
    """
    import numpy as np

    target_files({key: name})
    try:
        matrix = _read(name)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise ValueError(f"target.{key}: {name} cannot be read ({said}); save it anew") from error
    if matrix.ndim != 2 or matrix.dtype.kind not in "iuf" or not matrix.size:
        what = f"{matrix.dtype} of shape {matrix.shape}"
        raise ValueError(
            f"target.{key} must be a matrix of real numbers, got {what} in {name}; save one with"
            " rows and columns"
        )
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise ValueError(
            f"target.{key} must be finite, got {matrix[row, column]} in row {row + 1}, column"
            f" {column + 1} of {name}; repair or remove it"
        )
    return matrix.astype(float)


def singular_values(target: Mapping[str, Any]) -> tuple[list[float], list[int]]:
    """Return the positive singular values and the shape of a target, by NumPy alone.

    Raises
    ------
    ValueError
        If a file does not hold what it should, or the target is that of a bundled data set.
    """
    if "singular_values" in target:
        return [value for value in target["singular_values"] if value > 0], target["shape"]
    if "data" in target:
        raise ValueError(
            f"the singular values of the data {target['data']} are not in the settings"
        )
    import numpy as np

    if "matrix" in target:
        matrix = load_matrix("matrix", target["matrix"])
        threshold = max(matrix.shape) * np.finfo(float).eps * np.linalg.norm(matrix, ord=2)
    else:
        inputs, outputs = (load_matrix(key, target[key]) for key in ("inputs", "outputs"))
        if inputs.shape[1] != outputs.shape[1]:
            raise ValueError(
                f"target.inputs and target.outputs must have one column a sample, got"
                f" {inputs.shape[1]} and {outputs.shape[1]} columns; transpose them if samples are"
                " rows"
            )
        _, values, right = np.linalg.svd(inputs, full_matrices=False)
        tolerance = max(inputs.shape) * np.finfo(float).eps
        matrix = outputs @ right[values > tolerance * values[0]].T
        threshold = tolerance * np.linalg.norm(outputs)
    values = np.linalg.svd(matrix, compute_uv=False)
    return [float(value) for value in values if value > threshold], list(matrix.shape)


def _read(name: str) -> Any:
    import numpy as np

    match Path(name).suffix:
        case ".npy":
            return np.load(name, allow_pickle=False)
        case ".csv":
            return np.loadtxt(name, delimiter=",", ndmin=2)
    import xarray as xr

    with xr.open_dataset(name, engine="h5netcdf") as dataset:
        matrices = [each for each in dataset.data_vars.values() if each.ndim == 2]
        if len(matrices) != 1:
            names = ", ".join(map(str, dataset.data_vars)) or "none"
            raise ValueError(f"it must hold one matrix, got the variables {names}")
        return matrices[0].values
