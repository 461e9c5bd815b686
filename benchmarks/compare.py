"""Time the closed form and its rivals in pairs, on one processor; write ``results.csv``.

Usage: ``python -m benchmarks.compare [pairs]``, by default 7. Every pair is a plain call of
`dlnpaper.solve` and, right after it, a call of what it is compared with. The pairs of a solver are
spread over the whole run, one in each round through all solvers: a minute in which the machine is
slow then spoils one pair of many solvers, which medians forgive, not all of one.
"""

from benchmarks import one_processor  # noqa: F401, I001 - before any library starts its threads

import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

import pandas as pd

from benchmarks.page import RESULTS, machine
from benchmarks.problem import CHECKED, STARTS, error
from benchmarks.solvers import OWN, PLAIN, RIVALS, Solver
from companion.files import write_text

DEPTHS = (3, 2)
PACKAGES = ("dlnpaper", "numpy", "scipy", "numba", "jax", "diffrax")


class Yardstick(NamedTuple):
    """What all are compared with, and how many starts of it; the error of states, and of how many.

    ``error(states, depth)`` is the largest error of the first `checked` starts.
    """

    plain: Solver
    starts: int
    error: Callable
    checked: int


def main():
    """Run everything; about five minutes."""
    cases = [
        (depth, solver, x) for depth in DEPTHS for solver in OWN + RIVALS for x in solver.asked
    ]
    measure(cases, Yardstick(PLAIN, STARTS, error, CHECKED), RESULTS)


def measure(cases, yardstick, results):
    """Write error, median time and median ratio of every case (depth, solver, asked) to a file."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    rows = [warmed_up(*case, yardstick) for case in cases]
    timed = []
    for number in range(pairs):
        timed += [(k, *timed_pair(*case, yardstick)) for k, case in enumerate(cases)]
        print(f"round {number + 1} of {pairs}", flush=True)
    timed = pd.DataFrame(timed, columns=["case", "plain", "microseconds"])
    timed["ratio"] = timed.microseconds / timed.plain
    table = pd.DataFrame(rows).join(timed.groupby("case").median())
    # A plain call is timed in every pair.
    first = table.solver == yardstick.plain.name
    table.loc[first, "microseconds"] = table.groupby("depth").plain.transform("median")
    table.loc[first, "ratio"] = 1.0
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    numbers = table.drop(columns="plain").to_csv(index=False, float_format="%.4g")
    write_text(results, f"# medians of {pairs} pairs; {machine()}, {versions}\n{numbers}")


def warmed_up(depth, solver, asked, yardstick):
    """Run a case untimed, which compiles it; return its row with the error that it makes."""
    found = solver.run(depth, max(solver.count, yardstick.checked), asked)
    solver.run(depth, solver.count, asked)
    made = yardstick.error(solver.states(found), depth) if solver.states else None
    return {"depth": depth, "solver": solver.name, "asked": asked, "error": made}


def timed_pair(depth, solver, asked, yardstick):
    """Return microseconds per trajectory of a plain call, and of a solver right after it."""
    plain = microseconds(yardstick.plain.run, depth, yardstick.starts, None) / yardstick.starts
    return plain, microseconds(solver.run, depth, solver.count, asked) / solver.count


def microseconds(function, *arguments):
    """Time a call; giving back the memory of its result is not counted."""
    start = time.perf_counter()
    result = function(*arguments)
    elapsed = time.perf_counter() - start
    del result
    return 1e6 * elapsed


if __name__ == "__main__":
    main()
