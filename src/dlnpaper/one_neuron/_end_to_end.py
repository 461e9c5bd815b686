"""The end-to-end matrix in the coordinates of the target's own matrix."""

import numpy as np
import xarray as xr

from dlnpaper._checks import shown
from dlnpaper._target import Target, validate_target

_MAGNITUDES = ("s", "value")  # of trajectories and of limits


def end_to_end(target: Target, exact: xr.Dataset) -> xr.DataArray:
    """Return W(t), or its limit, in the coordinates of the target's own matrix.

    For one neuron ``W = s u vᵀ`` with ``u = left @ a`` and ``v = right @ b``, the target's bases;
    for two layers it is ``left @ end_to_end @ right.T``. Where the bases are the identity, singular
    coordinates are those of W already, bit for bit.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x).
    exact : xarray.Dataset
        From `dlnpaper.solve` or `dlnpaper.integrate`, with the variables ``s``, ``a`` and ``b``,
        from `dlnpaper.limits`, or from the functions of these names in `dlnpaper.two_layers`, with
        the variable ``end_to_end``. It may be a part of such a result.

    Returns
    -------
    xarray.DataArray
        Over the dimensions of the result, ``depth``, ``start`` and ``time`` as far as there are
        any, then ``row`` (d_y) and ``column`` (d_x). NaN where the result is.

    Raises
    ------
    TypeError, ValueError
        If ``exact`` is no such dataset, or was made for a target of another shape.

    Notes
    -----
    A target from `Target.from_data` acts on whitened inputs: `Target.to_features` takes the matrix
    back to the raw ones.

    References
    ----------
    docs/theory.md, sections 1, 2 and 4.

    Examples
    --------
    >>> from dlnpaper import StartingPoints, limits
    >>> target = Target([2.0, 1.0], shape=(2, 2))
    >>> start = StartingPoints([[0.6, 0.8]], [[0.8, 0.6]], s=0.1)
    >>> end_to_end(target, limits(target, start)).values.tolist()
    [[[2.0, 0.0], [0.0, 0.0]]]
    """
    validate_target(target)
    _validate_result(target, exact)
    if "end_to_end" in exact:
        matrix = exact["end_to_end"]
        if not target.has_identity_bases:
            matrix = _rotate(_rotate(matrix, target.left, "left"), target.right, "right")
        matrix, dims = matrix.rename(left="row", right="column"), matrix.dims[:-2]
    else:
        magnitude = exact[next(name for name in _MAGNITUDES if name in exact)]
        u, v = exact["a"], exact["b"]
        if not target.has_identity_bases:
            u, v = _rotate(u, target.left, "left"), _rotate(v, target.right, "right")
        matrix, dims = magnitude * u.rename(left="row") * v.rename(right="column"), magnitude.dims
    matrix = matrix.transpose(*dims, "row", "column").rename("end_to_end")
    matrix.attrs = {
        "long_name": "end-to-end matrix in the coordinates of the target's matrix",
        "units": "1",
    }
    return matrix


def _rotate(array: xr.DataArray, basis: np.ndarray, dim: str) -> xr.DataArray:
    """Return an array in the coordinates of the target's matrix along one dimension."""
    return xr.dot(array, xr.DataArray(basis, dims=("entry", dim)), dim=dim).rename(entry=dim)


def _validate_result(target: Target, exact: xr.Dataset) -> None:
    """Raise unless a result has end-to-end matrices, or directions and a magnitude."""
    remedy = "give a result of solve, integrate or limits"
    if not isinstance(exact, xr.Dataset):
        raise TypeError(f"exact must be a Dataset, got {shown(exact)}; {remedy}")
    found = any(name in exact for name in _MAGNITUDES) and {"a", "b"} <= set(exact.data_vars)
    if not found and "end_to_end" not in exact:
        raise ValueError(
            "exact must hold the variables s, a and b, or value, a and b, or end_to_end, got "
            f"{', '.join(map(str, exact.data_vars)) or 'none'}; {remedy}, with these variables"
        )
    shape = tuple(exact.sizes.get(dim, 0) for dim in ("left", "right"))
    if shape != target.shape:
        raise ValueError(
            f"exact must have vectors of the target's shape {target.shape}, got {shape}; "
            "make it for this target"
        )
