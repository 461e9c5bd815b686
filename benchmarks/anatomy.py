"""Where the closed form's time goes: the same call with parts of its work left out."""

import time
from statistics import median

import numpy as np

from benchmarks.problem import DIMENSION, STARTS, TIMES, VARIABLES, closed_form, starts

RUNS = 15
CALLS = 50


def measure(depth):
    """Return medians in microseconds, of a trajectory among 1000 unless said otherwise.

    ``write`` allocates and fills arrays of the size of the result. ``call`` is what one call costs
    whatever the number of starts, ``march`` the way to the last time alone, ``evaluate`` that of s
    at all times, and ``directions`` that of a and b but for their memory.
    """
    first, last = starts[:1], TIMES[-1:]
    long_times = np.geomspace(1e-3, 1e6, TIMES.size)
    tasks = {
        "total": (STARTS, lambda: closed_form(depth)),
        "write": (STARTS, write),
        "long": (STARTS, lambda: closed_form(depth, times=long_times)),
        "s": (STARTS, lambda: closed_form(depth, variables=VARIABLES[:1])),
        "last": (STARTS, lambda: closed_form(depth, times=last, variables=VARIABLES[:1])),
        "one": (CALLS, lambda: [closed_form(depth, first) for _ in range(CALLS)]),
    }
    seconds = {name: [] for name in tasks}
    for run in range(RUNS + 1):  # the first warms up
        for name, (_, task) in tasks.items():
            elapsed = timed(task)
            if run:
                seconds[name].append(elapsed)
    cost = {name: 1e6 * median(seconds[name]) / tasks[name][0] for name in tasks}
    call = (cost["one"] - cost["total"]) / STARTS
    return {
        "microseconds": cost["total"],
        "one_microseconds": cost["one"],
        "write_microseconds": cost["write"],
        "long_ratio": median(y / x for x, y in zip(seconds["total"], seconds["long"], strict=True)),
        "write_ratio": median(
            x / y for x, y in zip(seconds["total"], seconds["write"], strict=True)
        ),
        "parts": {
            "call": call,
            "march": cost["last"] - call,
            "evaluate": cost["s"] - cost["last"],
            "directions": cost["total"] - cost["s"] - cost["write"],
            "write": cost["write"],
        },
    }


def write():
    """Allocate the arrays of a result, and fill them."""
    shapes = (STARTS, TIMES.size), *2 * ((STARTS, TIMES.size, DIMENSION),)
    arrays = [np.empty(shape) for shape in shapes]
    for array in arrays:
        array.fill(1.0)
    return arrays


def timed(function, *arguments):
    """Return the seconds that a call takes; giving back the memory of its result is not counted."""
    start = time.perf_counter()
    result = function(*arguments)
    elapsed = time.perf_counter() - start
    del result
    return elapsed
