from itertools import pairwise

import numpy as np
import pytest

from dlnpaper import fit_rate


@pytest.mark.parametrize(
    ("t", "law", "decay"),
    [
        (np.linspace(0, 10, 60), "exponential", lambda t: np.exp(-1.7 * t)),
        (np.geomspace(1, 1e4, 60), "power", lambda t: t**-1.7),
    ],
)
def test_a_pure_law_is_measured_to_round_off_accuracy(t, law, decay):
    fit = fit_rate(t, 3 * decay(t), law)
    assert fit.reached
    assert fit.rate == pytest.approx(1.7, rel=1e-13)
    assert fit.log_prefactor == pytest.approx(np.log(3), rel=1e-12)
    assert fit.window == (t[0], t[-1])
    assert fit.samples == 60
    assert fit.residual < 1e-13


def test_time_zero_is_left_out_of_a_power_law():
    t = np.concatenate([[0], np.geomspace(1, 1e4, 60)])
    fit = fit_rate(t, np.concatenate([[7.0], t[1:] ** -1.5]), "power")
    assert fit.rate == pytest.approx(1.5, rel=1e-13)


def test_the_window_leaves_out_a_faster_transient():
    # The local rate is 1 + 50 e^{-2t} / (...): within 1e-3 of 1 only from t = ln(1e5) / 2 = 5.8 on.
    t = np.linspace(0, 15, 200)
    fit = fit_rate(t, np.exp(-t) + 50 * np.exp(-3 * t), "exponential")
    assert fit.reached
    assert 2.5 < fit.window[0] < 5.8
    assert fit.rate == pytest.approx(1.0, rel=1e-3)
    assert fit.drift <= 1e-3
    tighter = fit_rate(t, np.exp(-t) + 50 * np.exp(-3 * t), "exponential", tolerance=1e-5)
    assert tighter.window[0] > fit.window[0]
    assert tighter.rate == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("spacing", [np.linspace, np.geomspace])
def test_the_window_is_the_longest_whose_thirds_agree_by_a_plain_search(spacing):
    t = spacing(0.01, 12, 400)
    y = -t + np.log1p(3 * np.exp(-1.5 * t) - np.exp(-t))

    def slopes(start):
        x, values = t[start:], y[start:]
        edges = x[0] + (x[-1] - x[0]) * np.arange(4) / 3
        parts = [(x >= lo) & (x < hi) for lo, hi in pairwise(edges)]
        parts[-1][-1] = True
        return np.array([np.polyfit(x[part], values[part], 1)[0] for part in parts])

    def agrees(start):
        line = np.polyval(np.polyfit(t[start:], y[start:], 1), t[start:])
        straight = np.abs(y[start:] - line).max() <= 1e-3 * (y[start] - y[-1])
        return straight and np.abs(slopes(start) / slopes(start)[-1] - 1).max() <= 1e-3

    first = next(start for start in range(len(t) - 12) if agrees(start))
    fit = fit_rate(t, np.exp(y), "exponential", tolerance=1e-3)
    assert fit.window == (t[first], t[-1])
    assert fit.drift == pytest.approx(np.abs(slopes(first) / slopes(first)[-1] - 1).max(), rel=1e-6)


def test_a_rounding_floor_does_not_enter_the_slope():
    t = np.linspace(0, 40, 300)
    noise = 1e-12 * np.abs(np.random.default_rng(1).standard_normal(t.size))
    fit = fit_rate(t, np.exp(-t) + noise, "exponential", uncertainty=1e-12)
    # Where the value is 1e4 times the noise, a slope over some e-folds is off by 1e-4 at most.
    assert fit.reached
    assert fit.window[1] < np.log(1e8)
    assert fit.rate == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize(
    ("values", "law"),
    [
        (lambda t: np.exp(-t) + 50 * np.exp(-1.2 * t), "exponential"),  # two rates, still mixed
        (lambda t: t * np.exp(-t), "exponential"),  # resonance: local rate 1 - 1/t
        (lambda t: 1 / (1 + t), "exponential"),  # the wrong law
        (lambda t: np.exp(-t), "power"),  # the wrong law
        (lambda t: np.exp(t), "exponential"),  # growth
        (lambda t: 1 - 1e-3 * t, "exponential"),  # hardly any fall
        (lambda t: (t + 30) ** -2.0, "power"),  # the shift is not forgotten yet
        (lambda t: np.exp(-2 * t) + 1e-12, "exponential"),  # a floor that nobody announces
        (lambda t: np.zeros_like(t), "exponential"),  # an exact law
    ],
)
def test_no_asymptotic_window_yields_a_reason_and_no_number(values, law):
    t = np.linspace(0.1, 20, 150)
    fit = fit_rate(t, values(t), law)
    assert not fit.reached
    assert (fit.rate, fit.log_prefactor, fit.window, fit.drift) == (None, None, None, None)
    assert fit.reason


@pytest.mark.parametrize(
    ("times", "values", "law", "message"),
    [
        ([0, 1], [1, 1], "linear", "law must be one of exponential, power, got 'linear'"),
        ([0, 1], [1, 1, 1], "power", r"got shapes \(2,\) and \(3,\)"),
        ([0, 2, 1], [1, 1, 1], "power", r"times must increase: times\[2\] = 1.0 follows 2.0"),
        ([0, 1], [1, -1], "power", r"values must be finite and >= 0: values\[1\] = -1.0"),
        ([0, 1], [np.nan, 1], "power", r"values must be finite and >= 0: values\[0\] = nan"),
    ],
)
def test_bad_input_is_named(times, values, law, message):
    with pytest.raises(ValueError, match=message):
        fit_rate(times, values, law)
