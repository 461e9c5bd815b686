"""Two layers against their references, for all shapes, widths, imbalances and times."""

import numpy as np
import pytest

from dlnpaper import Target, layers
from dlnpaper.two_layers import _kernel, _rotations
from tests.library.two_layer_problems import (
    IMBALANCES,
    NAMES,
    REFERENCE,
    balanced,
    draw_problem,
    reference_problem,
    two,
    widths,
)
from tests.references.two_layers import ExactTwoLayers, riccati

EPS = float(np.finfo(float).eps)
TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
TIMES = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 13)])


@pytest.mark.parametrize("case", REFERENCE, ids=NAMES)
def test_reference_cases_are_met_to_rounding(case):
    target, starts, times, decay = reference_problem(case)
    result = two.solve(target, starts, times, weight_decay=decay).isel(start=0)
    size = max(case["singular_values"][0], np.abs(case["W"]).max())
    # 1e-11 is promised.
    np.testing.assert_allclose(result.end_to_end, case["W"], rtol=0, atol=1e-13 * size)
    np.testing.assert_allclose(result.loss, case["loss"], rtol=0, atol=1e-13 * case["loss"][0])


@pytest.mark.parametrize("seed", range(30))
def test_random_cases(seed):
    rng = np.random.default_rng(seed)
    target, starts, decay = draw_problem(rng)
    times = np.sort(10.0 ** rng.uniform(-6, 6, 5))
    agrees(target, starts, times, decay)


def agrees(target, starts, times, decay=0.0, tolerance=1e-12):
    """Assert that all variables of a start are right, and that `error` covers what they lack."""
    result = two.solve(target, starts, times, weight_decay=decay).isel(start=0)
    reference = ExactTwoLayers(target, starts, decay)
    size = scale(target, starts)
    cuts = two.limits(target, starts, weight_decay=decay).chosen.values % 1 > 0
    for k, time in enumerate(times):
        exact, got = reference.at(time), result.isel(time=k)
        difference = got.end_to_end.values - exact["end_to_end"]
        off = float(abs(difference).max())
        assert off <= tolerance * size, time
        assert off <= got.error <= 10 * tolerance * size, (time, off)
        values = np.array(exact["singular_values"], float)[: result.sizes["value"]]
        np.testing.assert_allclose(got.singular_values, values, rtol=0, atol=tolerance * size)
        np.testing.assert_allclose(got.loss, float(exact["loss"]), rtol=0, atol=tolerance * size**2)
        for name, power in (("distance", 1), ("excess", 2)):
            value = float(exact[name])
            # Where the limit has a part of a tied mode only, it is known to rounding. Below 1e-100
            # the reference's own difference runs out of digits.
            allowed = 1e-11 * value + tolerance * size**power * (cuts.any() or value < 1e-100)
            if decay in target.singular_values:  # terms of the order 1/t cancel
                allowed += 4 * EPS * size * float(exact["distance"]) * (name == "excess")
            assert abs(got[name].item() - value) <= allowed, (name, time)


def scale(target, starts):
    """Return the largest of m_1 and the size of the start, to which rounding is relative."""
    start = float(np.linalg.norm(starts.second[0] @ starts.first[0]))
    return max(np.hypot(target.singular_values[0], starts.imbalance[0] / 2), start)


@pytest.mark.parametrize("hidden", [1, 2, 3, 5, 8])
def test_every_width_and_imbalance(hidden):
    rng = np.random.default_rng(hidden)
    for imbalance in IMBALANCES:
        shape = (3, 3) if hidden > 5 else (4, 3)
        target = Target([2.0, 1.5, 0.5][: 4 - hidden // 5], shape)
        if hidden <= (widths(shape, imbalance) or hidden):
            starts = balanced(rng, shape, hidden, imbalance, 0.1)
            agrees(target, starts, [0.0, 1e-6, 0.5, 3.0, 12.0, 80.0, 1e6])


@pytest.mark.parametrize(("shape", "hidden"), [((6, 6), 5), ((6, 5), 9), ((8, 10), 8)])
def test_larger_networks(shape, hidden):
    # By Riccati's formula as it stands: too many minors.
    rng = np.random.default_rng(hidden)
    target = Target(np.linspace(2.0, 0.5, 5), shape)
    for imbalance in (0.0, 1.0):
        if hidden <= (widths(shape, imbalance) or hidden):
            starts = balanced(rng, shape, hidden, imbalance, 0.1)
            times = [1e-3, 1.0, 5.0, 20.0]
            result = two.solve(target, starts, times).isel(start=0)
            for k, time in enumerate(times):
                product = riccati(target, starts, time)[shape[1] :, : shape[1]]
                off = float(abs(result.end_to_end.values[k] - product).max())
                assert off <= min(1e-13 * 2.0, float(result.error[k])), time


def test_error_is_of_the_size_of_what_it_bounds():
    # Over many states, the estimate is within a factor of 1000 of the worst that was seen.
    rng = np.random.default_rng(3)
    worst = estimate = 0.0
    for _ in range(10):
        starts = balanced(rng, TARGET.shape, 2, 0.0, 0.1)
        result = two.solve(TARGET, starts, TIMES).isel(start=0)
        reference = ExactTwoLayers(TARGET, starts)
        for k, time in enumerate(TIMES):
            difference = result.end_to_end.values[k] - reference.at(time)["end_to_end"]
            worst = max(worst, float(abs(difference).max()))
        estimate = max(estimate, float(result.error.max()))
    assert worst <= estimate <= 1000 * worst


@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_the_solution_is_continuous_in_the_imbalance(hidden):
    # Singular vectors and values of W_1 are the same; those of W_2 follow the imbalance.
    def path(imbalance):
        starts = balanced(np.random.default_rng(1), TARGET.shape, hidden, imbalance)
        return two.solve(TARGET, starts, np.linspace(0, 20, 41)).end_to_end.values

    neutral = path(0.0)
    slope = np.abs(path(1e-3) - neutral).max() / 1e-3
    for imbalance in (1e-15, 1e-12, 1e-8, 1e-5):
        assert np.abs(path(imbalance) - neutral).max() <= 1.1 * slope * imbalance + 1e-14


def test_distance_and_excess_keep_their_digits_late():
    for imbalance in (0.0, 1.0, -8.0):
        starts = balanced(np.random.default_rng(7), TARGET.shape, 2, imbalance, 0.1)
        reference = ExactTwoLayers(TARGET, starts)
        times = [10.0, 50.0, 100.0]
        result = two.solve(TARGET, starts, times).isel(start=0)
        exact = [reference.at(time) for time in times]
        assert float(exact[-1]["excess"]) < 1e-20  # beyond what a difference would show
        for name in ("distance", "excess"):
            values = [float(each[name]) for each in exact]
            # Rounding of an exponent of up to 200, and some more.
            np.testing.assert_allclose(result[name], values, rtol=1e-12)


def test_a_limit_without_growth_is_approached_as_one_over_the_time():
    # Weight decay equal to a singular value: its eigenvalue is zero.
    starts = balanced(np.random.default_rng(2), TARGET.shape, 3, 0.0)
    agrees(TARGET, starts, [1.0, 1e2, 1e4, 1e6], decay=2.0)


def test_stable_sets_are_never_left():
    rng = np.random.default_rng(11)
    target = Target([3.0, 2.0, 1.0], (5, 5))
    for imbalance in (0.0, 1e-12, 1.0, -8.0):
        for modes in ((), (1,), (2,), (0, 2), (1, 2)):
            options = {"hidden": 2, "scale": 0.3, "imbalance": imbalance}
            starts = two.Starts.on_stable_set(target, modes, 3, rng, **options)
            result = two.solve(target, starts, [0.0, 1e3, 1e6])
            end = np.zeros(target.shape)
            end[modes, modes] = target.singular_values[list(modes)]
            # Round-off would have grown by e^{1000}. Null directions shrink like 1/t for λ = 0.
            for late, allowed in ((1, 1e-2 if abs(imbalance) < 1e-3 else 1e-13), (2, 1e-5)):
                off = np.abs(result.end_to_end.values[:, late] - end).max()
                assert off <= allowed, (imbalance, modes)


def test_threads_and_neighbours_change_no_bit():
    starts = two.Starts.sample(TARGET, 200, 0, hidden=2, imbalance=0.5)
    alone = two.solve(TARGET, starts, TIMES, threads=1)
    for threads in (2, 3, 8):
        assert alone.identical(two.solve(TARGET, starts, TIMES, threads=threads))
    few = two.solve(TARGET, starts[[7, 3]], TIMES)
    for name, variable in few.items():
        if "start" in variable.dims:
            assert variable.values.tobytes() == alone[name].isel(start=[7, 3]).values.tobytes()


def test_the_layout_in_memory_compiles_nothing_anew():
    starts = two.Starts.sample(TARGET, 2, 0, hidden=2)
    known = two.solve(TARGET, starts, TIMES)
    compiled = len(_kernel.march.signatures), len(_rotations.find_echelon.signatures)
    turned = two.Starts(np.asfortranarray(starts.first), np.asfortranarray(starts.second))
    assert known.identical(two.solve(TARGET, turned, TIMES))
    assert compiled == (len(_kernel.march.signatures), len(_rotations.find_echelon.signatures))


def test_a_time_does_not_depend_on_the_others():
    starts = two.Starts.sample(TARGET, 3, 0, hidden=2)
    whole = two.solve(TARGET, starts, TIMES)
    for k, time in enumerate(TIMES):
        one = two.solve(TARGET, starts, [time])
        assert one.end_to_end.values.tobytes() == whole.end_to_end.values[:, [k]].tobytes()


def test_the_integrated_layers_agree():
    rng = np.random.default_rng(4)
    target = Target.from_matrix(rng.standard_normal((4, 3)))
    times = np.linspace(0, 20, 21)
    for hidden, imbalance, decay in ((1, 2.0, 0.0), (2, -0.5, 0.0), (3, 0.0, 0.3), (6, 0.0, 0.0)):
        starts = balanced(rng, target.shape, hidden, imbalance)
        exact = two.solve(target, starts, times, weight_decay=decay).isel(start=0)
        given = [starts.first[0] @ target.right.T, target.left @ starts.second[0]]
        flow = layers.integrate(target, given, times, weight_decay=decay, rtol=1e-12)
        turned = target.left @ exact.end_to_end.values @ target.right.T
        # A step is good to 1e-12, and up to a thousand of them add up.
        np.testing.assert_allclose(turned, flow.end_to_end[0], rtol=0, atol=1e-9)
        np.testing.assert_allclose(exact.loss, flow.loss[0], rtol=0, atol=1e-9)


def test_weights_of_one_hidden_neuron():
    rng = np.random.default_rng(8)
    for imbalance in IMBALANCES:
        starts = balanced(rng, TARGET.shape, 1, imbalance)
        result = two.solve(TARGET, starts, TIMES).isel(start=0)
        reference = ExactTwoLayers(TARGET, starts)
        for k, time in enumerate(TIMES):
            first, second = reference.layers(time)
            size = max(1.0, abs(imbalance)) ** 0.5
            for name, exact in (("first", first[0]), ("second", second[:, 0])):
                off = abs(result[name].values[k] - exact).max()
                assert off <= 1e-13 * size, (imbalance, name, time)


def test_variables_can_be_chosen():
    starts = two.Starts.sample(TARGET, 3, 0, hidden=2)
    every = two.solve(TARGET, starts, TIMES)
    for name in ("end_to_end", "singular_values", "loss", "excess", "distance", "error"):
        alone = two.solve(TARGET, starts, TIMES, variables=(name,))
        assert name in alone
        np.testing.assert_array_equal(alone[name], every[name])


def test_weight_decay_thresholds_the_singular_values():
    starts = balanced(np.random.default_rng(9), TARGET.shape, 3)
    result = two.solve(TARGET, starts, [1e3], weight_decay=1.5).isel(start=0, time=0)
    np.testing.assert_allclose(result.singular_values[:3], [1.5, 0.5, 0.0], rtol=0, atol=1e-14)
