"""Time the closed form with weight decay against SciPy's LSODA; write docs/performance.md.

Usage: ``python -m benchmarks.weight_decay [pairs]``, by default 7; `make bench` runs it too. The
problem is that of `benchmarks.problem`, at depth 3: 1000 starts and 200 times for the closed form,
the first 10 of these starts for LSODA, on one processor and in one thread.
"""

from benchmarks import one_processor  # noqa: F401, I001 - before any library starts its threads

import sys
import time

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.page import machine, replace_block
from benchmarks.problem import DIMENSION, STARTS, TIMES, initial, starts, target
from dlnpaper import solve

DEPTH, RTOL, COUNT = 3, 1e-10, 10
#: From few collapses to almost none but these.
DECAYS = (0.1, 0.5, 1.0)


def main():
    """Measure, and replace what stands between the page's two markers; about a minute."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    rows = "\n".join(row(decay, pairs) for decay in DECAYS)
    block = f"""\
| μ | collapse | closed form | its error | LSODA at {RTOL:.0e} | slower | largest difference |
|--:|--:|--:|--:|--:|--:|--:|
{rows}

N = {DEPTH}; singular values, starts and times are those above. Times are those of one trajectory,
medians of {pairs} pairs on one processor, and the median ratio; {machine()}.
The error is the largest estimate. The difference is that of s, relative to s or s_0, whichever is
larger, and of a and b, for {COUNT} starts."""
    replace_block("docs/performance.md", "python -m benchmarks.weight_decay", block)


def row(decay, pairs):
    """Return the line of a weight decay."""
    path, reference = closed_form(decay), by_lsoda(decay)
    s = path.s.values[:COUNT]
    difference = np.abs(s - reference[..., 0]) / np.maximum(s, starts.s[:COUNT, None])
    directions = np.concatenate([path.a.values[:COUNT], path.b.values[:COUNT]], axis=2)
    off = max(difference.max(), np.abs(directions - reference[..., 1:]).max())
    collapse = float((path.s[:, -1] < 1e-3).mean())
    timed = np.array(
        [
            [elapsed(closed_form, decay) / STARTS, elapsed(by_lsoda, decay) / COUNT]
            for _ in range(pairs)
        ]
    )
    own, rival = 1e6 * np.median(timed, axis=0)
    ratio = np.median(timed[:, 1] / timed[:, 0])
    mine = f"{own:.0f} µs | {float(path.error.max()):.0e}"
    return f"| {decay} | {collapse:.0%} | {mine} | {rival / 1e3:.0f} ms | {ratio:.0f} | {off:.0e} |"


def closed_form(decay):
    """Solve for all starts as one would call it, in one thread."""
    return solve(target, DEPTH, starts, TIMES, weight_decay=decay, threads=1)


def by_lsoda(decay):
    """Return the states (s, a, b) of the first starts at all times, (COUNT, T, 2d + 1)."""
    options = {"t_eval": TIMES, "args": (decay,), "rtol": RTOL, "atol": RTOL / 100}
    span = (0.0, TIMES[-1])
    return np.array([solve_ivp(slope, span, y, "LSODA", **options).y.T for y in initial[:COUNT]])


def slope(t, y, decay):
    """Right-hand side of the induced flow (docs/weight_decay.md, section 1)."""
    # A trial step may end below zero, where the fractional power is not defined.
    s, a, b = max(y[0], 0.0), y[1 : 1 + DIMENSION], y[1 + DIMENSION :]
    toward_a, toward_b = target.singular_values * b, target.singular_values * a
    c = toward_a @ a
    speed = s ** (1 - 2 / DEPTH)
    growth = DEPTH * s * (speed * (c - s) - decay)
    return np.concatenate([[growth], speed * (toward_a - c * a), speed * (toward_b - c * b)])


def elapsed(function, decay):
    """Time a call, in seconds; giving back the memory of its result is not counted."""
    start = time.perf_counter()
    result = function(decay)
    end = time.perf_counter()
    del result
    return end - start


if __name__ == "__main__":
    main()
