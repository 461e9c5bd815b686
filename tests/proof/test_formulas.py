"""The package computes what is proved: formulas read from Statements.v against dlnpaper.

Both sides are written apart: nothing of a formula is copied into this file. A relative 1e-10 leaves
room for the quadrature (1e-12) and for what a time's error makes of exponentials of it.
"""

import math
import re

import mpmath
import numpy as np
import pytest

import dlnpaper
from dlnpaper.one_neuron._plateau import plateau_law
from proof import check
from tests.proof import formulas

TEXT = (check.SOURCE / "Statements.v").read_text(encoding="utf-8")
DEPTHS = [2, 3, 5]
TIMES = np.array([0.0, 0.3, 1.1, 2.5])
CLOSE = {"rtol": 1e-10, "atol": 1e-13}
#: Null directions on both sides; ties; a target of full rank.
TARGETS = {
    "null": dlnpaper.Target([3.0, 2.0, 1.0], shape=(5, 4)),
    "tie": dlnpaper.Target([2.0, 2.0, 0.5], shape=(3, 4)),
    "full": dlnpaper.Target([1.5, 0.7], shape=(2, 2)),
}


def given(target, depth, start, exact=None):
    """Return what Statements.v takes as given: a target, a depth and a flow.

    Beyond t = 0 the flow is that of the package.
    """
    rows = {0.0: start} if exact is None else {t: exact.sel(time=t) for t in exact["time"].values}
    values = target.singular_values
    return {
        "Z": target,
        "d_y": lambda Z: Z.shape[0],
        "d_x": lambda Z: Z.shape[1],
        "rank": lambda Z: len(values),
        "r": len(values),
        "sigma": lambda *arguments: values[arguments[-1]],
        "N": depth,
        "a": lambda i, t: float(np.ravel(rows[t].a)[i]),
        "b": lambda i, t: float(np.ravel(rows[t].b)[i]),
        "s": lambda t: float(np.ravel(rows[t].s)[0]),
    }


@pytest.fixture(params=TARGETS)
def target(request):
    return TARGETS[request.param]


def sampled(target, size=2):
    return dlnpaper.StartingPoints.sample(target, size=size, rng=5, s=(0.2, 0.5))


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_closed_form_is_that_of_the_package(target, depth):
    starts = sampled(target)
    solved = dlnpaper.solve(target, depth, starts, TIMES)
    for number in range(len(starts)):
        exact = solved.isel(start=number)
        stated = formulas.functions(TEXT, given(target, depth, starts[number], exact))
        for t in TIMES:
            at, tau = exact.sel(time=t), float(exact.tau.sel(time=t))
            root = math.sqrt(stated["E"](tau))
            a = [stated["p"](i, tau) / root for i in range(target.shape[0])]
            b = [stated["q"](i, tau) / root for i in range(target.shape[1])]
            np.testing.assert_allclose(a, at.a, **CLOSE)
            np.testing.assert_allclose(b, at.b, **CLOSE)
            np.testing.assert_allclose(1 / stated["y"](tau), at.s, **CLOSE)
            np.testing.assert_allclose(stated["alignment"](t), at.alignment, **CLOSE)


def test_the_time_is_the_integral_of_the_statement():
    target, depth = TARGETS["null"], 3
    starts = sampled(target, 1)
    exact = dlnpaper.solve(target, depth, starts, TIMES).isel(start=0)
    names = formulas.functions(TEXT, given(target, depth, starts[0], exact))
    found = re.search(r"\n  t = (RInt .*?)\.\n", TEXT)
    for t, tau in zip(TIMES, exact.tau.values, strict=True):
        names["tau"] = lambda _, tau=tau: tau
        time = eval(formulas.translated(found[1]), {**names, "t": t})
        # A quadrature within a quadrature.
        np.testing.assert_allclose(time, t, rtol=1e-8, atol=1e-13)


def test_the_gap_of_the_alignment_is_the_sum_of_the_statement(target):
    depth = 3
    starts = sampled(target, 1)
    exact = dlnpaper.solve(target, depth, starts, TIMES).isel(start=0)
    names = formulas.functions(TEXT, given(target, depth, starts[0], exact))
    found = re.search(r"k - alignment t =(.*?)\.\n\n", TEXT, flags=re.DOTALL)
    for t in TIMES:
        names["tau"] = lambda t: float(exact.tau.sel(time=t))
        for k in (target.singular_values[0], 0.4):
            gap = eval(formulas.translated(found[1]), {**names, "t": t, "k": k})
            np.testing.assert_allclose(gap, k - exact.alignment.sel(time=t), **CLOSE)


def test_the_loss_is_that_of_the_package(target):
    starts = sampled(target, 1)
    exact = dlnpaper.solve(target, 3, starts, TIMES).isel(start=0)
    names = formulas.functions(TEXT, given(target, 3, starts[0], exact))
    for t in TIMES:
        loss = names["loss"](target, lambda i, j, t=t: names["end_to_end"](t, i, j))
        np.testing.assert_allclose(loss, exact.loss.sel(time=t), **CLOSE)
        excess = loss - names["loss_at"](target.singular_values[0])
        np.testing.assert_allclose(excess, exact.excess.sel(time=t), **CLOSE)


def test_the_limit_is_that_of_the_package(target):
    last = len(target.singular_values) - 1
    saddle = dlnpaper.StartingPoints.on_stable_set(target, limit=last, size=2, rng=3)
    starts = dlnpaper.StartingPoints.concatenate([sampled(target), saddle])
    limits = dlnpaper.limits(target, starts)
    for number in range(len(starts)):
        limit = limits.isel(start=number)
        names = formulas.functions(TEXT, given(target, 2, starts[number]))
        k = float(limit.value)
        entries = [
            [names["limit_entry"](k, i, j) for j in range(target.shape[1])]
            for i in range(target.shape[0])
        ]
        np.testing.assert_allclose(entries, k * np.outer(limit.a, limit.b), **CLOSE)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["null", "full"])
def test_the_bounds_of_the_stages_are_those_of_the_package(name, depth):
    target = TARGETS[name]
    starts = sampled(target, 4)
    stages = dlnpaper.stages(target, depth, starts)
    for number in range(len(starts)):
        stage = stages.isel(start=number)
        names = formulas.functions(TEXT, given(target, depth, starts[number]))
        second = target.singular_values[1]
        bounds = {
            "tau_0_bound": names["tau0_bound"](0),
            "t_0_bound": names["t0_bound"](0),
            "tau_1_bound": names["tau1_bound"](0, second),
            "t_1_bound": names["t1_bound"](0, second),
            "log_inverse_s_bound": math.log(names["Y0"](0, second)),
            "log_envelope_bound": math.log(names["C1"](0)),
        }
        for key, bound in bounds.items():
            np.testing.assert_allclose(bound, stage[key], **CLOSE, err_msg=key)


def prefactors(target, depth, starts, number):
    """Return the predicted prefactors in tau, from a law's prefactor in t and the shift."""
    laws = dlnpaper.rates(target, depth, starts).isel(start=number)
    speed = float(laws.value) ** (1 - 2 / depth)
    law = laws.set_index(quantity="quantity") if "quantity" not in laws.indexes else laws
    in_tau = law.log_prefactor + law.rate / speed * laws["shift"]
    return laws, {name: float(np.exp(in_tau.sel(quantity=name))) for name in law.quantity.values}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["null", "full"])
def test_the_laws_are_those_of_the_package(name, depth):
    target = TARGETS[name]
    starts = sampled(target, 3)
    for number in range(len(starts)):
        laws, expected = prefactors(target, depth, starts, number)
        names = formulas.functions(TEXT, given(target, depth, starts[number]))
        k, g = float(laws.value), float(laws.gap)
        assert g < depth * k
        q = names["Q"](k, g)
        np.testing.assert_allclose(math.sqrt(2 * q), expected["directions"], rtol=1e-9)
        np.testing.assert_allclose(g * q, expected["alignment_gap"], rtol=1e-9)
        np.testing.assert_allclose(k * g * q, expected["excess"], rtol=1e-9)
        np.testing.assert_allclose(k * math.sqrt(2 * q), expected["end_to_end"], rtol=1e-9)
        driven = depth * k * g * q / (depth * k - 2 * g)
        if 2 * g < depth * k:
            np.testing.assert_allclose(driven, expected["s_gap"], rtol=1e-9)


def integrand(names, end, conclusion):
    """Return the integrand of an improper integral of the statements, by what comes after it."""
    found = re.search(rf"is_improper_integral\s+\(fun x => ({end}.*?)\) {conclusion}\.", TEXT)
    return eval(f"lambda x: {formulas.translated(found[1])}", names)


def test_the_shift_and_the_free_part_are_those_of_the_package():
    target, depth = TARGETS["full"], 3
    starts = dlnpaper.StartingPoints.on_stable_set(target, limit=1, size=1, rng=3)
    laws, expected = prefactors(target, depth, starts, 0)
    k, g = float(laws.value), float(laws.gap)
    assert 2 * g > depth * k
    names = formulas.functions(TEXT, given(target, depth, starts[0]))
    # Beyond 40 the integrand, which falls like exp(-0.7 x), is below 1e-12.
    shift = integrand({**names, "k": k}, "1 - nu k", "theta")
    theta = sum(formulas.PRIMITIVE["RInt"](shift, x, x + 1.0) for x in np.arange(40.0))
    np.testing.assert_allclose(theta, laws["shift"], rtol=1e-8)
    # A difference of terms like exp(2.1 x): to 60 digits, up to where it is below 1e-18.
    with mpmath.workdps(60):
        precise = {name: getattr(mpmath, name) for name in ("exp", "ln", "sqrt")}
        precise |= {"Rpower": mpmath.power, "N": mpmath.mpf(depth)}
        precise["sigma"] = lambda i: mpmath.mpf(target.singular_values[i])
        precise["sum_"] = lambda term, bound: sum(term(index) for index in range(bound))
        exact = formulas.functions(TEXT, {**given(target, depth, starts[0]), **precise})
        free = integrand({**exact, "k": mpmath.mpf(k)}, r"Rpower \(E x\)", "I")
        value = float(mpmath.quad(free, range(0, 61, 2)))
    np.testing.assert_allclose(k**2 * abs(names["H"](k, value)), expected["s_gap"], rtol=1e-9)


def conclusion(name):
    """Return the law of s in a statement: its function of time, and the limit of both."""
    found = re.search(
        rf"Definition {name} .*?fun t => s t \* (.*?)\) p_infty\s+(\(.*?\))\.\n", TEXT, re.DOTALL
    )
    return found.groups()


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("name", ["null", "full"])
def test_the_laws_to_the_origin_are_those_of_the_package(name, depth):
    target = TARGETS[name]
    starts = dlnpaper.StartingPoints.on_stable_set(target, limit="origin", size=3, rng=3)
    laws = dlnpaper.rates(target, depth, starts).sel(quantity="s_gap")
    for number in range(len(starts)):
        law = laws.isel(start=number)
        names = formulas.functions(TEXT, given(target, depth, starts[number]))
        names["k"] = target.singular_values[-1]
        if names["rho2"] > 0:
            stated = "origin_null"
        else:
            stated = "origin_exponential" if depth == 2 else "origin_power"
        growth, prefactor = map(formulas.translated, conclusion(stated))
        expected = -float(law.exponent) * math.log(3.0) - float(law.rate) * 3.0
        np.testing.assert_allclose(-math.log(eval(growth, {**names, "t": 3.0})), expected, **CLOSE)
        np.testing.assert_allclose(math.log(eval(prefactor, names)), law.log_prefactor, **CLOSE)


@pytest.mark.parametrize("depth", [3, 5])
@pytest.mark.parametrize("name", ["null", "tie"])
def test_the_length_of_the_plateau_is_that_of_the_package(name, depth):
    target = TARGETS[name]
    starts = dlnpaper.StartingPoints.sample(target, size=30, rng=5, s=(1e-6, 1e-6))
    rank = target.rank
    alignment = (starts.a[:, :rank] * starts.b[:, :rank]) @ target.singular_values
    rising = np.flatnonzero(alignment > 0)
    rate, prefactors, _ = plateau_law(target, depth, starts[rising])
    for number in range(3):
        names = formulas.functions(TEXT, given(target, depth, starts[rising][number]))
        falling = integrand(names, r"Rpower \(E x\) \(-", "J")
        # Beyond 30 the integrand, which falls like exp(-2 x) at least, is below 1e-16.
        length = sum(formulas.PRIMITIVE["RInt"](falling, x, x + 1.0) for x in np.arange(30.0))
        np.testing.assert_allclose(length, prefactors[number], rtol=1e-9)
    power = re.search(r"Rpower \(s 0\) \((.*?)\) \* t", TEXT)
    np.testing.assert_allclose(eval(formulas.translated(power[1]), names), rate, **CLOSE)
