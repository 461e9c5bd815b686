"""What the pages say that `make bench`, `make profile` and `make scale` measured, and on what."""

import platform
import re
from pathlib import Path

from companion.files import write_text

ROOT = Path(__file__).parent.parent
#: What `make bench` measures, and what the tables, README's summary and the figure are made from.
RESULTS = ROOT / "benchmarks" / "results.csv"
#: The same of two layers.
TWO_LAYERS = ROOT / "benchmarks" / "two_layers.csv"


def replace_block(page, command, block):
    """Write a block into a page, between the one marker of a command and the next end."""
    marker, end = f"<!-- `{command}` writes this -->\n", "<!-- end -->"
    head, rest = (ROOT / page).read_text(encoding="utf-8").split(marker)
    _, tail = rest.split(end, maxsplit=1)
    write_text(ROOT / page, f"{head}{marker}\n{block}\n\n{end}{tail}")


def machine():
    """Return the processor's name, the system's and Python's version."""
    name = platform.processor() or platform.machine()
    if (file := Path("/proc/cpuinfo")).exists():
        found = re.search(r"^model name\s*: (.*)", file.read_text(), flags=re.M)
        name = found[1] if found else name
    return f"{name}, {platform.system()}, Python {platform.python_version()}"
