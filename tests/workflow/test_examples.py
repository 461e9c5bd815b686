"""The examples run as they are, and what they print and find is true by other means."""

import re
import runpy
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose

import dlnpaper

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return the function that runs an example in a new folder: its names, and what it printed."""
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")

    def of(name):
        names = runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        return names, capsys.readouterr().out

    yield of
    pyplot.close("all")


def numbers(text):
    """Return the numbers that stand in a text."""
    return [float(found) for found in re.findall(r"(?<![\w_])\d+(?:\.\d+)?(?:e[+-]\d+)?", text)]


def test_every_example_is_tested():
    source = Path(__file__).read_text(encoding="utf-8")
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    assert names == set(re.findall(r'run\("(\w+)"\)', source))


def test_own_matrix(run):
    names, said = run("own_matrix")
    layers, W, times = names["layers"], names["W"], names["times"]
    assert {layer.dtype for layer in layers} == {np.dtype("float32")}
    rounding = 1e-6  # of single precision, in four layers
    product = np.linalg.multi_dot([layer.astype(float) for layer in layers[::-1]])
    assert_allclose(W[0], product, rtol=0, atol=rounding)
    flow = dlnpaper.layers.integrate(names["target"], layers, [0.0, 0.5, 1.0])
    assert_allclose(W.sel(time=[0.0, 0.5, 1.0]), flow.end_to_end[0], rtol=0, atol=10 * rounding)
    u, sigma, vt = np.linalg.svd(names["matrix"])
    assert_allclose(names["W_limit"], sigma[0] * np.outer(u[:, 0], vt[0]), rtol=0, atol=1e-12)
    assert "to a global minimizer of" in said
    first, last, time, left, uncertain = numbers(said)
    assert [first, last, time] == [round(0.7**4, 3), round(sigma[0], 3), times[-1]]
    assert left < 1e-9
    assert 1e-9 < uncertain < rounding


def test_phase_portrait(run):
    _, said = run("phase_portrait")
    assert "phase_portrait.png" in said
    height, width, _ = pyplot.imread("phase_portrait.png").shape
    assert min(height, width) > 500


def test_time_against_depth(run):
    names, said = run("time_against_depth")
    table = [numbers(line) for line in said.splitlines()[1:-1]]
    depths, small, large = zip(*table, strict=True)
    assert list(depths) == names["DEPTHS"]
    for s, column in ((0.01, small), (1.0, large)):
        assert_allclose(column, names["medians"][s], rtol=1e-3)
    assert list(small) == sorted(small)
    assert list(large) == sorted(large, reverse=True)
    # One start of the table, integrated.
    start = dlnpaper.StartingPoints.sample(names["target"], size=1, rng=0, s=0.01)
    time = float(names["times"][0.01].sel(depth=4)[0])
    path = dlnpaper.integrate(names["target"], 4, start, [0.0, time])
    assert_allclose(path.excess[0, 1] / path.excess[0, 0], 0.01, rtol=1e-6)


def test_stay_near_saddle(run):
    names, said = run("stay_near_saddle")
    target, start = names["target"], names["start"]
    times = np.linspace(0.0, 25.0, 25_001)
    path = dlnpaper.integrate(target, 3, start, times, rtol=1e-12)
    W = dlnpaper.end_to_end(target, path)[0].values
    saddle = np.zeros((4, 3))
    saddle[1, 1] = np.sign(W[10_000, 1, 1]) * 2.0
    near = np.linalg.norm(W - saddle, axis=(1, 2)) < 0.1 * 2.0
    assert_allclose(np.count_nonzero(near) * 1e-3, 10.0, atol=0.01)
    assert_allclose(path.s[0, -1], 3.0, rtol=1e-6)
    alpha, stay, left = numbers(said)
    assert_allclose(alpha, start.alpha(target)[0, 0], rtol=1e-3)
    assert_allclose(stay, 10.0, atol=0.01)
    # There the modes of saddle and minimizer share the trajectory.
    at = path.sel(time=left, method="nearest")
    assert_allclose(at.a[0, 0] ** 2, at.a[0, 1] ** 2, rtol=0.1)
    assert said.rstrip().endswith("ends at the global minimizer.")


def test_raw_data(run):
    names, said = run("raw_data")
    X, Y = (names[name] - names[name].mean(axis=1, keepdims=True) for name in ("X", "Y"))
    # Reduced-rank regression: the best fit of rank one projects the best fit.
    fit = Y @ np.linalg.pinv(X) @ X
    first = np.linalg.svd(fit)[0][:, :1]
    best = first @ first.T @ fit
    assert_allclose(names["predict"](names["X"]) - names["Y_mean"], best, rtol=0, atol=1e-10)
    redundant, features, rows, columns, explained, percent, time, mean_time = numbers(said)
    assert [redundant, features, rows, columns, percent] == [2, 8, 3, 6, 1]
    assert_allclose(explained, 100 * (1 - np.sum((Y - best) ** 2) / np.sum(Y**2)), atol=0.005)
    assert_allclose(mean_time / time, 200 ** (2 / 3), rtol=1e-3)
    path = dlnpaper.integrate(names["target"], 3, names["starts"], [0.0, names["time"]])
    assert_allclose(path.excess[0, 1] / path.excess[0, 0], 0.01, rtol=1e-6)
