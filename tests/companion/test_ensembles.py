"""Families of starting points, and their trajectories at several depths."""

import re

import numpy as np
import pytest
import yaml
from numpy.testing import assert_array_equal

from companion.ensembles import (
    family_names,
    generate,
    over_depths,
    select,
    starts_of,
    target_of,
    time_grid,
    to_dataset,
)
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._limits import limits
from dlnpaper.one_neuron._starting_points import StartingPoints

TARGET = Target([3.0, 2.0, 1.0], shape=(5, 4))
FAMILIES = {
    "sampled": {"sample": {"size": 5, "s": [0.1, 2.0]}},
    "saddle_2": {"stable_set": {"limit": 1, "size": 3, "s": [0.5, 0.5]}},
    "saddle_3": {"stable_set": {"limit": 2, "size": 2, "s": [0.5, 0.5]}},
    "origin": {"stable_set": {"limit": "origin", "size": 2, "s": [0.5, 0.5]}},
    "near": {"near": {"family": "saddle_3", "alpha": [1e-3, -1e-9]}},
}


@pytest.fixture(scope="module")
def dataset():
    return generate(TARGET, FAMILIES, seed=4)


def test_every_family_has_the_limit_it_is_named_for(dataset):
    values = limits(TARGET, starts_of(dataset))["value"].values
    assert_array_equal(values, [3.0] * 5 + [2.0] * 3 + [1.0] * 2 + [0.0] * 2 + [3.0] * 2)
    assert family_names(dataset) == list(FAMILIES)


def test_a_start_near_a_stable_set_differs_from_it_in_alpha_1_alone(dataset):
    saddle = starts_of(select(dataset, ["saddle_3"]))
    near = starts_of(select(dataset, ["near"]))
    alpha = near.alpha(TARGET)
    # b_1 = alpha_1 - a_1 is rounded once, to half a unit in the last place of a number below 1.
    np.testing.assert_allclose(alpha[:, 0], [1e-3, -1e-9], rtol=0, atol=2**-54)
    assert_array_equal(alpha[:, 1], 0.0)
    assert_array_equal(near.a, saddle.a[[0, 0]])
    # The other entries of b make up for the change of its norm, which is of the size of alpha_1.
    assert np.abs(near.b - saddle.b[[0, 0]]).max(axis=1) == pytest.approx([1e-3, 1e-9], rel=0.5)


def test_adding_a_family_changes_no_other(dataset):
    more = {"first": {"sample": {"size": 7, "s": [1.0, 1.0]}}, **FAMILIES}
    extended = select(generate(TARGET, more, seed=4), list(FAMILIES))
    for name in ("a", "b", "s"):
        assert_array_equal(extended[name], dataset[name])


def test_seeds_and_names_decide_the_draw(dataset):
    other = generate(TARGET, FAMILIES, seed=5)
    renamed = generate(TARGET, {"other": FAMILIES["sampled"]}, seed=4)
    assert not np.isin(other["a"].values[:5], dataset["a"].values[:5]).any()
    assert not np.isin(renamed["a"].values, dataset["a"].values[:5]).any()


def test_vectors_become_starts_as_they_are():
    given = {"a": [[0.6, 0.8], [1, 0]], "b": [[-0.6, 0.8], [1, 0]], "s": [0.3, 5.0]}
    starts = generate(Target([2.0, 1.0], shape=(2, 2)), {"x": {"vectors": given}}, seed=0)
    for name, values in given.items():
        assert_array_equal(starts[name], values)


def test_starts_and_target_come_back_bit_for_bit():
    starts = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], [0.1], coordinate_error=1e-15)
    target = Target([2.0, 1.0], shape=(2, 2), loss_offset=0.25)
    dataset = to_dataset(target, starts, np.zeros(1, np.int8), ["given"])
    again, its_target = starts_of(dataset), target_of(dataset)
    for name in ("a", "b", "s", "coordinate_error"):
        assert_array_equal(getattr(again, name), getattr(starts, name))
    assert (its_target.shape, its_target.loss_offset) == ((2, 2), 0.25)
    assert_array_equal(its_target.singular_values, [2.0, 1.0])


def test_depths_are_solved_one_by_one(dataset):
    some = select(dataset, ["saddle_2", "near"])
    times = time_grid("geometric", 0.1, 10.0, 5)
    joined = over_depths(solve, some, [2, 4], times, variables=["s", "a"])
    assert joined["s"].dims == ("depth", "start", "time")
    for depth in (2, 4):
        alone = solve(TARGET, depth, starts_of(some), times, variables=["s", "a"])
        for name in ("s", "a"):
            assert_array_equal(joined[name].sel(depth=depth), alone[name])
    assert joined["singular_values"].dims == ("mode",)
    assert_array_equal(joined["family"], [1, 1, 1, 4, 4])


@pytest.mark.parametrize(
    ("arguments", "times"),
    [
        (("linear", 0.0, 2.0, 3), [0.0, 1.0, 2.0]),
        (("linear", 1.0, 2.0, 3), [0.0, 1.0, 1.5, 2.0]),
        (("geometric", 0.01, 1.0, 3), [0.0, 0.01, 0.1, 1.0]),
    ],
)
def test_time_grids_begin_at_zero(arguments, times):
    # One rounding for each of the exponential and the logarithm of a geometric grid.
    np.testing.assert_allclose(time_grid(*arguments), times, rtol=4e-16)


# Families that cannot be made, and below each the sentence that refuses it.
BAD = """\
uniform: {}
    a family must be of a known kind, got 'uniform';
    choose from sample, grid, stable_set, near, tilted, vectors
vectors: {a: [[0.6, 0, 0, 0, 0, 0.8]], b: [[1.0]], s: [1.0]}
    a must hold rows of at most 5 entries, got 6; write them for the shape of the target
near: {family: y, alpha: [0.001]}
    near must name a family listed before it, got 'y'; list that one first
near: {family: sampled, alpha: [0.001]}
    near must name a family on the stable set of a saddle, got 'sampled';
    make that one with stable_set
tilted: {angle: 90.0, s: {first: 1.0, last: 2.0, count: 2}}
    angle must lie from 0 to below 90 degrees, and be 0 where u or v has one entry,
    got 90.0 for shape (5, 4); choose it there
"""


@pytest.mark.parametrize(("family", "sentence"), re.findall(r"(\S.*)\n((?: +.*\n)+)", BAD))
def test_a_family_that_cannot_be_made_is_refused_in_one_sentence(family, sentence):
    sentence = re.escape(" ".join(sentence.split()))
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        generate(TARGET, {"sampled": FAMILIES["sampled"], "x": yaml.safe_load(family)}, seed=0)


def test_unknown_families_and_times_that_fall_are_refused_in_one_sentence(dataset):
    sentence = "got 'saddles'; choose from sampled, saddle_2, saddle_3, origin, near"
    with pytest.raises(ValueError, match=f"^families must be among .* {sentence}$"):
        select(dataset, ["saddles"])
    with pytest.raises(ValueError, match=r"^times must increase .* got 0.0 and 1.0; order them$"):
        time_grid("geometric", 0.0, 1.0, 3)


def tilted(angle, **span):
    families = {"near": {"tilted": {"angle": angle, "s": span}}}
    return starts_of(generate(Target([2.0, 1.0], shape=(4, 3)), families, 1))


def test_tilted_directions_have_their_angle_and_stay_the_same_over_s():
    starts = tilted(60.0, first=0.01, last=100.0, count=5)
    np.testing.assert_allclose(starts.s, [0.01, 0.1, 1.0, 10.0, 100.0], rtol=1e-14)
    for vectors in (starts.a, starts.b):
        np.testing.assert_allclose(vectors[:, 0], 0.5, rtol=1e-15)
        assert_array_equal(vectors, vectors[[0] * 5])
    # 60 degrees on both sides, but the rests are not parallel.
    assert abs(starts.a[0, 1] / starts.b[0, 1] - starts.a[0, 2] / starts.b[0, 2]) > 0.01


def test_no_tilt_is_exact():
    starts = tilted(0.0, first=1.0, last=2.0, count=2)
    assert_array_equal(starts.a, [[1, 0, 0, 0]] * 2)
    assert_array_equal(starts.b, [[1, 0, 0]] * 2)
