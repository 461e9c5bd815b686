"""The source files that a rule declares are those that its job loads."""

import json
import subprocess
import sys

from companion.dependencies import modules_used
from tests.workflow.conftest import ROOT

# Runs the import statements of each file in a process of its own, which has loaded other people's
# packages before, and says which files of the project it loaded.
LOADED = """
import ast, json, os, sys
from pathlib import Path
import h5netcdf, matplotlib.figure, numba, pandas, scipy.integrate, xarray
sys.path.append("workflow/scripts")
root = Path.cwd()

def loaded(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    exec(compile(tree, file, "exec"), {})
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    paths = [Path(file) for file in files if file]
    inside = [path.relative_to(root) for path in paths if path.is_relative_to(root)]
    return [path.as_posix() for path in inside if path.parts[0] != ".venv"]

for name in sys.argv[1:]:
    if os.fork() == 0:
        print(json.dumps([name, loaded(Path(name))]), flush=True)
        os._exit(0)
    os.wait()
"""


def test_what_a_job_loads_is_what_its_rule_declares(monkeypatch):
    monkeypatch.chdir(ROOT)
    scripts = sorted(path.as_posix() for path in ROOT.glob("workflow/scripts/*_*.py"))
    steps = sorted(path.as_posix() for path in ROOT.glob("studies/*/*.py"))
    names = [name.removeprefix(f"{ROOT}/") for name in scripts + steps]
    command = [sys.executable, "-c", LOADED, *names]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    found = dict(map(json.loads, run.stdout.splitlines()))
    assert len(found) == len(names) > 40
    for name, files in found.items():
        module = name.removesuffix(".py").replace("/", ".")
        declared = {path.as_posix() for path in modules_used(module)}
        # What any import of the library loads besides is not its mathematics.
        loaded = {file for file in files if not file.endswith(("__init__.py", "_version.py"))}
        assert loaded == {file for file in declared if not file.endswith("_version.py")}, name


def test_a_script_must_name_the_module_that_it_needs(project):
    script = project.folder / "workflow/scripts/require_claims.py"
    script.write_text("from dlnpaper import solve\n", encoding="utf-8")
    run = project.snakemake("--dry-run")
    assert run.returncode != 0
    said = run.stdout + run.stderr
    assert "workflow.scripts.require_claims imports dlnpaper, which is not a module" in said
