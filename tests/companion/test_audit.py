"""The audit's reference against many digits, and the audit against errors that it must find."""

import mpmath as mp
import numpy as np
import pytest

from companion import audit
from companion.ensembles import generate, starts_of
from companion.extended_precision import recompute
from dlnpaper import StartingPoints, Target, solve
from studies.audit.table import table as tabulate
from tests.references.high_precision import ExactTrajectory

TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
FULL = Target([3.0, 1.8, 0.6], shape=(3, 3))
SADDLE = {"stable_set": {"limit": 1, "size": 2, "s": [0.1, 2.0]}}
FAMILIES = {"sampled": {"sample": {"size": 4, "s": [0.1, 2.0]}}, "saddle": SADDLE}
TIMES = np.linspace(0, 10, 30)
#: A few hundred panels, each rounded a few times.
REFERENCE_ERROR = 2000 * float(np.finfo(np.longdouble).eps)


@pytest.fixture
def starts():
    return generate(TARGET, FAMILIES, seed=1)


def one_start(limit, target):
    if limit == "global minimizer":
        return StartingPoints.sample(target, 1, 3, s=0.2)
    if limit == "near a saddle":
        near = {"near": {"family": "saddle", "alpha": [1e-9]}}
        return starts_of(generate(target, {"saddle": SADDLE, "near": near}, seed=3))[-1]
    return StartingPoints.on_stable_set(target, limit, 1, 3, s=0.2)


@pytest.mark.parametrize("depth", [2, 3, 5])
@pytest.mark.parametrize(
    ("limit", "target", "last"),
    [
        ("global minimizer", TARGET, 60.0),
        ("near a saddle", TARGET, 60.0),
        (1, TARGET, 1e3),
        ("origin", TARGET, 1e6),
        ("origin", FULL, 1e6),
    ],
)
def test_the_reference_has_the_digits_that_it_claims(limit, target, last, depth):
    start = one_start(limit, target)
    # At the last time the reference is on an elementary law, if there is one.
    times = np.array([0.0, 0.1, 1.0, 7.0, last])
    if isinstance(limit, str) and limit == "origin" and depth == 2:
        times[-1] = 100.0  # s falls exponentially: nothing but its logarithm is left later
    found = recompute(target, depth, start, times)
    with mp.workdps(34):
        exact = ExactTrajectory(target, depth, start)
        for k, time in enumerate(times):
            state = exact.state(time)
            for name in ("s", "log_s", "alignment"):
                size = abs(state[name]) if name == "s" else 1
                allowed = REFERENCE_ERROR * size * (1 + state["condition"]["log_s"])
                assert abs(wide(found[name][0, k]) - state[name]) <= allowed, name
            if state["excess"] > 1e-25:  # the 32 digits of the reference's s, squared
                allowed = REFERENCE_ERROR * state["excess"] * (1 + state["condition"]["excess"])
                assert abs(wide(found["excess"][0, k]) - state["excess"]) <= 10 * allowed
            for name in ("a", "b"):
                apart = [wide(x) - y for x, y in zip(found[name][0, k], state[name], strict=True)]
                assert max(map(abs, apart)) <= REFERENCE_ERROR * (
                    1 + state["condition"]["directions"]
                )


def test_the_reference_keeps_the_digits_of_an_excess_far_from_its_limit():
    # s²/2 - sc + σ_2²/2 at c = 0.64 - 0.36e10, which loses 19 digits against (s - c)²/2.
    start = StartingPoints([[0.6, 0.8]], [[-0.6, 0.8]], 1e-12)
    found = recompute(Target([1e10, 1.0], (2, 2)), 3, start, np.array([0.0]))
    with mp.workdps(34):
        s, a_1, a_2 = (mp.mpf(x) for x in (1e-12, 0.6, 0.8))
        c = (a_2**2 - a_1**2 * 10**10) / (a_1**2 + a_2**2)
        assert abs(wide(found["excess"][0, 0]) / (s * (s / 2 - c) + 0.5) - 1) <= REFERENCE_ERROR


def wide(number):
    """Return a wide float with all its digits, as two floats."""
    high = float(number)
    return mp.mpf(high) + mp.mpf(float(number - np.longdouble(high)))


def test_every_pair_is_audited_where_there_are_few(starts):
    audited = audit.audit("mine", starts, [2, 3, 4], TIMES, size=200, moments=5, seed=1)
    pairs = set(zip(audited.start.values, audited.depth.values, strict=True))
    assert pairs == {(start, depth) for start in range(6) for depth in (2, 3, 4)}
    table = tabulate(audited)
    assert list(table.quantity) == list(audit.AUDITED_QUANTITIES)
    assert (table.audited == 18).all()
    assert (table.times == 5).all()
    assert (table.worst < 1e-12).all()
    assert (table.beyond_estimate == 0).all()
    assert (table.reference_uncertainty < 1e-2 * 1e-11).all()


def test_draws_depend_on_the_name_and_the_seed_alone(starts):
    def drawn(name, seed):
        audited = audit.audit(name, starts, [2, 3], TIMES, size=4, moments=3, seed=seed)
        return list(zip(audited.start.values, audited.depth.values, strict=True))

    assert drawn("mine", 1) == drawn("mine", 1)
    assert drawn("mine", 1) != drawn("mine", 2)
    assert drawn("mine", 1) != drawn("other", 1)
    assert len(set(drawn("mine", 1))) == 4


@pytest.mark.parametrize("quantity", audit.AUDITED_QUANTITIES)
def test_an_error_of_the_closed_form_is_found(starts, monkeypatch, quantity):
    variable = "b" if quantity == "directions" else quantity
    error = 1e-8 if quantity == "excess" else 1e-10

    def solve_wrongly(*arguments):
        solved = solve(*arguments)
        # Of one start at one time only; the log is moved by its size, not by a unit.
        solved[variable][1, 2] *= 1 + error
        return solved

    monkeypatch.setattr(audit, "solve", solve_wrongly)
    times = np.array([0.5, 1.0, 2.0])
    audited = audit.audit("mine", starts, [3], times, size=200, moments=3, seed=1)
    table = tabulate(audited).set_index("quantity")
    assert list(table.index[table.worst > 1e-11]) == [quantity]
    if quantity in ("s", "directions"):
        assert (table.beyond_estimate == 1).all()
