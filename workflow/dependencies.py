"""Find the modules of the package that a script depends on, so that a rule can declare them."""

from functools import cache
from pathlib import Path

import grimp
from snakemake.exceptions import WorkflowError

PACKAGE, SCRIPTS = "dlnpaper", "workflow.scripts"
FOLDERS = {PACKAGE: Path("src"), "workflow": Path()}


def modules_used(script: str) -> list[Path]:
    """Return the source files of what a script imports from the package or from its own folder.

    The imports of these files are included, and theirs. Packages' ``__init__`` files are left out:
    they only hand on names, and counting them would make every script depend on every module.
    """
    return sorted(filter(None, map(_source, _used(f"{SCRIPTS}.{script}"))))


@cache
def _used(script: str) -> frozenset[str]:
    """Return the modules that a script, or a file beside it, imports, and what these import."""
    graph = _import_graph()
    used: set[str] = set()
    for name in graph.find_modules_directly_imported_by(script):
        beside = f"{SCRIPTS}.{name}"
        if beside in graph.modules:
            used |= {beside, *_used(beside)}
        elif name == PACKAGE:
            raise WorkflowError(
                f"{_source(script)} imports {name}, which is not a module of the package; import "
                "from the module that defines what is needed"
            )
        elif _package(name) == PACKAGE:
            used |= {name, *graph.find_upstream_modules(name)}
    return frozenset(module for module in used if _package(module) in FOLDERS)


@cache
def _import_graph() -> grimp.ImportGraph:
    """Return what imports what, with other packages: a file beside a script looks like one."""
    return grimp.build_graph(PACKAGE, "workflow", include_external_packages=True, cache_dir=None)


@cache
def _source(module: str) -> Path | None:
    """Return the file of a module; a package has none that counts."""
    file = (FOLDERS[_package(module)] / module.replace(".", "/")).with_suffix(".py")
    return file if file.exists() else None


def _package(module: str) -> str:
    return module.partition(".")[0]
