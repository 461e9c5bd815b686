"""Write the report: one page with statements, figures, claims, tables and theory."""

from pathlib import Path

from companion.files import write_text
from companion.registry import Studies
from companion.report.page import report_page

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    names = ("claims", "verdicts", "manifest")
    page = report_page(
        Studies(snakemake.config),
        **{name: Path(snakemake.input[name]) for name in names},
        theories=map(Path, snakemake.input.theories),
        figures=map(Path, snakemake.input.figures),
        tables=map(Path, snakemake.input.tables),
    )
    write_text(snakemake.output[0], page)
