"""The wheel and the sdist: what is in them, what the wheel needs, and that it runs on that."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_string
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from companion.registry import Studies
from dlnpaper import __version__

ROOT = Path(__file__).parents[2]
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
    """Return the interpreter of a new environment that holds the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run([*install, "--no-deps", "--no-index", built / f"{NAME}-py3-none-any.whl"])
    return python


@pytest.fixture(scope="module")
def needed(python):
    """Add what the wheel requires, and what that requires, as pip would; return the names."""
    names, waiting = set(), required(PYPROJECT["project"]["dependencies"])
    while waiting:
        name = waiting.pop()
        names.add(name)
        found = distribution(name)
        waiting |= required(found.requires or ()) - names
        top = {Path(file).parts[0] for file in found.files} - {"..", "__pycache__"}
        for part in top:
            (site_packages(python) / part).symlink_to(found.locate_file(part))
    return names


def test_wheel_holds_the_library_and_nothing_else(wheel):
    metadata = {
        f"{NAME}.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "licenses/LICENSE")
    }
    sources = tracked("src/dlnpaper")
    mathematics = {f"dlnpaper/{page}" for page in Studies({"memory_mb": 1}, ROOT).theories()}
    assert set(wheel) == metadata | mathematics | {name.removeprefix("src/") for name in sources}
    # So that the tests of the library hold for the wheel as well.
    changed = [name for name in sources if wheel[name.removeprefix("src/")] != contents(name)]
    assert changed == []
    assert "dlnpaper/py.typed" in wheel
    assert wheel[f"{NAME}.dist-info/licenses/LICENSE"] == contents("LICENSE")
    for page in mathematics:
        assert wheel[page] == contents(page.removeprefix("dlnpaper/"))


def test_wheel_states_what_the_library_needs(wheel):
    stated = message_from_string(wheel[f"{NAME}.dist-info/METADATA"].decode())
    needs = [line for line in stated.get_all("Requires-Dist") if "extra ==" not in line]
    assert sorted(needs) == sorted(PYPROJECT["project"]["dependencies"])
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


def test_the_library_needs_no_package_for_figures_files_or_workflows(needed):
    unwanted = {"h5netcdf", "h5py", "matplotlib", "pyyaml"}
    assert {"numba", "numpy", "scipy", "xarray"} <= needed
    assert needed & unwanted == set()
    assert [name for name in needed if name.startswith("snakemake")] == []


def test_the_lines_of_the_readme_run_on_what_the_wheel_needs(python, needed, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    said = run(
        [python, "-c", f"{example}\nprint(dlnpaper.__file__, exact.sizes['start'])"], tmp_path
    )
    file, starts = said.split()
    assert Path(file).is_relative_to(site_packages(python))
    assert starts == "10"


def test_every_test_of_the_sdist_can_be_imported(built):
    run([sys.executable, "-m", "pytest", "--collect-only", "-qq"], built / NAME, PYTHONPATH="src")


def contents(name):
    return (ROOT / name).read_bytes()


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


def required(lines):
    """Return the packages that these requirements name in this environment, without extras."""
    stated = [Requirement(line) for line in lines]
    held = [r for r in stated if r.marker is None or r.marker.evaluate({"extra": ""})]
    return {canonicalize_name(requirement.name) for requirement in held}


def run(command, cwd=None, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
