"""What the user reads when a run did not come to its end: see workflow/recovery.py."""

import sys
from pathlib import Path

from workflow.recovery import future_sentence, lock_sentence

if workflow.is_main_process:
    # To this Snakemake would only add that it cannot have the lock.
    if sentence := lock_sentence(Path.cwd()):
        print(sentence, file=sys.stderr)
    if sentence := future_sentence(Path.cwd()):
        sys.exit(sentence)


onerror:
    print(
        "The run stopped before its end; what it finished is kept. Once the cause is gone, finish it with: make resume",
        file=sys.stderr,
    )
