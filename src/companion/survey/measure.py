"""What a large ensemble of sampled starts is asked: limits, stages, rates, the final state."""

from collections.abc import Sequence

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
    """Draw a part of an ensemble, measure it, and reduce what was measured.

    The ensemble is that of `StartingPoints.sample` with this ``seed`` and ``s``; ``part`` comes
    from `companion.survey.blocks.shard_range`, ``names`` and ``times`` are those of `measure`. The
    result is that of `companion.survey.reductions.reduce`, with the target, which
    `companion.ensembles.target_of` reads. What `companion.survey.reductions.combine` makes of all
    parts does not depend, to the last bit, on how many there are.
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
    """Measure quantities at each of M starts with α_1 ≠ 0.

    Parameters
    ----------
    target : Target
        With σ_1 > σ_2, or rank one.
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
    known = [name for measured in _SOURCES.values() for name in measured]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(
            f"names must be of known quantities, got {unknown[0]!r}; choose from {', '.join(known)}"
        )
    values: dict[str, np.ndarray] = {}
    for source, measured in _SOURCES.items():
        if not set(names).isdisjoint(measured):
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
    return {
        **{name: found[name].values for name in ("tau_0", "tau_1", "t_0", "t_1", "s_min")},
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


_SOURCES = {
    _from_limits: ("global_minimizer", "escape_tau"),
    _from_guarantees: ("restricted_union",),
    _from_stages: (
        *("negative_alignment", "bound_violated"),
        *("tau_0", "tau_1", "t_0", "t_1", "s_min"),
    ),
    _from_trajectories: ("final_error", "final_excess", "rate_error"),
}
