"""Find the modules of the package that a script depends on, so that a rule can declare them."""

import ast
from functools import cache
from pathlib import Path

import grimp
from snakemake.exceptions import WorkflowError

PACKAGE = "dlnpaper"
SOURCE = Path("src")


def modules_used(script: Path) -> list[Path]:
    """Return the source files of what a script imports from the package or from its own folder.

    The imports of these files are included, and theirs. Packages' ``__init__`` files are left out:
    they only hand on names, and counting them would make every script depend on every module.
    """
    files, modules = _imported(script)
    return sorted(files.union(*map(_sources, modules)))


@cache
def _sources(module: str) -> frozenset[Path]:
    """Return the source files of a module of the package and of all that it imports."""
    used = {module, *_import_graph().find_upstream_modules(module)}
    sources = {(SOURCE / name.replace(".", "/")).with_suffix(".py") for name in used}
    return frozenset(source for source in sources if source.exists())


@cache
def _import_graph() -> grimp.ImportGraph:
    return grimp.build_graph(PACKAGE, cache_dir=None)


@cache
def _imported(script: Path) -> tuple[frozenset[Path], frozenset[str]]:
    """Return the neighboring files, and the package's modules, that a script imports."""
    files: set[Path] = set()
    modules: set[str] = set()
    for name in _names(script):
        beside = script.with_name(f"{name}.py")
        if beside.exists():
            further = _imported(beside)
            files |= {beside, *further[0]}
            modules |= further[1]
        elif name.partition(".")[0] == PACKAGE:
            modules.add(_module(name, script))
    return frozenset(files), frozenset(modules)


def _names(script: Path) -> set[str]:
    """Return the modules that a script's import statements name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= members & _import_graph().modules or {node.module}
    return names


def _module(name: str, script: Path) -> str:
    if name == PACKAGE or name not in _import_graph().modules:
        raise WorkflowError(
            f"{script} imports {name}, which is not a module of the package; import from the "
            "module that defines what is needed"
        )
    return name
