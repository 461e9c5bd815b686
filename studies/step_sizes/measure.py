"""Finite steps against the flow, and at the edge of stability (docs/steps.md, 4 and 6)."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from companion.datasets import depth_axis, variable
from dlnpaper._descent import DESCENT_METHODS, DescentMethod
from dlnpaper._target import Target
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.step_sizes.edge import survey, survey_random_starts
from studies.step_sizes.flow import distances
from studies.step_sizes.orbits import POINTS, departure, orbit, periods

SIDES = ("below", "above")


def measure(
    *,
    target: Mapping,
    depths: Sequence[int],
    momentum: float,
    starts: int,
    horizon: float,
    shares: Sequence[float],
    targets: int,
    edge_momentum: float,
    margin: float,
    ratios: Mapping,
    steps: int,
    seed: int,
) -> xr.Dataset:
    """Measure how far steps are from the flow, and what they do on both sides of the edge.

    Returns
    -------
    xarray.Dataset
        Along ``depth``: ``step``, ``distance`` and ``predicted_distance`` (method, share), of
        `studies.step_sizes.flow.distances`; what `studies.step_sizes.edge.survey` and
        ``survey_random_starts`` return; ``boundary`` and ``period`` (place), of
        `studies.step_sizes.orbits.periods`; ``orbit`` (ratio, point), s/σ_1 at late steps; and
        ``departure`` (side, number), the distance of W to the minimizer at the first steps.
    """
    goal = Target(**target)
    drawn = StartingPoints.sample(goal, starts, seed, s=(0.1, 1.0))
    grid = np.linspace(ratios["first"], ratios["last"], ratios["count"])
    of_flow, of_edge = _momenta(momentum), _momenta(edge_momentum)
    parts = []
    for depth in depths:
        flow = distances(goal, depth, drawn, horizon, shares, of_flow)
        boundary, period = periods(goal, depth, margin, seed)
        sides = (1 - margin, 1 + margin)
        away = [departure(goal, depth, ratio, steps) for ratio in sides]
        about = ("method", "share")
        own = xr.Dataset(
            {
                "step": variable(about, flow[0], "step"),
                "distance": variable(about, flow[1], "largest distance to the flow"),
                "predicted_distance": variable(about, flow[2], "that distance to first order"),
                "boundary": variable("place", boundary, "step over the largest stable one"),
                "period": variable("place", period, "period, or 0 if there is none"),
                "orbit": variable(
                    ("ratio", "point"),
                    [orbit(goal, depth, ratio, seed) for ratio in grid],
                    "singular value over its limit at late steps",
                    missing_data="divergence",
                ),
                "departure": variable(("side", "number"), away, "distance to the minimizer"),
            }
        )
        surveyed = survey(depth, targets, margin, of_edge, seed)
        by_chance = survey_random_starts(depth, targets, margin, seed)
        parts.append(own.merge(surveyed).merge(by_chance))
    return xr.concat(parts, dim=depth_axis(depths)).assign_coords(
        method=variable("method", list(DESCENT_METHODS), "method of descent"),
        side=variable("side", list(SIDES), "side of the edge of stability"),
        share=variable("share", np.array(shares), "step over the stable one and (1-β)²"),
        ratio=variable("ratio", grid, "step over the largest stable one"),
        point=variable("point", np.arange(POINTS), "point of an orbit"),
        number=variable("number", np.arange(steps + 1), "number of steps"),
    )


def _momenta(momentum: float) -> dict[DescentMethod, float]:
    return {name: 0.0 if name == "gradient_descent" else momentum for name in DESCENT_METHODS}
