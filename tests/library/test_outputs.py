"""What `solve` computes goes by name, and into the memory of an earlier result if asked to."""

import mpmath
import numba
import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, solve
from dlnpaper.one_neuron import _closed_form, _kernel, _trajectories

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
STARTS = StartingPoints.sample(TARGET, 5, 0)
TIMES = np.linspace(0.0, 5.0, 7)


# Only compiled code can call these functions of the kernel.
@numba.njit
def exponentials(x, out):
    _kernel._exponentials(x, -1.0, out)


@numba.njit
def logarithms(x, out):
    _kernel._logarithms(x, out)


@pytest.mark.parametrize("depth", [2, 3])
def test_the_order_of_the_variables_changes_no_number(monkeypatch, depth):
    expected = solve(TARGET, depth, STARTS, TIMES)
    backwards = dict(reversed(_trajectories.VARIABLES.items()))
    for module in (_trajectories, _closed_form):
        monkeypatch.setattr(module, "VARIABLES", backwards)
    found = solve(TARGET, depth, STARTS, TIMES, variables=list(backwards))
    for name in backwards:
        np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.parametrize("depth", [2, 3])
def test_an_earlier_result_lends_its_memory(depth):
    expected = solve(TARGET, depth, STARTS, TIMES)
    earlier = solve(TARGET, depth, STARTS, TIMES + 1.0)
    found = solve(TARGET, depth, STARTS, TIMES, out=earlier)
    for name in _trajectories.VARIABLES:
        np.testing.assert_array_equal(found[name], expected[name])
        assert np.shares_memory(found[name].values, earlier[name].values)


@pytest.mark.parametrize(
    ("starts", "variables"), [(STARTS[:3], None), (STARTS, ["s"]), (STARTS, ["s", "a", "b"])]
)
def test_memory_that_does_not_fit_is_named(starts, variables):
    earlier = solve(TARGET, 3, starts, TIMES, variables=variables)
    with pytest.raises(ValueError, match=r"^out must .*, got .*; \S"):
        solve(TARGET, 3, STARTS, TIMES, out=earlier)


@pytest.mark.parametrize(
    ("function", "exact", "low", "high"),
    [
        (exponentials, mpmath.exp, -700.0, 0.0),
        (logarithms, mpmath.log, 1e-3, 1e3),
    ],
)
def test_elementary_functions_are_good_to_an_ulp(function, exact, low, high):
    x = np.random.default_rng(0).uniform(low, high, 4000)
    out = np.empty_like(x)
    function(x, out)
    with mpmath.workdps(40):
        errors = [
            abs(mpmath.mpf(float(found)) - exact(mpmath.mpf(float(value)))) / np.spacing(abs(found))
            for value, found in zip(x, out, strict=True)
        ]
    assert max(errors) < 1
