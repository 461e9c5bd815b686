"""Local rates are what the methods do to a quadratic loss, and the best parameters are best."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from dlnpaper import (
    StartingPoints,
    Target,
    best_parameters,
    descend,
    hessian_spectrum,
    local_rate,
    stable_step,
)

METHODS = ("gradient_descent", "heavy_ball", "nesterov")


def companion(method, curvature, momentum):
    """Return the matrix that takes (w, w⁻) one step on, from the definition of the method."""
    ahead = np.array([1 + momentum, -momentum])
    at = ahead if method == "nesterov" else np.array([1.0, 0.0])
    return np.array([ahead - curvature * at, [1.0, 0.0]])


def growth(method, curvature, momentum):
    """Return the factor a step by which (w, w⁻) grows, in 60 digits and over 2^20 steps."""
    with mpmath.workdps(60):
        beta, q = mpmath.mpf(momentum), mpmath.mpf(curvature)
        ahead = [1 + beta, -beta]
        at = ahead if method == "nesterov" else [1, 0]
        power = mpmath.matrix([[ahead[0] - q * at[0], ahead[1] - q * at[1]], [1, 0]])
        log_size = mpmath.mpf(0)
        for _ in range(20):
            power = power * power
            size = mpmath.mnorm(power, "f")
            if size == 0:
                return 0.0
            power, log_size = power / size, 2 * log_size + mpmath.log(size)
        return float(mpmath.exp(log_size / 2**20))


methods = st.sampled_from(METHODS)


@settings(deadline=None, max_examples=60)
@given(methods, st.floats(-2.0, 6.0), st.floats(0.0, 0.99))
def test_it_is_the_growth_of_long_products(method, curvature, momentum):
    momentum = 0.0 if method == "gradient_descent" else momentum
    if abs(curvature) < 1e-6:
        return
    rate = local_rate([curvature], method=method, step=1.0, momentum=momentum)
    # A double root grows like k times its power, and log(k) / k is 1.3e-5 after these steps.
    assert growth(method, curvature, momentum) == pytest.approx(rate, rel=1e-4, abs=1e-9)


@settings(deadline=None, max_examples=200)
@given(methods, st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=5), st.floats(0.0, 0.99))
def test_it_is_the_spectral_radius(method, eigenvalues, momentum):
    momentum = 0.0 if method == "gradient_descent" else momentum
    step = 1.3 / max(eigenvalues)
    rate = local_rate(eigenvalues, method=method, step=step, momentum=momentum)
    radii = [
        np.abs(np.linalg.eigvals(companion(method, step * each, momentum))).max()
        for each in eigenvalues
    ]
    # Eigenvalues of a matrix near a double one have half the digits.
    assert rate == pytest.approx(max(radii), abs=1e-7)


@settings(deadline=None)
@given(methods, st.floats(1e-3, 1e3), st.floats(0.0, 0.99))
def test_at_the_stable_step_the_rate_is_one(method, largest, momentum):
    momentum = 0.0 if method == "gradient_descent" else momentum
    values = [largest, 0.3 * largest, 0.0]
    step = stable_step(values, method=method, momentum=momentum)
    how = {"method": method, "momentum": momentum}
    assert local_rate(values, step=step, **how) == pytest.approx(1.0, abs=1e-12)
    assert (
        local_rate(values, step=0.999 * step, **how)
        < 1
        < local_rate(values, step=1.001 * step, **how)
    )


@pytest.mark.parametrize("condition", [1.0, 1.5, 10.0, 1e4, 1e9])
@pytest.mark.parametrize("method", METHODS)
def test_the_best_parameters_have_the_rate_that_is_said(method, condition):
    values = [2.0, 2.0 / condition]
    best = best_parameters(values, method=method)
    found = local_rate(values, method=method, step=best.step, momentum=best.momentum)
    assert best.condition == pytest.approx(condition)
    # At a double root: half of the digits of the difference to 1.
    assert found == pytest.approx(best.rate, abs=3e-8)


@pytest.mark.parametrize("condition", [3.0, 50.0])
@pytest.mark.parametrize("method", METHODS)
def test_no_other_parameters_are_better(method, condition):
    values = [1.0, 1 / condition]
    best = best_parameters(values, method=method)

    def rate(parameters):
        step, momentum = parameters[0], parameters[1] if method != "gradient_descent" else 0.0
        if step <= 0 or not 0 <= momentum < 1:
            return 2.0
        return local_rate(values, method=method, step=step, momentum=momentum)

    begin = [best.step * 0.9, best.momentum * 0.9 + 0.01]
    found = minimize(rate, begin, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert found.fun >= best.rate - 1e-9
    assert found.fun == pytest.approx(best.rate, abs=1e-3)


def test_the_usual_parameters_of_nesterov():
    root = np.sqrt(100.0)
    how = {"method": "nesterov", "step": 1.0, "momentum": (root - 1) / (root + 1)}
    assert local_rate([1.0, 0.01], **how) == pytest.approx(1 - 1 / root, abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_descent_of_a_network_contracts_at_the_rate_of_its_spectrum(method):
    target = Target([2.0, 1.5], shape=(2, 2))
    spectrum = hessian_spectrum(target, 3, 0)
    momentum = 0.0 if method == "gradient_descent" else 0.3
    a, b = np.array([[1.0, 1e-5]]), np.array([[1.0, 1.1e-5]])
    starts = StartingPoints(a / np.linalg.norm(a), b / np.linalg.norm(b), 2.0)
    how = {"method": method, "step": 0.1, "momentum": momentum}
    path = descend(target, 3, starts, steps=120, every=20, **how)
    found = (path.excess[0, -1] / path.excess[0, -2]).item() ** (1 / 40)
    assert found == pytest.approx(local_rate(spectrum, **how), rel=1e-7)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: local_rate([0.0], method="nesterov", step=1.0), "must not all be zero"),
        (lambda: local_rate([np.nan], method="nesterov", step=1.0), "eigenvalues must be finite"),
        (lambda: stable_step([1.0, -1.0], method="nesterov"), "not be negative, got -1; no step"),
        (lambda: best_parameters([-2.0], method="heavy_ball"), "not be negative, got -2; no step"),
        (lambda: best_parameters([2.0], method="adam"), "method must be one of gradient_descent"),
        (
            lambda: stable_step([2.0], method="gradient_descent", momentum=0.9),
            "momentum must be 0 for gradient_descent",
        ),
        (
            lambda: stable_step(
                hessian_spectrum(Target([1.0], (1, 1)), 2, 0)[["mode"]], method="nesterov"
            ),
            "must have the variable eigenvalue, got mode",
        ),
    ],
)
def test_bad_arguments_get_one_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
