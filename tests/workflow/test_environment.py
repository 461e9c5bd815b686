"""pyproject.toml names the packages; the locks and the conda environment fix the same versions."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


# Extras and groups that the environment of `make` does without.
LOCKED_APART = {
    "bench": "benchmarks/requirements.lock",
    "cf": "tests/cf/requirements.lock",
    "docs": "docs/requirements.lock",
    "slurm": "profiles/slurm/requirements.lock",
    "training": "studies/training/requirements.lock",
}


@pytest.fixture(scope="module")
def direct():
    """What pyproject.toml states for the environment of `make`, under its canonical name."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = optional(pyproject)
    stated = [
        *pyproject["build-system"]["requires"],
        *pyproject["project"]["dependencies"],
        *chain.from_iterable(parts[name] for name in parts if name not in LOCKED_APART),
    ]
    requirements = [Requirement(line) for line in stated]
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def conda(name="dlnpaper"):
    """Name and version of each dependency of a conda environment; None where it has no pin."""
    spec = yaml.safe_load((ROOT / "envs" / f"{name}.yaml").read_text())
    pairs = (line.partition("=") for line in spec["dependencies"])
    return {name: version or None for name, _, version in pairs}


def optional(pyproject):
    """Return the requirements of each extra and each group."""
    return {**pyproject["project"]["optional-dependencies"], **pyproject["dependency-groups"]}


def read_lock(python="3.13", platform="linux", machine="x86_64", file="requirements.lock"):
    """Version of each package that the lock installs there, under its canonical name."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_machine": machine,
    }
    lines = re.findall(r"^([^\s#-].*) \\$", (ROOT / file).read_text(), re.MULTILINE)
    requirements = [Requirement(line) for line in lines]
    held = [r for r in requirements if r.marker is None or r.marker.evaluate(environment)]
    versions = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in held}
    assert len(versions) == len(held), "the lock holds a package twice for one environment"
    return versions


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(("platform", "machine"), [("linux", "x86_64"), ("darwin", "arm64")])
def test_lock_holds_every_stated_requirement(direct, python, platform, machine):
    locked = read_lock(python, platform, machine)
    missing = direct.keys() - locked.keys()
    assert not missing, "run `make lock`"
    outdated = {n: locked[n] for n, r in direct.items() if not r.specifier.contains(locked[n])}
    assert not outdated, "run `make lock`"


@pytest.mark.parametrize("extra", LOCKED_APART)
def test_a_lock_apart_adds_to_the_lock_and_changes_nothing_in_it(extra):
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked, apart = read_lock(), read_lock(file=LOCKED_APART[extra])
    stated = map(Requirement, optional(pyproject)[extra])
    named = {canonicalize_name(requirement.name) for requirement in stated} - {"dlnpaper"}
    assert named <= apart.keys()
    assert named - locked.keys(), "then it need not be locked apart"
    assert {name: apart[name] for name in apart.keys() & locked.keys()}.items() <= locked.items()


@pytest.mark.parametrize("file", ["requirements.lock", *LOCKED_APART.values()])
def test_locks_hash_everything_and_name_no_host(file):
    text = (ROOT / file).read_text()
    entries = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 30  # the split saw the entries
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"://|^--?\w*(?:index|find-links|trusted-host)\S*", text, re.MULTILINE) == []


@pytest.mark.parametrize(
    ("name", "file"),
    [("dlnpaper", "requirements.lock"), ("training", LOCKED_APART["training"])],
)
def test_conda_pins_equal_the_lock(name, file):
    versions = conda(name)
    locked = read_lock(versions["python"], file=file)
    pins = {each: pin for each, pin in versions.items() if each not in {"python", "pip"}}
    assert pins == {each: locked.get(each) for each in pins}


def test_conda_environment_names_every_direct_dependency(direct):
    assert conda().keys() == direct.keys() | {"python", "pip"}


def test_the_environment_for_training_adds_to_what_the_pipeline_needs(direct):
    parts = optional(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    tests = {Requirement(line).name for line in parts["test"]}
    added = {Requirement(line).name for line in parts["training"]} - {"dlnpaper"}
    assert conda("training").keys() == (direct.keys() - tests) | added | {"python", "pip"}


def test_conda_python_is_supported():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    supported = Requirement("python" + pyproject["project"]["requires-python"]).specifier
    assert supported.contains(conda()["python"])
