"""What the figures draw, and that they draw it alike everywhere."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from companion import style
from companion.ensembles import generate, over_depths, select, time_grid
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from studies.limit_map import figure as limit_map
from studies.trajectories import figure as trajectories
from tests.figure_checks import check_rendering, looks_without_color

TORUS = Target([2.0, 1.0], shape=(2, 2))
TALL = Target([3.0, 2.0, 1.0], shape=(4, 3))


@pytest.fixture(scope="module")
def map_data():
    families = {
        "directions": {"grid": {"angles": 8, "s": 0.5}},
        "lines": {"grid": {"angles": 6, "s": 0.5}},
    }
    dataset = generate(TORUS, families, seed=0)
    lines = select(dataset, ["lines"])
    times = time_grid("geometric", 0.01, 50.0, 200)
    solved = over_depths(solve, lines, [3], times, variables=["a", "b"])
    return limit_map.data(dataset, solved)


@pytest.fixture(scope="module")
def trajectory_data():
    families = {
        "global_minimizer": {"sample": {"size": 1, "s": [0.3, 0.3]}},
        "saddle_2": {"stable_set": {"limit": 1, "size": 1, "s": [0.3, 0.3]}},
        "saddle_3": {"stable_set": {"limit": 2, "size": 1, "s": [0.3, 0.3]}},
        "origin": {"stable_set": {"limit": "origin", "size": 1, "s": [0.3, 0.3]}},
        "near_saddle": {"near": {"family": "saddle_2", "alpha": [1e-6, 1e-9]}},
    }
    dataset = generate(TALL, families, seed=5)
    times = time_grid("linear", 0.0, 30.0, 301)
    return trajectories.data(dataset, over_depths(solve, dataset, [2, 3], times))


def test_the_exact_curves_of_the_map_have_vanishing_alpha(map_data):
    theta = map_data["theta"].values
    saddle, origin = map_data["saddle_phi"].values, map_data["origin_phi"].values
    # Angles of order 1 are rounded to 1e-16.
    assert_allclose(np.cos(theta) + np.cos(saddle), 0, atol=1e-15)
    assert_allclose(np.cos(theta) + np.cos(origin), 0, atol=1e-15)
    assert_allclose(np.sin(theta) + np.sin(origin), 0, atol=1e-15)


def test_the_sign_of_alpha_1_colors_the_map(map_data):
    theta, phi = np.meshgrid(map_data["theta"], map_data["phi"], indexing="ij")
    alpha_1, alpha_2 = np.cos(theta) + np.cos(phi), np.sin(theta) + np.sin(phi)
    expected = np.select(
        [alpha_1 > 1e-9, alpha_1 < -1e-9, np.abs(alpha_2) > 1e-9],
        ["plus", "minus", "saddle"],
        "origin",
    )
    names = np.array(limit_map.DESTINATIONS)
    assert_array_equal(names[map_data["destination"].values], expected)


def test_every_line_of_the_map_runs_with_the_flow(map_data):
    # The alignment c = 2 cos θ cos φ + sin θ sin φ never falls along a trajectory; 1e-11 is the
    # accuracy of the closed form, on directions and so on c.
    theta, phi = map_data["line_theta"].values, map_data["line_phi"].values
    alignment = 2 * np.cos(theta) * np.cos(phi) + np.sin(theta) * np.sin(phi)
    assert np.diff(alignment, axis=1).min() > -1e-11
    assert len(theta) == 2 * 36


def test_the_angles_of_the_map_lie_within_it(map_data):
    for name in ("theta", "line_theta", "line_phi", "saddle_phi", "origin_phi"):
        turn = (map_data[name].values - limit_map.FIRST_ANGLE) / (2 * np.pi)
        assert turn.min() >= 0
        assert turn.max() < 1


def test_dwells_are_labeled_with_the_alpha_of_their_start(trajectory_data):
    assert_allclose(trajectory_data["alpha_1"].values[-2:], [1e-6, 1e-9], atol=2**-54)
    axes = trajectories.draw(trajectory_data).axes[0]
    labels = [text.get_text() for text in axes.texts if "alpha" in text.get_text()]
    assert sorted(labels) == [r"$\alpha_1 = 10^{-6}$", r"$\alpha_1 = 10^{-9}$"]


def test_the_dwell_grows_by_the_predicted_slope(trajectory_data):
    dwell = (trajectory_data["departure"] - trajectory_data["arrival"]).values
    measured = np.diff(dwell, axis=1)[:, 0] / np.log(1e3)
    # 1 / ((σ_1 - σ_2) σ_2^(1 - 2/N)) for N = 2 and 3; s = σ_2 to some 1e-3 at α_1 = 1e-6.
    assert_allclose(measured, [1.0, 2 ** (-1 / 3)], rtol=5e-3)
    assert_allclose(trajectory_data["dwell_slope"], [1.0, 2 ** (-1 / 3)], rtol=1e-14)


def test_starts_that_visit_the_saddle_differ_without_color(trajectory_data):
    lines = trajectories.draw(trajectory_data).axes[0].get_lines()
    visits = [line for line in lines if line.get_color() == style.COLORS["purple"]]
    assert len(looks_without_color(visits)) == len(visits) == 2


def test_every_limit_is_named_beside_the_map(map_data):
    (axes,) = limit_map.draw(map_data).axes
    names = [text.get_text().partition(",")[0].split("\n")[0] for text in axes.texts]
    assert [name for name in names if name] == [
        "global minimizer",
        "origin",
        r"saddle $\sigma_2 u_2 v_2^\top$",
    ]
    assert axes.get_legend() is None


@pytest.mark.parametrize(
    ("module", "which"), [(limit_map, "map_data"), (trajectories, "trajectory_data")]
)
def test_texts_fit_and_bytes_are_the_same(module, which, request, monkeypatch):
    check_rendering(lambda: module.draw(request.getfixturevalue(which)), monkeypatch)
