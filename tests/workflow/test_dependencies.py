"""The source files that a rule declares for its script."""

import subprocess
import sys

import pytest

from tests.workflow.conftest import ROOT
from workflow.dependencies import modules_used

SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*_*.py"))

# Runs the import statements of a script, then lists the package's and the folder's modules.
LOADED = """
import ast, sys
from pathlib import Path
script = Path(sys.argv[1])
sys.path.append(str(script.parent))
tree = ast.parse(script.read_text(encoding="utf-8"))
tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
exec(compile(tree, script, "exec"))
root = Path(sys.argv[2])
for module in list(sys.modules.values()):
    file = getattr(module, "__file__", None)
    if file and Path(file).is_relative_to(root) and ".venv" not in file:
        print(Path(file).relative_to(root).as_posix())
"""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_a_script_loads_is_what_its_rule_declares(script, monkeypatch):
    monkeypatch.chdir(ROOT)
    command = [sys.executable, "-c", LOADED, str(script), str(ROOT)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {name for name in run.stdout.split() if not name.endswith("__init__.py")}
    assert {path.as_posix() for path in modules_used(script.stem)} == loaded


def test_a_script_must_name_the_module_that_it_needs(project):
    script = project.folder / "workflow/scripts/require_claims.py"
    script.write_text("from dlnpaper import solve\n", encoding="utf-8")
    run = project.snakemake("--dry-run")
    assert run.returncode != 0
    assert "require_claims.py imports dlnpaper, which is not a module" in run.stdout + run.stderr
