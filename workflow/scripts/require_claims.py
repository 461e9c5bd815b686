"""Stop the pipeline if a claim is falsified: what was measured stays for reading."""

import json
from collections import Counter
from pathlib import Path

from companion.files import write_text

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    records = json.loads(Path(snakemake.input.json).read_text(encoding="utf-8"))
    verdicts = Counter(record["verdict"] for record in records)
    falsified = [record["sentence"] for record in records if record["verdict"] == "falsified"]
    if falsified:
        count = f"{len(falsified)} of {len(records)} claims are falsified"
        raise ValueError("\n".join([f"{count}, see {snakemake.input.json}:", *falsified]))
    counts = ", ".join(
        f"{verdicts[verdict]} {verdict}" for verdict in sorted(verdicts, reverse=True)
    )
    write_text(snakemake.output[0], f"{len(records)} claims: {counts}.\n")
