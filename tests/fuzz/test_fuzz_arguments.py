"""Arguments of the wrong kind: each public function answers with numbers or with one sentence."""

import datetime
import decimal
import fractions
from functools import partial

import numpy as np
import pytest
import xarray as xr
from fuzzing import assert_finite, fuzz_test, outcome
from hypothesis import given
from hypothesis import strategies as st

import dlnpaper
from dlnpaper import StartingPoints, Target

TARGET = Target([3.0, 2.0, 1.0], (4, 3))
SQUARE = Target([2.0, 1.0], (2, 2))
STARTS = StartingPoints.sample(TARGET, 2, 0)
LAYERS = STARTS.layers(0, 3, 1, 0)
TIMES = np.linspace(0.0, 10.0, 30)
DATA = np.random.default_rng(0).standard_normal((3, 12))

BASES = {"left": np.eye(3), "right": np.eye(2), "basis_error": 0.0}
TOLERANCES = {"tolerance": 1e-12, "tie_tolerance": 0.0}
PROBLEM = {"target": TARGET, "depth": 3, "starts": STARTS}
SOLUTION = {"variables": ("s", "excess"), "threads": 1, "on_failure": "raise"}
INTEGRATION = {"flow": "layers", "method": "LSODA", "rtol": 1e-6, "atol": 1e-8}
INTEGRATION |= {"widths": 1, "seed": 0}
NEAR = {"alpha": [[1e-3, 0.0], [0.0, 1e-9]], "size": 2, "rng": 0, "s": (0.1, 1.0)}
GIVEN = {"weight_decay": 0.1, "second_moment": np.eye(3), "method": "LSODA", "rtol": 1e-6}
CHAIN = {"target": TARGET, "starts": STARTS, "inner": [[0.5, -2.0], [0.1, 0.1]]}
FIT = {"uncertainty": 1e-12, "tolerance": 1e-3}

# Every public callable with arguments that it takes.
CALLS = [
    partial(Target, singular_values=[3.0, 2.0], shape=(3, 2), **BASES, loss_offset=0.5),
    partial(Target.from_matrix, matrix=DATA[:, :2], **TOLERANCES),
    partial(Target.from_data, inputs=DATA, outputs=DATA[:2] * 2, **TOLERANCES),
    partial(Target.from_data(DATA, DATA[:2] * 2).to_features, matrix=DATA[:2, :3]),
    partial(StartingPoints, a=[[1.0, 0.0]], b=[[0.6, 0.8]], s=[0.5], coordinate_error=0.0),
    partial(StartingPoints.concatenate, parts=[STARTS, STARTS]),
    partial(StartingPoints.sample, target=TARGET, size=2, rng=0, s=(0.1, 1.0), first=0),
    partial(StartingPoints.grid, target=SQUARE, n=4, s=0.5),
    partial(StartingPoints.on_stable_set, target=TARGET, limit=1, size=2, rng=0, s=(0.1, 1.0)),
    partial(StartingPoints.near_stable_set, target=TARGET, limit=2, **NEAR),
    partial(StartingPoints.from_vectors, target=SQUARE, u=[[1.0, 0.0]], v=[[0.6, 0.8]], s=0.5),
    partial(StartingPoints.from_layers, target=TARGET, layers=LAYERS, tolerance=1e-10),
    partial(STARTS.layers, index=0, depth=3, widths=[1, 2], rng=0, target=TARGET),
    partial(STARTS.__getitem__, index=0),
    partial(STARTS.alpha, target=TARGET),
    partial(STARTS.beta, target=TARGET),
    partial(STARTS.rho, target=TARGET),
    partial(dlnpaper.solve, **PROBLEM, times=TIMES, **SOLUTION),
    partial(dlnpaper.first_passage, **PROBLEM | {"depth": [2, 3]}, excess=0.01),
    partial(dlnpaper.escape_time, **PROBLEM | {"depth": [2, 3]}),
    partial(dlnpaper.end_to_end, target=TARGET, exact=dlnpaper.solve(TARGET, 2, STARTS, TIMES[:3])),
    partial(dlnpaper.integrate, **PROBLEM, times=[0.0, 1.0], **INTEGRATION, variables=("s",)),
    partial(dlnpaper.layers.integrate, target=TARGET, layers=LAYERS, times=[0.0, 1.0], **GIVEN),
    partial(dlnpaper.solve_chain, **CHAIN, times=[0.0, 1.0], rtol=1e-6),
    partial(dlnpaper.limits, target=TARGET, starts=STARTS),
    partial(dlnpaper.rates, **PROBLEM, prefactors=True),
    partial(dlnpaper.stages, **PROBLEM),
    partial(dlnpaper.fit_rate, times=TIMES, values=np.exp(-TIMES), law="exponential", **FIT),
    partial(dlnpaper.guarantees, target=TARGET, starts=STARTS, omega=0.8),
    partial(dlnpaper.coverage, sets=dlnpaper.guarantees(TARGET, STARTS, 0.8), confidence=0.95),
    partial(dlnpaper.exact_coverage, target=TARGET, s=0.5, omega=0.8),
]
on_every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.func.__qualname__)

# Variables in which an infinity is the right answer: their docstrings say what it means.
INFINITE = ("gap", "tau_min", "t_min", "log_envelope", "log_envelope_bound")
INFINITE += ("first_passage", "escape_time")

INTEGERS = [0, 1, 2, 3, -1, 10**6, 10**30, 10**400, True, np.int8(2), np.bool_(True)]
FLOATS = [0.5, -0.0, 1e-300, 5e-324, 1e300, -1e300, *map(float, ("inf", "-inf", "nan"))]
FLOATS += [np.float32(0.1), np.longdouble(0.5), np.longdouble("1e4000")]
numbers = st.sampled_from(
    [*INTEGERS, *FLOATS, 1j, fractions.Fraction(1, 3), decimal.Decimal("0.1")]
)
TEXTS = ["", "abc", "origin", "1.5", b"abc", "é\n" * 300]
OBJECTS = [None, {}, {"a": 1}, set(), {1.0}, object(), object, ..., lambda: 1, range(3)]
OBJECTS += [slice(None), iter([1.0, 2.0]), [[1.0], [1.0, 2.0]], datetime.date(2020, 1, 1)]
ARRAYS = [np.zeros((0, 3)), np.zeros((2, 2, 2)), np.array(3.0), np.eye(3), np.eye(2)]
ARRAYS += [np.datetime64("2020-01-01"), np.array("abc"), np.array([None, 1])]
ARRAYS += [np.full((3, 3), np.nan), np.ma.masked_array([1.0, 0.5], mask=[False, True])]
ARRAYS += [np.array([("a", 1)], dtype=[("x", "U1"), ("y", int)]), np.recarray((1,), [("x", float)])]
OURS = [xr.DataArray([1.0, 0.5], dims="x"), xr.Dataset(), TARGET, STARTS, Target, STARTS[:0]]
things = st.sampled_from([*TEXTS, *OBJECTS, *ARRAYS, *OURS, Target([1.0], (1, 1))])
scalars = numbers | things
junk = scalars | st.lists(scalars, max_size=3) | st.tuples(scalars, scalars)
junk |= st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=1, max_size=3)


@on_every_call
@fuzz_test
@given(data=st.data())
def test_no_argument_gets_past_a_public_function_unnoticed(call, data):
    names = st.sampled_from(sorted(call.keywords))
    wrong = data.draw(st.lists(names, min_size=1, max_size=2, unique=True))
    assert_sound(outcome(call, **{name: data.draw(junk, label=name) for name in wrong}))


@on_every_call
def test_the_right_arguments_are_taken(call):
    assert outcome(call) is not None


def assert_sound(result):
    """Assert that whatever came out holds finite numbers only."""
    match result:
        case xr.Dataset():
            assert_finite(result, INFINITE)
            found = []
        case xr.DataArray():
            assert_finite(result.to_dataset(), INFINITE)
            found = []
        case Target():
            found = [result.singular_values, result.loss_offset, result.basis_error, result.matrix]
        case StartingPoints():
            found = [result.a, result.b, result.s, result.coordinate_error]
        case dlnpaper.analysis._fits.Fit(reached=True):
            found = [result.rate, result.log_prefactor, result.drift, result.residual]
        case None | dlnpaper.analysis._fits.Fit():
            found = []
        case list() | np.ndarray():
            found = result
        case _:
            raise AssertionError(f"unexpected result {result!r}")
    assert all(np.isfinite(numbers).all() for numbers in found)
