"""The public names: typed, so that a user's program is checked, and lazy, so as to be cheap."""

import subprocess
import sys
from pathlib import Path

import pytest

import dlnpaper

SOURCE = Path(dlnpaper.__file__).parents[1]
# Apart from the cache of `make test`, whose options differ.
CACHE = Path(__file__).parents[2] / ".mypy_cache" / "strict"

RIGHT = """
import numpy as np
import xarray as xr

import dlnpaper
from dlnpaper import StartingPoints, Target, integrate, limits, solve

target = Target([3.0, 2.0, 1.0], shape=(4, 3))
starts = StartingPoints.sample(target, 8, rng=0, s=(0.1, 1.0))
saddle: StartingPoints = StartingPoints.on_stable_set(target, "origin", 2, 0)
exact: xr.Dataset = solve(target, 3, starts, np.linspace(0, 1, 5), variables=("s",), threads=1)
other: xr.Dataset = integrate(target, 3, starts, [0.0, 1.0], flow="layers", method="Radau")
kinds: xr.Dataset = limits(target, starts)
decayed: xr.Dataset = limits(target, starts, depth=3, weight_decay=0.1)
edges: xr.Dataset = dlnpaper.thresholds([2, 3], 0.1)
shrunk: np.ndarray = dlnpaper.shrinkage([1.0, -2.0], 3, 0.1, rule="large_start")
near: StartingPoints = StartingPoints.near_stable_set(target, 1, 1e-3, 2, 0, s=0.5)
framework: StartingPoints = StartingPoints.from_layers(target, near.layers(0, 2, 1, 0, target))
depths: xr.Dataset = solve(target, [2, 3], starts, [1.0], on_failure="nan")
matrix: xr.DataArray = dlnpaper.end_to_end(target, exact)
raw: np.ndarray = dlnpaper.Target.from_data(np.eye(2), np.eye(2)).to_features(np.eye(2))
when: xr.DataArray = dlnpaper.first_passage(target, np.array([2, 3]), starts, excess=0.1)
left: xr.DataArray = dlnpaper.escape_time(target, 3, near)
dlnpaper.plot.trajectories(exact, "loss", ax=dlnpaper.plot.spectrum(target)).set_title("mine")
given: xr.Dataset = dlnpaper.layers.integrate(
    target, near.layers(0, 2, 3, 0, target), [0.0, 1.0], weight_decay=0.1, second_moment=np.eye(3)
)
chain: xr.Dataset = dlnpaper.solve_chain(target, starts, [0.5, -2.0], [0.0, 1.0], rtol=1e-9)
shifted: xr.Dataset = dlnpaper.residual.limits([[0.1, -0.2]], 2.0)
resnet: xr.Dataset = dlnpaper.residual.descend(target, np.zeros((3, 2, 2)), step=0.1, steps=9)
laws: xr.Dataset = dlnpaper.rates(target, 3, starts, prefactors=False)
found: xr.Dataset = dlnpaper.stages(target, 3, starts)
sets: xr.Dataset = dlnpaper.guarantees(target, starts, 0.8)
shares: xr.Dataset = dlnpaper.coverage(sets, confidence=0.9)
same: xr.Dataset = dlnpaper.exact_coverage(target, 0.5, 0.8)
rate: float | None = dlnpaper.fit_rate([0.0, 1.0], exact.s.values[0], "exponential").rate
version: str = dlnpaper.__version__
"""

# Each comment is the error of its line.
WRONG = """
import dlnpaper
from dlnpaper import limts  # attr-defined
dlnpaper.Traget  # attr-defined
target = dlnpaper.Target([1.0], shape=(2, 2))
starts = dlnpaper.StartingPoints.sample(target, "eight", 0)  # arg-type
dlnpaper.integrate(target, 3, starts, [1.0], "layers")  # call-arg
dlnpaper.integrate(target, 3, starts, [1.0], flow="layer")  # arg-type
dlnpaper.solve(target, 3, starts, [1.0], weigth_decay=0.0)  # call-arg
dlnpaper.limits(target, starts, 3, 0.1)  # call-arg
dlnpaper.shrinkage([1.0], 3, 0.1, rule="smallest")  # arg-type
dlnpaper.solve(target, 3, starts, [1.0], on_failure="drop")  # arg-type
dlnpaper.first_passage(target, 3, starts, 0.1)  # call-arg
dlnpaper.layers.integrate_layers(target, [], [1.0])  # attr-defined
dlnpaper.layers.integrate(target, [], [1.0], decay=0.1)  # call-arg
dlnpaper.plot.limit_mp(target)  # attr-defined
dlnpaper.residual.limits([0.1], 2.0, depth=3)  # call-arg
"""
LINES = enumerate(WRONG.splitlines(), start=1)
ERRORS = {number: line.split("  # ")[1] for number, line in LINES if "  # " in line}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What mypy --strict says about a right program and a wrong one, line by line."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "right.py").write_text(RIGHT)
    (folder / "wrong.py").write_text(WRONG)
    options = ["--strict", "--follow-imports=silent", "--no-error-summary", "--config-file="]
    command = [sys.executable, "-m", "mypy", *options, f"--cache-dir={CACHE}", "right.py"]
    run = subprocess.run(
        [*command, "wrong.py"],
        cwd=folder,
        env={"MYPYPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not run.stderr
    return run.stdout.splitlines()


def test_a_right_program_passes_a_strict_type_check(said):
    assert [line for line in said if not line.startswith("wrong.py")] == []


def test_every_misspelt_name_and_wrong_argument_is_found(said):
    lines = (line.split(":") for line in said if ": error: " in line)
    assert {int(line[1]): line[-1].split("[")[-1].rstrip("]") for line in lines} == ERRORS


def test_every_public_name_is_what_it_says_and_no_other_is_there():
    names = {"Target", "StartingPoints", "coverage", "exact_coverage", "fit_rate", "guarantees"}
    names |= {
        "best_parameters",
        "descend",
        "end_to_end",
        "escape_time",
        "first_passage",
        "hessian_spectrum",
        "integrate",
        "layers",
        "limits",
        "local_rate",
        "plot",
        "rates",
        "residual",
        "shrinkage",
        "solve",
        "solve_chain",
        "stable_step",
        "stages",
        "thresholds",
        "two_layers",
        "__version__",
    }
    assert set(dlnpaper.__all__) == names
    for name in names - {"__version__"}:
        assert getattr(dlnpaper, name).__name__.rpartition(".")[2] == name
    with pytest.raises(AttributeError, match="Traget"):
        _ = dlnpaper.Traget


# What xarray, Numba and SciPy load themselves is not the library's to choose.
LOADED = """
import sys
import numba, scipy.integrate, xarray
before = set(sys.modules)
import dlnpaper
for name in dlnpaper.__all__:
    getattr(dlnpaper, name)
print(*sorted(set(sys.modules) - before))
"""


def test_names_load_nothing_but_computing():
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert (
        packages & {"companion", "h5netcdf", "h5py", "matplotlib", "pandas", "snakemake"} == set()
    )
    assert "dlnpaper" in packages
