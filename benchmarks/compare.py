"""Time the closed form and its rivals in pairs, on one thread; write ``results.json``.

Usage: ``python -m benchmarks.compare``. Compilation is never timed: one run goes before. The pairs
of a solver are spread over the whole run, one in each round through all solvers: a minute in which
the machine is slow then spoils one pair of many solvers, which medians forgive, not all of one.
"""

from benchmarks import conditions  # noqa: I001 - before any library starts its threads

import json
import platform
from importlib.metadata import version
from pathlib import Path
from statistics import median

import dlnpaper
from benchmarks import anatomy
from benchmarks.accuracy import own_error
from benchmarks.machine import processor
from benchmarks.problem import DIMENSION, STARTS, TIMES, closed_form, error, reference
from benchmarks.solvers import SOLVERS
from companion.files import write_text

RESULTS = Path(__file__).parent / "results.json"
PAIRS = 7
DEPTHS = (3, 2)


def main():
    """Run everything; about two minutes."""
    results = {
        "machine": {"processor": processor(), "system": platform.system()},
        "versions": {"Python": platform.python_version(), "dlnpaper": dlnpaper.__version__}
        | {name: version(name) for name in ("numpy", "scipy", "numba", "jax", "diffrax")},
        "problem": {"dimension": DIMENSION, "starts": STARTS, "times": TIMES.size, "pairs": PAIRS},
        "closed_form": [],
        "solvers": [],
    }
    conditions.take_fresh_memory()
    for depth in DEPTHS:
        own = {"depth": depth, "error": own_error(depth), **anatomy.measure(depth)}
        results["closed_form"].append(own)
    conditions.keep_memory()
    results["solvers"] = compare(
        [(depth, solver, x) for depth in DEPTHS for solver in SOLVERS for x in solver.tolerances]
    )
    for own in results["closed_form"]:
        rows = [row for row in results["solvers"] if row["depth"] == own["depth"]]
        own["repeated_microseconds"] = median(row["closed_form_microseconds"] for row in rows)
    write_text(RESULTS, json.dumps(results, indent=1) + "\n")


def compare(cases):
    """Time every case, a depth with a solver and its tolerance; return one row for each."""
    rows = [warmed_up(*case) for case in cases]
    pairs = [[] for _ in cases]
    for number in range(PAIRS):
        for case, found in zip(cases, pairs, strict=True):
            found.append(timed_pair(*case))
        print(f"round {number + 1} of {PAIRS}", flush=True)
    for row, found in zip(rows, pairs, strict=True):
        row["microseconds"] = 1e6 * median(other for _, other in found)
        row["closed_form_microseconds"] = 1e6 * median(own for own, _ in found)
        row["ratio"] = median(other / own for own, other in found)
    return rows


def warmed_up(depth, solver, tolerance):
    """Run a case once, untimed; return its row with the error that it makes."""
    closed_form(depth)
    states = solver.run(depth, solver.count, tolerance)
    return {
        "depth": depth,
        "name": solver.name,
        "tolerance": tolerance,
        "starts": solver.count,
        "error": error(states, reference(depth)[: solver.count]),
    }


def timed_pair(depth, solver, tolerance):
    """Return seconds per trajectory of the closed form, and of a solver right after it."""
    own = anatomy.timed(closed_form, depth) / STARTS
    return own, anatomy.timed(solver.run, depth, solver.count, tolerance) / solver.count


if __name__ == "__main__":
    main()
