"""Draw ``docs/images/speed.png``, and write tables and README's summary of what was measured.

Usage: ``python -m benchmarks.report``.
"""

import numpy as np
import pandas as pd

from benchmarks.page import RESULTS, ROOT, TWO_LAYERS, replace_block
from companion.files import write_bytes
from companion.style import COLORS, applied, new_figure, rendered

EQUAL_ERROR = 1e-8
LOOKS = {
    "`dlnpaper.solve(target, depth, starts, times)`": ("vermilion", "*", "none"),
    "SciPy LSODA": ("black", "o", "-"),
    "SciPy LSODA, compiled right-hand side": ("black", "s", ":"),
    "SciPy RK45": ("orange", "^", "-"),
    "SciPy DOP853": ("orange", "v", ":"),
    "SciPy Radau": ("purple", "D", "-"),
    "Numba Dormand-Prince 5(4)": ("blue", "^", "-"),
    "diffrax Tsit5, vmap over 50": ("green", "<", "-"),
    "diffrax Dopri8, vmap over 50": ("green", ">", ":"),
    "gradient descent in JAX, vmap over 50": ("sky", "x", "--"),
}
HEADER = """\
| asked for 1e-10 | time, N = 3 | true error | slower | at equal error¹ | time, N = 2 | true error | slower | at equal error¹ |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""  # noqa: E501
NOTES = f"""\
¹ Times slower where the tolerance is such that the true error is {EQUAL_ERROR:.0e}.

The problem has 10 singular values, evenly spaced from 3 to 0.3, 1000 starts with s from 10⁻³ to 1,
and 200 geometric times to 50. Times are those of one trajectory, on one processor. "Slower" is the
median ratio over pairs: a call as in the first row, in memory as the system gives it, and right
after it one of the other solver. A plain `solve` returns more than s, a and b, to which the third
row and all other solvers are limited. The true error, the largest relative error of s or absolute
error of a and b, is that of the first 10 starts at every tenth time, against 34-digit arithmetic.
Gradient descent is asked for a step; its smallest one is shown.
"""
TWO_LAYERS_HEADER = """\
| asked for 1e-10 | time | true error | slower | at equal error¹ |
|---|--:|--:|--:|--:|
"""
TWO_LAYERS_NOTES = f"""\
¹ Times slower where the tolerance is such that the true error is {EQUAL_ERROR:.0e}.

The target and the times are those above; 1000 balanced starts with five hidden neurons and weights
of standard deviation 0.1, timed on all of them in the first rows, on five of them by LSODA, and on
50 by the two solvers below it. Times are those of one trajectory, on one processor, and "slower"
is relative to the first row in the same pair. The rivals' time is that of the layers, without their
product. The true error, the largest of an entry of W in units of σ_1, is that of the first five
starts at every twentieth time, against at least 60 digits.
"""


def main():
    """Write all of them from the committed results."""
    conditions, results = read(RESULTS)
    write_bytes(ROOT / "docs" / "images" / "speed.png", rendered(draw(results), "png"))
    replace_block("docs/performance.md", "make bench", block(conditions, results))
    replace_block("README.md", "make bench", summary(results))
    replace_block("docs/performance.md", "make bench: two layers", two_layers(*read(TWO_LAYERS)))


def read(file):
    """Return the conditions of the measurement, a line, and the table of what was measured."""
    with file.open(encoding="utf-8") as lines:
        return lines.readline().strip("# \n"), pd.read_csv(lines)


def block(conditions, results):
    """Return the Markdown table of all solvers, one row each, and what it means."""
    lines = []
    for solver, rows in results.groupby("solver", sort=False):
        cells = [text for depth in (3, 2) for text in cells_of(rows[rows.depth == depth])]
        lines.append(f"| {solver} | {' | '.join(cells)} |\n")
    return f"{HEADER}{''.join(lines)}\n{NOTES}The numbers are {conditions}."


def two_layers(conditions, results):
    """Return the Markdown table of two layers' solvers, and what it means."""
    lines = [
        f"| {solver} | {' | '.join(cells_of(rows))} |\n"
        for solver, rows in results.groupby("solver", sort=False)
    ]
    notes = f"{TWO_LAYERS_NOTES}The numbers are {conditions}."
    return f"{TWO_LAYERS_HEADER}{''.join(lines)}\n{notes}"


def summary(results):
    """Return what the README says: a plain call, one in memory that is used again, three rivals."""
    at = {
        solver: [cells_of(rows[rows.depth == depth]) for depth in (3, 2)]
        for solver, rows in results.groupby("solver", sort=False)
    }
    (plain, plain_2), (again, again_2) = list(at.values())[:2]
    rivals = "SciPy LSODA", "Numba Dormand-Prince 5(4)", "diffrax Tsit5, vmap over 50"
    (scipy, _), (numba, _), (diffrax, _) = (at[name] for name in rivals)
    return (
        f"A plain call of `solve` takes **{plain[0]}** a trajectory at N = 3 and {plain_2[0]} at"
        f" N = 2,\n{again[0]} and {again_2[0]} in the memory of an earlier result (`out=`);"
        f" its true error at N = 3 is {plain[1]}.\nAsked for 1e-10 there, SciPy's LSODA takes"
        f" {scipy[2]} times as long (true error {scipy[1]}), a compiled\nDormand-Prince method"
        f" {numba[2]} times ({numba[1]}), and diffrax {diffrax[2]} times ({diffrax[1]})."
    )


def cells_of(rows):
    """Return what the table says of a solver at one depth: the tolerance nearest to 1e-10."""
    row = rows.loc[np.log(rows.asked / 1e-10).abs().fillna(0).idxmin()]
    made = "" if pd.isna(row.error) else f"{row.error:.0e}"
    equal = "" if pd.isna(row.asked) else at_equal_error(rows.sort_values("error"))
    slower = f"{row.ratio:.0f}" if row.ratio >= 9.5 else f"{row.ratio:.1f}"
    return duration(row.microseconds), made, slower, equal


def at_equal_error(rows):
    """Return how much slower a solver is at `EQUAL_ERROR`, between two tolerances of its own."""
    least, most = rows.error.min(), rows.error.max()
    if least > EQUAL_ERROR:
        return f"not reached ({least:.0e} at best)"
    if most < EQUAL_ERROR:
        return "less"
    ratio = np.exp(np.interp(np.log(EQUAL_ERROR), np.log(rows.error), np.log(rows.ratio)))
    return f"{ratio:.0f}"


def duration(microseconds):
    """Return a time with two digits and its unit."""
    unit, size = ("ms", 1e3) if microseconds >= 1e3 else ("µs", 1.0)
    value = microseconds / size
    return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"


def draw(results):
    """Return the figure: one panel a depth, one line a solver, its tolerances as marks."""
    with applied():
        figure = new_figure(3.4)
        axes = figure.subplots(1, 2, sharex=True, sharey=True)
        for ax, depth in zip(axes, (3, 2), strict=True):
            for name, (color, marker, line) in LOOKS.items():
                rows = results[(results.solver == name) & (results.depth == depth)]
                ax.plot(
                    rows.error,
                    rows.microseconds,
                    color=COLORS[color],
                    marker=marker,
                    markersize=13 if marker == "*" else None,
                    linestyle=line,
                    label="closed form" if marker == "*" else name,
                )
            ax.set(xscale="log", yscale="log", xlabel=f"true error ($N = {depth}$)")
            ax.set_xticks(10.0 ** np.arange(-15, 1, 3))
            ax.set_ylim(3.0, 2e6)
            ax.minorticks_off()
        axes[0].invert_xaxis()
        axes[0].set_ylabel("time per trajectory (µs)")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return figure


if __name__ == "__main__":
    main()
