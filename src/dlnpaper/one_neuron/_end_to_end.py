"""The end-to-end matrix in the coordinates of the target's own matrix."""

import xarray as xr

from dlnpaper._checks import shown
from dlnpaper._target import Target, validate_target

_MAGNITUDES = ("s", "value")  # of trajectories and of limits


def end_to_end(target: Target, exact: xr.Dataset) -> xr.DataArray:
    """Return W(t), or its limit, in the coordinates of the target's own matrix.

    ``W = s u vᵀ`` with ``u = left @ a`` and ``v = right @ b``, the target's bases; where these are
    the identity, singular coordinates are those of W already, bit for bit.

    Parameters
    ----------
    target : Target
        Of shape (d_y, d_x).
    exact : xarray.Dataset
        From `dlnpaper.solve` or `dlnpaper.integrate`, with the variables ``s``, ``a`` and ``b``, or
        from `dlnpaper.limits`. It may be a part of such a result.

    Returns
    -------
    xarray.DataArray
        Over the dimensions of the magnitude, ``depth``, ``start`` and ``time`` as far as there are
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
    magnitude = _validate_result(target, exact)
    u, v = exact["a"], exact["b"]
    if not target.has_identity_bases:
        u, v = (
            xr.dot(vectors, xr.DataArray(basis, dims=("entry", dim)), dim=dim).rename(entry=dim)
            for vectors, basis, dim in ((u, target.left, "left"), (v, target.right, "right"))
        )
    matrix = magnitude * u.rename(left="row") * v.rename(right="column")
    matrix = matrix.transpose(*magnitude.dims, "row", "column").rename("end_to_end")
    matrix.attrs = {
        "long_name": "end-to-end matrix in the coordinates of the target's matrix",
        "units": "1",
    }
    return matrix


def _validate_result(target: Target, exact: xr.Dataset) -> xr.DataArray:
    """Return the magnitude in a result with directions, or raise."""
    remedy = "give a result of solve, integrate or limits"
    if not isinstance(exact, xr.Dataset):
        raise TypeError(f"exact must be a Dataset, got {shown(exact)}; {remedy}")
    found = [name for name in _MAGNITUDES if name in exact]
    if not found or not {"a", "b"} <= set(exact.data_vars):
        raise ValueError(
            "exact must hold the variables s, a and b, or value, a and b, got "
            f"{', '.join(map(str, exact.data_vars)) or 'none'}; {remedy}, with these variables"
        )
    shape = tuple(exact.sizes.get(dim, 0) for dim in ("left", "right"))
    if shape != target.shape:
        raise ValueError(
            f"exact must have vectors of the target's shape {target.shape}, got {shape}; "
            "make it for this target"
        )
    return exact[found[0]]
