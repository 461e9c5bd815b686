"""What a large ensemble of sampled starts is asked: limits, stages, rates, the final state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from companion.survey.blocks import BLOCK
from companion.survey.reductions import reduce
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._guarantees import guarantees
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._rates import rates
from dlnpaper.one_neuron._stages import stages
from dlnpaper.one_neuron._starting_points import StartingPoints


def survey(
    target: Target,
    depth: int,
    part: range,
    seed: int,
    s: tuple[float, float],
    names: Sequence[str],
    times: Sequence[float] = (),
) -> xr.Dataset:
    """Draw a part of the ensemble that a seed stands for, measure it, and reduce what was measured.

    Parameters
    ----------
    target, depth, names, times
        As in `measure`.
    part : range
        Which starts: from `companion.survey.blocks.shard_range`.
    seed, s
        As in `StartingPoints.sample`.

    Returns
    -------
    xarray.Dataset
        As `companion.survey.reductions.reduce` returns it, with the target, which
        `companion.ensembles.target_of` reads. What `companion.survey.reductions.combine` makes of
        all parts does not depend, to the last bit, on how many there are.
    """
    # A block at a time: where a library orders a sum by the shape of an array, that shape does not
    # depend on how the ensemble is cut.
    blocks = []
    for first in range(part.start, part.stop, BLOCK):
        size = min(BLOCK, part.stop - first)
        starts = StartingPoints.sample(target, size, seed, s=s, first=first)
        blocks.append(measure(target, depth, starts, names, times))
    reduced = reduce({name: np.concatenate([block[name] for block in blocks]) for name in names})
    sigma = {"long_name": "singular values of the target", "units": "1"}
    return reduced.assign(singular_values=("mode", target.singular_values, sigma)).assign_attrs(
        shape=np.array(target.shape), loss_offset=target.loss_offset, depth=depth
    )


def measure(
    target: Target,
    depth: int,
    starts: StartingPoints,
    names: Sequence[str],
    times: Sequence[float] = (),
) -> dict[str, np.ndarray]:
    """Measure quantities at every start.

    Parameters
    ----------
    target : Target
        With σ_1 > σ_2, or rank one.
    depth : int
        Number of layers N.
    starts : StartingPoints
        M starts with α_1 ≠ 0.
    names : sequence of str
        Events: ``global_minimizer`` (the limit is one), ``negative_alignment`` (stage 1 is not
        empty), ``restricted_union`` (in Eftekhari's restricted set for some ω), ``bound_violated``
        (some bound of docs/theory.md, section 6, does not hold). Quantities: ``escape_tau`` (see
        `dlnpaper.limits`), ``tau_0``, ``tau_1``, ``t_0``, ``t_1``, ``s_min`` (see
        `dlnpaper.stages`), ``final_excess`` and ``final_error`` (of s, relative to its limit; both
        at the second time), ``rate_error`` (of the rate at which the excess falls between the two
        times, relative to the rate predicted).
    times : sequence of float
        Two times, for the last three quantities.

    Returns
    -------
    dict of str to ndarray, (M,)
        Booleans for events, floats for quantities.

    Raises
    ------
    ValueError
        If a name is unknown or what it needs does not hold.
    """
    for name in names:
        if name not in _SOURCES:
            raise ValueError(
                f"names must be of known quantities, got {name!r}; "
                f"choose from {', '.join(_SOURCES)}"
            )
    values: dict[str, np.ndarray] = {}
    for source in dict.fromkeys(_SOURCES[name] for name in names):
        values |= source(target, depth, starts, times)
    return {name: values[name] for name in names}


def _from_limits(target, depth, starts, times):
    found = limits(target, starts)
    return {
        "global_minimizer": found["global_minimizer_convergent"].values,
        "escape_tau": found["escape_tau"].values,
    }


def _from_guarantees(target, depth, starts, times):
    sigma = target.singular_values
    ratio = sigma[1] / sigma[0] if target.rank > 1 else 0.0
    # The union over ω does not depend on ω.
    sets = guarantees(target, starts, omega=(1 + ratio) / 2)
    return {"restricted_union": sets["restricted_union"].values}


def _from_stages(target, depth, starts, times):
    found = stages(target, depth, starts)
    names = ("tau_0", "tau_1", "t_0", "t_1", "s_min")
    return {
        **{name: found[name].values for name in names},
        "negative_alignment": found["tau_0"].values > 0,
        "bound_violated": found["violations"].values > 0,
    }


def _from_trajectories(target, depth, starts, times):
    if len(times) != 2:
        raise ValueError(
            f"times must be two, to measure a rate between them, got {list(times)}; give two"
        )
    found = solve(target, depth, starts, times, variables=("s", "excess"), threads=1)
    laws = rates(target, depth, starts, prefactors=False)
    log_excess = np.log(found["excess"].values)
    fall = (log_excess[:, 0] - log_excess[:, 1]) / (times[1] - times[0])
    return {
        "final_error": np.abs(found["s"].values[:, 1] / laws["value"].values - 1),
        "final_excess": found["excess"].values[:, 1],
        "rate_error": np.abs(fall / laws["rate"].sel(quantity="excess").values - 1),
    }


_SOURCES: dict[str, Callable[..., dict[str, np.ndarray]]] = {
    "global_minimizer": _from_limits,
    "escape_tau": _from_limits,
    "restricted_union": _from_guarantees,
    "negative_alignment": _from_stages,
    "bound_violated": _from_stages,
    "tau_0": _from_stages,
    "tau_1": _from_stages,
    "t_0": _from_stages,
    "t_1": _from_stages,
    "s_min": _from_stages,
    "final_error": _from_trajectories,
    "final_excess": _from_trajectories,
    "rate_error": _from_trajectories,
}
