"""Where every trajectory of two layers ends: the pivots decide (docs/two_layers.md, section 4)."""

import numpy as np
import xarray as xr

from dlnpaper._target import Target
from dlnpaper.one_neuron._limits import LIMIT_KINDS
from dlnpaper.two_layers._closed_form import validate_decay
from dlnpaper.two_layers._echelon import Limit, find_echelon, find_limit
from dlnpaper.two_layers._starts import Starts, validate_problem


def limits(target: Target, starts: Starts, *, weight_decay: float = 0.0) -> xr.Dataset:
    """Find the limit of gradient flow from every start of two layers of any width.

    Modes are tried by falling singular value. A mode is chosen if its growing coefficients, a
    vector over the h hidden neurons, are not a linear combination of those of modes chosen before,
    and none is once h are chosen. The limit is ``Σ (σ_i − μ) u_i v_iᵀ`` over the chosen modes with
    ``σ_i > μ``; within a group of equal singular values a projection takes the place of modes.

    Parameters
    ----------
    target : Target
        With r positive singular values and shape (d_y, d_x).
    starts : two_layers.Starts
        M λ-balanced starts of that shape.
    weight_decay : float
        μ ≥ 0, as in `dlnpaper.two_layers.solve`.

    Returns
    -------
    xarray.Dataset
        Over ``start`` (M), in the singular coordinates of the target:

        kind : int8 flags
            0 origin, where W = 0 although the weights need not vanish for λ ≠ 0; 1 saddle;
            2 global_minimizer (attributes ``flag_values``, ``flag_meanings``).
        kind_name : str
            The same in words.
        rank : int
            Of the limit.
        end_to_end (start, left, right) : float
            W(∞).
        chosen (start, mode) : float
            Share of the mode in the limit: 0 or 1, or between where a limit cuts through a tie.
        within_rounding : bool
            Whether rounding leaves undecided if some mode is chosen. The limit of the numbers
            taken as exact is given.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it must be.

    Examples
    --------
    >>> from dlnpaper import Target
    >>> from dlnpaper.two_layers import Starts
    >>> target = Target([3.0, 2.0, 1.0], shape=(3, 3))
    >>> starts = Starts.on_stable_set(target, [0, 2], 1, 0, hidden=2)
    >>> limits(target, starts).chosen.values
    array([[1., 0., 1.]])
    """
    validate_problem(target, starts)
    decay = validate_decay(weight_decay, starts)
    limit = find_limit(target, find_echelon(target, starts, decay), decay)
    rank, (d_y, d_x) = target.rank, target.shape
    matrix = np.pad(limit.modes, ((0, 0), (0, d_y - rank), (0, d_x - rank)))
    kind = _kind(target, limit, starts.hidden, decay)
    flags = {
        "flag_values": np.arange(len(LIMIT_KINDS), dtype=np.int8),
        "flag_meanings": " ".join(LIMIT_KINDS),
    }
    units = {"units": "1"}
    variables: dict[str, tuple] = {
        "kind": ("start", kind, "kind of the limit", flags),
        "kind_name": ("start", np.array(LIMIT_KINDS)[kind], "kind of the limit in words", {}),
        "rank": ("start", limit.pivots.sum(axis=1), "rank of the limit", units),
        "end_to_end": (
            ("start", "left", "right"),
            matrix,
            "limit of the end-to-end matrix in target coordinates",
            units,
        ),
        "chosen": (("start", "mode"), limit.share, "share of the mode in the limit", units),
        "within_rounding": (
            "start",
            limit.within_rounding,
            "whether rounding of the start leaves its limit undecided",
            {},
        ),
    }
    return xr.Dataset(
        {
            name: (dims, values, {"long_name": long_name, **attrs})
            for name, (dims, values, long_name, attrs) in variables.items()
        },
        attrs={"weight_decay": decay},
    )


def _kind(target: Target, limit: Limit, hidden: int, decay: float) -> np.ndarray:
    """Return the position of each limit's word in `LIMIT_KINDS`, (M,)."""
    sizes = np.array([group.stop - group.start for group in target.groups])
    sizes = np.where(target.singular_values[[g.start for g in target.groups]] > decay, sizes, 0)
    before = np.cumsum(sizes) - sizes
    best = np.clip(hidden - before, 0, sizes)
    optimal = (limit.pivots == best).all(axis=1)
    return np.where(limit.pivots.any(axis=1), 1 + optimal, 0).astype(np.int8)
