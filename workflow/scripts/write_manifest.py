"""List every file of the results: its hash, how it was made, and the claims that it bears on."""

import hashlib
import json
from pathlib import Path

import yaml

from dlnpaper.files import write_text
from dlnpaper.manifest import lineage, supported_claims
from dlnpaper.storage import read_record

from reporting import errors_in_one_sentence


def record_of(path):
    """Return what a file says; CSV leaves it to the table in Markdown, a figure to its numbers."""
    name = Path(path)
    if name.suffix == ".nc":
        return read_record(path)
    if name.parent.name == "tables":
        text = name.with_suffix(".md").read_text(encoding="utf-8")
        return json.loads(text.splitlines()[-1].removeprefix("<!-- ").removesuffix(" -->"))
    return read_record(name.parent / "data" / f"{name.stem}.nc")


with errors_in_one_sentence(snakemake):
    claims = yaml.safe_load(Path(snakemake.input.claims).read_text(encoding="utf-8"))
    records = {}
    waiting = [*snakemake.input.figures, *snakemake.input.data, *snakemake.input.tables]
    while waiting:
        path = waiting.pop()
        if path not in records:
            records[path] = record_of(path)
            made_from = records[path]["inputs"].splitlines()
            waiting += [name for name in made_from if name.startswith("results/")]
    inputs = {path: record["inputs"].splitlines() for path, record in records.items()}
    files = {
        path: {
            "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
            **records[path],
            "parameters": json.loads(records[path]["parameters"]),
            "inputs": inputs[path],
            "made_from": sorted(lineage(path, inputs) - {path}),
            "claims": supported_claims(path, claims, inputs),
        }
        for path in sorted(records)
    }
    write_text(snakemake.output[0], json.dumps(files, indent=1, ensure_ascii=False) + "\n")
