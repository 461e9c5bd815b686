"""The same conditions for all solvers: import this before any library that starts threads."""

import ctypes
import os

# All threads of this process share one processor.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LIBC = ctypes.CDLL(None)  # of Linux, as the line above


def keep_memory():
    """Let the C library use the memory of one result for the next, as it does in a long run.

    There is no way back.
    """
    _LIBC.mallopt(_M_MMAP_THRESHOLD, 1 << 25)
    _LIBC.mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def take_fresh_memory():
    """Let every result be written to memory fresh from the system, as in a first call."""
    _LIBC.mallopt(_M_MMAP_THRESHOLD, 1 << 20)
    _LIBC.mallopt(_M_TRIM_THRESHOLD, 1 << 20)
