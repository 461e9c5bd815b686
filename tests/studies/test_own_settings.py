"""Figures and tables for settings of one's own: other targets, families and numbers of starts."""

import numpy as np
import pytest

from companion import style
from companion.ensembles import family_names, generate, over_depths, select, time_grid
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._flows import integrate
from studies.limits.table import confusion_matrix
from studies.trajectories import figure as trajectories
from tests.studies.conftest import ENSEMBLES

FAMILIES = ENSEMBLES["trajectories"]["starts"]


def drawn(target, families, count=60):
    """Return the figure of trajectories for a target and families, and its labels."""
    starts = generate(target, families, seed=5)
    times = time_grid("linear", 0.0, 30.0, count)
    variables = ("s", "alignment", "excess")
    followed = over_depths(
        solve, select(starts, list(families)), [2, 3], times, variables=variables
    )
    figure = trajectories.draw(trajectories.data(starts, followed))
    assert style.rendered(figure, "png").startswith(b"\x89PNG")
    return figure, [text.get_text() for text in figure.axes[0].texts]


def test_values_of_alpha_keep_their_digits_and_own_families_their_names():
    alpha = [4e-3, 2.5e-3, 5e-4, -1e-6]
    families = FAMILIES | {
        "near_saddle": {"near": {"family": "saddle_2", "alpha": alpha}},
        "my_own": {"sample": {"size": 3, "s": [0.3, 0.3]}},
    }
    figure, texts = drawn(Target([3.0, 2.0, 1.0], (4, 3)), families, count=600)
    visits = ["-10^{-6}", r"5 \times 10^{-4}", r"2.5 \times 10^{-3}", r"4 \times 10^{-3}"]
    named = [text for text in texts if text.startswith(r"$\alpha_1")]
    assert named == [rf"$\alpha_1 = {value}$" for value in visits]
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["my own"]
    # The families, the entry of the legend, and the levels, 0 included.
    assert len(axes.get_lines()) == 4 + 4 + 3 + 1 + 4
    # Two times are the fewest that there can be.
    drawn(Target([3.0, 2.0, 1.0], (4, 3)), families, count=2)


@pytest.mark.parametrize(
    ("target", "saddles"),
    [
        (Target([5.0, 4.0, 0.5], (6, 3)), [2, 3]),
        (Target([2.0], (4, 3)), []),
        (Target([2.0, 2.0, 1.0], (3, 4)), [3]),
        (Target([2.0, 1.0], (2, 2)), [2]),
        (Target.from_matrix(np.random.default_rng(3).standard_normal((20, 30))), [2, 3]),
    ],
)
def test_families_of_saddles_that_a_target_has_not_are_empty(target, saddles):
    _, texts = drawn(target, FAMILIES)
    assert [k for k in (2, 3) if rf"saddle of $\sigma_{k}$" in texts] == saddles


def test_a_target_without_any_of_the_families_is_refused():
    with pytest.raises(
        ValueError, match=r"^starts must hold a family for a target of rank 1, got only"
    ):
        generate(Target([1.0], (3, 3)), {"saddle_2": FAMILIES["saddle_2"]}, seed=1)


def test_a_family_that_is_not_followed_is_not_counted():
    families = {name: FAMILIES[name] for name in ("global_minimizer", "saddle_2")}
    starts = generate(Target([3.0, 2.0], (3, 3)), families, seed=1)
    followed = select(starts, ["saddle_2"])
    end = over_depths(integrate, followed, [2], np.array([0.0, 50.0]), variables=("s", "a", "b"))
    assert family_names(end) == ["saddle_2"]
    matrix = confusion_matrix(starts, end)
    assert list(matrix["predicted"]) == ["saddle"]
    assert int(matrix["saddle"].sum()) == 1
