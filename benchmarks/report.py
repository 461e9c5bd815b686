"""Draw ``docs/images/speed.png`` and write the README's tables from ``results.json``.

Usage: ``python -m benchmarks.report``.
"""

import json
import re
from pathlib import Path

import numpy as np

from benchmarks.drawing import draw
from companion.files import write_bytes, write_text
from companion.style import rendered

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
EQUAL_ERROR = 1e-8
PARTS = {
    "call": "what a call costs, shared by 1000 trajectories",
    "march": "the panels up to the last time",
    "evaluate": "s at all times: inversion of t(τ), evaluation",
    "directions": "a and b at all times",
    "write": "memory: pages of the result, and their first filling",
}


def main():
    """Write both from the committed results."""
    results = json.loads(RESULTS.read_text())
    write_bytes(ROOT / "docs" / "images" / "speed.png", rendered(draw(results), "png"))
    readme = ROOT / "README.md"
    write_text(readme, with_tables(readme.read_text(encoding="utf-8"), results))


def with_tables(text, results):
    """Return the README's text with what stands between its two markers replaced."""
    pattern = r"(<!-- benchmark: `make bench` writes this -->\n).*?(<!-- end of benchmark -->)"
    block = "\n\n".join([solver_table(results), closed_form_table(results), conditions(results)])
    return re.sub(pattern, lambda match: f"{match[1]}\n{block}\n\n{match[2]}", text, flags=re.S)


def solver_table(results):
    """Return the Markdown table of the rivals, one row each."""
    lines = [
        "| asked for 1e-10 | time, N = 3 | true error | slower | at equal error¹ | time, N = 2"
        " | true error | slower | at equal error¹ |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    own = [entry(results["closed_form"], depth=depth) for depth in (3, 2)]
    cells = [f"**{duration(x['repeated_microseconds'])}** | {x['error']:.0e} | 1 | 1" for x in own]
    lines.append(f"| **closed form** | {' | '.join(cells)} |")
    for name in dict.fromkeys(row["name"] for row in results["solvers"]):
        cells = []
        for depth in (3, 2):
            curve = [r for r in results["solvers"] if (r["name"], r["depth"]) == (name, depth)]
            row = min(curve, key=lambda r: abs(np.log(r["tolerance"] / 1e-10)))
            cells.append(
                f"{duration(row['microseconds'])} | {row['error']:.0e} | {row['ratio']:.0f}"
                f" | {at_equal_error(curve)}"
            )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def at_equal_error(curve):
    """Return how much slower a solver is at `EQUAL_ERROR`, between two tolerances of its own."""
    curve = sorted(curve, key=lambda row: row["error"])
    errors = [row["error"] for row in curve]
    if not errors[0] <= EQUAL_ERROR <= errors[-1]:
        return f"not reached ({errors[0]:.0e} at best)" if errors[0] > EQUAL_ERROR else "less"
    ratios = [row["ratio"] for row in curve]
    return f"{np.exp(np.interp(np.log(EQUAL_ERROR), np.log(errors), np.log(ratios))):.0f}"


def closed_form_table(results):
    """Return the Markdown table of where the closed form's own time goes."""
    rows = [entry(results["closed_form"], depth=depth) for depth in (3, 2)]
    lines = ["| closed form, in memory fresh from the system² | N = 3 | N = 2 |", "|---|--:|--:|"]
    for part, description in PARTS.items():
        cells = [duration(row["parts"][part]) for row in rows]
        lines.append(f"| {description} | {' | '.join(cells)} |")
    lines.append(f"| all | {' | '.join(duration(row['microseconds']) for row in rows)} |")
    lines.append(
        "| one call for a single trajectory |"
        f" {' | '.join(duration(row['one_microseconds']) for row in rows)} |"
    )
    for key, what in (
        ("write_ratio", "time over that of filling arrays of this size"),
        ("long_ratio", "time with T = 10⁶ over that with T = 50"),
    ):
        lines.append(f"| {what} | {' | '.join(f'{row[key]:.1f}' for row in rows)} |")
    return "\n".join(lines)


def conditions(results):
    """Return the sentences that say what was measured, and on what."""
    problem, versions = results["problem"], results["versions"]
    return (
        f"¹ Times slower where the tolerance is chosen such that the true error is"
        f" {EQUAL_ERROR:.0e}; the closed form's error and time stay what they are."
        f" d = {problem['dimension']}, singular values evenly"
        f" spaced from 3 to 0.3, {problem['starts']} starts with s from 10⁻³ to 1,"
        f" {problem['times']} geometric times to T = 50; time per trajectory on one thread, medians"
        f" of {problem['pairs']} runs, each right after one of the closed form; slower: the median"
        " of the ratios of these pairs; true error: the largest relative error of s and absolute"
        " error of a and b. Gradient descent is asked for a step, and its smallest one is shown."
        " ² Above, results take the place of earlier ones, as in a long run."
        f" {results['machine']['processor']}, {results['machine']['system']};"
        f" {', '.join(f'{name} {number}' for name, number in versions.items())}."
    )


def entry(rows, **keys):
    """Return the one row that has these values."""
    (row,) = [row for row in rows if all(row[key] == value for key, value in keys.items())]
    return row


def duration(microseconds):
    """Return a time with two digits and its unit."""
    unit, size = ("ms", 1e3) if microseconds >= 1e3 else ("µs", 1.0)
    value = microseconds / size
    return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"


if __name__ == "__main__":
    main()
