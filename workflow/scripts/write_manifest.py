"""List every file of the results: its hash, how it was made, and the claims that it bears on."""

import json
from pathlib import Path

from companion.files import write_text
from companion.provenance import manifest
from companion.registry import Studies
from companion.storage import read_record

from reporting import errors_in_one_sentence


def record_of(path):
    """Return a file's record; that of CSV stands in the Markdown, that of a figure in its data."""
    name = Path(path)
    if name.parent.name == "tables":
        text = name.with_suffix(".md").read_text(encoding="utf-8")
        return json.loads(text.splitlines()[-1].removeprefix("<!-- ").removesuffix(" -->"))
    return read_record(name if name.suffix == ".nc" else name.parent / f"data/{name.stem}.nc")


with errors_in_one_sentence(snakemake):
    studies, records = Studies(snakemake.config), {}
    waiting = [*snakemake.input.files, *snakemake.input.data, *snakemake.input.claims]
    while waiting:
        path = waiting.pop()
        if path not in records:
            records[path] = record_of(path)
            made_from = records[path]["inputs"].splitlines()
            waiting += [name for name in made_from if name.startswith(studies.results(""))]
    entries = manifest(records, studies.claims(), studies.results(""), studies.figures(""))
    text = json.dumps(entries, indent=1, ensure_ascii=False)
    write_text(snakemake.output[0], text + "\n")
