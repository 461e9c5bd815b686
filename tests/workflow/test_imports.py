"""Which part of the project imports which: studies, companion, library, from the top down only."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from tests.workflow.conftest import ROOT

MAY_IMPORT = {
    "dlnpaper": set(),
    "companion": {"dlnpaper"},
    "studies": {"companion", "dlnpaper"},
    "workflow": {"companion", "dlnpaper", "studies"},
}
# What the library leaves to those who have files and figures, even where it comes with xarray.
NOT_FOR_COMPUTING = {"h5netcdf", "h5py", "matplotlib", "netCDF4", "pandas", "snakemake", "yaml"}


@pytest.fixture(scope="module")
def imports():
    """The modules that each module of the project imports, other packages by their names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        graph = grimp.build_graph(*MAY_IMPORT, include_external_packages=True, cache_dir=None)
    return {
        module: graph.find_modules_directly_imported_by(module)
        for module in graph.modules
        if module.partition(".")[0] in MAY_IMPORT
    }


def test_the_graph_holds_every_module_of_every_part(imports):
    files = [*ROOT.glob("src/*/**/*.py"), *ROOT.glob("studies/**/*.py")]
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    names = {name.removeprefix("src.").removesuffix(".__init__") for name in names}
    assert len(names) > 80
    assert names - imports.keys() == set()


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_imports_go_from_the_top_down(imports, part):
    found = {
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if module.partition(".")[0] == part
        and other.partition(".")[0] in MAY_IMPORT.keys() - MAY_IMPORT[part] - {part}
    }
    assert found == set()


def test_the_library_only_computes(imports):
    # Its pictures are an extra, and import Matplotlib when the first one is drawn.
    computing = imports.keys() - {"dlnpaper.plot"}
    library = [imports[name] for name in computing if name.startswith("dlnpaper")]
    assert set().union(*library) & NOT_FOR_COMPUTING == set()
    assert {"numpy", "scipy", "xarray"} <= set().union(*library)


@pytest.mark.parametrize("within", ["modules", "packages"])
def test_there_are_no_circles(imports, within):
    def place(module):
        folder = module.rpartition(".")[0]
        return folder if within == "packages" and module.startswith("dlnpaper.") else module

    graph = {}
    for module, others in imports.items():
        others = {place(other) for other in others} - {place(module)}
        graph.setdefault(place(module), set()).update(others)
    # The private modules at the top of the library belong to none of its packages.
    graph.pop("dlnpaper", None)
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"these import each other in a circle: {' <- '.join(error.args[1])}")
