"""Where every trajectory ends, without and with weight decay."""

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_depth, validate_weight_decay
from dlnpaper._target import Target
from dlnpaper.one_neuron import _limits
from dlnpaper.one_neuron._fates import TIE, Fate
from dlnpaper.one_neuron._limits import LIMIT_KINDS
from dlnpaper.one_neuron._reduced import Reduced
from dlnpaper.one_neuron._scales import validate_entries
from dlnpaper.one_neuron._shrinkage import (
    collapse_threshold,
    global_threshold,
    stable_point,
)
from dlnpaper.one_neuron._starting_points import StartingPoints

#: Values of ``kind`` with weight decay, as the positions of the words.
DECAYED_KINDS = (*LIMIT_KINDS, "local_minimizer")


def limits(
    target: Target,
    starts: StartingPoints,
    *,
    depth: int | None = None,
    weight_decay: float = 0.0,
) -> xr.Dataset:
    """Find the limit of gradient flow from every start.

    The limit is decided by the first group of equal singular values in which some
    ``α_i = a_i + b_i`` is not exactly zero (docs/theory.md, section 4). With K that group, σ_K its
    value and ``A² = Σ_{i∈K} α_i²``, it is ``s a bᵀ`` with ``a_i = b_i = α_i / A`` for i in K and 0
    elsewhere; without such a group it is the origin. Without weight decay ``s = σ_K`` at any depth.

    With weight decay and N = 2, ``s = (σ_K - μ)_+``. With N ≥ 3, s is the larger solution of
    ``s + μ s^-(1-2/N) = σ_K``, or the limit is the origin: if there is no solution, and for starts
    outside of its basin, which depends on the directions and on s (docs/weight_decay.md, section
    4). The panels of `dlnpaper.solve` follow these until the side is certain.

    Parameters
    ----------
    target : Target
        With r positive singular values and shape (d_y, d_x).
    starts : StartingPoints
        M starts of that shape.
    depth : int, optional
        Number of layers N; needed with weight decay only.
    weight_decay : float
        μ ≥ 0, of the penalty ``½ μ Σ_j ‖W_j‖²``.

    Returns
    -------
    xarray.Dataset
        Over ``start`` (M):

        kind : int8 flags
            0 origin, 1 saddle, 2 global_minimizer (attributes ``flag_values``, ``flag_meanings``);
            with weight decay also 3 local_minimizer: in the direction of σ_1, but with a higher
            regularized loss than the origin. The origin itself is 0, whatever its loss.
        kind_name : str
            The same in words.
        value : float
            Singular value of the limit: s, or 0 for the origin.
        rank_stable : bool
            The rank stays 1; without weight decay, where some α_i is not zero.
        global_minimizer_convergent : bool
            The limit has the least loss, with weight decay the least regularized loss, at rank one
            or less; without, where some α_i with σ_i = σ_1 is not zero.
        a (start, left), b (start, right) : float
            Unit singular vectors of the limit in singular coordinates; zeros for the origin.
        escape_tau : float
            The least τ ≥ 0 from which on group K has the largest part in E(τ) (docs/theory.md,
            section 3): ``A² e^{2σ_K τ}`` is at least each of ``A_G² e^{2σ_G τ}`` and
            ``B_G² e^{−2σ_G τ}`` (sums of α_i² and β_i² over a group G), and 4ρ². Until then the
            trajectory is near other stationary points, if near any. 0 without such a group. With
            weight decay and N ≥ 3, τ may stay below it.
            `dlnpaper.escape_time` gives the time t.
        within_rounding : bool
            The coordinates are uncertain, and ``max |α_i| ≤ 2 coordinate_error`` over the group of
            σ_1. The limit is then undecided, and that of the coordinates taken as exact is given.
            With weight decay and N ≥ 3 also where the start is closer to the boundary of the basin
            than the estimated error, some 1e-14 of s when the fate is decided; in s_0 that is more
            where the flow forgets s_0, as it does while c < 0. The limit given is then that of the
            computed trajectory.

    Raises
    ------
    ValueError, TypeError
        If an argument is not of its stated kind or range, the starts do not have the shape of the
        target, or the depth is missing.

    Examples
    --------
    >>> starts = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=0.1)
    >>> limits(Target([2.0, 1.0], shape=(2, 2)), starts).value.item()
    1.0
    >>> two = {"depth": 2, "weight_decay": 0.25}
    >>> limits(Target([2.0, 1.0], shape=(2, 2)), starts, **two).value.item()
    0.75
    """
    mu = validate_weight_decay(weight_decay)
    if depth is not None:
        depth = validate_depth(depth)
    found = _limits.limits(target, starts)
    if mu == 0:
        return found
    if depth is None:
        raise ValueError(
            f"depth must be given with weight_decay = {mu:g}, got None; pass the number of layers"
        )
    validate_entries(starts)
    sigma, values = target.singular_values[0], found["value"].values
    survives, decided = _survival(target, depth, starts, mu)
    value = np.where(survives, stable_point(values, depth, mu), 0.0)
    stable, leading = value > 0, found["global_minimizer_convergent"].values
    threshold = global_threshold(depth, mu)
    kind = np.where(stable, np.where(leading, 2 if sigma >= threshold else 3, 1), 0)
    best = (kind == 2) | ((kind == 0) & (sigma <= threshold))
    changed = {
        "kind": kind.astype(np.int8),
        "kind_name": np.array(DECAYED_KINDS)[kind],
        "value": value,
        "rank_stable": stable,
        "global_minimizer_convergent": best,
        "a": found["a"].values * stable[:, None],
        "b": found["b"].values * stable[:, None],
        "within_rounding": found["within_rounding"].values | ~decided,
    }
    for name, array in changed.items():
        found[name] = (found[name].dims, array, found[name].attrs)
    found["kind"].attrs |= {
        "flag_values": np.arange(len(DECAYED_KINDS), dtype=np.int8),
        "flag_meanings": " ".join(DECAYED_KINDS),
    }
    return found.assign_attrs(depth=depth, weight_decay=mu)


def _survival(
    target: Target, depth: int, starts: StartingPoints, mu: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return which starts do not end at the origin for want of s, and which are decided."""
    survives, decided = np.ones((2, len(starts)), bool)
    if depth > 2 and target.singular_values[0] < (1 - TIE) * collapse_threshold(depth, mu):
        survives[:] = False
    elif depth > 2:
        reduced = Reduced(target, depth, starts, np.zeros(1), mu)
        decided = ~reduced.out_of_range()
        reduced.s[~decided] = 1.0
        for c_limit, which in reduced.classes():
            survives[which], known = Fate(reduced, c_limit).decide(which)
            decided[which] &= known
    return survives, decided
