"""On import, before any library starts a thread, make the conditions the same for all solvers."""

import ctypes
import os

# All threads of this process share one processor.
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

# Every result is written to memory fresh from the system, as that of a first call is. By itself
# the C library keeps what was freed, depending on what was allocated before.
M_MMAP_THRESHOLD = -3
ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 20)
