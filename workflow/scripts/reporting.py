"""What happens when a rule's script fails."""

import gc
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from companion.provenance import job_record, made_by


@contextmanager
def errors_in_one_sentence(snakemake: Any) -> Iterator[None]:
    """Run the body of a script; on bad input say so in one sentence and exit with status 1.

    What the body writes carries the job's record. The sentence goes to the rule's log and to
    stderr, where Snakemake's own account of the failed job follows it. An error that is not about
    input keeps its traceback in both.
    """
    # What was imported stays to the end: the garbage collector need not go through it, then or now.
    gc.freeze()
    log = Path(snakemake.log[0])
    log.write_text("", encoding="utf-8")
    try:
        with made_by(job_record(snakemake)):
            yield
    except (ValueError, ArithmeticError, RuntimeError, OSError) as error:
        sentence = f"{' '.join([snakemake.rule, *snakemake.wildcards])}: {error}"
        log.write_text(f"{sentence}\n", encoding="utf-8")
        sys.exit(sentence)
    except Exception:
        log.write_text(traceback.format_exc(), encoding="utf-8")
        raise
