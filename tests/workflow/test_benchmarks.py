"""The committed results of the benchmark: what the pages show is what was measured."""

from itertools import pairwise

import pytest

from benchmarks.page import ROOT
from benchmarks.report import block, read, summary


@pytest.fixture(scope="module")
def results():
    """Return the table of what was measured."""
    return read()[1]


def test_pages_show_what_was_measured(results):
    for page, text in (("docs/performance.md", block(*read())), ("README.md", summary(results))):
        assert text in (ROOT / page).read_text(encoding="utf-8"), (
            "run `python -m benchmarks.report`"
        )


def test_every_solver_converges_to_the_same_flow(results):
    # A rival that solved something else would be no rival. Gradient descent is of first order;
    # SciPy's DOP853 at depth 2 and its likes lose digits in their interpolants, but never all.
    for solver, rows in results.dropna(subset="asked").groupby(["solver", "depth"], sort=False):
        errors, asked = list(rows.error), list(rows.asked)
        assert all(finer < coarser for coarser, finer in pairwise(errors)), solver
        if asked[-1] < 1e-6:
            assert errors[-1] < 1e-6, solver
        else:
            assert errors[-1] / errors[0] < 2 * asked[-1] / asked[0], solver


def test_none_is_as_accurate_or_as_fast_as_the_closed_form(results):
    for _, rows in results.groupby("depth"):
        own, rivals = rows[rows.asked.isna()], rows.dropna(subset="asked")
        assert own.error.max() < 1e-13
        assert rivals.error.min() > 100 * own.error.max()
        assert rivals.ratio.min() > 1
