"""The integrated flows against 40-digit trajectories, each other, laws and identities."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dlnpaper import StartingPoints, Target, _integration, integrate, solve
from dlnpaper.one_neuron._flow_systems import vectors
from dlnpaper.one_neuron._flows import FLOWS, METHODS, IntegrationError
from tests.library.problems import NAMES, REFERENCE, reference_problem, rotated

# Rounding in the products of the layers leaves a saddle or the origin, so only what ends elsewhere
# can be compared; 30 layers would test nothing more.
OPEN = [i for i, case in enumerate(REFERENCE) if "limit_mode" not in case and case["depth"] < 10]

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))


def saddle_start(target, seed):
    """Return one start that ends exactly in the saddle of the second singular value."""
    return StartingPoints.on_stable_set(target, 1, 1, seed, s=0.3)


def random_widths(depth, seed):
    """Return random hidden widths up to 5, one of them 1."""
    rng = np.random.default_rng([seed, depth])
    widths = rng.integers(1, 6, depth - 1).tolist()
    widths[rng.integers(depth - 1)] = 1
    return widths


def assert_reference(result, case, tolerance):
    """Compare every variable with the reference: s relatively, the rest on its own scale."""
    found = result.isel(start=0)
    scale = case["singular_values"][0]
    assert_allclose(found.s, case["s"], rtol=tolerance, atol=1e-300)
    for name in ("log_s", "a", "b"):
        expected = case[name if name == "log_s" else f"{name}_t"]
        assert_allclose(found[name], expected, rtol=0, atol=tolerance, err_msg=name)
    assert_allclose(found.alignment, case["c"], rtol=0, atol=tolerance * scale)
    assert_allclose(found.loss, case["loss"], rtol=0, atol=tolerance * case["loss"][0])
    # τ adds up the error of the moment at which s leaves a plateau, where it grows steeply.
    assert_allclose(found.tau, case["tau"], rtol=10 * tolerance, atol=tolerance)


@pytest.mark.parametrize("case", REFERENCE, ids=NAMES)
def test_induced_flow_meets_the_reference(case):
    # A step is good to 1e-12, and up to about a hundred of them add up (seen: 4e-11).
    assert_reference(integrate(*reference_problem(case), rtol=1e-12), case, 1e-10)


@pytest.mark.parametrize("i", OPEN, ids=[NAMES[i] for i in OPEN])
def test_layers_flow_meets_the_reference(i):
    # As above, and a start near a saddle multiplies the error of its tiny α (seen: 3e-10), for
    # α_1 = 1e-7 to 1e-8 up to 5e-9 in the directions.
    case = REFERENCE[i]
    widths = random_widths(case["depth"], i)
    result = integrate(*reference_problem(case), flow="layers", rtol=1e-12, widths=widths)
    assert_reference(result, case, 1e-8 if case["family"] == "near_saddle" else 1e-9)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_closed_form_and_flows_agree(depth):
    # At 1e-12 a step.
    target = rotated(TARGET, seed=depth)
    starts = StartingPoints.sample(target, 6, depth, s=(0.05, 2.0))
    times = np.geomspace(0.01, 20, 30)
    induced = integrate(target, depth, starts, times, rtol=1e-12)
    widths = random_widths(depth, seed=1)
    for other in (
        solve(target, depth, starts, times),
        integrate(target, depth, starts, times, flow="layers", rtol=1e-12, widths=widths),
        integrate(target, depth, starts, times, flow="vectors", rtol=1e-12),
    ):
        assert_allclose(other.s, induced.s, rtol=1e-9)
        for name in ("a", "b", "tau", "alignment", "excess", "loss"):
            assert_allclose(other[name], induced[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_error_follows_the_tolerance(method):
    # At least fivefold for a hundredfold smaller rtol: lower orders and the interpolant of DOP853
    # follow the tolerance only roughly.
    case = REFERENCE[13]
    tolerances = (1e-3, 1e-5) if method == "RK23" else (1e-5, 1e-7, 1e-9)
    results = [integrate(*reference_problem(case), method=method, rtol=rtol) for rtol in tolerances]
    errors = [np.abs(result.s[0] / case["s"] - 1).max().item() for result in results]
    assert all(finer < coarser / 5 for coarser, finer in pairwise(errors))


@pytest.mark.parametrize("method", ["LSODA", "Radau", "BDF", "RK45"])
def test_exact_zero_stays_exact_and_the_saddle_is_reached(method):
    start = saddle_start(TARGET, seed=4)
    result = integrate(TARGET, 3, start, [1.0, 10.0, 200.0], method=method, rtol=1e-8)
    assert (result.a[..., 0] == -result.b[..., 0]).all()
    # Far past the escape of a rounding error, 37 / ((σ_1 − σ_2) σ_2^{1/3}) = 29.
    assert_allclose([result.s[0, -1], result.alignment[0, -1]], 2.0, rtol=1e-7)


def test_vanishing_s_keeps_its_relative_accuracy():
    # N = 2 and one mode: 1/s = (1/s_0 + 1/σ) e^{2σt} − 1/σ, far below 1e-300.
    target = Target([1.0], shape=(1, 1))
    times = np.array([1.0, 10.0, 100.0, 400.0])
    result = integrate(target, 2, StartingPoints([[1.0]], [[-1.0]], 0.5), times)
    exact = -(np.log(3.0) + 2 * times + np.log1p(-np.exp(-2 * times) / 3))
    assert_allclose(result.log_s[0], exact, rtol=0, atol=1e-8)  # rtol on numbers that reach 800
    assert result.log_s[0, -1] < -800


def test_excess_is_the_loss_above_the_limit_and_has_no_cancellation():
    target = Target([3.0, 2.0, 1.0], shape=(4, 3), loss_offset=2.5)
    to_origin = StartingPoints.on_stable_set(target, "origin", 2, 1)
    parts = [StartingPoints.sample(target, 3, 1), saddle_start(target, seed=1), to_origin]
    starts = StartingPoints.concatenate(parts)
    times = np.linspace(0, 12, 41)
    result = integrate(target, 2, starts, times, rtol=1e-12)
    limit_loss = 2.5 + 0.5 * (14.0 - np.array([9.0, 9.0, 9.0, 4.0, 0.0, 0.0]))
    difference = result.loss - limit_loss[:, None]
    # Both are sums of a few numbers up to 10.
    assert_allclose(result.excess, difference, rtol=0, atol=1e-13)
    assert (result.excess > 0).all()
    # Theory, section 5: at the saddle the least gap is g = 2 − 1, the excess falls like exp(−2gt).
    # By t = 6 all else has fallen by a further exp(−12).
    saddle = result.excess[3]
    rate = -np.log(saddle[30] / saddle[20]) / (times[30] - times[20])
    assert rate.item() == pytest.approx(2.0, rel=1e-3)
    assert saddle[-1] < 1e-9


def test_layers_keep_the_sign_of_the_start():
    target = Target([2.0, 1.0], shape=(2, 2))
    start = StartingPoints([[-0.6, 0.8]], [[0.8, 0.6]], 0.5)
    result = integrate(target, 2, start, [40.0], flow="layers", widths=[1])
    # α_1 = 0.2 > 0: both directions end in +e_1, a after turning by 127 degrees.
    assert_allclose(result.a[0, 0], [1.0, 0.0], atol=1e-8)
    assert_allclose(result.b[0, 0], [1.0, 0.0], atol=1e-8)


@pytest.mark.parametrize("flow", FLOWS)
def test_time_zero_gives_the_start_back(flow):
    starts = StartingPoints.sample(TARGET, 2, 5)
    for times in ([0.0], [0.0, 1.0]):
        result = integrate(TARGET, 3, starts, times, flow=flow).isel(time=0)
        for name in ("s", "a", "b"):
            assert_allclose(result[name], getattr(starts, name), rtol=1e-14, atol=1e-14)
        assert (result.tau == 0).all()


def test_only_what_is_asked_for_comes_back_with_the_same_values():
    starts = StartingPoints.sample(TARGET, 2, 5)
    everything = integrate(TARGET, 3, starts, [1.0])
    some = integrate(TARGET, 3, starts, [1.0], variables=("loss", "s"))
    assert list(some.data_vars) == ["s", "loss", "singular_values"]
    assert_array_equal(some.loss, everything.loss)


def test_no_fractional_power_of_a_negative_number():
    system = vectors(TARGET, 3, StartingPoints.sample(TARGET, 1, 5), 0, mu=0.0)
    state = system.initial.copy()
    state[0] = -1e-3
    assert np.isfinite(system.rhs(0.0, state)).all()  # and no warning, which would be an error


@pytest.mark.parametrize("method", METHODS)
def test_too_much_work_is_an_error(method, monkeypatch):
    monkeypatch.setattr(_integration, "MOST_EVALUATIONS", 20)
    starts = StartingPoints.sample(TARGET, 2, 5)
    with pytest.raises(IntegrationError, match=r"^start 0 of the induced flow must take at most"):
        integrate(TARGET, 3, starts, [10.0], method=method)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"fill": np.nan}, "the state is not finite"),
        ({"success": False, "message": "step size too small."}, "step size too small"),
        ({"missing": 1}, "the state is not finite"),
    ],
)
def test_what_the_solver_calls_a_success_is_checked(bad, message, monkeypatch):
    answers = iter([{}, bad])

    def solve_ivp(rhs, span, initial, method, t_eval, **options):
        answer = {"fill": 0.5, "missing": 0, "success": True, "message": ""} | next(answers)
        y = np.full((initial.size, len(t_eval) - answer["missing"]), answer["fill"])
        return SimpleNamespace(y=y, success=answer["success"], message=answer["message"])

    monkeypatch.setattr("scipy.integrate.solve_ivp", solve_ivp)
    starts = StartingPoints.sample(TARGET, 3, 5)
    with pytest.raises(IntegrationError, match=rf"^start 1 of the induced flow .*{message}\)"):
        integrate(TARGET, 3, starts, [1.0, 2.0])


def test_extreme_starts_are_errors():
    # The square of s overflows, or the tolerance underflows.
    huge, tiny = (StartingPoints.sample(TARGET, 1, 5, s=s) for s in (1e160, 1e-300))
    with pytest.raises(IntegrationError, match=r"^loss must be finite, got an overflow; rescale"):
        integrate(TARGET, 3, huge, [0.0])
    with pytest.raises(IntegrationError, match=r"^start 0 of the vectors flow must reach time 50"):
        integrate(TARGET, 3, tiny, [0.0, 50.0], flow="vectors")


SQUARE = Target([1.0], (2, 2))


def layers(*widths):
    return {"flow": "layers", "widths": list(widths)}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"flow": "induce"}, ValueError, r"flow must be one of induced, .* got 'induce'; choose"),
        ({"method": "lsoda"}, ValueError, r"method must be one of LSODA, .* got 'lsoda'; choose"),
        ({"rtol": 1e-16}, ValueError, r"rtol must lie from 2\.2e-14 to below 1, got 1e-16; "),
        ({"rtol": np.nan}, ValueError, r"rtol must lie from 2\.2e-14 to below 1, got nan; "),
        ({"rtol": "1e-8"}, TypeError, r"rtol must be a real number, got '1e-8'; 1e-10 suits"),
        ({"atol": -1.0}, ValueError, r"atol must be positive and finite, got -1\.0; leave it out"),
        ({"atol": True}, TypeError, r"atol must be a real number, got True; leave it out"),
        ({"widths": [1, 1]}, ValueError, r"widths must be left out for flow='induced', got \[1,"),
        (layers(1, 1, 1), ValueError, r"widths must hold depth - 1 = 2 .*, got \[1, 1, 1\]; give"),
        (layers(4, 4), ValueError, r"widths must hold a layer of one .*, got \[4, 4\]; make"),
        ({"depth": 1}, ValueError, r"depth must lie in 2\.\.1000000, got 1; "),
        ({"times": [1.0, 0.5]}, ValueError, r"times must increase: times\[1\] = 0\.5 follows 1\.0"),
        ({"variables": ["z"]}, ValueError, r"variables must name known quantities, got 'z'; "),
        ({"target": SQUARE}, ValueError, r"starts must have .* \(2, 2\), got \(4, 3\); "),
    ],
)
def test_bad_input(options, error, message):
    starts = StartingPoints.sample(TARGET, 2, 5)
    given = {"target": TARGET, "depth": 3, "starts": starts, "times": [0.0, 1.0]}
    with pytest.raises(error, match=f"^{message}"):
        integrate(**given | options)
