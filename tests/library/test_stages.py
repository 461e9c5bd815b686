import mpmath as mp
import numpy as np
import pytest

from dlnpaper import StartingPoints, Target
from dlnpaper.one_neuron import _stages
from dlnpaper.one_neuron._stages import BOUNDED, stages
from tests.library.problems import flow_with_events
from tests.references.high_precision import ExactTrajectory

# Square, wide, with null directions on both sides, rank one.
TARGETS = {
    "square": Target([3, 2, 1], (3, 3)),
    "wide": Target([3, 2, 1], (3, 7)),
    "null": Target([3, 1], (4, 5)),
    "rank one": Target([2], (4, 3)),
}


def _events(target, depth, starts, horizon):
    """Times t_0, t_1 and that of the least s, and this s, from the induced flow in t by SciPy."""
    levels = [lambda s, c: c, lambda s, c: c - target.singular_values[0] / 2, lambda s, c: c - s]
    solution = flow_with_events(target, depth, starts, horizon, *levels)
    times = [found[0] if found.size else 0.0 for found in solution.t_events]
    met = solution.y_events[2]
    return times, np.exp(met[0][0]) if len(met) else float(starts.s[0])


@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize("name", TARGETS)
def test_stages_agree_with_events_of_an_independent_integration(name, depth):
    target = TARGETS[name]
    sample = StartingPoints.sample(target, 6, 11, s=(0.05, 5.0))
    measured = stages(target, depth, sample)
    for i in range(len(sample)):
        got = measured.isel(start=i)
        # Not much further: near the limit rounding makes s and c cross again and again.
        horizon = 1.1 * float(np.maximum(got.t_1, got.t_min)) + 0.01
        (t_0, t_1, t_min), s_min = _events(target, depth, sample[i], horizon)
        # The integration at rtol 1e-11 accumulates some 1e-9.
        assert float(got.t_0) == pytest.approx(t_0, rel=1e-7, abs=1e-8)
        assert float(got.t_1) == pytest.approx(t_1, rel=1e-7, abs=1e-8)
        assert float(got.s_min) == pytest.approx(s_min, rel=1e-8)
        # A minimum is flat, but its position is a root of c - s, here as sharp as the others.
        assert float(got.t_min) == pytest.approx(t_min, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_stages_agree_with_high_precision(depth):
    target = Target([3, 2, 1], (4, 3))
    a, b = np.array([-0.5, 0.5, 0.5, 0.5]), np.array([0.6, 0.0, 0.8])
    starts = StartingPoints([a], [b], 0.3)
    got = stages(target, depth, starts).isel(start=0)
    with mp.workdps(30):
        exact = ExactTrajectory(target, depth, starts)
        tau_0 = mp.findroot(exact.alignment, (0, 1), solver="anderson")
        tau_1 = mp.findroot(lambda x: exact.alignment(x) - 1.5, (0, 2), solver="anderson")
        t_0, _ = exact.at(tau_0)
        t_1, _ = exact.at(tau_1)

        def excess(tau):
            return exact.at(tau)[1] - exact.alignment(tau)

        tau_min = mp.findroot(excess, float(got.tau_min), solver="secant")
        t_min, s_min = exact.at(tau_min)
    expected = {"tau_0": tau_0, "tau_1": tau_1, "t_0": t_0, "t_1": t_1}
    expected |= {"tau_min": tau_min, "t_min": t_min, "s_min": s_min}
    for name, value in expected.items():
        # The quadrature promises 1e-12.
        assert float(got[name]) == pytest.approx(float(value), rel=1e-12), name


def test_the_gap_of_the_alignment_and_the_largest_s_agree_with_high_precision():
    target = Target([3, 1, 0.5], (4, 3))  # σ_1 - σ_2 is 2
    starts = StartingPoints([[-0.5, 0.5, 0.5, 0.5]], [[0.6, 0.0, 0.8]], 0.3)
    got = stages(target, 3, starts).isel(start=0)
    tau_0, tau_1 = float(got.tau_0), float(got.tau_1)
    with mp.workdps(30):
        exact = ExactTrajectory(target, 3, starts)

        def envelope(tau):
            return mp.log((3 - exact.alignment(tau)) * mp.exp(4 * tau))

        looked_at = [0.0, tau_0, tau_1, *(tau_1 + x / 2 for x in (0.5, 1.0, 2.0, 4.0))]
        expected = max(envelope(tau) for tau in looked_at)
        anywhere = max(envelope(tau) for tau in np.linspace(0, 6, 121))
        _, last = exact.at(tau_1 + 1 / 3)
    assert float(got.log_envelope) == pytest.approx(float(expected), rel=1e-13)
    # The seven places do not miss a peak that would matter beside a bound several times larger.
    assert float(got.log_envelope) > float(anywhere) - 0.01
    assert float(anywhere) <= float(got.log_envelope_bound)
    # s rises from its minimum to 3, so that the last place looked at has the largest.
    assert float(got.s_max) == pytest.approx(float(last), rel=1e-12)
    assert float(got.s_max_bound) == 3.0


def test_a_bound_exceeded_counts_as_a_violation(monkeypatch):
    # Bounds half as large as they are, in turn: every comparison must be able to fail.
    target = TARGETS["rank one"]
    starts = StartingPoints.sample(target, 300, 5, s=(1e-2, 10.0))
    true_bounds = _stages._bounds
    for bound in BOUNDED.values():

        def halved(*arguments, bound=bound):
            found = true_bounds(*arguments)
            shrunk = found[bound] - np.log(2) if bound.startswith("log") else found[bound] / 2.1
            return found | {bound: shrunk}

        monkeypatch.setattr(_stages, "_bounds", halved)
        assert int(stages(target, 2, starts).violations.sum()) > 0, bound


@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize("name", TARGETS)
def test_no_bound_is_violated(name, depth):
    target = TARGETS[name]
    result = stages(target, depth, StartingPoints.sample(target, 3000, 5, s=(1e-4, 10.0)))
    assert int(result.violations.sum()) == 0
    for measured, bound in BOUNDED.items():
        # By itself, since a wrong count of violations would agree with itself.
        assert (result[measured] <= result[bound] * (1 + 1e-11) + 1e-11).all()
        assert (result[measured] > 0).any()


@pytest.mark.parametrize(
    ("measured", "a", "b"), [("tau_0", [1e-7, 1], [1e-7, -1]), ("tau_1", [1e-7, 1], [1e-7, 1])]
)
def test_bounds_are_nearly_attained_so_that_the_check_could_fail(measured, a, b):
    # With σ_2 ≪ σ_1 the terms that the proofs of section 6 drop are small.
    target = Target([1, 0.01], (2, 2))
    got = stages(target, 2, StartingPoints([a], [b], 0.1)).isel(start=0)
    assert 0.9 < float(got[measured] / got[BOUNDED[measured]]) <= 1


def test_bounds_match_their_formulas():
    # σ = (2, 1), α = (1.2, -0.1), β = (-0.6, ...) by hand from section 6, in plain arithmetic.
    target, depth, s = Target([2, 1], (2, 2)), 3, 0.1
    starts = StartingPoints([[-0.28, 0.96]], [[0.8, 0.6]], s)
    alpha, beta = np.array([0.52, 1.56]), np.array([-1.08, 0.36])
    k = (2 * beta[0] ** 2 + beta[1] ** 2) / (2 * alpha[0] ** 2)
    m = (alpha[1] ** 2 + 4 * beta[0] ** 2 + 3 * beta[1] ** 2) / alpha[0] ** 2
    tau_0, tau_1 = np.log(k) / 4, np.log(m) / 2
    t_0 = 10.5 ** (1 / 3) * (np.exp(2 * tau_0) - 1) / 2
    inverse = 10.5 * k**1.5 - 0.5 + 3 * tau_1
    got = stages(target, depth, starts).isel(start=0)
    expected = [tau_0, tau_1, t_0, inverse ** (1 / 3) * tau_1, np.log(inverse), 2.0, np.log(m)]
    np.testing.assert_allclose([got[bound] for bound in BOUNDED.values()], expected, rtol=1e-13)


def test_exact_directions_attain_the_bound_of_the_magnitude():
    # a = b = e_1: c = σ_1 throughout, s only grows, and 1/s never exceeds 1/s_0, the bound itself.
    target = Target([2, 1], (2, 2))
    got = stages(target, 3, StartingPoints([[1, 0]], [[1, 0]], 0.01)).isel(start=0)
    assert float(got.log_inverse_s) == pytest.approx(np.log(100), rel=1e-14)
    assert float(got.log_inverse_s_bound) == pytest.approx(np.log(100), rel=1e-14)
    assert int(got.violations) == 0
    assert float(got.tau_0) == float(got.tau_1) == float(got.tau_min) == 0.0


def test_a_magnitude_that_falls_to_its_limit_has_its_minimum_there():
    got = stages(Target([2, 1], (2, 2)), 3, StartingPoints([[1, 0]], [[1, 0]], 7.0)).isel(start=0)
    assert float(got.s_min) == pytest.approx(2.0, rel=1e-13)
    assert np.isinf(got.tau_min)
    assert np.isinf(got.t_min)


def test_extreme_starts_stay_finite_and_within_bounds():
    target = Target([3, 1], (2, 2))
    # α_1 = 1e-170: its square underflows. s = 1e6: a boundary layer of width 1e-7 in τ.
    a, b = [[1e-170, 1.0], [0.6, 0.8]], [[0.0, 1.0], [0.0, 1.0]]
    got = stages(target, 3, StartingPoints(a, b, [0.5, 1e6]))
    # c = 3/2 where 1.5 α_1² e^{6τ} = 0.5 α_2² e^{2τ}, β_1 having gone.
    assert float(got.tau_1[0]) == pytest.approx((np.log(4 / 3) + 340 * np.log(10)) / 4, rel=1e-12)
    assert int(got.violations.sum()) == 0
    assert all(np.isfinite(got[name]).all() for name in BOUNDED)
    (_, t_1, _), s_min = _events(target, 3, StartingPoints(a[1:], b[1:], 1e6), 5.0)
    assert float(got.t_1[1]) == pytest.approx(t_1, rel=1e-7, abs=1e-8)
    # Through s = 1e6 the integration keeps 1e-11 of log s, some 1e-9 of s.
    assert float(got.s_min[1]) == pytest.approx(s_min, rel=1e-7)


def test_depth_one_hundred_overflows_to_vacuous_bounds_not_to_errors():
    target = Target([3, 2, 1], (3, 3))
    got = stages(target, 100, StartingPoints.sample(target, 20, 3))
    assert int(got.violations.sum()) == 0
    assert np.isfinite(got.log_inverse_s_bound).all()
    assert not any(np.isnan(got[name]).any() for name in got.data_vars)


def test_starts_and_targets_outside_the_theorem_are_refused():
    with pytest.raises(ValueError, match="target must have one largest singular value"):
        stages(Target([2, 2], (2, 2)), 3, StartingPoints([[1, 0]], [[1, 0]], 1.0))
    starts = StartingPoints([[1, 0], [0.6, 0.8]], [[1, 0], [-0.6, 0.8]], 1.0)
    with pytest.raises(ValueError, match=r"starts must have α_1 ≠ 0, got α_1 = 0 in starts\[1\]"):
        stages(Target([2, 1], (2, 2)), 3, starts)
