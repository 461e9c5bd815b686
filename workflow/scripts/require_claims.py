"""Stop the pipeline if a claim is falsified: what was measured stays for reading."""

import json
from pathlib import Path

from companion.files import write_text

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    records = json.loads(Path(snakemake.input.json).read_text(encoding="utf-8"))
    falsified = [record["sentence"] for record in records if record["verdict"] != "supported"]
    if falsified:
        count = f"{len(falsified)} of {len(records)} claims are falsified"
        raise ValueError("\n".join([f"{count}, see {snakemake.input.json}:", *falsified]))
    write_text(snakemake.output[0], f"All {len(records)} claims are supported.\n")
