"""The wheel and the sdist: what is in them, and that the installed wheel passes the tests."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from dlnpaper import __version__

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NAME = f"dlnpaper-{__version__}"

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout")

# What a checkout may hold besides the project.
STRAY = ("__pycache__", ".nbi", ".nbc", ".venv", ".git", ".snakemake", "results/", "figures/data")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder of an sdist, its unpacked content, and the wheel built from that."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, "sdist", folder)
    with tarfile.open(folder / f"{NAME}.tar.gz") as sdist:
        sdist.extractall(folder, filter="data")
    build(folder / NAME, "wheel", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl") as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def python(built, tmp_path_factory):
    """Return the interpreter of a new environment: the wheel, and the packages of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    packages = site_packages(python)
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    options = ["--no-deps", "--no-index", "--ignore-installed"]
    run([*install, *options, built / f"{NAME}-py3-none-any.whl"])
    # In a folder that a path file names, others are not read: editable installations are not seen.
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib"))
    return python


def test_wheel_holds_the_library_and_nothing_else(wheel):
    metadata = {
        f"{NAME}.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")
    }
    sources = tracked("src/dlnpaper")
    assert set(wheel) == metadata | {name.removeprefix("src/") for name in sources}
    assert "dlnpaper/py.typed" in wheel
    assert wheel[f"{NAME}.dist-info/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


def test_wheel_states_what_the_library_needs(wheel):
    stated = message_from_string(wheel[f"{NAME}.dist-info/METADATA"].decode())
    required = [line for line in stated.get_all("Requires-Dist") if "extra ==" not in line]
    assert sorted(required) == sorted(PYPROJECT["project"]["dependencies"])
    assert stated["Requires-Python"] == PYPROJECT["project"]["requires-python"]
    assert stated["License-Expression"] == "MIT"
    assert stated.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")


def test_sdist_holds_the_project_and_no_caches(built):
    with tarfile.open(built / f"{NAME}.tar.gz") as sdist:
        held = {name.removeprefix(f"{NAME}/") for name in sdist.getnames()}
    wanted = {name for name in tracked() if not name.startswith((".ci/", ".github/"))}
    assert wanted - held == set()
    assert [name for name in held if any(part in name for part in STRAY)] == [".gitignore"]
    assert held - wanted == {"PKG-INFO"}


def test_installed_wheel_passes_the_tests_of_the_sdist(built, python):
    project = built / NAME
    command = [python, "-c", "import dlnpaper; print(dlnpaper.__file__)"]
    assert Path(run(command, cwd=project)).is_relative_to(site_packages(python))
    tests = ("closed_form", "limits", "storage", "target", "starting_points", "trajectories")
    files = [f"tests/test_{name}.py" for name in tests]
    said = run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files], cwd=project)
    assert " passed" in said
    assert "failed" not in said


def test_every_test_of_the_sdist_can_be_imported_with_the_wheel(built, python):
    run([python, "-m", "pytest", "--collect-only", "-qq"], cwd=built / NAME)


def build(project, kind, folder):
    run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder], cwd=project)


def site_packages(python):
    return Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]))


def tracked(folder="."):
    """Return the names of the files that belong to the project."""
    listed = run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder], cwd=ROOT
    )
    return {name for name in listed.splitlines() if (ROOT / name).exists()}


def run(command, cwd=None):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
