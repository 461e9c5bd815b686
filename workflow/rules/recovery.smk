"""What the user reads where a run cannot start, or did not come to its end."""

import sys
from pathlib import Path

from workflow.folders import MADE, future_sentence, write_sentence
from workflow.recovery import lock_sentence

if workflow.is_main_process:
    # To this Snakemake would only add that it cannot have the lock.
    if sentence := lock_sentence(Path.cwd()):
        print(sentence, file=sys.stderr)
    # After these it would show a traceback, or nothing and believe old results.
    if sentence := write_sentence(Path.cwd(), ".snakemake") or future_sentence(Path.cwd()):
        sys.exit(sentence)


# Not before: what needs no write works in read-only folders.
onstart:
    if sentence := write_sentence(Path.cwd(), *MADE):
        sys.exit(sentence)


onerror:
    print(
        "The run stopped before its end; what it finished is kept. Once the cause is gone, finish it with: make resume",
        file=sys.stderr,
    )
