"""The spectrum of the Hessian at a limit is that of the layers' loss, differentiated."""

from collections import Counter

import numpy as np
import pytest

from dlnpaper import Target, hessian_spectrum

TARGETS = {
    "tall": Target([3.0, 2.0, 0.5], shape=(5, 3)),
    "wide": Target([2.0, 1.0], shape=(3, 4)),
    "tied": Target([2.0, 2.0, 1.0], shape=(3, 3)),
    "one": Target([1.5], shape=(1, 1)),
}


def gradient(weights, shapes, matrix):
    """Return the gradient of ½‖W_N ... W_1 − Z‖², of real or complex weights."""
    ends = np.cumsum([rows * columns for rows, columns in shapes])
    layers = [
        part.reshape(shape)
        for part, shape in zip(np.split(weights, ends[:-1]), shapes, strict=True)
    ]
    lower = [np.eye(matrix.shape[1])]
    for layer in layers:
        lower.append(layer @ lower[-1])
    above, parts = lower[-1] - matrix, []
    for layer, below in zip(layers[::-1], lower[-2::-1], strict=True):
        parts.append((above @ below.T).ravel())
        above = layer.T @ above
    return np.concatenate(parts[::-1])


def hessian(layers, matrix):
    """Differentiate the gradient by complex steps, which lose no digits."""
    shapes = [layer.shape for layer in layers]
    weights = np.concatenate([layer.ravel() for layer in layers])
    rows = 1e-30j * np.eye(len(weights)) + weights
    return np.array([gradient(row, shapes, matrix).imag for row in rows]) / 1e-30


def layers_at(target, depth, limit, widths):
    """Return balanced layers of these hidden widths, one of them 1, at a limit."""
    rng = np.random.default_rng(7)
    sides = [target.shape[1], *widths, target.shape[0]]
    if limit == "origin":
        return [np.zeros((sides[j + 1], sides[j])) for j in range(depth)]
    units = [rng.standard_normal(n) for n in widths]
    vectors = [
        np.eye(target.shape[1])[limit],
        *(v / np.linalg.norm(v) for v in units),
        np.eye(target.shape[0])[limit],
    ]
    size = target.singular_values[limit] ** (1 / depth)
    return [size * np.outer(vectors[j + 1], vectors[j]) for j in range(depth)]


@pytest.mark.parametrize("depth", [2, 3, 4, 5, 6])
@pytest.mark.parametrize(
    ("name", "limit"),
    [(name, k) for name, target in TARGETS.items() for k in [*range(target.rank), "origin"]],
)
def test_it_is_that_of_the_differentiated_loss(name, limit, depth):
    target = TARGETS[name]
    spectrum = hessian_spectrum(target, depth, limit)
    expected = np.repeat(spectrum["eigenvalue"].values, spectrum["multiplicity"].values)
    for widths in ([1] * (depth - 1), [*range(depth - 1, 1, -1), 1]):
        layers = layers_at(target, depth, limit, widths)
        found = np.linalg.eigvalsh(hessian(layers, target.matrix))
        more = np.zeros(len(found) - len(expected))
        predicted = np.sort(np.concatenate([expected, more]))
        scale = max(1.0, np.abs(predicted).max())
        np.testing.assert_allclose(found, predicted, atol=1e-12 * scale)


def test_it_says_what_moves():
    spectrum = hessian_spectrum(TARGETS["tall"], 3, 1)
    counts = Counter()
    for kind, count in zip(
        spectrum["direction"].values, spectrum["multiplicity"].values, strict=True
    ):
        counts[kind] += count
    assert counts == {"magnitude": 1, "rotation": 4, "null": 2, "flat": 2}
    negative = spectrum.isel(direction=-1)
    assert negative["direction"] == "rotation"
    assert negative["mode"] == 0
    assert negative["eigenvalue"] == pytest.approx(2 ** (1 / 3) * (2 - 3), rel=1e-15)


@pytest.mark.parametrize("limit", [3, -1, True, 1.0, "global"])
def test_a_limit_that_is_none_is_refused(limit):
    with pytest.raises(ValueError, match=r'limit must be "origin" or the index .* 0 to 2, got'):
        hessian_spectrum(TARGETS["tall"], 3, limit)
