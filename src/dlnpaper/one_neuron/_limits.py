"""Where every trajectory ends: a global minimizer, a saddle, or the origin."""

import numpy as np
import xarray as xr

from dlnpaper._target import Target
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem

#: Values of ``kind``, as the positions of the words.
LIMIT_KINDS = ("origin", "saddle", "global_minimizer")


def limits(target: Target, starts: StartingPoints) -> xr.Dataset:
    """Find the limit of gradient flow from every start, for any depth.

    The limit is decided by the first group of equal singular values in which some
    ``α_i = a_i + b_i`` is not exactly zero (docs/theory.md, section 4). With K that group, σ_K its
    value and ``A² = Σ_{i∈K} α_i²``, it is ``σ_K a bᵀ`` with ``a_i = b_i = α_i / A`` for i in K and
    0 elsewhere; without such a group it is the origin.

    Parameters
    ----------
    target : Target
        With r positive singular values and shape (d_y, d_x).
    starts : StartingPoints
        M starts of that shape.

    Returns
    -------
    xarray.Dataset
        Over ``start`` (M):

        kind : int8 flags
            0 origin, 1 saddle, 2 global_minimizer (attributes ``flag_values``, ``flag_meanings``).
        kind_name : str
            The same in words.
        value : float
            Singular value of the limit: σ_K, or 0 for the origin.
        rank_stable : bool
            Some α_i is not zero: the rank stays 1.
        global_minimizer_convergent : bool
            Some α_i with σ_i = σ_1 is not zero.
        a (start, left), b (start, right) : float
            Unit singular vectors of the limit in singular coordinates; zeros for the origin.
        escape_tau : float
            The least τ ≥ 0 from which on group K has the largest part in E(τ) (docs/theory.md,
            section 3): ``A² e^{2σ_K τ}`` is at least each of ``A_G² e^{2σ_G τ}`` and
            ``B_G² e^{−2σ_G τ}`` (sums of α_i² and β_i² over a group G), and 4ρ². Until then the
            trajectory is near other stationary points, if near any. 0 for the origin.
            `dlnpaper.escape_time` gives the time t.
        within_rounding : bool
            The coordinates are uncertain, and ``max |α_i| ≤ 2 coordinate_error`` over the group of
            σ_1. The limit is then undecided, and that of the coordinates taken as exact is given.

    Raises
    ------
    ValueError
        If the starts do not have the shape of the target.

    Examples
    --------
    >>> starts = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], s=0.1)
    >>> limits(Target([2.0, 1.0], shape=(2, 2)), starts).value.item()
    1.0
    """
    validate_problem(target, starts)
    validate_scales(target)
    alpha, beta = starts.alpha(target), starts.beta(target)
    first = np.array([group.start for group in target.groups])
    size = np.diff(np.append(first, target.rank))
    sigma = target.singular_values[first]
    alpha_norm, beta_norm = _group_norms(alpha, first), _group_norms(beta, first)

    present = alpha_norm > 0
    rank_stable = np.logical_or.reduce(present, axis=1)
    lead = _lead(present)
    value = np.where(rank_stable, sigma[lead], 0.0)
    lead_norm = np.take_along_axis(alpha_norm, lead[:, None], axis=1)
    in_lead = (lead[:, None] == np.repeat(np.arange(len(first)), size)) & rank_stable[:, None]
    scale = np.where(rank_stable[:, None], lead_norm, 1.0)
    direction = _limit_direction(target, starts, in_lead, scale)
    escape = _escape_tau(sigma, lead, alpha_norm, beta_norm, starts.rho(target))
    near_zero = np.abs(alpha[:, : size[0]]).max(axis=1) <= 2 * starts.coordinate_error

    d_y, d_x = target.shape
    kind = _kind(rank_stable, present[:, 0])
    arrays = {
        "kind": kind.astype(np.int8),
        "kind_name": np.array(LIMIT_KINDS)[kind],
        "value": value,
        "rank_stable": rank_stable,
        "global_minimizer_convergent": present[:, 0],
        "a": np.pad(direction, ((0, 0), (0, d_y - target.rank))),
        "b": np.pad(direction, ((0, 0), (0, d_x - target.rank))),
        "escape_tau": np.where(rank_stable, escape, 0.0),
        "within_rounding": near_zero & (starts.coordinate_error > 0),
    }
    dims = {"a": ("start", "left"), "b": ("start", "right")}
    return xr.Dataset(
        {
            name: (dims.get(name, ("start",)), values, _attributes(name, values))
            for name, values in arrays.items()
        }
    )


_LONG_NAMES = {
    "kind": "kind of the limit",
    "kind_name": "kind of the limit in words",
    "value": "singular value of the limit",
    "rank_stable": "whether the start is in the rank-stable set",
    "global_minimizer_convergent": "whether the start is in the global-minimizer convergent set",
    "a": "left singular vector of the limit in target coordinates",
    "b": "right singular vector of the limit in target coordinates",
    "escape_tau": "time of the linear flow from which the modes of the limit lead",
    "within_rounding": "whether rounding of the start leaves its limit undecided",
}


def _attributes(name: str, values: np.ndarray) -> dict[str, object]:
    attributes: dict[str, object] = {"long_name": _LONG_NAMES[name]}
    if name == "kind":
        attributes["flag_values"] = np.arange(len(LIMIT_KINDS), dtype=np.int8)
        attributes["flag_meanings"] = " ".join(LIMIT_KINDS)
    return attributes | ({"units": "1"} if values.dtype == float else {})


def _lead(present: np.ndarray) -> np.ndarray:
    """Return the first group that is present in each start, (M,); 0 where none is."""
    return present.argmax(axis=1)


def _kind(rank_stable: np.ndarray, convergent: np.ndarray) -> np.ndarray:
    """Return the position of each limit's word in `LIMIT_KINDS`, (M,)."""
    return rank_stable.astype(int) + convergent


def _limit_direction(
    target: Target, starts: StartingPoints, in_lead: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Return the first r entries of the limit's a and of its b, (M, r)."""
    return np.where(in_lead, starts.alpha(target), 0.0) / scale


def _group_norms(values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the norm over each group of columns."""
    # By hypot, since the squares of tiny entries would vanish.
    return np.abs(np.hypot.reduceat(values, first, axis=1))


def _escape_tau(
    sigma: np.ndarray,
    lead: np.ndarray,
    alpha_norm: np.ndarray,
    beta_norm: np.ndarray,
    rho: np.ndarray,
) -> np.ndarray:
    """Return when the leading group has overtaken every other part, the last of them, (M,).

    Each logarithm is linear in τ and that of the leading group is the steepest, so each part is
    overtaken once. Starts without a leading group get a meaningless number.
    """
    lead_sigma = sigma[lead][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_alpha, log_beta, log_rho = np.log(alpha_norm), np.log(beta_norm), np.log(2 * rho)
        log_lead = np.take_along_axis(log_alpha, lead[:, None], axis=1)
        over_alpha = _overtaking_tau(log_alpha, log_lead, lead_sigma - sigma)
        over_beta = _overtaking_tau(log_beta, log_lead, lead_sigma + sigma)
        over_rho = _overtaking_tau(log_rho[:, None], log_lead, lead_sigma)
    # Groups with larger singular values have α = 0 exactly; the leading one has no lead on itself.
    over_alpha[np.arange(len(sigma)) <= lead[:, None]] = -np.inf
    latest = np.hstack([over_alpha, over_beta, over_rho]).max(axis=1)
    return np.maximum(latest, 0.0)


def _overtaking_tau(
    log_part: np.ndarray, log_lead: np.ndarray, difference: np.ndarray
) -> np.ndarray:
    """Return when the leading part overtakes another, whose rate is less by ``difference``."""
    return (log_part - log_lead) / difference
