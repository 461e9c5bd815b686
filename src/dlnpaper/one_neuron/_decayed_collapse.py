"""The laws of the collapse to the origin under weight decay (docs/weight_decay.md, section 6)."""

from typing import Any

import numpy as np
from scipy.special import logsumexp

from dlnpaper._checks import LATEST
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._laws import EXPONENTIAL, POWER, Laws
from dlnpaper.one_neuron._starting_points import StartingPoints

# What is left of the logarithm of the prefactor when its limit is taken to be reached.
_REACHED = 1e-12


def set_decayed_collapse(
    laws: Laws,
    which: np.ndarray,
    target: Target,
    depth: int,
    starts: StartingPoints,
    weight_decay: float,
    prefactors: bool,
) -> None:
    """Set the laws of the starts `which`, all of which end at the origin."""
    if depth == 2:
        _set_two_layers(laws, which, target, starts, weight_decay)
        return
    log_prefactor, known = np.zeros(len(starts)), np.zeros(len(starts), bool)
    if prefactors:
        log_prefactor = _late_magnitude(target, depth, starts, weight_decay)
        known = np.isfinite(log_prefactor)
        log_prefactor = np.where(known, log_prefactor, 0.0)
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, which, EXPONENTIAL, depth * weight_decay, log_prefactor, known)
    # The penalty ½ N μ s^(2/N) is all that counts.
    log_prefactor = np.log(0.5 * depth * weight_decay) + 2 / depth * log_prefactor
    laws.set("excess", which, EXPONENTIAL, 2 * weight_decay, log_prefactor, known)


def _late_magnitude(
    target: Target, depth: int, starts: StartingPoints, weight_decay: float
) -> np.ndarray:
    """Return the limit of log s + N μ t; nan where a start is not resolved."""
    options: dict[str, Any] = {"weight_decay": weight_decay, "on_failure": "nan"}
    fall, earlier = depth * weight_decay, np.full(len(starts), np.inf)
    time = 1 / fall
    while True:
        found = solve(target, depth, starts, [time], variables=("log_s",), **options)
        late = found["log_s"].values[:, 0] + fall * time
        if not (np.abs(late - earlier) > _REACHED * (1 + np.abs(late))).any():
            return late
        if time > LATEST / 2:
            return np.full(len(starts), np.nan)
        time, earlier = 2 * time, late


def _set_two_layers(
    laws: Laws, which: np.ndarray, target: Target, starts: StartingPoints, weight_decay: float
) -> None:
    """Set the laws at N = 2: ``1/s = (1/s_0 + 2 ∫ E exp(-2μt)) / (E exp(-2μt))``."""
    sigma = target.singular_values
    growth = np.concatenate([sigma, -sigma, [0.0]])
    parts = [starts.alpha(target) / 2, starts.beta(target) / 2, starts.rho(target)[:, None]]
    with np.errstate(divide="ignore"):
        log_squares = 2 * np.log(np.abs(np.concatenate(parts, axis=1)))
    present = log_squares > -np.inf
    lead = np.where(present, growth, -np.inf).max(axis=1)
    log_lead = logsumexp(np.where(growth == lead[:, None], log_squares, -np.inf), axis=1)

    # On the threshold 1/s grows like 2t.
    at, falls = which[lead == weight_decay], lead < weight_decay
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, at, POWER, 1.0, -np.log(2))
    laws.set("excess", at, POWER, 2.0, -3 * np.log(2))

    at, fall = which[falls], weight_decay - lead[falls]
    speeds = np.where(present[falls], weight_decay - growth, 1.0)
    log_integral = logsumexp(log_squares[falls] - np.log(speeds), axis=1)
    log_prefactor = log_lead[falls] - np.logaddexp(-np.log(starts.s[falls]), log_integral)
    for quantity in ("s_gap", "end_to_end"):
        laws.set(quantity, at, EXPONENTIAL, 2 * fall, log_prefactor)
    laws.set("excess", at, EXPONENTIAL, 2 * fall, log_prefactor + np.log(fall))
