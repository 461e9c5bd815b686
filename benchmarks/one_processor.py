"""Hold this process to one processor: imported before any library that starts threads."""

import os

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
