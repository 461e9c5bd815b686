"""Whether LaTeX, where it is installed, takes the tables that the pipeline writes."""

import shutil
import subprocess

import pytest

PAGE = r"""\documentclass{article}
\usepackage{booktabs}
\begin{document}
%s
\end{document}
"""


def compiled(tables, folder):
    """Compile a document that shows tables, given as text, and fail with the log of LaTeX."""
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("no pdflatex is installed")
    (folder / "page.tex").write_text(PAGE % "\n\\clearpage\n".join(tables), encoding="utf-8")
    command = [latex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    assert run.returncode == 0, run.stdout.decode("latin-1")[-3000:]
