"""Numbers of every size: what comes out is right as far as its laws tell, or it is refused."""

import numpy as np
import pytest
from fuzzing import answer, assert_finite, fuzz_test, outcome
from hypothesis import given
from hypothesis import strategies as st

import dlnpaper
from dlnpaper import StartingPoints, Target, _integration
from dlnpaper.one_neuron._flows import FLOWS, METHODS
from dlnpaper.one_neuron._limits import LIMIT_KINDS
from tests.library.problems import assert_within_bounds, assert_zeros_stay

EPS = float(np.finfo(float).eps)

# Variables in which an infinity is the right answer: their docstrings say what it means.
GAP = ("gap",)
STAGES = ("tau_min", "t_min", "t_0_bound", "t_1_bound", "log_envelope", "log_envelope_bound")


def magnitudes(exponent):
    """Positive floats whose logarithm is uniform, and the ends themselves."""
    return st.floats(-exponent, exponent).map(lambda x: 10.0**x) | st.sampled_from(
        [10.0**-exponent, 1.0, 10.0**exponent]
    )


@st.composite
def targets(draw):
    """Draw a target with ties, near ties and null directions, large or small as a whole."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    rank = draw(st.integers(1, min(shape)))
    factors = st.sampled_from([1.0, 1 - EPS, 1 - 1e-12, 1 - 1e-6, 0.5, 0.1, 1e-3])
    factors |= st.floats(1e-150, 1.0)
    steps = draw(st.lists(factors, min_size=rank, max_size=rank))
    sigma = draw(st.just(1.0) | magnitudes(150)) * np.cumprod(steps)
    return Target(np.maximum(sigma, 1e-150), shape)


@st.composite
def unit_pairs(draw, target):
    """Draw unit vectors a and b whose α or β may be zero, tiny, or anything else."""
    entry = st.floats(-1, 1) | st.sampled_from([0.0, 1e-310, 1e-280, 1e-200, 1e-160, -1e-16, 1.0])
    a, b = (draw(st.lists(entry, min_size=size, max_size=size)) for size in target.shape)
    for i in range(target.rank):
        match draw(st.sampled_from(["free", "free", "opposed", "equal", "nearly opposed"])):
            case "opposed":
                b[i] = -a[i]
            case "equal":
                b[i] = a[i]
            case "nearly opposed":
                b[i] = -a[i] * (1 - EPS)
    a, b = np.array(a), np.array(b)
    if not (np.linalg.norm(a) > 1e-3 and np.linalg.norm(b) > 1e-3):
        a[0] = b[0] = 1.0
    norm = np.linalg.norm(a)
    return a / norm, b / (norm if abs(np.linalg.norm(b) / norm - 1) < 1e-13 else np.linalg.norm(b))


@st.composite
def problems(draw):
    """Draw a target, a depth and a few starts."""
    target = draw(targets())
    pairs = draw(st.lists(unit_pairs(target), min_size=1, max_size=2))
    s = draw(st.lists(magnitudes(300) | magnitudes(3), min_size=len(pairs), max_size=len(pairs)))
    if draw(st.booleans()):  # of the size of the target, where the flow is at work
        s = [min(max(x * float(target.singular_values[0]), 1e-300), 1e300) for x in s]
    a, b = (np.array(vectors) for vectors in zip(*pairs, strict=True))
    depth = draw(st.sampled_from([2, 3, 4, 5, 17, 100, 1000]))
    return target, depth, StartingPoints(a, b, s)


@st.composite
def time_grids(draw):
    """Draw increasing times, of every size."""
    times = st.sampled_from([0.0, 5e-324, 1e-300, 1e150, 1.7e308]) | magnitudes(150) | magnitudes(3)
    return sorted(draw(st.lists(times, min_size=1, max_size=4, unique=True)))


@fuzz_test
@given(problems(), time_grids())
def test_solve_is_right_or_refuses(problem, times):
    target, depth, starts = problem
    result = answer(dlnpaper.solve, target, depth, starts, times, threads=1)
    assert_finite(result)
    assert_within_bounds(result, target, starts, sums=1e-11, s=1e-11, norms=1e-12)
    assert_zeros_stay(result, target, starts)
    # s itself may be below the least float; where it is not, it is the exponential of log s.
    normal = result.s.values > 1e-300
    log_s = result.log_s.values[normal]
    rounding = 1e-11 + 4 * EPS * np.abs(log_s)
    assert (np.abs(np.log(result.s.values[normal]) - log_s) <= rounding).all()


@fuzz_test
@given(problems())
def test_limits_are_those_of_the_first_nonzero_alpha(problem):
    target, _, starts = problem
    result = answer(dlnpaper.limits, target, starts)
    assert_finite(result)
    alpha, sigma = starts.alpha(target), target.singular_values
    for i in range(len(starts)):
        first = next((k for k in range(target.rank) if alpha[i, k] != 0), None)
        value = 0.0 if first is None else sigma[first]
        kind = "origin" if first is None else "global_minimizer"
        kind = "saddle" if first is not None and value < sigma[0] else kind
        assert LIMIT_KINDS[int(result.kind[i])] == kind
        assert result.value[i] == value
        assert np.isclose(np.linalg.norm(result.a[i]), float(first is not None), atol=1e-12)
        assert result.escape_tau[i] >= 0


@fuzz_test
@given(problems(), st.booleans())
def test_rates_are_positive_numbers(problem, prefactors):
    target, depth, starts = problem
    result = answer(dlnpaper.rates, target, depth, starts, prefactors=prefactors)
    assert_finite(result, GAP)
    assert (result.rate >= 0).all()
    assert (result.exponent >= 0).all()
    assert (result.gap >= 0).all()
    lawless = result.kind < 2
    assert (result.rate.where(lawless, 0) == 0).all()
    assert (result.exponent.where(lawless, 0) == 0).all()


@fuzz_test
@given(problems())
def test_stages_follow_each_other_and_keep_their_bounds(problem):
    target, depth, starts = problem
    result = answer(dlnpaper.stages, target, depth, starts)
    assert_finite(result, STAGES)
    assert (result.violations == 0).all()
    assert (result.tau_0 <= result.tau_1).all()
    assert (result.t_0 <= result.t_1).all()
    assert (result.s_min <= np.minimum(starts.s, target.singular_values[0]) * (1 + 1e-11)).all()


@fuzz_test
@given(problems(), st.floats(0, 1), st.floats(0.01, 0.99))
def test_guarantees_imply_each_other_and_coverage_counts_them(problem, omega, confidence):
    target, _, starts = problem
    sets = answer(dlnpaper.guarantees, target, starts, omega)
    union, convergent = sets.restricted_union.values, sets.global_minimizer_convergent.values
    assert (union | ~sets.restricted_set.values).all()
    assert (convergent | ~union).all()
    result = outcome(dlnpaper.coverage, sets, confidence=confidence)
    assert_finite(result)
    assert (result.low <= result.share).all()
    assert (result.share <= result.high).all()


@fuzz_test
@given(targets(), st.integers(1, 3000), st.integers(1, 3000), magnitudes(300), st.floats(0, 1))
def test_exact_coverage_is_a_probability(target, d_y, d_x, s, omega):
    target = Target(target.singular_values[: min(d_y, d_x)], (d_y, d_x))
    result = answer(dlnpaper.exact_coverage, target, s, omega)
    assert_finite(result)
    share = result.share
    assert ((share >= 0) & (share <= 1)).all()
    assert share.sel(guarantee="restricted_set") <= share.sel(guarantee="restricted_union") + 1e-10


@fuzz_test
@given(problems(), time_grids(), st.sampled_from(FLOWS), st.sampled_from(METHODS))
def test_integrate_is_right_or_refuses(problem, times, flow, method):
    target, depth, starts = problem
    with pytest.MonkeyPatch.context() as patch:
        # The limit on evaluations holds; a smaller one than users have keeps the test short.
        patch.setattr(_integration, "MOST_EVALUATIONS", 1000)
        options = {"flow": flow, "method": method, "rtol": 1e-6}
        result = answer(dlnpaper.integrate, target, min(depth, 9), starts, times, **options)
    assert_finite(result)
    assert (result.s >= 0).all()


positive = st.floats(0, 1.7e308)


@fuzz_test
@given(
    st.lists(positive, min_size=1, max_size=60, unique=True).map(sorted),
    magnitudes(300),
    st.floats(1e-3, 1e3),
    st.sampled_from(["exponential", "power"]),
    positive,
)
def test_fits_are_finite_or_have_a_reason(times, scale, rate, law, uncertainty):
    times = np.array(times)
    with np.errstate(all="ignore"):
        relative = times / max(times[-1], 5e-324)
        fall = np.exp(-rate * relative) if law == "exponential" else (relative + 1e-9) ** -rate
        values = scale * fall
    result = outcome(dlnpaper.fit_rate, times, values, law, uncertainty=uncertainty)
    if result is None:
        assert not np.isfinite(values).all()
        return
    assert result.reached != bool(result.reason)
    if result.reached:
        measured = (result.rate, result.log_prefactor, result.drift, result.residual)
        assert np.isfinite(measured).all()
        assert result.rate > 0


@fuzz_test
@given(st.data())
def test_targets_from_matrices_and_data_rebuild_them(data):
    rows, columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    entry = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1, 1) | st.just(0.0)
    matrix = np.array(data.draw(st.lists(entry, min_size=rows * columns, max_size=rows * columns)))
    matrix = matrix.reshape(rows, columns)
    target = outcome(Target.from_matrix, matrix)
    if target is not None:
        size = np.abs(matrix).max()
        np.testing.assert_allclose(target.matrix / size, matrix / size, rtol=0, atol=1e-13)
    outputs = np.array(data.draw(st.lists(entry, min_size=columns, max_size=columns)))[None]
    target = outcome(Target.from_data, matrix, outputs)
    if target is not None:
        assert np.isfinite(target.whitening).all()
        assert 0 <= target.loss_offset < np.inf
