"""The committed results of the benchmark: what the README shows is what was measured."""

import json
from itertools import groupby, pairwise

import pytest

from benchmarks.report import RESULTS, ROOT, with_tables

MEASURED = json.loads(RESULTS.read_text())
CURVES = {
    key: list(rows)
    for key, rows in groupby(MEASURED["solvers"], lambda row: (row["name"], row["depth"]))
}


def test_readme_shows_what_was_measured():
    readme = (ROOT / "README.md").read_text()
    assert "closed form" in with_tables(readme, MEASURED)
    assert with_tables(readme, MEASURED) == readme, "run `python -m benchmarks.report`"


@pytest.mark.parametrize(
    "curve", CURVES.values(), ids=lambda rows: "{name}, N={depth}".format(**rows[0])
)
def test_every_solver_converges_to_the_same_flow(curve):
    # A rival that solved something else would be no rival. Gradient descent is of first order;
    # SciPy's DOP853 at depth 2 and its likes lose digits in their interpolants, but never all.
    errors = [row["error"] for row in curve]
    assert all(finer < coarser for coarser, finer in pairwise(errors))
    if curve[-1]["tolerance"] < 1e-6:
        assert errors[-1] < 1e-6
    else:
        steps = [row["tolerance"] for row in curve]
        assert errors[-1] / errors[0] < 2 * steps[-1] / steps[0]


def test_none_is_as_accurate_or_as_fast_as_the_closed_form():
    for own in MEASURED["closed_form"]:
        rivals = [row for row in MEASURED["solvers"] if row["depth"] == own["depth"]]
        assert min(row["error"] for row in rivals) > 100 * own["error"]
        assert min(row["ratio"] for row in rivals) > 1
