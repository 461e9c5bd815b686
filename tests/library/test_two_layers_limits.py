"""Where two layers end and how fast they get there, against many digits and patterns by hand."""

from itertools import combinations

import mpmath as mp
import numpy as np
import pytest

from dlnpaper import Target
from tests.library.two_layer_problems import balanced, draw_problem, two, widths
from tests.references.two_layers import DIGITS, ExactTwoLayers

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
KINDS = ("origin", "saddle", "global_minimizer")


@pytest.mark.parametrize("seed", range(100, 130))
def test_limits_of_random_starts_are_those_at_infinite_time(seed):
    target, starts, decay = draw_problem(np.random.default_rng(seed))
    found = two.limits(target, starts, weight_decay=decay).isel(start=0)
    reference = ExactTwoLayers(target, starts, decay)
    end = reference.problem.product(reference.limit).astype(float)
    size = target.singular_values[0]
    # Where a limit cuts through a tie it is a projection, of what the start's layers round.
    np.testing.assert_allclose(found.end_to_end, end, rtol=0, atol=1e-12 * size)
    assert found["rank"] == np.linalg.matrix_rank(end, tol=1e-9)
    # The share of a mode in W(∞), in units of what a chosen mode has.
    value = np.maximum(target.singular_values - decay, 0.0)
    share = np.where(value > 0, end.diagonal()[: target.rank] / np.where(value > 0, value, 1), 0)
    np.testing.assert_allclose(found.chosen, share, rtol=0, atol=1e-11)
    best = np.sum(value[: starts.hidden] ** 2) * (1 - 1e-9)
    kind = 0 if not end.any() else 1 + int(np.sum(end**2) >= best)
    assert found.kind == kind
    assert found.kind_name == KINDS[kind]


@pytest.mark.parametrize("hidden", [1, 2, 3, 4, 5])
def test_every_pattern_of_modes_is_a_limit(hidden):
    target = Target([4.0, 3.0, 2.0, 1.0], (5, 6))
    for imbalance in (0.0, 1e-12, 2.0, -2.0):
        room = (widths(target.shape, imbalance) or np.inf) - target.rank
        for count in range(min(hidden, target.rank) + 1):
            if imbalance and hidden - count > room:
                continue
            for modes in combinations(range(target.rank), count):
                options = {"hidden": hidden, "imbalance": imbalance}
                starts = two.Starts.on_stable_set(target, modes, 2, 0, **options)
                found = two.limits(target, starts)
                chosen = np.isin(np.arange(target.rank), modes)
                np.testing.assert_array_equal(found.chosen, [chosen, chosen])
                end = np.zeros(target.shape)
                np.fill_diagonal(end, np.append(target.singular_values, 0) * np.append(chosen, 0))
                np.testing.assert_array_equal(found.end_to_end, [end, end])
                best = modes == tuple(range(min(hidden, target.rank)))
                kind = 0 if not count else 2 if best else 1
                np.testing.assert_array_equal(found.kind, [kind, kind])
                np.testing.assert_array_equal(found["rank"], [count, count])


def test_proportional_coefficients_leave_a_mode_out():
    # The second mode's coefficients are exactly half of the first's: it cannot be chosen, nor can
    # round-off of an elimination choose it.
    first = np.array([[[0.75, 0.375, 0.125], [-0.25, -0.125, 0.5]]])
    starts = two.Starts(first, first.mT, imbalance=[0.0])
    target = Target([3.0, 2.0, 1.0], (3, 3))
    found = two.limits(target, starts)
    np.testing.assert_array_equal(found.chosen, [[1.0, 0.0, 1.0]])
    late = two.solve(target, starts, [1e6]).end_to_end[0, 0]
    np.testing.assert_allclose(late, np.diag([3.0, 0.0, 1.0]), rtol=0, atol=1e-14)


def test_the_limit_cuts_through_ties_as_the_coefficients_say():
    # One neuron between equal singular values: the direction of its coefficients, as one neuron's.
    target = Target([2.0, 2.0], (2, 2))
    starts = two.Starts([[[0.3, 0.4]]], [[[0.3], [0.4]]])
    found = two.limits(target, starts).isel(start=0)
    direction = np.array([0.6, 0.8])
    np.testing.assert_allclose(found.end_to_end, 2 * np.outer(direction, direction), atol=1e-15)
    np.testing.assert_allclose(found.chosen, direction**2, atol=1e-15)
    assert (found.kind_name, found["rank"]) == ("global_minimizer", 1)


def test_weight_decay_leaves_out_modes_below_it():
    starts = balanced(np.random.default_rng(0), TARGET.shape, 3)
    for decay, values in ((0.5, [2.5, 1.5, 0.5]), (1.0, [2.0, 1.0, 0.0]), (3.0, [0, 0, 0])):
        found = two.limits(TARGET, starts, weight_decay=decay).isel(start=0)
        np.testing.assert_array_equal(found.end_to_end.values.diagonal(), values)
        assert found["rank"] == np.count_nonzero(values)
        assert found.kind_name == ("global_minimizer" if any(values) else "origin")


def test_doubt_is_told():
    # A mode whose coefficients are zero but for the rotation into the target's basis.
    rng = np.random.default_rng(1)
    target = Target.from_matrix(rng.standard_normal((3, 3)))
    sure = balanced(rng, (3, 3), 1)
    lost = two.Starts.on_stable_set(target, [1], 1, 0, hidden=1)
    turned = [
        two.Starts.from_layers(
            target, [each.first[0] @ target.right.T, target.left @ each.second[0]]
        )
        for each in (sure, lost)
    ]
    found = [bool(two.limits(target, each).within_rounding[0]) for each in (*turned, lost)]
    assert found == [False, True, False]


CASES = {
    "one neuron": (TARGET, 1, 0.0, 0.0),
    "one neuron, imbalanced": (TARGET, 1, 2.0, 0.0),
    "one neuron, far from balanced": (Target([2.0, 1.0], (3, 2)), 1, -32.0, 0.0),
    "bottleneck": (TARGET, 2, 0.0, 0.0),
    "bottleneck, imbalanced": (TARGET, 2, 1.0, 0.0),
    "all modes": (Target([2.0, 1.0], (3, 4)), 2, -0.5, 0.0),
    "all modes, null directions left over": (Target([2.0, 1.0], (4, 3)), 3, 0.5, 0.0),
    "decay": (TARGET, 2, 0.0, 0.3),
    "decay above a mode": (TARGET, 3, 0.0, 1.4),
    "tie below": (Target([3.0, 1.0, 1.0], (3, 3)), 1, 0.0, 0.0),
    "tie chosen": (Target([3.0, 3.0, 1.0], (3, 4)), 2, 0.0, 0.0),
    "tie cut": (Target([2.0, 2.0, 0.5], (3, 3)), 1, 0.7, 0.0),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_rates_and_prefactors_are_those_of_many_digits(case):
    target, hidden, imbalance, decay = case
    starts = balanced(np.random.default_rng(3), target.shape, hidden, imbalance)
    laws = two.rates(target, starts, weight_decay=decay).isel(start=0)
    reference = ExactTwoLayers(target, starts, decay)
    for name in ("distance", "excess"):
        law = laws.sel(quantity=name)
        assert law.exponent == 0
        # Late enough for terms of other rates to be gone, early enough for 200 digits.
        early, late = 200 / float(law.rate), 300 / float(law.rate)
        one, two_ = (reference.at(time)[name] for time in (early, late))
        measured = float(mp.log(one / two_)) / (late - early)
        np.testing.assert_allclose(law.rate, measured, rtol=1e-3)
        with mp.workdps(DIGITS):
            prefactor = float(mp.log(two_) + mp.mpf(float(law.rate)) * mp.mpf(late))
        np.testing.assert_allclose(law.log_prefactor, prefactor, rtol=0, atol=1e-3)


@pytest.mark.parametrize("decay", [0.0, 1.0])
def test_left_over_hidden_units_decay_like_one_over_the_time(decay):
    # Null directions of a balanced start, or a mode whose weight decay is its singular value. The
    # latter alone has an effect on the loss.
    target = Target([3.0, 1.0], (3, 4))
    starts = balanced(np.random.default_rng(4), target.shape, 3 if decay == 0 else 2)
    laws = two.rates(target, starts, weight_decay=decay).isel(start=0).sel(quantity="distance")
    assert (laws.rate, laws.exponent) == (0, 1)
    reference = ExactTwoLayers(target, starts, decay)
    value = float(reference.at(1e8)["distance"]) * 1e8
    np.testing.assert_allclose(np.exp(laws.log_prefactor), value, rtol=1e-6)


def test_exact_limits_have_no_rate():
    # A start at its limit: balanced layers of the best approximation.
    root = np.sqrt(2.0)
    starts = two.Starts([[[root, 0.0]]], [[[root], [0.0]]], imbalance=[0.0])
    laws = two.rates(Target([root * root, 1.0], (2, 2)), starts).isel(start=0)
    assert np.isfinite(laws.rate).all() or (laws.rate == np.inf).all()
    assert len(laws.quantity) == 2
