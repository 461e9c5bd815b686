"""Work on many starts, shared among threads of compiled code."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from dlnpaper._checks import validate_integer

MOST_THREADS = 4096
SMALLEST_CHUNK = 16


def validate_threads(threads: int | None) -> int:
    """Return a number of threads, by default all processors that this process may use."""
    if threads is None:
        try:
            return len(os.sched_getaffinity(0))
        except AttributeError:  # only Linux knows which processors this process may use
            return os.cpu_count() or 1
    remedy = "leave it out to use every processor"
    expected = "must be a positive integer"
    return validate_integer("threads", threads, expected, 1, MOST_THREADS, remedy)


def share(
    task: Callable[[int, int], None], size: int, threads: int, least: int = SMALLEST_CHUNK
) -> None:
    """Run ``task(lo, hi)`` over all of ``range(size)``; compiled code runs in parallel.

    No thread is given less than ``least`` of the range at a time.
    """
    chunks = max(1, min(4 * threads, size // least)) if threads > 1 else 1
    if chunks == 1:
        task(0, size)
        return
    edges = [size * i // chunks for i in range(chunks + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(task, lo, hi) for lo, hi in pairwise(edges)]:
            future.result()
