"""Sphinx builds the offline site of the documentation from this folder: `make docs`.

No page may ask a network for anything, so MathJax comes from a package, fonts are the reader's own,
and there are no inventories of other projects.
"""

import inspect
import re
from importlib.util import find_spec
from os.path import relpath
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS

import dlnpaper

DOCS = Path(__file__).parent
ROOT = DOCS.parent
# Pages of the site whose text stands elsewhere in the project.
ELSEWHERE = {
    "pipeline": ROOT / "workflow/README.md",
    "changelog": ROOT / "CHANGELOG.md",
    "contributing": ROOT / "CONTRIBUTING.md",
}
# What a link leads to on the site, where that is not the linked file itself.
PAGES = {file: DOCS / f"{page}.md" for page, file in ELSEWHERE.items()} | {
    ROOT / "README.md": DOCS / "index.md"
}
LINK = re.compile(r"\[([^][]*)\]\(([^()\s#]+)((?:#[^()\s]*)?)\)")  # text, file, place
MATHJAX = Path(find_spec("mathjax").origin).parent / "static/mathjax/es5/tex-svg-full.js"

project = "dlnpaper"
author = "The dlnpaper authors"
release = version = dlnpaper.__version__
project_copyright = author

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
]
exclude_patterns = ["_build", "images"]
nitpicky = True
# Named in docstrings, but not public.
# Other projects are named, not linked.
nitpick_ignore_regex = [("py:.*", r"(matplotlib|numpy|scipy|xarray)\..*")]
highlight_language = "none"

# GitHub's fences of mathematics, and its anchors of headings.
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = {"math"}
myst_heading_anchors = 3
mathjax_path = MATHJAX.name
# The file holds all that it needs; without its menu it does not look for more.
mathjax4_config = {"options": {"enableMenu": False}}

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_member_order = "bysource"
# Docstrings state types in words and with shapes.
autodoc_typehints = "none"
maximum_signature_line_length = 80
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
DEFAULT_LINKS.clear()  # to Python's and NumPy's documentation
CLASSES = [
    member for name in dlnpaper.__all__ if inspect.isclass(member := getattr(dlnpaper, name))
]
numpydoc_xref_aliases = {member.__name__: f"dlnpaper.{member.__name__}" for member in CLASSES}

html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = f"dlnpaper {release}"
html_static_path = ["_static", str(MATHJAX)]
html_css_files = ["site.css"]
html_theme_options = {"top_of_page_buttons": []}
html_copy_source = False
# Excerpts of pages are fetched, which browsers refuse for files.
html_show_search_summary = False


def setup(app):
    """Connect what prepares sources and docstrings."""
    app.connect("source-read", prepare_source)
    # After numpydoc, which takes the docstring apart.
    app.connect("autodoc-process-docstring", prepare_docstring, priority=900)


def prepare_source(app, docname, source):
    """Fetch what stands elsewhere, lead links within the site, and list the public names."""
    base = DOCS
    if docname in ELSEWHERE:
        file = ELSEWHERE[docname]
        app.env.note_dependency(str(file))
        base, source[0] = file.parent, file.read_text(encoding="utf-8")
    if docname == "api":
        source[0] += "\n\n".join(reference(dlnpaper))
    elif (DOCS / f"{docname}.md").exists():
        source[0] = LINK.sub(lambda link: within(base, *link.groups()), source[0])


def within(base, text, target, anchor):
    """Return a link as it must read in a page of the site, where a folder cannot be opened."""
    if re.match(r"\w+:", target):
        return f"[{text}]({target}{anchor})"
    file = (base / target).resolve()
    if file.is_dir():
        return text
    file = PAGES.get(file, file)
    path = relpath(file, DOCS)
    if file.parent == DOCS or file.suffix == ".png":
        return f"[{text}]({path}{anchor})"
    return f"{{download}}`{text.strip('`')} <{path}>`"


def reference(module):
    """Yield the directives, in reStructuredText, that document every public name of a module."""
    members = {f"{module.__name__}.{name}": getattr(module, name) for name in public_names(module)}
    for path, member in members.items():
        if inspect.isclass(member):
            yield f".. autoclass:: {path}\n   :members:"
        elif callable(member):
            yield f".. autofunction:: {path}"
        elif not inspect.ismodule(member):
            yield f".. py:data:: {path}\n   :value: {member!r}"
    # Modules begin sections, in which all that follows stands.
    for path, member in members.items():
        if inspect.ismodule(member):
            yield f"{path}\n{'-' * len(path)}"
            yield f".. automodule:: {path}\n   :no-members:"
            yield from reference(member)


def public_names(module):
    """Return the names that a module lists, or else those that it defines."""
    defined = (
        name
        for name, member in vars(module).items()
        if not name.startswith("_") and getattr(member, "__module__", None) == module.__name__
    )
    return getattr(module, "__all__", None) or sorted(defined)


def prepare_docstring(app, what, name, obj, options, lines):
    """Link pages and public names; keep all else in backticks, and bars, as they are."""
    for number, line in enumerate(lines):
        line = re.sub(r"``.+?``|:[\w:]+:`[^`]+`|`([^`]+)`|\|", mark, line)
        lines[number] = re.sub(r"docs/(\w+)\.md", r":doc:`docs/\1.md <\1>`", line)


def mark(found):
    """Return what reStructuredText needs in place of a name in backticks, or a bar."""
    name = found[1]
    if name is None:
        return r"\|" if found[0] == "|" else found[0]
    bare = name.removeprefix("dlnpaper.")
    owners = [member.__name__ for member in CLASSES if hasattr(member, bare)]
    if bare in dlnpaper.__all__:
        return f":py:obj:`{name} <dlnpaper.{bare}>`"
    return f":py:obj:`{name} <dlnpaper.{owners[0]}.{bare}>`" if owners else f"``{name}``"
