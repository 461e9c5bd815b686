"""The asymptotic law of every quantity, for every start, prefactor included."""

from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from dlnpaper._checks import validate_depth, validate_flag, validate_weight_decay
from dlnpaper._target import Target
from dlnpaper.one_neuron import _decayed_limits as decayed
from dlnpaper.one_neuron._approach import Limit, set_approach
from dlnpaper.one_neuron._collapse import set_collapse
from dlnpaper.one_neuron._decayed_collapse import set_decayed_collapse
from dlnpaper.one_neuron._depths import Depth, are_several, for_each_depth
from dlnpaper.one_neuron._laws import Laws
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._scales import validate_scales
from dlnpaper.one_neuron._starting_points import StartingPoints, validate_problem


def rates(
    target: Target,
    depth: Depth,
    starts: StartingPoints,
    *,
    weight_decay: float = 0.0,
    prefactors: bool = True,
) -> xr.Dataset:
    """Predict how fast every start approaches its limit (docs/theory.md, section 5).

    Quantities: ``directions``, √(‖a − a_∞‖² + ‖b − b_∞‖²); ``alignment_gap``, σ_k − c;
    ``excess``, the loss above its value in the limit; ``s_gap``, |s − s_∞|; ``end_to_end``,
    ‖W − W_∞‖_F. Here s_∞ is the limiting singular value, 0 at the origin and σ_k elsewhere. With
    weight decay it is less, and the excess that of the regularized loss (docs/weight_decay.md,
    section 6).

    Parameters
    ----------
    target : Target
    depth : int or sequence of int
        Number of layers N, or several of them.
    starts : StartingPoints
        M starts.
    weight_decay : float
        As for `dlnpaper.solve`.
    prefactors : bool
        Whether to compute prefactors and ``shift`` of starts with a positive limit: they take a
        quadrature along the trajectory, a hundred times the work of all else. Without them
        ``prefactor_known`` is false and ``shift`` zero there.

    Returns
    -------
    xarray.Dataset
        Over ``start`` and ``quantity``:

        kind : int8 flags
            0 undefined (the zero matrix has no directions), 1 exact (zero from the start on),
            2 exponential, ``P exp(-rate t)``; 3 resonant, ``P t exp(-rate t)``; 4 power,
            ``P t^(-exponent)``.
        kind_name : str
            The same in words.
        rate, exponent : float
            Positive; zero where the kind has none.
        log_prefactor : float
            log P, zero where not known.
        prefactor_known : bool
            False for a law without a prefactor, and where a coefficient that can vanish does so to
            round-off accuracy: the true decay may then be faster than the generic rate.

        Over ``start``: ``value``, σ_k; ``gap``, the slowest decay g of the directions in τ, inf for
        exact directions and 0 at the origin; ``shift``, θ in τ ≃ s_∞^(1−2/N) t + θ. Several depths
        make a leading dimension ``depth`` of all but ``value`` and ``gap``.

    Raises
    ------
    ValueError
        If depth or shapes are out of range, or a gap between singular values is so small that the
        limit is not reached within a million steps.
    OverflowError
        If a prefactor or ``shift`` is beyond the largest float.
    """
    mu = validate_weight_decay(weight_decay)
    if are_several(depth):
        options: dict[str, Any] = {"weight_decay": mu, "prefactors": prefactors}
        each = partial(rates, target, starts=starts, **options)
        return for_each_depth(each, depth, shared=["gap"] if mu > 0 else ["value", "gap"])
    validate_problem(target, starts)
    validate_scales(target, starts)
    depth, prefactors = validate_depth(depth), validate_flag("prefactors", prefactors)
    alignment = limits(target, starts).value.values
    value = alignment
    if mu > 0:
        value = decayed.limits(target, starts, depth=depth, weight_decay=mu).value.values
    laws = Laws(len(starts))
    for end, sigma in np.unique(np.stack([value, alignment], axis=1), axis=0).tolist():
        which = np.flatnonzero((value == end) & (alignment == sigma))
        if end > 0:
            limit = Limit.of(sigma, end, depth, mu)
            set_approach(laws, which, target, depth, starts[which], limit, prefactors)
        elif mu > 0:
            set_decayed_collapse(laws, which, target, depth, starts[which], mu, prefactors)
        else:
            set_collapse(laws, which, target, depth, starts[which])
    return laws.dataset(value, depth, target.shape)
