"""Results share nothing that a user can change, and the project's own writer takes them all."""

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest

import dlnpaper
from companion.storage import read_dataset, write_dataset
from dlnpaper.one_neuron._distance import distance_from_initialization

TARGET = dlnpaper.Target([3.0, 2.0, 1.0], shape=(4, 3))
EXACT = dlnpaper.StartingPoints([[1.0, 0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]], 10.0)
SAMPLED = dlnpaper.StartingPoints.concatenate([dlnpaper.StartingPoints.sample(TARGET, 3, 0), EXACT])
STARTS = dlnpaper.StartingPoints.concatenate(
    [SAMPLED]
    + [dlnpaper.StartingPoints.on_stable_set(TARGET, limit, 2, 0) for limit in (1, "origin")]
)
RESULTS = {
    "solve": lambda: dlnpaper.solve(TARGET, 3, STARTS, [0.0, 1.0]),
    "integrate": lambda: dlnpaper.integrate(TARGET, 3, STARTS[:1], [0.0, 1.0]),
    "limits": lambda: dlnpaper.limits(TARGET, STARTS),
    "rates": lambda: dlnpaper.rates(TARGET, 3, STARTS),
    "stages": lambda: dlnpaper.stages(TARGET, 3, SAMPLED),
    "guarantees": lambda: dlnpaper.guarantees(TARGET, STARTS, 0.8),
    "coverage": lambda: dlnpaper.coverage(dlnpaper.guarantees(TARGET, STARTS, 0.8)),
    "exact_coverage": lambda: dlnpaper.exact_coverage(TARGET, 0.5, 0.8),
    "layers": lambda: dlnpaper.layers.integrate(
        TARGET, STARTS.layers(0, 2, 1, 0, TARGET), [0.0, 1.0]
    ),
    "chain": lambda: dlnpaper.solve_chain(TARGET, STARTS, [0.5, 2.0], [0.0, 1.0]),
    "distance": lambda: distance_from_initialization(TARGET, 3, STARTS).to_dataset(name="d"),
}
on_every_result = pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)


def spoil(value):
    """Change all that can be changed in attributes or an array."""
    if isinstance(value, dict):
        for key in list(value):
            spoil(value[key])
            value[key] = "spoiled"
        value["extra"] = "spoiled"
    elif isinstance(value, np.ndarray) and value.flags.writeable:
        value[...] = 99


@on_every_result
def test_what_a_user_does_to_a_result_changes_no_later_one(make):
    expected = make().copy(deep=True)
    spoiled = make()
    spoil(spoiled.attrs)
    for variable in spoiled.variables.values():
        spoil(variable.attrs)
        spoil(variable.values)
    assert make().identical(expected)


@pytest.mark.parametrize("name", ["limits", "rates"])
def test_kinds_are_named_as_their_flags_say(name):
    result = RESULTS[name]()
    words = np.array(result.kind.attrs["flag_meanings"].split())
    assert len(np.unique(result.kind)) >= 3
    np.testing.assert_array_equal(result.kind_name, words[result.kind])


@on_every_result
def test_the_writer_of_the_project_takes_every_result(make, tmp_path):
    write_dataset(make(), tmp_path / "result.nc")
    assert read_dataset(tmp_path / "result.nc").equals(make())


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, Fraction])
def test_floats_of_other_types_make_results_of_doubles(kind):
    half = kind(0.5)
    assert type(dlnpaper.Target([2.0], (2, 2), loss_offset=half).loss_offset) is float
    sets = dlnpaper.guarantees(TARGET, STARTS, kind(0.75))
    for result in (
        sets,
        dlnpaper.coverage(sets, confidence=half),
        dlnpaper.exact_coverage(TARGET, half, kind(0.75)),
        dlnpaper.integrate(TARGET, 3, STARTS[:1], [0.0, 1.0], rtol=kind(0.125), atol=half),
    ):
        numbers = [value for value in result.attrs.values() if not isinstance(value, str | tuple)]
        assert {type(value) for value in numbers} <= {float, int}
        floats = {str(v.dtype) for v in result.variables.values() if v.dtype.kind == "f"}
        assert floats <= {"float64"}


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))],
    ids=["copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize("value", [TARGET, STARTS], ids=["target", "starts"])
def test_copies_are_equal_and_as_read_only_as_what_they_copy(value, duplicate):
    other = duplicate(value)
    assert type(other) is type(value)
    arrays = {name for name, part in vars(value).items() if isinstance(part, np.ndarray)}
    assert len(arrays) >= 3
    assert vars(other).keys() == vars(value).keys()
    for name in arrays:
        np.testing.assert_array_equal(getattr(other, name), getattr(value, name))
        with pytest.raises(ValueError, match="read-only"):
            getattr(other, name)[...] = 0.0


@pytest.mark.parametrize("index", [None, np.zeros((2, 2), int), (0, 1), "first", 0.5])
def test_what_selects_no_starts_is_refused_in_one_sentence(index):
    with pytest.raises((TypeError, IndexError), match=r"^starts must be selected by .*, got .*; "):
        _ = STARTS[index]
