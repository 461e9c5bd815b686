"""The committed results of the benchmark: what the pages show is what was measured."""

from itertools import pairwise

import pytest

from benchmarks.page import RESULTS, ROOT, TWO_LAYERS
from benchmarks.report import block, read, summary, two_layers

measured = pytest.mark.skipif(not TWO_LAYERS.exists(), reason="two layers were not timed yet")


@pytest.fixture(scope="module")
def results():
    """Return the table of what was measured."""
    return read(RESULTS)[1]


def test_pages_show_what_was_measured(results):
    for page, text in (
        ("docs/performance.md", block(*read(RESULTS))),
        ("README.md", summary(results)),
    ):
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


@measured
def test_the_page_shows_what_was_measured_of_two_layers():
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    assert two_layers(*read(TWO_LAYERS)) in page, "run `python -m benchmarks.report`"


@measured
def test_no_solver_of_two_layers_is_as_accurate_or_as_fast_as_the_closed_form():
    results = read(TWO_LAYERS)[1]
    for solver, rows in results.dropna(subset="asked").groupby("solver"):
        errors = list(rows.error)
        assert all(finer < coarser for coarser, finer in pairwise(errors)), solver
    own, rivals = results[results.asked.isna()], results.dropna(subset="asked")
    assert own.error.max() < 1e-14
    tight = rivals[rivals.asked == rivals.asked.min()]
    assert tight.error.min() > 1000 * own.error.max()
    assert tight.ratio.min() > 1
    assert tight.ratio[tight.solver == "SciPy LSODA"].item() > 10
    # Its cost does not depend on the horizon.
    assert own.ratio[own.solver.str.contains("10⁶")].item() < 1.5
