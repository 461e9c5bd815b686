"""The common layout of trajectories, and the checks of the arguments that all solvers share."""

from types import SimpleNamespace

import numpy as np
import pytest

from dlnpaper._checks import validate_depth, validate_times
from dlnpaper.one_neuron._trajectories import VARIABLES, assemble, validate_variables

TARGET = SimpleNamespace(shape=(4, 3), rank=2, singular_values=np.array([3.0, 1.0]))
STARTS = [None, None]
TIMES = np.array([0.0, 0.5, 2.0])


def arrays(names=VARIABLES):
    """Return distinct values for every entry of every variable."""
    sizes = {"start": 2, "time": 3, "left": 4, "right": 3}
    rng = np.random.default_rng(7)
    return {name: rng.random([sizes[dim] for dim in VARIABLES[name].dims]) for name in names}


def test_assemble_places_every_array_under_its_name():
    given = arrays()
    dataset = assemble(TARGET, 5, STARTS, TIMES, given, {"method": "by hand"})
    assert list(dataset.data_vars) == [*VARIABLES, "singular_values"]
    assert dict(dataset.sizes) == {"start": 2, "time": 3, "left": 4, "right": 3, "mode": 2}
    for name, (dims, _, units) in VARIABLES.items():
        assert dataset[name].dims == dims
        assert dataset[name].attrs["units"] == units
        np.testing.assert_array_equal(dataset[name], given[name])
    np.testing.assert_array_equal(dataset.singular_values, [3.0, 1.0])
    np.testing.assert_array_equal(dataset.time, TIMES)
    assert dataset.sel(time=0.5).s.values.tolist() == given["s"][:, 1].tolist()
    assert dataset.attrs["depth"] == 5
    assert dataset.attrs["method"] == "by hand"
    assert dataset.attrs["shape"] == (4, 3)


def test_datasets_do_not_share_what_a_user_may_change():
    first = assemble(TARGET, 2, STARTS, TIMES, arrays(), {"method": "by hand"})
    first.attrs["note"] = "mine"
    first.s.attrs["units"] = "m"
    first.time.attrs["units"] = "s"
    first.singular_values[0] = -1.0
    second = assemble(TARGET, 2, STARTS, TIMES, arrays(), {})
    assert "note" not in second.attrs
    assert "method" not in second.attrs
    assert second.s.attrs["units"] == "1"
    assert second.time.attrs["units"] == "1"
    np.testing.assert_array_equal(second.singular_values, [3.0, 1.0])


def test_assemble_refuses_an_array_of_another_shape():
    given = arrays()
    given["s"] = given["s"].T
    with pytest.raises(ValueError, match="shape"):
        assemble(TARGET, 2, STARTS, TIMES, given, {})


@pytest.mark.parametrize("depth", [2, np.int64(7), np.uint8(100)])
def test_depth_may_be_any_integer(depth):
    assert validate_depth(depth) == int(depth)
    assert type(validate_depth(depth)) is int


def test_times_become_floats_of_our_own_without_a_negative_zero():
    given = np.array([-0.0, 1.0])
    checked = validate_times(given)
    given[1] = 9.0
    assert checked.tolist() == [0.0, 1.0]
    assert not np.signbit(checked[0])
    assert validate_times([0, 3]).dtype == np.float64


def test_variables_come_back_in_one_order_and_once():
    assert validate_variables(None) == tuple(VARIABLES)
    assert validate_variables(["loss", "s", "loss"]) == ("s", "loss")


BAD_DEPTHS = [
    (1, ValueError, r"lie in 2\.\.1000000, got 1; pass the number of layers"),
    (10**30, ValueError, r"lie in 2\.\.1000000, got 10{30}; "),
    (3.0, TypeError, r"be an integer >= 2, got 3\.0; pass the number of layers"),
    ("3", TypeError, r"be an integer >= 2, got '3'; "),
    (True, TypeError, r"be an integer >= 2, got the truth value True; "),
    (np.True_, TypeError, r"be an integer >= 2, got the truth value True; "),
]
BAD_TIMES = [
    ([0, 0.1, 0.7, 0.5], ValueError, r"increase: times\[3\] = 0\.5 follows 0\.7; sort"),
    ([0.0, 1.0, 1.0], ValueError, r"increase: times\[2\] = 1\.0 follows 1\.0; remove"),
    ([0.0, -1.0], ValueError, r"be finite and >= 0: times\[1\] = -1\.0; the flow starts at time 0"),
    ([0.0, np.nan], ValueError, r"be finite and >= 0: times\[1\] = nan; "),
    ([0.0, np.inf], ValueError, r"be finite and >= 0: times\[1\] = inf; "),
    ([1e308], ValueError, r"be at most 1e\+150, got 1e\+308; change the"),
    (1.0, ValueError, r"have shape \(T,\) with T >= 1, got shape \(\); "),
    ([], ValueError, r"have shape \(T,\) with T >= 1, got shape \(0,\); pass a flat list"),
    ([[0.0]], ValueError, r"have shape \(T,\) with T >= 1, got shape \(1, 1\); "),
    (["0"], TypeError, r"be real numbers, got dtype <U1; "),
    ([1j], TypeError, r"be real numbers, got dtype complex128; "),
    ([False, True], TypeError, r"be real numbers, got dtype bool; "),
]
BAD_VARIABLES = [
    (["s", "los"], ValueError, r"name known quantities, got 'los'; .*'loss'\?"),
    ([3], ValueError, r"name known quantities, got 3; choose from s, log_s"),
    ("s", TypeError, r"be a sequence of names, got the string 's'; write"),
    (3, TypeError, r"be a sequence of names or None, got 3; choose from s"),
    ([], ValueError, r"name at least one quantity, got none; leave it out"),
]


@pytest.mark.parametrize(
    ("name", "validate", "given", "error", "message"),
    [
        *(("depth", validate_depth, *case) for case in BAD_DEPTHS),
        *(("times", validate_times, *case) for case in BAD_TIMES),
        *(("variables", validate_variables, *case) for case in BAD_VARIABLES),
    ],
)
def test_what_is_wrong_is_refused(name, validate, given, error, message):
    with pytest.raises(error, match=f"^{name} must {message}"):
        validate(given)
