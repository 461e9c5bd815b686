"""The law of the time for which sampled starts stay with other modes than the first."""

import numpy as np
from numpy.typing import ArrayLike


def escape_law(x: ArrayLike) -> np.ndarray:
    """Return (2/π) arctan e^(−x), the share of starts that mode 2 leads beyond τ = x/(σ_1 − σ_2).

    The directions of u + v are uniform, so α_2/α_1 has a Cauchy law, whatever the dimension. The
    share that *any* other mode leads is bounded from below by this law, and tends to it for large
    x (docs/theory.md, section 4).

    Parameters
    ----------
    x : array_like
        Times ``(σ_1 − σ_2) τ`` of the linear flow, dimensionless.

    Returns
    -------
    ndarray, of the shape of ``x``
    """
    return np.asarray(2 / np.pi * np.arctan(np.exp(-np.asarray(x))))
