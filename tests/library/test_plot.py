"""Pictures show the numbers that they are drawn from, in the axes that they are given."""

import sys

import numpy as np
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose, assert_array_equal

import dlnpaper
from dlnpaper import StartingPoints, Target, integrate, limits, plot, solve

SQUARE = Target([2.0, 1.0], shape=(2, 2))
TARGET = Target([3.0, 2.0, 1.0], shape=(4, 3))
STARTS = StartingPoints.sample(TARGET, 3, 0)
TIMES = [0.0, 0.5, 2.0]


@pytest.fixture
def ax():
    figure, ax = pyplot.subplots()
    yield ax
    pyplot.close(figure)


def texts(ax):
    return {text.get_text() for text in ax.texts}


def starts_at(theta, phi):
    """Return starts at these angles, with opposite entries where they are so to rounding."""
    a, b = (np.column_stack([np.cos(angle), np.sin(angle)]) for angle in (theta, phi))
    opposite = np.abs(a + b) < 1e-14
    return StartingPoints(a, np.where(opposite, -a, b), 1.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([2.0, 1.0], {"to the origin", "to the saddle", "global minimizer"}),
        ([2.0], {"to the origin", "global minimizer"}),
        ([2.0, 2.0], {"to the origin", "global minimizers"}),
    ],
)
def test_the_map_has_a_name_for_each_kind_of_limit(ax, values, expected):
    assert plot.limit_map(Target(values, shape=(2, 2)), ax=ax) is ax
    assert texts(ax) == expected


@pytest.mark.parametrize("values", [[2.0, 1.0], [2.0], [2.0, 2.0]])
def test_starts_on_the_lines_of_the_map_end_where_it_says(ax, values):
    target = Target(values, shape=(2, 2))
    plot.limit_map(target, ax=ax)
    lines = [line for line in ax.lines if line.get_color() in plot._COLORS.values()]
    lines = [line for line in lines if line.get_linestyle() != "None"]
    assert len(lines) == {2: 3, 1: 2}[len(set(values)) if len(values) > 1 else 2]
    share = np.array([0.05, 0.2, 0.7])
    for line in lines:
        theta, phi = (first + share * (last - first) for first, last in line.get_data())
        ends = limits(target, starts_at(theta, phi))
        (kind,) = (name for name, color in plot._COLORS.items() if color == line.get_color())
        assert (ends.kind_name == kind).all()


@pytest.mark.parametrize("values", [[2.0, 1.0], [2.0]])
def test_the_flow_of_the_map_is_that_of_the_directions(values):
    target, step = Target(values, shape=(2, 2)), 1e-3
    theta, phi = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 5))
    path = integrate(target, 2, starts_at(theta, phi), [0.0, step], rtol=1e-13)
    for vectors, velocity in zip(
        (path.a, path.b), plot._velocities(target, theta, phi), strict=True
    ):
        angle = np.arctan2(vectors[..., 1], vectors[..., 0]).values
        # A first difference, whose error is of the order of the step.
        assert_allclose(np.diff(angle)[:, 0] / step, velocity, rtol=0, atol=5 * step)


def test_three_lines_make_a_phase_portrait(tmp_path):
    ax = plot.limit_map(Target.from_matrix([[1.0, 2.0], [0.5, -1.0]]))
    ax.figure.savefig(tmp_path / "portrait.png")
    pyplot.close(ax.figure)
    assert (tmp_path / "portrait.png").read_bytes().startswith(b"\x89PNG")


def test_lines_are_trajectories(ax):
    exact = solve(TARGET, [2, 3], STARTS[:2], TIMES)
    assert plot.trajectories(exact, "excess", ax=ax) is ax
    drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert len(drawn) == 4
    for label, values in drawn.items():
        i, depth = int(label[6]), int(label[-2])
        assert label == f"start {i}, $N = {depth}$"
        assert_array_equal(values, exact.excess.sel(depth=depth).isel(start=i))
    assert ax.get_yscale() == "log"
    assert ax.get_legend() is not None


def test_levels_are_the_singular_values(ax):
    plot.trajectories(solve(TARGET, 3, STARTS[:1], TIMES), ax=ax)
    *levels, line = ax.lines
    assert [level.get_ydata()[0] for level in levels] == [3.0, 2.0, 1.0]
    assert_array_equal(line.get_ydata(), solve(TARGET, 3, STARTS[:1], TIMES).s[0])
    assert ax.get_legend() is None


def test_the_spectrum_has_a_mark_for_every_direction(ax):
    plot.spectrum(Target([3.0, 1.0], shape=(3, 4)), ax=ax)
    full, empty = ax.lines
    assert_array_equal(full.get_xydata(), [[1, 3.0], [2, 1.0]])
    assert_array_equal(empty.get_xydata(), [[3, 0.0]])


SOLVED = solve(TARGET, 2, STARTS, TIMES)


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (
            lambda: plot.limit_map(TARGET),
            ValueError,
            r"^target must have shape \(2, 2\) .*\(4, 3\);",
        ),
        (
            lambda: plot.spectrum(SQUARE, ax="ax"),
            TypeError,
            r"^ax must be Axes .*, got 'ax'; leave",
        ),
        (
            lambda: plot.trajectories(SOLVED, "a"),
            ValueError,
            r"^variable must .*, got 'a'; choose f",
        ),
        (lambda: plot.trajectories(SOLVED.s), TypeError, r"^exact must be a Dataset, got .*; give"),
        (lambda: plot.trajectories(SOLVED[["a"]]), ValueError, r"^exact must hold .* got none; gi"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, error, message):
    with pytest.raises(error, match=message):
        draw()


def test_without_matplotlib_one_sentence_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = (
        r"^matplotlib must be installed to draw, got no such package; install dlnpaper\[plot\]$"
    )
    with pytest.raises(ModuleNotFoundError, match=message):
        dlnpaper.plot.spectrum(TARGET)
