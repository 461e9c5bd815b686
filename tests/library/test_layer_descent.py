"""`layers.descend` is what plain matrices do, for any widths, data and method."""

import warnings
from itertools import islice, pairwise

import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, descend, end_to_end, layers
from tests.library.test_descent import METHODS, plain_layers

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 5))


def random_layers(widths, count, seed, scale=0.4):
    """Return Gaussian layers of some networks, neither balanced nor of rank one."""
    rng = np.random.default_rng(seed)
    return [scale * rng.standard_normal((count, out, into)) for into, out in pairwise(widths)]


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize(("method", "momentum"), METHODS)
@pytest.mark.parametrize("widths", [(5, 3, 4), (5, 6, 2, 3, 4)])
def test_it_equals_plain_matrices(widths, method, momentum, decay):
    start = random_layers(widths, 2, seed=1)
    how = {"step": 5e-3, "method": method, "momentum": momentum, "weight_decay": decay}
    path = layers.descend(TARGET, start, steps=10_000, every=5_000, **how)
    for i in range(2):
        first = [layer[i] for layer in start]
        plain = plain_layers(TARGET.matrix, first, method, 5e-3, momentum, decay)
        for k, expected in enumerate(islice(plain, 0, 10_001, 5_000)):
            found = [path[f"layer_{j + 1}"].values[i, k] for j in range(len(first))]
            product = np.linalg.multi_dot(expected[::-1])
            largest = np.abs(product).max()
            assert np.abs(path.end_to_end.values[i, k] - product).max() <= 1e-12 * largest
            for one, other in zip(found, expected, strict=True):
                # Along flat directions no force restores a layer, so rounding adds up.
                np.testing.assert_allclose(one, other, atol=1e-10)
            loss = np.linalg.norm(product - TARGET.matrix) ** 2 / 2
            assert path.loss.values[i, k] == pytest.approx(loss, rel=1e-12, abs=1e-24)


def test_data_that_are_not_whitened_weigh_the_loss():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((5, 40)) / 6
    outputs = rng.standard_normal((4, 5)) @ inputs + 0.1 * rng.standard_normal((4, 40))
    target = Target.from_matrix(outputs @ np.linalg.pinv(inputs))
    start = random_layers((5, 4, 4), 1, seed=2)
    moment = inputs @ inputs.T
    path = layers.descend(target, start, step=0.02, steps=50, second_moment=moment)
    lower, upper = start[0][0], start[1][0]
    for k in range(51):
        np.testing.assert_allclose(path.end_to_end.values[0, k], upper @ lower, rtol=1e-11)
        residual = (upper @ lower @ inputs - outputs) @ inputs.T
        lower, upper = (
            lower - 0.02 * upper.T @ residual,
            upper - 0.02 * residual @ lower.T,
        )


@pytest.mark.parametrize(("method", "momentum"), METHODS)
def test_it_agrees_with_the_reduction_of_one_neuron(method, momentum):
    starts = StartingPoints.sample(TARGET, 3, rng=4, s=0.3)
    how = {"step": 0.01, "method": method, "momentum": momentum, "steps": 10_000, "every": 2_000}
    reduced = descend(TARGET, 4, starts, **how)
    each = [starts.layers(i, 4, [3, 1, 2], rng=i) for i in range(3)]
    stacks = zip(*each, strict=True)
    full = layers.descend(TARGET, [np.stack(layer) for layer in stacks], **how)
    found, expected = full.end_to_end.values, end_to_end(TARGET, reduced).values
    assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize(("method", "momentum"), METHODS)
def test_divergence_is_a_result(method, momentum):
    start = random_layers((5, 3, 4), 3, seed=5)
    start = [layer * np.array([1e-3, 1.0, 1e9])[:, None, None] for layer in start]
    how = {"step": 0.9, "method": method, "momentum": momentum}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = layers.descend(TARGET, start, steps=300, **how)
    at = path.diverged_at.values
    assert path.diverged.values[2]
    assert not path.isnull().to_dataarray().any()
    for i in np.flatnonzero(path.diverged):
        before, after = path.isel(start=i, step=at[i] - 1), path.isel(start=i, step=at[i])
        for name in ("loss", "norm", "distance", "imbalance"):
            assert np.isinf(after[name]).all()
            assert np.isfinite(before[name]).all()
        for name in ("layer_1", "layer_2", "end_to_end"):
            assert (after[name] == before[name]).all()
    rare = layers.descend(TARGET, start, steps=300, every=100, **how)
    assert rare.diverged_at.values.tolist() == at.tolist()


def test_a_point_ahead_that_diverges_belongs_to_the_next_step():
    # Of these starts, a few have a moderate state when the point ahead is too large.
    sizes = np.exp(np.random.default_rng(8).uniform(0, 4, 3000))[:, None, None]
    start = [layer * sizes for layer in random_layers((5, 3, 4), 3000, seed=9)]
    path = layers.descend(TARGET, start, steps=40, step=0.5, method="nesterov", momentum=0.9)
    for i in np.flatnonzero(path.diverged):
        at = int(path.diverged_at[i])
        assert np.isinf(path.loss.values[i, at:]).all()
        assert np.isfinite(path.loss.values[i, :at]).all()
        assert (path.end_to_end.values[i, at] == path.end_to_end.values[i, at - 1]).all()


def test_bad_arguments_get_one_sentence():
    start = random_layers((5, 3, 4), 1, seed=0)
    for changes, sentence in [
        ({"step": -1.0}, "step must be positive and finite, got -1.0"),
        ({"momentum": 0.3}, "momentum must be 0 for gradient_descent, got 0.3"),
        ({"second_moment": np.eye(4)}, r"second_moment must have shape \(5, 5\)"),
        ({"every": 0}, "every must be a positive integer, got 0"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            layers.descend(TARGET, start, **({"step": 0.1, "steps": 1} | changes))
    with pytest.raises(ValueError, match="must have"):
        layers.descend(TARGET, start[::-1], step=0.1, steps=1)
