import numpy as np
import pytest

from dlnpaper import StartingPoints, Target, solve
from dlnpaper.one_neuron._alignment import first_alignment
from dlnpaper.one_neuron._quadrature import follow, modes

TARGET = Target([3, 2, 1], (4, 3))


@pytest.mark.parametrize("depth", [2, 3, 4, 7, 30])
@pytest.mark.parametrize("shape", [(3, 3), (4, 6)])
def test_time_at_tau_inverts_the_closed_form(shape, depth):
    # Two algorithms that share no code: Gauss-Legendre in τ here, collocation and inversion there.
    target = Target([3, 2, 1], shape)
    starts = StartingPoints.sample(target, 40, 8, s=(0.05, 20.0))
    times = np.geomspace(1e-3, 20, 15)
    exact = solve(target, depth, starts, times, variables=("log_s", "tau"))
    rates, amplitudes = modes(target, starts, 3.0)
    t, log_s, *_ = follow(rates, amplitudes, 3.0, starts.s, depth, exact.tau.values)
    # Each promises 1e-11 or better; an error of τ shows in t and in s through their slopes.
    np.testing.assert_allclose(t, np.broadcast_to(times, t.shape), rtol=1e-10)
    np.testing.assert_allclose(log_s, exact.log_s, rtol=1e-10, atol=1e-10)


def test_alignment_at_its_first_passage_is_the_level():
    starts = StartingPoints.sample(TARGET, 200, 8)
    rates, amplitudes = modes(TARGET, starts, 3.0)
    for level in (-1.0, 0.0, 1.5, 2.9):
        tau = first_alignment(rates, amplitudes, 3.0, level)[:, None]
        up = (starts.alpha(TARGET) * np.exp(TARGET.singular_values * tau)) ** 2
        down = (starts.beta(TARGET) * np.exp(-TARGET.singular_values * tau)) ** 2
        energy = (up + down).sum(axis=1) / 4 + starts.rho(TARGET) ** 2
        alignment = ((up - down) @ TARGET.singular_values) / (4 * energy)
        late = tau[:, 0] > 0
        np.testing.assert_allclose(alignment[late], level, atol=1e-12)
        # To rounding, for starts that are at the level already.
        assert (alignment[~late] >= level - 1e-12).all()
        assert late.any() or level < 0


def test_a_row_does_not_depend_on_the_others():
    starts = StartingPoints.sample(TARGET, 20, 8)
    stops = np.tile([0.5, 2.0], (20, 1))
    rates, amplitudes = modes(TARGET, starts, 3.0)
    together = follow(rates, amplitudes, 3.0, starts.s, 3, stops, seek_minimum=True)
    for i in range(20):
        row = slice(i, i + 1)
        alone = follow(rates, amplitudes[row], 3.0, starts.s[row], 3, stops[row], seek_minimum=True)
        for joint, single in zip(together, alone, strict=True):
            np.testing.assert_array_equal(joint[row], single)


def test_a_decay_too_slow_to_follow_is_refused():
    target = Target([1.0, 1.0 - 1e-8], (2, 2))
    starts = StartingPoints([[0.6, 0.8]], [[0.8, 0.6]], 1.0)
    rates, amplitudes = modes(target, starts, 1.0)
    with pytest.raises(ValueError, match="starts must come to their limits within 1000000 panels"):
        follow(rates, amplitudes, 1.0, starts.s, 3, np.array([[1e8]]))
