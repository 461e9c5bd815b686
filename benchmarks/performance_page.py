"""The page that shows what the pipeline takes."""

import re
from pathlib import Path

from companion.files import write_text

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def replace_block(command, block):
    """Replace what stands on the page between the marker of a command and the next end."""
    pattern = rf"(<!-- `{command}` writes this -->\n).*?(<!-- end -->)"
    text = PAGE.read_text(encoding="utf-8")
    text = re.sub(pattern, lambda match: f"{match[1]}\n{block}\n\n{match[2]}", text, flags=re.S)
    write_text(PAGE, text)
