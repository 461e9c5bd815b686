"""Several depths in one call, and starts that cannot be resolved beside those that can."""

from functools import partial

import numpy as np
import pytest
import xarray as xr

from companion.storage import read_dataset, write_dataset
from dlnpaper import StartingPoints, Target, first_passage, integrate, rates, solve

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
STARTS = StartingPoints.sample(TARGET, 3, 0)
TIMES = [0.0, 0.5, 2.0]
CALLS = {
    "solve": partial(solve, TARGET, starts=STARTS, times=TIMES),
    "solve some": partial(solve, TARGET, starts=STARTS, times=TIMES, variables=["s", "a"]),
    "solve what it can": partial(solve, TARGET, starts=STARTS, times=TIMES, on_failure="nan"),
    "integrate": partial(integrate, TARGET, starts=STARTS[:1], times=TIMES, flow="layers"),
    "rates": partial(rates, TARGET, starts=STARTS),
}


@pytest.mark.parametrize(
    "depths", [[2, 5, 3], (4,), np.array([3, 2]), range(2, 4), xr.DataArray([3])]
)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_several_depths_are_the_results_of_each(call, depths):
    joined = call(depths)
    np.testing.assert_array_equal(joined.depth, depths)
    assert "depth" not in joined.attrs
    for depth in map(int, depths):
        alone = call(depth)
        assert set(joined.variables) == {*alone.variables, "depth"}
        one = joined.sel(depth=depth, drop=True).assign_attrs(depth=depth)
        xr.testing.assert_identical(one, alone)
        for name, variable in alone.variables.items():
            assert joined[name].dims[-variable.ndim :] == variable.dims
    once = {"time", "quantity", "singular_values", "value", "gap"}
    assert {name for name in joined if "depth" not in joined[name].dims} <= once


@pytest.mark.parametrize(
    ("depths", "error", "message"),
    [
        ([], ValueError, r"^depth must be an integer or a flat list of some, got \[\]; pass"),
        (np.eye(2), ValueError, r"^depth must be an integer or a flat list of some, got array"),
        ([[2, 3]], TypeError, r"^depth must be an integer >= 2, got \[2, 3\]; pass"),
        ((2, xr.Dataset()), TypeError, r"^depth must be an integer >= 2, got <xarray.Dataset>"),
        ([2, 3, 2], ValueError, r"^depth must hold each number once, got \[2, 3, 2\]; remove"),
        ([2, 1], ValueError, r"^depth must lie in 2..1000000, got 1; pass"),
        ([2, 2.5], TypeError, r"^depth must be an integer >= 2, got 2.5; pass"),
        ("23", TypeError, r"^depth must be an integer >= 2, got '23'; pass"),
        (None, TypeError, r"^depth must be an integer >= 2, got None; pass"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [*CALLS.values(), partial(first_passage, TARGET, starts=STARTS)],
    ids=[*CALLS, "passage"],
)
def test_what_is_no_depth_is_refused(call, depths, error, message):
    with pytest.raises(error, match=message):
        call(depths)


def test_memory_serves_one_depth_only():
    earlier = solve(TARGET, 2, STARTS, TIMES)
    with pytest.raises(ValueError, match=r"^out must be left out for several depths, got .*; call"):
        solve(TARGET, [2, 3], STARTS, TIMES, out=earlier)


@pytest.mark.parametrize("depth", [2, 3, [2, 3]])
def test_starts_out_of_reach_leave_the_others_as_they_are(depth, tmp_path):
    # The first and the last have no representable 1/s, or square, in units of σ_1.
    s = [1e-305, 0.3, 1e4, 1e200]
    starts = StartingPoints(*(np.repeat(part[:1], 4, axis=0) for part in (STARTS.a, STARTS.b)), s)
    with pytest.raises(ArithmeticError, match="got 2 that are not, the first at index 0"):
        solve(TARGET, depth, starts, TIMES)
    found = solve(TARGET, depth, starts, TIMES, on_failure="nan")
    expected = solve(TARGET, depth, starts[1:3], TIMES)
    resolved = [False, True, True, False]
    np.testing.assert_array_equal(found.resolved, np.broadcast_to(resolved, found.resolved.shape))
    inner = found.isel(start=[1, 2])
    xr.testing.assert_equal(inner.drop_vars("resolved"), expected)
    for name in expected.drop_vars("singular_values"):
        assert found[name].isel(start=[0, 3]).isnull().all()
    write_dataset(found, tmp_path / "found.nc")
    assert read_dataset(tmp_path / "found.nc").equals(found)


def test_a_horizon_out_of_reach_leaves_no_start():
    # In units of σ_1 this time is beyond the largest float.
    start = StartingPoints([[1.0]], [[1.0]], 1e100)
    found = solve(Target([1e120], (1, 1)), 3, start, [1e150], on_failure="nan")
    assert not found.resolved.any()
    assert found.s.isnull().all()


def test_what_becomes_of_failures_is_one_of_two():
    with pytest.raises(ValueError, match=r"^on_failure must be one of raise, nan, got 'drop'; ch"):
        solve(TARGET, 2, STARTS, TIMES, on_failure="drop")
