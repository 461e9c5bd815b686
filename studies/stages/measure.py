"""The stages of an example and of an ensemble, measured (docs/theory.md, section 6)."""

from collections.abc import Sequence

import xarray as xr

from companion.datasets import depth_axis, variable
from companion.ensembles import select, starts_of, target_of
from dlnpaper.one_neuron._rates import rates
from dlnpaper.one_neuron._stages import stages


def measure(starts: xr.Dataset, *, depths: Sequence[int]) -> xr.Dataset:
    """Measure when the stages of each start end, and the law of the example's excess loss.

    Parameters
    ----------
    starts : xarray.Dataset
        Of `companion.ensembles.generate`: one start of the family ``example``, many of ``sampled``.

    Returns of the sampled starts ``t_0`` and ``t_1`` (depth, start) and ``alpha_1`` (start);
    of the example ``example_t_0``, ``example_t_1``, ``rate`` and ``log_prefactor`` (depth).
    """
    target = target_of(starts)
    example, sampled = (starts_of(select(starts, [name])) for name in ("example", "sampled"))
    parts = []
    for depth in depths:
        times = stages(target, depth, example)[["t_0", "t_1"]].isel(start=0)
        law = rates(target, depth, example).isel(start=0).sel(quantity="excess", drop=True)
        part = stages(target, depth, sampled)[["t_0", "t_1"]]
        part = part.assign(example_t_0=times["t_0"], example_t_1=times["t_1"])
        parts.append(part.assign(rate=law["rate"], log_prefactor=law["log_prefactor"]))
    measured = xr.concat(parts, dim=depth_axis(depths), combine_attrs="drop_conflicts")
    alpha_1 = variable("start", sampled.alpha(target)[:, 0], "alpha_1 = a_1 + b_1")
    return measured.assign(alpha_1=alpha_1)
