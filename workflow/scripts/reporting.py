"""What happens when a rule's script fails."""

import gc
import os
import resource
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    _limit_memory()
    # What was imported stays to the end: the garbage collector need not go through it, then or now.
    gc.freeze()
    log = Path(snakemake.log[0])
    log.write_text("", encoding="utf-8")
    try:
        with made_by(job_record(snakemake)):
            yield
    except (ValueError, ArithmeticError, RuntimeError, OSError, MemoryError) as error:
        if isinstance(error, MemoryError):
            what = str(error) or "what it computes does not fit"
            error = f"out of memory: {what}; make its sizes, counts or depths smaller"
        sentence = f"{' '.join([snakemake.rule, *snakemake.wildcards])}: {error}"
        log.write_text(f"{sentence}\n", encoding="utf-8")
        sys.exit(sentence)
    except Exception:
        log.write_text(traceback.format_exc(), encoding="utf-8")
        raise


def _limit_memory() -> None:
    """Have a job that asks for more memory than there is fail, not the machine end some program."""
    with suppress(OSError, ValueError):
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (there, most))
