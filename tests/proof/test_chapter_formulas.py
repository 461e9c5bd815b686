"""The package computes what is proved of the other chapters: their formulas against dlnpaper."""

import math
import re

import numpy as np
import pytest

import dlnpaper
from proof import check
from tests.proof import formulas
from tests.proof.test_formulas import CLOSE, TARGETS, TEXT, TIMES, given, sampled

DECAY = (check.SOURCE / "StatementsDecay.v").read_text(encoding="utf-8")


@pytest.mark.parametrize("weight_decay", [0.3, 1.0, 5.0])
def test_two_layers_with_decay_are_those_of_the_package(weight_decay):
    target = TARGETS["null"]
    starts = sampled(target)
    solved = dlnpaper.solve(target, 2, starts, TIMES, weight_decay=weight_decay)
    ends = dlnpaper.limits(target, starts, depth=2, weight_decay=weight_decay)
    found = re.search(r"/ s t = (.*?)\.\n", DECAY)
    limit = re.search(r"is_lim s p_infty \((Rmax .*?)\) /\\", DECAY)
    for number in range(len(starts)):
        known = {**given(target, 2, starts[number]), "mu": weight_decay}
        names = formulas.functions(TEXT + DECAY.partition("Section Thresholds")[0], known)
        for t in TIMES:
            y = eval(formulas.translated(found[1]), {**names, "t": t})
            np.testing.assert_allclose(1 / y, solved.isel(start=number).s.sel(time=t), **CLOSE)
        value = eval(formulas.translated(limit[1]), {**names, "k": target.singular_values[0]})
        np.testing.assert_allclose(value, ends.isel(start=number).value, **CLOSE)


@pytest.mark.parametrize("weight_decay", [0.2, 1.7])
@pytest.mark.parametrize("depth", [3, 4, 7])
def test_the_thresholds_are_those_of_the_package(depth, weight_decay):
    names = formulas.functions(DECAY, {"N": depth, "mu": weight_decay, "E_hat": None})
    found = dlnpaper.thresholds(depth, weight_decay)
    for ours, theirs in {
        "sigma_c": "sigma_collapse",
        "s_c": "s_collapse",
        "sigma_g": "sigma_global",
        "s_g": "s_global",
    }.items():
        np.testing.assert_allclose(names[ours], found[theirs], **CLOSE, err_msg=ours)
    for sigma in (1.001 * names["sigma_g"], 3 * names["sigma_g"]):
        minimum = float(dlnpaper.shrinkage(sigma, depth, weight_decay=weight_decay))
        np.testing.assert_allclose(names["f"](minimum), sigma, **CLOSE)
        assert names["mode_loss"](sigma, minimum) < 0
    ratio = re.search(r"sigma_c / sigma_g = (.*?)\.\n", DECAY)
    expected = eval(formulas.translated(ratio[1]), names)
    np.testing.assert_allclose(found.sigma_collapse / found.sigma_global, expected, **CLOSE)
    assert math.isclose(names["f"](names["s_g"]), names["sigma_g"], rel_tol=1e-12)
