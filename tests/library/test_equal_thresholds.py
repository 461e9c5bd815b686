"""The weight decay of a given threshold, against the regularized loss itself."""

import numpy as np
import pytest

from dlnpaper.one_neuron._equal_thresholds import decay_of_threshold


@pytest.mark.parametrize(("depth", "threshold"), [(3, 1.0), (4, 0.2), (6, 5.0), (11, 1.0)])
def test_at_the_threshold_the_best_positive_value_is_as_good_as_zero(depth, threshold):
    decay = decay_of_threshold(depth, threshold)
    # The minimum is flat: on a grid of this step the loss is found to its square, 1e-10.
    s = threshold * np.linspace(0.05, 1.0, 95_001)
    loss = 0.5 * (s - threshold) ** 2 + 0.5 * depth * decay * s ** (2 / depth)
    assert loss.min() == pytest.approx(0.5 * threshold**2, rel=1e-9)
    # The jump, by hand: (N - 2)/(N - 1) of the threshold.
    assert s[loss.argmin()] == pytest.approx(threshold * (depth - 2) / (depth - 1), rel=1e-4)


def test_for_two_layers_the_decay_is_the_threshold():
    assert decay_of_threshold(2, 0.3) == 0.3
    # By hand: σ_g = 2 μ^(3/4) for N = 3.
    assert decay_of_threshold(3, 1.0) == pytest.approx(2 ** (-4 / 3), rel=1e-14)
