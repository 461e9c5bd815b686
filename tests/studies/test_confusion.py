"""Judging from where integrated trajectories end."""

import numpy as np
import pytest
import xarray as xr

from companion.ensembles import generate, over_depths, select
from companion.outcomes import OUTCOMES, reached
from dlnpaper._target import Target
from dlnpaper.one_neuron._flows import integrate
from studies.limits.table import confusion_matrix

TARGET = Target([2.0, 1.0], shape=(3, 3))
FAMILIES = {
    "sampled": {"sample": {"size": 4, "s": [0.5, 1.0]}},
    "saddle": {"stable_set": {"limit": 1, "size": 3, "s": [0.5, 1.0]}},
    "origin": {"stable_set": {"limit": "origin", "size": 2, "s": [0.5, 1.0]}},
}


@pytest.fixture(scope="module")
def starts():
    return generate(TARGET, FAMILIES, seed=2)


def reference(starts, last):
    return over_depths(integrate, starts, [2], [0.0, last], rtol=1e-8, variables=["s", "a", "b"])


def counts(table, starts, predicted):
    row = table[(table["starts"] == starts) & (table["predicted"] == predicted)]
    return dict(zip(OUTCOMES, row[list(OUTCOMES)].values[0], strict=True))


def test_every_kind_of_limit_is_reached_in_time(starts):
    # s falls to the origin no slower than 1 / (2 (N - 1) t), a thousandth of sigma_1 by t = 1e4.
    table = confusion_matrix(starts, reference(starts, 1e4))
    none = dict.fromkeys(OUTCOMES, 0)
    assert counts(table, "sampled", "global_minimizer") == {**none, "global_minimizer": 4}
    assert counts(table, "constructed", "saddle") == {**none, "saddle": 3}
    assert counts(table, "constructed", "origin") == {**none, "origin": 2}
    assert len(table) == 3


def test_trajectories_that_end_elsewhere_stand_beside_the_diagonal(starts):
    saddle = select(starts, ["saddle"])
    wrong = reference(saddle, 1e4)
    wrong["s"][{"time": -1}] = 2.0
    wrong["a"][{"time": -1}] = wrong["b"][{"time": -1}] = np.array([1.0, 0.0, 0.0])
    table = confusion_matrix(saddle, wrong)
    assert counts(table, "constructed", "saddle")["global_minimizer"] == 3
    assert counts(table, "constructed", "saddle")["saddle"] == 0
    # ‖2 e_1 e_1ᵀ − e_2 e_2ᵀ‖ = √5
    assert table["largest_distance"].item() == pytest.approx(5**0.5, rel=1e-12)


def test_trajectories_on_their_way_are_undecided(starts):
    table = confusion_matrix(starts, reference(starts, 0.1))
    assert table["undecided"].sum() == 9


@pytest.mark.parametrize(
    ("s", "angle", "outcome"),
    [
        (2.0, 0.0, "global_minimizer"),
        (2.0, 0.1, "undecided"),  # s is there, the directions are not: c = 2 cos² 0.1 - ...
        (1.0, np.pi / 2, "saddle"),
        (1.01, np.pi / 2, "undecided"),
        (1e-3, 0.3, "origin"),
    ],
)
def test_both_the_magnitude_and_the_directions_count(s, angle, outcome):
    vector = [np.cos(angle), np.sin(angle), 0.0]
    end = xr.Dataset({"s": s, "a": ("left", vector), "b": ("right", vector)})
    assert OUTCOMES[reached(TARGET, end).item()] == outcome
