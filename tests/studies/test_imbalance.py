"""One hidden neuron with an imbalance: what the study follows, and what it measures of it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from companion.registry import Studies
from dlnpaper._target import Target
from studies.imbalance import figure
from studies.imbalance.first_mode import FirstMode
from studies.imbalance.measure import along, first_fall, measure, vanishing
from studies.imbalance.plane import in_plane, tilt
from studies.imbalance.table import table as tabulate
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

TARGET = Target([2.0, 1.0], shape=(2, 2))
SETTINGS = Studies({"memory_mb": 1}, ROOT).config["studies"]["imbalance"]
DRAWN = {"target": SETTINGS["target"], "drawn": [0.0, 2.0, 8.0], "plane_imbalance": 2.0}


@pytest.fixture(scope="module")
def measured():
    names = ("target", "start", "radius", "times", "null_shape", "seed")
    settings = {name: SETTINGS[name] for name in names}
    return measure(imbalances=[-8.0, 0.0, 2.0, 8.0], **settings)


@pytest.fixture(scope="module")
def table(measured):
    return tabulate(measured).set_index(["quantity", "imbalance"])


@pytest.mark.parametrize("imbalance", [-32.0, 0.0, 1e-8, 2.0])
def test_starts_have_their_imbalance_and_one_end_to_end_matrix(imbalance):
    first, second = along(TARGET, imbalance, magnitude=0.1, angle=60.0)
    # Up to rounding of the squares, of order |λ|.
    assert_allclose(np.sum(second**2) - np.sum(first**2), imbalance, atol=1e-14 * 32)
    unit = np.array([0.5, 0.75**0.5])
    assert_allclose(second @ first, 0.1 * np.outer(unit, unit), rtol=1e-12)
    first, second = in_plane(TARGET, imbalance, 0.5, 2.0)
    assert_allclose(np.sum(second**2) - np.sum(first**2), imbalance, atol=1e-14 * 32)
    assert_allclose([first[0, 0], second[0, 0]], [0.5 * np.cos(2), 0.5 * np.sin(2)])


@pytest.mark.parametrize("imbalance", [-32.0, -1.0, 0.0, 8.0])
def test_the_first_mode_is_an_eigenvector_of_the_stacked_flow(imbalance):
    mode = FirstMode.of(TARGET, imbalance)
    matrix = np.array([[-imbalance / 2, 2.0], [2.0, imbalance / 2]])
    vector = np.array([np.cos(mode.angle), np.sin(mode.angle)])
    # Entries of order |λ| are rounded to 1e-16 of it.
    assert_allclose(matrix @ vector, mode.rate * vector, atol=1e-14)
    # At the minimizer W has the singular value σ_1, and the layers the imbalance.
    w_1, w_2 = mode.end
    assert_allclose([w_1 * w_2, w_2**2 - w_1**2], [2.0, imbalance], atol=1e-13)


@pytest.mark.parametrize("imbalance", [-2.0, 0.0, 4.0])
def test_the_stable_set_is_found_without_the_theory(imbalance):
    # tan φ = (m + λ/2)/σ; the angle is bisected to 1e-10, and read when e^-20 still decays.
    phi = np.arctan((np.sqrt(4 + imbalance**2 / 4) + imbalance / 2) / 2)
    assert_allclose(tilt(TARGET, imbalance, 0.5), np.pi / 2 + phi, atol=1e-8)


def test_slow_rates_are_those_of_the_formula(table):
    # sqrt(σ_1² + λ²/4) − sqrt(σ_2² + λ²/4); slopes within a window agree to 1e-4.
    expected = {-8.0: 0.34903, 0.0: 1.0, 2.0: 0.82185, 8.0: 0.34903}
    for imbalance, rate in expected.items():
        assert_allclose(table.loc[("slow rate", imbalance), "measured"], rate, rtol=1e-4)
    assert table["reached"].all()


def test_fast_rates_stand_there_for_large_imbalances_only(table):
    assert list(table.loc["fast rate"].index) == [-8.0, 8.0]
    # (σ_1/λ)² = 1/16 is the order of what is neglected.
    assert_allclose(table.loc["fast rate", "measured"], 8.0, rtol=1 / 16)


def test_the_first_fall_is_at_the_rate_of_the_imbalance():
    layers = along(TARGET, 1000.0, magnitude=1e-6, angle=30.0)
    assert_allclose(first_fall(TARGET, 1000.0, layers), 1000.0, rtol=1e-4)
    assert first_fall(TARGET, 0.0, layers) == 0


def test_ends_are_on_the_set_and_aside_of_it_where_they_should(table):
    for quantity in ("end on the set", "end aside of the set", "end from w_1 + w_2 = 0"):
        assert table.loc[quantity, "measured"].max() < 1e-6, quantity


@pytest.mark.parametrize("imbalance", [-4.0, 4.0])
def test_weights_stay_where_w_vanishes(imbalance):
    wide = Target([2.0, 1.0], shape=(3, 4))
    end = vanishing(wide, imbalance, 0.5, np.random.default_rng(1))
    # What still decays has fallen to 1e-12 to the power (m_2 + 2)/(m_1 + m_2), 1e-10.
    assert end["product"][-1] < 1e-8
    assert_allclose(end["null_part"], 4.0, atol=1e-8)
    assert_allclose(end["product"], end["exact_product"], atol=1e-8)


def test_the_panels_draw_theory_as_lines_and_integrations_as_marks(measured):
    drawn = figure.data(measured, **DRAWN)
    assert_allclose(drawn["loss"], drawn["exact_loss"], atol=1e-9)
    # ½(‖Z‖² − ‖Zᵀe‖²) with e at 70°, and ½σ_2².
    cosine, sine = np.cos(np.deg2rad(70)), np.sin(np.deg2rad(70))
    assert_allclose(drawn["lazy_loss"], 2.5 - (4 * cosine**2 + sine**2) / 2)
    assert_allclose(drawn["final_loss"], 0.5)
    assert list(drawn["large_imbalance"].values) == [-8.0, 8.0]
    law = drawn["slow_law"].interp(line=[0.0, 8.0])
    assert_allclose(law, [1.0, 0.34903], rtol=1e-5)
    assert_allclose(drawn["tilt_law"].sel(line=0.0), 135.0)
    every = slice(None, None, 5)
    assert_allclose(drawn["w_1"][:, every], drawn["integrated_w_1"], atol=1e-6)


def test_texts_fit_and_bytes_are_the_same(measured, monkeypatch):
    check_rendering(lambda: figure.draw(figure.data(measured, **DRAWN)), monkeypatch)
