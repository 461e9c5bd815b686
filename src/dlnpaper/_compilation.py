"""How the package compiles: what Python calls is cached on disk, what that calls goes into it.

Numba's cache on disk of a function does not notice a change in another file. Compiled functions
that call each other therefore stand in one module.
"""

from collections.abc import Callable
from typing import Any

import numba

#: Options of functions that only compiled code calls: no wrappers, so compiled once. Callers hold
#: every array, so reference counts, up to a seventh of the time, are left out.
INNER: dict[str, Any] = {
    "_nrt": False,
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with a cache on disk, or, where there is no place to write one, in every process."""
    try:
        return numba.njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True, error_model="numpy")(function)
