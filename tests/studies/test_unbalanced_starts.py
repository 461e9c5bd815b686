"""Gaussian layers against the balanced theory: times, the kernel, and what the claims notice."""

import numpy as np
import pytest

from companion.claims import Claim, judge
from companion.registry import Studies
from dlnpaper import Target, layers
from studies.unbalanced_starts import figure, passages
from studies.unbalanced_starts import measure as measuring
from studies.unbalanced_starts import table as tabulating
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

SIZES = {
    "deep": [3],
    "widths": [2, 32],
    "scales": [1.0, 0.1, 0.01],
    "small_scales": [1e-8, 1.0],
    "exact_size": 100,
    "size": 16,
    "seed": 91,
}
MODES = {"singular_values": [2.0, 1.0], "shape": [3, 3]}
TARGET = Target([2.0, 1.0], shape=(3, 3))


@pytest.fixture(scope="module")
def measured():
    return measuring.measure(target=MODES, **SIZES)


def outcomes(measured):
    config = {"memory_mb": 1, "studies": {"unbalanced_starts": SIZES}}
    entries = Studies(config, ROOT).claims()
    claims = [Claim(**each) for each in entries if each["study"] == "unbalanced_starts"]
    tables = {"unbalanced_starts": tabulating.table(measured)}
    return {claim.id: judge(claim, tables).outcome for claim in claims}


def falsified(measured):
    return {name for name, outcome in outcomes(measured).items() if outcome == "falsified"}


def test_the_claims_hold(measured):
    found = outcomes(measured)
    # So few networks do not give its interval.
    assert found.pop("unbalanced_persists") == "not applicable"
    assert set(found.values()) == {"supported"}


@pytest.mark.parametrize("widths", [[1, 3], [1, 2, 2]])
def test_integrated_times_are_those_of_another_integration(widths):
    drawn = layers.gaussian(TARGET, widths, 3, rng=5)
    times = passages.integrated_times(TARGET, drawn, np.ones(3))
    for i, time in enumerate(times):
        network = [layer[i] for layer in drawn]
        path = layers.integrate(TARGET, network, [0.0, time], method="DOP853", rtol=1e-11)
        # The rank-one minimizer leaves the loss of the second mode.
        first, last = path["loss"].values[0] - 0.5
        assert last / first == pytest.approx(0.01, rel=1e-5)


@pytest.mark.parametrize("scale", [1.0, 1e-2])
def test_exact_times_are_those_of_an_integration(scale):
    drawn = [scale * layer for layer in layers.gaussian(TARGET, [1], 3, rng=6)]
    near = passages.balanced_times(TARGET, 2, drawn)
    integrated = passages.integrated_times(TARGET, drawn, near)
    np.testing.assert_allclose(passages.exact_times(TARGET, drawn, near), integrated, rtol=1e-5)


def test_balanced_starts_have_the_same_matrix():
    drawn = layers.gaussian(TARGET, [1, 4, 2], 5, rng=7)
    product = drawn[3] @ drawn[2] @ drawn[1] @ drawn[0]
    starts = passages.balanced_starts(drawn)
    again = starts.s[:, None, None] * starts.a[:, :, None] * starts.b[:, None, :]
    np.testing.assert_allclose(again, product, rtol=0, atol=1e-14 * np.abs(product).max())


def test_the_kernel_is_that_of_finite_differences():
    upper = [layer[:1] for layer in layers.gaussian(TARGET, [1, 4, 2], 1, rng=8)][1:]

    def product(stacks):
        return (stacks[2] @ stacks[1] @ stacks[0])[0, :, 0]

    columns, h = [], 1e-6
    for j, layer in enumerate(upper):
        for index in np.ndindex(layer.shape):
            moved = [each.copy() for each in upper]
            moved[j][index] += h
            ahead = product(moved)
            moved[j][index] -= 2 * h
            columns.append((ahead - product(moved)) / (2 * h))
    jacobian = np.array(columns).T
    # The kernel's trace over the number of outputs; the product is linear in every weight.
    expected = np.trace(jacobian @ jacobian.T) / 3
    assert passages._kernel(upper)[0] == pytest.approx(expected, rel=1e-8)


def test_a_network_whose_kernel_is_constant_takes_the_time_that_is_predicted():
    # Two layers whose upper one learns κ = 1 times as fast are these layers.
    drawn = layers.gaussian(TARGET, [1], 4, rng=9)
    near = passages.balanced_times(TARGET, 2, drawn)
    found = passages.frozen_times(TARGET, drawn, near)
    np.testing.assert_allclose(found, passages.exact_times(TARGET, drawn, near), rtol=1e-12)


def test_the_law_of_the_imbalance_is_that_of_single_numbers():
    # For squares x, y of independent normal numbers: E (y - x)² = 4 and E (x² + y²) = 6.
    assert measuring.imbalance_law(1, 1, 1) == pytest.approx(4 / 6, rel=1e-15)


def _doubled(function):
    def changed(matrix, stacks, *rest):
        product, directions = function(matrix, stacks, *rest)
        return product, [2 * directions[0], *directions[1:]]

    return changed


def _without_changes_of_sign(function):
    def changed(target, stacks, near):
        times = function(target, stacks, near)
        if target.shape != (1, 1):
            return times
        first, upper = passages.factors(stacks)
        return np.where(first[:, 0] * upper[:, 0] < 0, np.inf, times)

    return changed


MUTATIONS = {
    "balanced starts of twice the magnitude": (
        passages,
        "first_passage",
        lambda passage: (
            lambda target, depth, starts, excess: passage(
                target, depth, type(starts)(starts.a, starts.b, 2 * starts.s), excess=excess
            )
        ),
        {"unbalanced_shift"},
    ),
    "a flow whose first layer is twice as fast": (
        passages,
        "descent_directions",
        _doubled,
        {"unbalanced_wide"},
    ),
    "half the kernel": (
        passages,
        "_kernel",
        lambda kernel: lambda upper: kernel(upper) / 2,
        {"unbalanced_wide", "unbalanced_wide_order"},
    ),
    "an imbalance without the fourth moments": (
        measuring,
        "imbalance_law",
        lambda _: (
            lambda into, middle, out: (
                1 - 2 * out / (middle * (middle + into) / into + out * (out + middle) / middle)
            )
        ),
        {"unbalanced_imbalance"},
    ),
    "layers that keep the sign of a number": (
        passages,
        "integrated_times",
        _without_changes_of_sign,
        {"unbalanced_signs"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_wrong_laws_falsify_claims(name, monkeypatch):
    module, attribute, change, noticed = MUTATIONS[name]
    monkeypatch.setattr(module, attribute, change(getattr(module, attribute)))
    found = falsified(measuring.measure(target=MODES, **SIZES))
    assert noticed <= found


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"scales": [0.5, 0.1]}, "scales must hold 1"),
        ({"target": {"singular_values": [1.0, 1.0], "shape": [3, 3]}}, "must have singular values"),
    ],
)
def test_bad_settings_get_one_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        Studies({"memory_mb": 1, "studies": {"unbalanced_starts": settings}}, ROOT)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    drawn = figure.data(measured)
    check_rendering(lambda: figure.draw(drawn), monkeypatch)
