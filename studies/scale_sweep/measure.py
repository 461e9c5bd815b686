"""Ensembles of targets with the singular values 1, γ, γ², ... (docs/theory.md, sections 4 to 7)."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from companion.survey.blocks import shard_range, shards_needed
from companion.survey.measure import survey
from companion.survey.reductions import combine
from dlnpaper._target import Target

#: What is measured at each start, by the names of `companion.survey.measure.measure`.
MEASURED = (
    "global_minimizer",
    "negative_alignment",
    "restricted_union",
    "bound_violated",
    "escape_tau",
    "t_0",
    "t_1",
)


def measure(
    *,
    part: int,
    ratios: Sequence[float],
    depth: int,
    seed: int,
    size: int,
    s: Sequence[float],
    memory_mb: float,
) -> xr.Dataset:
    """Measure an ensemble for every ratio γ in one dimension, the same starts for all.

    A part is a dimension d = d_y = d_x, ``s`` the least and the greatest magnitude at the start,
    and ``memory_mb`` what may be kept of the starts at a time.

    Returns what `companion.survey.reductions.combine` returns, over ``ratio``.
    """
    shards = shards_needed(size, memory_mb)
    ensembles = []
    for ratio in ratios:
        target = Target(ratio ** np.arange(part), shape=(part, part))
        starts = (shard_range(size, shard, shards) for shard in range(shards))
        ensembles.append(
            combine(survey(target, depth, some, seed, (s[0], s[1]), MEASURED) for some in starts)
        )
    attrs = {"long_name": "sigma_2 / sigma_1", "units": "1"}
    return xr.concat(ensembles, dim=xr.DataArray(ratios, dims="ratio", name="ratio", attrs=attrs))
