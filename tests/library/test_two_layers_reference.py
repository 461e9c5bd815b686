"""The reference of two layers against stored cases, and its two formulas against each other."""

import mpmath as mp
import numpy as np
import pytest

from dlnpaper import Target
from tests.library.two_layer_problems import (
    IMBALANCES,
    NAMES,
    REFERENCE,
    balanced,
    reference_problem,
    two,
    widths,
)
from tests.references.two_layers import DIGITS, ExactTwoLayers, riccati


@pytest.mark.parametrize("case", REFERENCE, ids=NAMES)
def test_the_stored_cases_are_met_to_their_rounding(case):
    target, starts, times, decay = reference_problem(case)
    reference = ExactTwoLayers(target, starts, decay)
    for time, product, loss in zip(times, case["W"], case["loss"], strict=True):
        exact = reference.at(time)
        # Stored as doubles. What the loss sums up is rounded as well, where the cases were made.
        np.testing.assert_allclose(exact["end_to_end"].astype(float), product, rtol=0, atol=3e-16)
        np.testing.assert_allclose(float(exact["loss"]), loss, rtol=2e-15, atol=1e-29)


@pytest.mark.parametrize("imbalance", IMBALANCES)
def test_minors_and_riccatis_formula_agree(imbalance):
    rng = np.random.default_rng(5)
    for shape, sigma in (((2, 4), [1.5]), ((3, 3), [2.0, 2.0, 0.7])):
        target = Target(sigma, shape)
        for hidden in (1, min(4, widths(shape, imbalance) or 4)):
            starts = balanced(rng, shape, hidden, imbalance)
            decay = 0.7 if imbalance == 0 else 0.0
            reference = ExactTwoLayers(target, starts, decay)
            for time in (0.0, 1e-6, 0.3, 20.0):
                plain = riccati(target, starts, time, decay)
                # Riccati's formula has 60 digits to spare.
                assert mp.norm([*(plain - reference.gram(time)).flat]) < 1e-50


@mp.workdps(DIGITS)
def test_weights_of_one_hidden_neuron_multiply_to_the_product():
    rng = np.random.default_rng(6)
    target = Target([2.0, 1.0], (3, 4))
    for imbalance in (0.0, 1e-8, -2.0):
        reference = ExactTwoLayers(target, balanced(rng, (3, 4), 1, imbalance))
        for time in (0.0, 3.0, 1e6):
            first, second = reference.layers(time)
            difference = second @ first - reference.at(time)["end_to_end"]
            assert mp.norm([*difference.flat]) < 1e-150
            lost = mp.norm([*second.flat]) ** 2 - mp.norm([*first.flat]) ** 2
            assert abs(lost - imbalance) < 1e-14  # the start's own rounding


@pytest.mark.parametrize(("last", "end"), [(-0.5, 1.0), (0.5, 0.0)])
def test_starts_on_stable_sets_stay_at_any_time(last, end):
    # By hand: coefficients in two hidden units are zero for mode 1, (√2, √8) for mode 2, and for
    # mode 3 either no multiple of these or a quarter of them.
    target = Target([3.0, 2.0, 1.0], (3, 3))
    first = [[0.5, 1.0, 0.25], [-0.25, 2.0, last]]
    second = np.transpose(first) * np.array([[-1.0], [1.0], [1.0]])
    reference = ExactTwoLayers(target, two.Starts([first], [second], imbalance=[0.0]))
    product = reference.at(1e6)["end_to_end"].astype(float)
    np.testing.assert_allclose(product, np.diag([0.0, 2.0, end]), rtol=0, atol=1e-15)
