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


LAYERS = (check.SOURCE / "StatementsLayers.v").read_text(encoding="utf-8")


@pytest.mark.parametrize("imbalance", [-1.5, 0.0, 2.0])
@pytest.mark.parametrize("name", ["null", "full"])
def test_one_hidden_neuron_with_imbalance_is_that_of_the_package(name, imbalance):
    target = TARGETS[name]
    rank, (rows, columns) = target.rank, target.shape
    starts = dlnpaper.two_layers.Starts.sample(
        target, 2, 4, hidden=1, scale=0.5, imbalance=imbalance
    )
    solved = dlnpaper.two_layers.solve(target, starts, TIMES)
    ends = dlnpaper.two_layers.limits(target, starts)
    entries = re.search(r"\n    x i t = (.*?) /\\\n    y i t = (.*?)\) /\\\n", LAYERS, re.DOTALL)
    null = re.findall(r"-> [yx] [ij] t = (.*?)\)(?: /\\|\.)\n", LAYERS)
    limit = re.search(r"p_infty\s+\((k \* tilted_group.*?)\)\.\n", LAYERS)
    for number in range(len(starts)):
        row, column = np.ravel(starts.first[number]), np.ravel(starts.second[number])
        known = {
            **given(target, 2, dlnpaper.StartingPoints.sample(target, size=1, rng=1)[0]),
            "x": lambda j, t, row=row: row[j],
            "y": lambda i, t, column=column: column[i],
            "row_norm2": lambda Z, x, t: sum(x(j, t) ** 2 for j in range(columns)),
            "column_norm2": lambda Z, y, t: sum(y(i, t) ** 2 for i in range(rows)),
        }
        names = formulas.functions(LAYERS.split("Section Tilted.")[1], known)
        integral = names["S"]
        for t in TIMES:
            value = integral(t)
            names["S"] = lambda _, value=value: value
            x = [
                eval(formulas.translated(entries[1]), {**names, "t": t, "i": i})
                for i in range(rank)
            ]
            y = [
                eval(formulas.translated(entries[2]), {**names, "t": t, "i": i})
                for i in range(rank)
            ]
            y += [
                eval(formulas.translated(null[0]), {**names, "t": t, "i": i})
                for i in range(rank, rows)
            ]
            x += [
                eval(formulas.translated(null[1]), {**names, "t": t, "j": j})
                for j in range(rank, columns)
            ]
            found = solved.isel(start=number).sel(time=t)
            np.testing.assert_allclose(np.outer(y, x), found.end_to_end, **CLOSE)
        names["k"] = target.singular_values[0]
        end = [
            [eval(formulas.translated(limit[1]), {**names, "i": i, "j": j}) for j in range(columns)]
            for i in range(rows)
        ]
        np.testing.assert_allclose(end, ends.isel(start=number).end_to_end, **CLOSE)
