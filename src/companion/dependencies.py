"""The project's modules that a module imports, so that a rule can declare them as inputs."""

import sys
from functools import cache
from pathlib import Path

import grimp
from snakemake.exceptions import WorkflowError

#: Where the source of each package lies.
FOLDERS = {
    "dlnpaper": Path("src"),
    "companion": Path("src"),
    "studies": Path(),
    "workflow": Path(),
}
SCRIPTS = "workflow.scripts"

#: The modules whose functions take Numba seconds to compile, by the name of their file.
COMPILED = {
    "_descent_kernel": "dlnpaper.one_neuron._descent_kernel",
    "_kernel": "dlnpaper.one_neuron._kernel",
    "_quadrature": "dlnpaper.one_neuron._quadrature",
}


@cache
def modules_used(*names: str) -> tuple[Path, ...]:
    """Return the source files of what some modules import, near and far, without their own.

    Packages' ``__init__`` files are left out: they only hand on names, and counting them would make
    everything depend on everything. The modules are given by their dotted names, a script of the
    workflow by ``workflow.scripts.<script>``. A ``WorkflowError`` says that one does not exist, or
    imports a whole package in place of a module.
    """
    sources = (source(module) for name in names for module in _used(name))
    return tuple(sorted({source for source in sources if source}))


@cache
def _used(name: str) -> frozenset[str]:
    graph = _import_graph()
    if name not in graph.modules:
        raise WorkflowError(f"{name} is not a module of the project; is there a typo?")
    used: set[str] = set()
    for found in graph.find_modules_directly_imported_by(name):
        # A script names a file beside it without its folder.
        module = f"{SCRIPTS}.{found}" if f"{SCRIPTS}.{found}" in graph.modules else found
        if module in FOLDERS:
            raise WorkflowError(
                f"{name} imports {module}, which is not a module; import from the module that "
                "defines what is needed"
            )
        if module.partition(".")[0] in FOLDERS:
            used |= {module, *_used(module)}
    return frozenset(used)


@cache
def _import_graph() -> grimp.ImportGraph:
    """Return what imports what, with other packages: a file beside a script looks like one."""
    # An environment may lead to another checkout, whose folders would pass for parts of this one.
    path, here = sys.path[:], Path.cwd()
    others = [each for each in path if not Path(each, "workflow").is_dir()]
    sys.path[:] = [str(here), str(here / "src"), *others]
    try:
        return grimp.build_graph(*FOLDERS, include_external_packages=True, cache_dir=None)
    finally:
        sys.path[:] = path


@cache
def source(module: str) -> Path | None:
    """Return the file of a module; a package, and what is no module of the project, has none."""
    file = (FOLDERS[module.partition(".")[0]] / module.replace(".", "/")).with_suffix(".py")
    return file if file.exists() else None
