"""`descend` is what plain layers do, step by step, and divergence is a result."""

import warnings
from itertools import islice

import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, descend, end_to_end, limits
from dlnpaper.one_neuron._descent_kernel import LANES

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 5))
METHODS = [("gradient_descent", 0.0), ("heavy_ball", 0.8), ("nesterov", 0.9)]


def plain_layers(matrix, layers, method, step, momentum, decay):
    """Yield explicit matrices after each step, by the definition of the method."""
    now, before = layers, layers
    while True:
        yield now
        ahead = [w + momentum * (w - old) for w, old in zip(now, before, strict=True)]
        at = ahead if method == "nesterov" else now
        upper, gradients = np.eye(len(matrix)), []
        lower = [np.eye(matrix.shape[1])]
        for w in at:
            lower.append(w @ lower[-1])
        residual = lower[-1] - matrix
        for w, below in zip(at[::-1], lower[-2::-1], strict=True):
            gradients.append(upper.T @ residual @ below.T + decay * w)
            upper = upper @ w
        moved = [w - step * g for w, g in zip(ahead, gradients[::-1], strict=True)]
        now, before = moved, now


def layers_of(start, depth, rng):
    """Return layers of random widths, one of them 1, with the factors of a start."""
    widths = rng.integers(1, 5, depth - 1)
    widths[rng.integers(depth - 1)] = 1
    hidden = [rng.standard_normal(n) for n in widths]
    vectors = [start.b[0], *(w / np.linalg.norm(w) for w in hidden), start.a[0]]
    size = start.s[0] ** (1 / depth)
    return [size * np.outer(vectors[j + 1], vectors[j]) for j in range(depth)]


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize(("method", "momentum"), METHODS)
@pytest.mark.parametrize("depth", [2, 3, 4, 5, 6])
def test_it_equals_explicit_layers_over_ten_thousand_steps(depth, method, momentum, decay):
    rng = np.random.default_rng(depth)
    start = StartingPoints.sample(TARGET, 1, rng=rng, s=0.5)
    how = {"step": 2e-3, "method": method, "momentum": momentum, "weight_decay": decay}
    path = descend(TARGET, depth, start, steps=10_000, every=2500, **how)
    found = end_to_end(TARGET, path).values[0]
    paths = plain_layers(TARGET.matrix, layers_of(start, depth, rng), method, 2e-3, momentum, decay)
    for k, (matrix, layers) in enumerate(zip(found, islice(paths, 0, None, 2500), strict=False)):
        expected = np.linalg.multi_dot(layers[::-1])
        assert np.abs(matrix - expected).max() <= 1e-12 * np.abs(expected).max()
        loss = np.linalg.norm(expected - TARGET.matrix) ** 2 / 2
        assert path.loss.values[0, k] == pytest.approx(loss, rel=1e-12)
        sizes = [np.linalg.norm(layer) ** 2 for layer in layers]
        # No force restores it, so rounding of the difference of weights adds up.
        assert path.imbalance.values[0, k] == pytest.approx(np.ptp(sizes), abs=1e-10)


def test_the_factors_make_the_end_to_end_matrix():
    starts = StartingPoints.sample(TARGET, 11, rng=1)
    path = descend(TARGET, [2, 5], starts, step=0.01, steps=300, every=100)
    for depth in (2, 5):
        at = path.sel(depth=depth)
        product = at["last"] * at["first"] * at["inner"] ** (depth - 2)
        found = end_to_end(TARGET, at)
        product = product.rename(left="row", right="column").transpose(*found.dims)
        np.testing.assert_allclose(found.values, product.values, rtol=1e-13, atol=1e-15)
    assert path.step.values.tolist() == [0, 100, 200, 300]
    assert (path["inner"].sel(depth=2) == 1).all()


def test_the_excess_keeps_its_digits():
    start = StartingPoints.sample(TARGET, 1, rng=0, s=1.0)
    path = descend(TARGET, 3, start, step=0.05, steps=400, every=50)
    excess, loss = path.excess.values[0], path.loss.values[0]
    np.testing.assert_allclose(excess, loss - 2.5, rtol=1e-9, atol=1e-14)
    # The least curvature, in (x_2, y_2): finite steps have left balance on the way.
    x, y, m = (float((path[name][0, -1] ** 2).sum()) for name in ("last", "first", "inner"))
    between = -2 * m**0.5
    slow = np.linalg.eigvalsh([[m * y, between], [between, m * x]])[0]
    assert 1e-25 < excess[-1] < 1e-20
    assert excess[-1] / excess[-2] == pytest.approx((1 - 0.05 * slow) ** 100, rel=1e-6)


def test_neither_threads_nor_neighbors_change_a_bit():
    starts = StartingPoints.sample(TARGET, 3 * LANES + 5, rng=2)
    how = {"step": 0.05, "steps": 500, "every": 250, "method": "nesterov", "momentum": 0.9}
    path = descend(TARGET, 3, starts, threads=1, **how)
    assert descend(TARGET, 3, starts, threads=3, **how).identical(path)
    for i in (0, LANES + 1, 3 * LANES + 4):
        alone = descend(TARGET, 3, starts[[i]], **how)
        assert alone.identical(path.isel(start=[i]))


@pytest.mark.parametrize(("method", "momentum"), METHODS)
def test_mirrored_starts_stay_on_the_stable_set(method, momentum):
    a = [[0.6, 0.8, 0.0, 0.0]]
    start = StartingPoints(a, [[-0.6, 0.8, 0.0, 0.0, 0.0]], s=0.3)
    how = {"method": method, "momentum": momentum, "step": 0.05}
    path = descend(TARGET, 3, start, steps=20_000, every=20_000, **how)
    assert path.s.values[0, -1] == pytest.approx(2.0, rel=1e-14)
    assert limits(TARGET, start)["value"].values == 2.0
    assert path.a.values[0, -1, 0] == -path.b.values[0, -1, 0]


@pytest.mark.parametrize("depth", [2, 3, 40])
@pytest.mark.parametrize(("method", "momentum"), METHODS)
def test_divergence_is_a_result(depth, method, momentum):
    drawn = StartingPoints.sample(TARGET, 3, rng=3)
    starts = StartingPoints(drawn.a, drawn.b, [1e-3, 1.0, 1e30])
    how = {"method": method, "momentum": momentum, "step": 2.5}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = descend(TARGET, depth, starts, steps=4000, **how)
    at = path.diverged_at.values
    assert path.diverged.values[2]
    assert not path.isnull().to_dataarray().any()
    for i in np.flatnonzero(path.diverged):
        before, after = path.isel(start=i, step=at[i] - 1), path.isel(start=i, step=at[i])
        assert np.isinf(after[["s", "loss", "excess", "imbalance"]].to_dataarray()).all()
        assert np.isfinite(before[["s", "loss", "excess", "imbalance"]].to_dataarray()).all()
        for name in ("a", "b", "first", "last", "inner"):
            assert (after[name] == before[name]).all()
    rare = descend(TARGET, depth, starts, steps=4000, every=1000, **how)
    assert rare.diverged_at.values.tolist() == at.tolist()


@pytest.mark.parametrize("depth", [2, 3])
def test_a_point_ahead_that_diverges_belongs_to_the_next_step(depth):
    # Of a thousand starts, some ten have a moderate state when the point ahead is too large.
    drawn = StartingPoints.sample(TARGET, 1000, rng=6)
    s = np.exp(np.random.default_rng(7).uniform(1, 8, 1000))
    starts = StartingPoints(drawn.a, drawn.b, s)
    how = {"step": 0.5, "method": "nesterov", "momentum": 0.9, "variables": ["loss", "a"]}
    path = descend(TARGET, depth, starts, steps=60, **how)
    for i in np.flatnonzero(path.diverged):
        at = int(path.diverged_at[i])
        assert np.isinf(path.loss.values[i, at:]).all()
        assert np.isfinite(path.loss.values[i, :at]).all()
        assert (path.a.values[i, at:] == path.a.values[i, at - 1]).all()


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"step": 0.0}, ValueError, "step must be positive and finite, got 0.0; stable_step"),
        ({"step": "1"}, TypeError, "step must be a real number, got '1'"),
        ({"steps": -1}, ValueError, "steps must be an integer >= 0, got -1; pass how many"),
        ({"steps": 1.5}, TypeError, "steps must be an integer >= 0, got 1.5"),
        ({"every": 0}, ValueError, "every must be a positive integer, got 0; 1 returns"),
        ({"method": "adam"}, ValueError, "method must be one of gradient_descent, heavy_ball"),
        ({"momentum": 0.5}, ValueError, "momentum must be 0 for gradient_descent, got 0.5; leave"),
        (
            {"method": "nesterov", "momentum": 1.0},
            ValueError,
            "momentum must lie from 0 to below 1, got 1.0; 0.9 is usual",
        ),
        ({"weight_decay": -1.0}, ValueError, "weight_decay must be finite and at least 0"),
        ({"variables": ["los"]}, ValueError, "got 'los'; did you mean 'loss'"),
    ],
)
def test_bad_arguments_get_one_sentence(changes, error, sentence):
    start = StartingPoints.sample(TARGET, 1, rng=0)
    with pytest.raises(error, match=sentence):
        descend(TARGET, 3, start, **({"step": 0.1, "steps": 1} | changes))
