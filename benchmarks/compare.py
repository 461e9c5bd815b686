"""Time the closed form and its rivals in pairs, on one thread; write ``results.json``.

Usage: ``python -m benchmarks.compare``. Compilation is never timed: one run goes before.
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
from benchmarks.problem import DIMENSION, STARTS, TIMES, closed_form, error, reference
from benchmarks.solvers import SOLVERS
from dlnpaper.storage import write_text

RESULTS = Path(__file__).parent / "results.json"
PAIRS = 5
DEPTHS = (3, 2)


def main():
    """Run everything; about three minutes."""
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
    for own in results["closed_form"]:
        depth = own["depth"]
        rows = [compare(solver, depth, x) for solver in SOLVERS for x in solver.tolerances]
        own["repeated_microseconds"] = median(row["closed_form_microseconds"] for row in rows)
        results["solvers"] += rows
    write_text(RESULTS, json.dumps(results, indent=1) + "\n")


def compare(solver, depth, tolerance):
    """Time a solver against the closed form, one after the other; return medians over the pairs."""
    states = solver.run(depth, solver.count, tolerance)
    closed_form(depth)
    own, other = [], []
    for _ in range(PAIRS):
        own.append(anatomy.timed(closed_form, depth) / STARTS)
        other.append(anatomy.timed(solver.run, depth, solver.count, tolerance) / solver.count)
    row = {
        "depth": depth,
        "name": solver.name,
        "tolerance": tolerance,
        "starts": solver.count,
        "microseconds": 1e6 * median(other),
        "closed_form_microseconds": 1e6 * median(own),
        "ratio": median(y / x for x, y in zip(own, other, strict=True)),
        "error": error(states, reference(depth)[: solver.count]),
    }
    print(
        f"N = {depth}, {solver.name}, {tolerance:g}: {row['microseconds']:.0f} µs,"
        f" {row['ratio']:.1f} times the closed form's, error {row['error']:.1e}",
        flush=True,
    )
    return row


def processor():
    """Return the processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
