"""Measurements that tests of several studies share, made once."""

from pathlib import Path

import pytest

from companion.ensembles import generate, over_depths, time_grid
from companion.rate_measurement import measure as measure_rates
from companion.registry import Studies
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from studies.necessity.measure import measure as measure_necessity

ENSEMBLES = Studies({"memory_mb": 32}, Path(__file__).parents[2]).config["ensembles"]


def solved(ensemble, **changes):
    """Return the starts of a configured ensemble and their trajectories."""
    settings = ENSEMBLES[ensemble] | changes
    starts = generate(Target(**settings["target"]), settings["starts"], settings["seed"])
    times = time_grid(**settings["times"])
    variables = settings["trajectories"]["variables"]
    return starts, over_depths(solve, starts, settings["depths"], times, variables=variables)


@pytest.fixture(scope="session")
def measured_rates():
    """The rates of the configured ensembles, by name."""
    names = ("rates_global", "rates_saddle", "rates_origin", "rates_origin_null")
    return {name: measure_rates(*solved(name)) for name in names}


@pytest.fixture(scope="session")
def necessity_examples():
    """What figure and table of the examples of section 8 take, by keyword."""
    target, tied = Target([2.0, 1.0], shape=(2, 2)), Target([2.0, 2.0], shape=(3, 3))
    origin = {"stable_set": {"limit": "origin", "size": 1, "s": [0.5, 0.5]}}
    saddle = {"stable_set": {"limit": 1, "size": 1, "s": [0.5, 0.5]}}
    near = {"near": {"family": "saddle", "alpha": [1e-2, 1e-5, 1e-8]}}
    starts = generate(target, {"origin": origin, "saddle": saddle, "near": near}, 41)
    sampled = {"sample": {"size": 4, "s": [0.5, 0.5]}}
    tied_starts = generate(tied, {"origin": origin, "sampled": sampled}, 41)
    times = time_grid("geometric", 0.01, 1e8, 801)
    runs = {"spacing": "linear", "first": 0.0, "last": 24.0, "count": 49}
    settings = {"depths": [2, 3], "factors": [1.001, 1.1, 1.5], "seed": 1}
    return {
        "starts": starts,
        "trajectories": over_depths(solve, starts, [2, 3], times),
        "tied_starts": tied_starts,
        "tied_trajectories": over_depths(solve, tied_starts, [2, 3], times),
        "unbalanced": measure_necessity(starts, unbalanced_times=runs, **settings),
    }
