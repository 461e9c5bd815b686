import mpmath as mp
import numpy as np
import pytest
import xarray as xr

from dlnpaper import StartingPoints, Target
from dlnpaper.one_neuron._laws import LAW_KINDS, LAW_QUANTITIES
from dlnpaper.one_neuron._rates import rates
from tests.library.problems import unit
from tests.references.high_precision import DIGITS, ExactTrajectory

# Where a law must hold to 1e-5, the next order has decayed below that: the end in τ is chosen so.
LAW_TOLERANCE = 1e-5


def _start(a, b, s=0.2):
    return StartingPoints([a], [b], s)


def _law(target, depth, starts, quantity):
    laws = rates(target, depth, starts).isel(start=0).sel(quantity=quantity)
    return LAW_KINDS[int(laws.kind)], laws


# name: singular values, shape, a, b, depths, end in τ
APPROACHES = {
    "generic": ([3, 2, 1], (3, 3), unit(2, -1, 2), unit(1, 3, -1), (2, 3, 4, 6), 9),
    "null directions": ([3, 0.2], (4, 3), unit(1, 0, 1, 2), unit(1, 0, 2), (3, 4, 6), 7),
    "saddle": ([3, 2, 1], (3, 4), unit(1, 2, 3), unit(-1, 2, 1, -2), (2, 3, 4, 6), 10),
    "last saddle": ([3, 2, 1], (4, 4), unit(1, 2, 3, 1), unit(-1, -2, 1, 3), (3, 4, 6), 18),
    "tie": ([2, 2, 1], (3, 3), unit(1, 2, 2), unit(2, -1, 2), (2, 3, 4, 6), 10),
    "decaying modes": ([2, 1.5], (2, 2), unit(2, 1), unit(2, -1), (2, 3, 4, 6), 20),
    "beyond N sigma": ([10, 1], (2, 2), unit(1, 2), unit(-1, 2), (2, 3, 4, 6), 8),
    "exact directions": ([3, 1], (2, 3), unit(1, 0), unit(1, 0, 0), (2, 3, 4, 6), 3),
    "small start": ([3, 1], (2, 2), unit(1e-6, 1), unit(0, 1), (2, 3, 4, 6), 18),
}


@pytest.mark.parametrize(
    ("name", "depth"), [(name, depth) for name, case in APPROACHES.items() for depth in case[4]]
)
def test_laws_hold_with_their_prefactors_in_high_precision(name, depth):
    values, shape, a, b, _, end = APPROACHES[name]
    target, starts = Target(values, shape), _start(a, b)
    laws = rates(target, depth, starts).isel(start=0)
    with mp.workdps(DIGITS):
        exact = ExactTrajectory(target, depth, starts)
        (t_1, s_1), (t_2, s_2) = exact.at(7 * end / 8), exact.at(end)
        before, after = exact.distances(7 * end / 8, s_1), exact.distances(end, s_2)
        for quantity in LAW_QUANTITIES:
            law = laws.sel(quantity=quantity)
            kind = LAW_KINDS[int(law.kind)]
            if kind == "exact":
                assert after[quantity] < mp.mpf(10) ** (-DIGITS // 2 + 5)
                continue
            assert kind == "exponential"
            assert bool(law.prefactor_known)
            measured = mp.log(before[quantity] / after[quantity]) / (t_2 - t_1)
            assert float(law.rate) == pytest.approx(float(measured), rel=LAW_TOLERANCE)
            predicted = mp.mpf(float(law.log_prefactor)) - mp.mpf(float(law.rate)) * t_2
            error = float(mp.log(after[quantity]) - predicted)
            assert error == pytest.approx(0, abs=LAW_TOLERANCE), quantity


def test_the_shift_has_the_digits_of_its_quadrature():
    values, shape, a, b, *_ = APPROACHES["generic"]
    target, starts = Target(values, shape), _start(a, b)
    with mp.workdps(30):
        # What is left of θ falls like exp(-2τ), to 1e-15 here.
        t, _ = ExactTrajectory(target, 3, starts).at(18)
        expected = float(18 - mp.mpf(3) ** (mp.mpf(1) / 3) * t)
    # Quadrature to 1e-12 of the time that the linear regime takes to begin, about 10.
    assert rates(target, 3, starts)["shift"].item() == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("depth", [2, 3, 4, 6])
@pytest.mark.parametrize(
    ("name", "gap", "decays"),
    [
        ("generic", 1, lambda free: [1, 2, 2, 2, 1]),
        ("exact directions", np.inf, lambda free: [0, 0, 2 * free, free, free]),
        # Gap 11 by β_1 alone: neither the excess nor W can be faster than s allows.
        ("beyond N sigma", 11, lambda free: [11, 22, 2 * free, free, free]),
    ],
)
def test_rates_are_those_of_the_table(name, gap, decays, depth):
    # By hand from section 5.3.
    values, shape, a, b, *_ = APPROACHES[name]
    laws = rates(Target(values, shape), depth, _start(a, b)).isel(start=0)
    value = float(laws.value)
    expected = np.array(decays(depth * value)) * value ** (1 - 2 / depth)
    assert laws.gap == gap
    np.testing.assert_allclose(laws.rate, expected, rtol=1e-14)


@pytest.mark.parametrize("depth", [2, 3, 4, 6])
def test_without_prefactors_the_laws_are_the_same(depth):
    target = Target([3, 2, 1], (4, 3))
    starts = StartingPoints.concatenate(
        [
            StartingPoints.sample(target, 20, 1),
            StartingPoints.on_stable_set(target, 1, 5, 2),
            StartingPoints.on_stable_set(target, "origin", 5, 3),
            StartingPoints([[1.0, 0, 0, 0]] * 2, [[1.0, 0, 0]] * 2, [3.0, 0.5]),
        ]
    )
    whole, cheap = (rates(target, depth, starts, prefactors=choice) for choice in (True, False))
    same = ["kind", "rate", "exponent", "value", "gap"]
    xr.testing.assert_identical(cheap[same], whole[same])
    assert not cheap.prefactor_known[whole.value > 0].any()


@pytest.mark.parametrize(
    ("values", "shape", "a", "b", "depth"),
    [
        # Null directions at depth 2, g = σ_1 = N σ_1 / 2, and β_2 at depth 3, g = σ_1 + σ_1 / 2.
        ([2], (2, 2), unit(1, 1), unit(2, 1), 2),
        ([0.6, 0.3], (2, 2), unit(2, 1), unit(2, -1), 3),
    ],
)
def test_resonance_is_flagged_and_its_prefactor_is_the_slope_in_time(values, shape, a, b, depth):
    target, starts = Target(values, shape), _start(a, b)
    kind, law = _law(target, depth, starts, "s_gap")
    assert kind == "resonant"
    with mp.workdps(DIGITS):
        exact = ExactTrajectory(target, depth, starts)
        # |s - σ| exp(rate t) = P t + constant, in which the constant would spoil a plain ratio.
        rate = mp.mpf(float(law.rate))
        rescaled = [
            (t, abs(s - exact.limit) * mp.exp(rate * t))
            for t, s in (exact.at(tau / values[0]) for tau in (16, 20))
        ]
        slope = (rescaled[1][1] - rescaled[0][1]) / (rescaled[1][0] - rescaled[0][0])
        assert float(mp.log(slope)) == pytest.approx(float(law.log_prefactor), abs=1e-6)


def test_the_free_coefficient_has_the_digits_of_its_quadrature():
    # At N = 2 the integral of section 5.2 is elementary, H = 4/A² (1/s_0 + Σ β_j²/(4σ_j)) - 1/σ_k,
    # and τ = t, so that log σ_k² |H| is the prefactor. β_1 decays seven times faster than β_3.
    target = Target([10.0, 1.0, 0.5], (3, 3))
    starts = _start(unit(1, 2, 2), unit(-1, 2, -2), 0.2)
    _, law = _law(target, 2, starts, "s_gap")
    integral = (starts.beta(target)[0] ** 2 / (4 * target.singular_values)).sum()
    h = (1 / 0.2 + integral) * 4 / starts.alpha(target)[0, 1] ** 2 - 1
    # Panels of 16 nodes and a tail promise 1e-12 of the integral.
    assert float(law.log_prefactor) == pytest.approx(np.log(h), abs=1e-11)


def test_where_the_free_coefficient_vanishes_the_prefactor_is_unknown_and_the_decay_faster():
    # N = 2, α = (A, 0), β = (0, B): H = 0 for 1/s_0 = A²/(4σ_1) - B²/(4σ_2), section 5.2.
    a, b = np.array([0.9, np.sqrt(0.19)]), np.array([0.9, -np.sqrt(0.19)])
    target = Target([2.0, 1.5], (2, 2))
    s_0 = 1 / (0.81 / 2.0 - 0.19 / 1.5)
    for s, known in ((s_0, False), (0.5 * s_0, True)):
        starts = _start(a, b, s)
        kind, law = _law(target, 2, starts, "s_gap")
        assert (kind, bool(law.prefactor_known)) == ("exponential", known)
        with mp.workdps(DIGITS):
            exact = ExactTrajectory(target, 2, starts)
            (t_1, s_1), (t_2, s_2) = exact.at(3.5), exact.at(4)
            rate = mp.log((s_1 - exact.limit) / (s_2 - exact.limit)) / (t_2 - t_1)
        # The next rate is 2g = 7 in place of N σ_1 = 4; each is met to 1e-3 at τ = 4.
        assert float(rate) == pytest.approx(4.0 if known else 7.0, rel=2e-3)


@pytest.mark.parametrize("depth", [2, 3])
def test_what_a_law_does_not_have_is_zero(depth):
    # As the docstring says: a rate or an exponent, never both, and none for the other kinds.
    target = Target([3, 2, 1], (3, 3))
    parts = [StartingPoints.sample(target, 3, 1), StartingPoints([[1, 0, 0]], [[1, 0, 0]], 3.0)]
    parts.append(StartingPoints.on_stable_set(target, "origin", 3, 3))
    laws = rates(target, depth, StartingPoints.concatenate(parts))
    kinds = np.array(LAW_KINDS)[laws.kind]
    exponential, power = np.isin(kinds, ["exponential", "resonant"]), kinds == "power"
    assert exponential.any()
    assert power.any() == (depth > 2)
    assert not laws.prefactor_known.all()
    np.testing.assert_array_equal(laws.rate > 0, exponential)
    np.testing.assert_array_equal(laws.exponent > 0, power)
    for number, kind in ((laws.rate, exponential), (laws.exponent, power)):
        assert not number.values[~kind].any()
    assert not laws.log_prefactor.values[~laws.prefactor_known].any()


def test_a_start_at_its_limit_has_only_exact_laws():
    laws = rates(Target([3, 1], (2, 2)), 3, _start([1, 0], [1, 0], s=3.0))
    assert (laws.kind == LAW_KINDS.index("exact")).all()
    assert not laws.rate.any()
    assert not laws.prefactor_known.any()


@pytest.mark.parametrize("depth", [2, 3, 4, 6])
def test_collapse_without_null_component_in_high_precision(depth):
    target = Target([2, 1, 0.5], (3, 3))
    a = unit(1, 2, 0)
    starts = _start(a, -a)
    laws = rates(target, depth, starts).isel(start=0)
    with mp.workdps(DIGITS):
        exact = ExactTrajectory(target, depth, starts)
        # s forgets its start like 1/t for N >= 3, and t grows like exp((N - 2) σ_j τ).
        t, s = exact.at(24)
        for quantity, value in exact.distances(24, s).items():
            law = laws.sel(quantity=quantity)
            if quantity in ("directions", "alignment_gap"):
                assert LAW_KINDS[int(law.kind)] == "undefined"
                continue
            if depth == 2:
                assert float(law.rate) == 2.0
                log_value = law.log_prefactor - law.rate * t
            else:
                assert float(law.exponent) == pytest.approx(depth / (depth - 2), rel=1e-15)
                log_value = float(law.log_prefactor) - float(law.exponent) * mp.log(t)
            assert float(mp.log(value) - log_value) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("depth", [2, 3, 4, 6])
def test_collapse_with_null_component_in_high_precision(depth):
    target = Target([2, 1], (3, 4))
    starts = _start(unit(1, 2, 1), unit(-1, -2, 0, 1))
    laws = rates(target, depth, starts).isel(start=0)
    n = mp.mpf(depth)
    with mp.workdps(DIGITS):
        exact = ExactTrajectory(target, depth, starts)
        t, s = exact.at(40)
        # From here c = 0 to 1e-34, y = 1/s is linear in τ, and t is elementary.
        y = 1 / s + n * mp.mpf(10) ** 12
        power = 2 - 2 / n
        t += (y**power - (1 / s) ** power) / (n * power)
        measured = {"s_gap": 1 / y, "end_to_end": 1 / y, "excess": 1 / (2 * y * y)}
        for quantity, value in measured.items():
            law = laws.sel(quantity=quantity)
            assert LAW_KINDS[int(law.kind)] == "power"
            exponent = (2 if quantity == "excess" else 1) * depth / (2 * (depth - 1))
            assert float(law.exponent) == pytest.approx(exponent, rel=1e-15)
            log_value = float(law.log_prefactor) - mp.mpf(float(law.exponent)) * mp.log(t)
            # What the start leaves behind is of the order of 1/t or 1/y, at most 1e-11.
            assert float(mp.log(value) - log_value) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("depth", [2, 3, 5])
def test_rates_scale_with_the_target(depth):
    # Z → λZ and s → λs speed the flow up by λ^(2 - 2/N) and change no direction.
    target, larger = Target([3, 2, 1], (4, 3)), Target([12, 8, 4], (4, 3))
    starts = StartingPoints.sample(target, 50, 1)
    scaled = StartingPoints(starts.a, starts.b, 4 * starts.s)
    laws, scaled = rates(target, depth, starts), rates(larger, depth, scaled)
    np.testing.assert_allclose(scaled.rate, laws.rate * 4 ** (2 - 2 / depth), rtol=1e-13)
    # Excess scales like λ², s and W like λ; the prefactors carry exp(rate × time shift) unchanged.
    added = np.log(4) * np.array([0, 1, 2, 1, 1])
    # θ comes from quadrature in other panels: the same to the 1e-12 that it promises.
    np.testing.assert_allclose(scaled.log_prefactor, laws.log_prefactor + added, atol=1e-10)


def test_every_start_has_the_law_of_its_own_limit():
    target = Target([3, 2, 1], (4, 3))
    parts = [
        StartingPoints.sample(target, 3, 1),
        StartingPoints.on_stable_set(target, 1, 3, 2),
        StartingPoints.on_stable_set(target, "origin", 3, 3),
    ]
    together = rates(target, 3, StartingPoints.concatenate(parts))
    np.testing.assert_array_equal(together.value, np.repeat([3.0, 2.0, 0.0], 3))
    for i, part in enumerate(parts):
        alone, joint = rates(target, 3, part), together.isel(start=slice(3 * i, 3 * i + 3))
        np.testing.assert_array_equal(alone.kind, joint.kind)
        np.testing.assert_allclose(alone.log_prefactor, joint.log_prefactor, rtol=1e-13)


def test_a_start_whose_squares_underflow_still_has_a_law():
    # Depth 2, α_1 = 1e-170 ≪ α_2: log √(2Q) = ½ ln 2 + ln(α_2 / α_1) by hand.
    kind, law = _law(Target([2, 1], (2, 2)), 2, _start([1e-170, 1], [0, 1]), "directions")
    assert kind == "exponential"
    expected = 0.5 * np.log(2) + np.log(2) + 170 * np.log(10)
    assert float(law.log_prefactor) == pytest.approx(expected, rel=1e-14)


def test_a_network_of_one_layer_is_refused():
    with pytest.raises(ValueError, match=r"depth must lie in 2\.\."):
        rates(Target([2, 1], (2, 2)), 1, _start([1, 0], [1, 0]))
