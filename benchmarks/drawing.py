"""The figure of the benchmark: true error against time."""

import numpy as np

from companion.style import COLORS, TEXT_WIDTH, applied, new_figure

LOOKS = {
    "SciPy LSODA": ("black", "o", "-"),
    "SciPy LSODA, compiled right-hand side": ("black", "s", ":"),
    "SciPy RK45": ("orange", "^", "-"),
    "SciPy DOP853": ("orange", "v", ":"),
    "SciPy Radau": ("purple", "D", "-"),
    "Numba Dormand-Prince 5(4)": ("blue", "^", "-"),
    "Numba Dormand-Prince 8(5, 3)": ("blue", "v", ":"),
    "diffrax Tsit5, vmap over 50": ("green", "<", "-"),
    "diffrax Dopri8, vmap over 50": ("green", ">", ":"),
    "gradient descent in JAX, vmap over 50": ("sky", "x", "--"),
}


def draw(results):
    """Return the figure: one panel a depth, one line a solver, its tolerances as marks."""
    with applied():
        figure = new_figure(TEXT_WIDTH, 3.4)
        axes = figure.subplots(1, 2, sharex=True, sharey=True)
        for ax, depth in zip(axes, (3, 2), strict=True):
            for name, (color, marker, line) in LOOKS.items():
                rows = [r for r in results["solvers"] if (r["name"], r["depth"]) == (name, depth)]
                ax.plot(
                    [row["error"] for row in rows],
                    [row["microseconds"] for row in rows],
                    color=COLORS[color],
                    marker=marker,
                    linestyle=line,
                    label=name,
                )
            (own,) = [row for row in results["closed_form"] if row["depth"] == depth]
            ax.plot(
                own["error"],
                own["repeated_microseconds"],
                color=COLORS["vermilion"],
                marker="*",
                markersize=13,
                linestyle="none",
                label="closed form",
            )
            ax.set(xscale="log", yscale="log", xlabel=f"true error ($N = {depth}$)")
            ax.set_xticks(10.0 ** np.arange(-15, 1, 3))
            ax.set_ylim(3.0, 2e6)
            ax.minorticks_off()
        axes[0].invert_xaxis()
        axes[0].set_ylabel("time per trajectory (µs)")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return figure
