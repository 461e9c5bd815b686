"""Plateau times and final rates against depth."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.integrate import quad

from companion.ensembles import generate, starts_of
from dlnpaper._target import Target
from dlnpaper.one_neuron._plateau import plateau_law, plateau_times
from dlnpaper.one_neuron._starting_points import StartingPoints
from studies.depth import figure as depth_figure
from studies.depth.measure import measure
from studies.depth.table import table as tabulate
from tests.figure_checks import check_rendering
from tests.library.problems import flow_with_events

TARGET = Target([1.0, 0.5], (3, 3))
DEPTHS = [2, 3, 4, 5, 6]


def family(s):
    """Starts that differ in s alone, with c > 0."""
    return {"tilted": {"angle": 45, "s": {"first": s[0], "last": s[1], "count": s[2]}}}


def aligned(s):
    return starts_of(generate(TARGET, {"x": family(s)}, seed=3))


def measured(depths, plateau, scales, last, count):
    families = {"plateau": plateau, "end": {"sample": {"size": 1, "s": [0.3, 0.3]}}}
    times = {"spacing": "linear", "first": 0.0, "last": last, "count": count}
    starts = generate(TARGET, families, seed=3)
    return measure(starts, depths=depths, scales=scales, times=times)


@pytest.fixture(scope="module")
def effects():
    return measured(DEPTHS, family((1e-24, 0.1, 47)), [0.5, 1.0, 2.0], 200.0, 1001)


@pytest.mark.parametrize("depth", [2, 3, 6])
def test_plateau_times_agree_with_an_independent_integration(depth):
    starts = aligned((1e-3, 0.2, 3))
    times = plateau_times(TARGET, depth, starts)
    for i, time in enumerate(times):
        flow = flow_with_events(TARGET, depth, starts[i], 1.1 * time, lambda s, c: np.log(2 * s))
        assert flow.t_events[0] == pytest.approx([time], rel=1e-8)


@pytest.mark.parametrize("depth", [2, 3])
def test_in_a_tie_all_leading_modes_end_the_plateau(depth):
    # With σ = (2, 2), u = (0.6, 0.8) and v = (1, 0) c = 2 uᵀv, and E is a function of uᵀv alone:
    # in the basis whose first vectors halve the angle between u and v, α_2 and β_1 are zero.
    tied = Target([2.0, 2.0], (2, 2))
    half = np.arccos(0.6) / 2
    turned = [[np.cos(half), np.sin(half)]], [[np.cos(half), -np.sin(half)]]
    starts = StartingPoints([[0.6, 0.8]], [[1.0, 0.0]], 1e-20)
    _, prefactor, _ = plateau_law(tied, depth, starts)
    _, expected, _ = plateau_law(tied, depth, StartingPoints(*turned, 1e-20))
    assert prefactor == pytest.approx(expected, rel=1e-12)
    if depth == 2:
        # 4 σ_1 / Σ α_i², with Σ α_i² = ‖u + v‖² = 2 + 2 uᵀv.
        assert prefactor == pytest.approx(8 / 3.2, rel=1e-14)


@pytest.mark.parametrize("depth", [3, 4, 6])
def test_the_prefactor_is_the_integral_of_section_5_5(depth):
    starts = aligned((1e-6, 1e-6, 1))
    alpha, beta = starts.alpha(TARGET)[0], starts.beta(TARGET)[0]
    rho, sigma = starts.rho(TARGET)[0], TARGET.singular_values

    def energy(tau):
        terms = alpha**2 * np.exp(2 * sigma * tau) + beta**2 * np.exp(-2 * sigma * tau)
        return terms.sum() / 4 + rho**2

    # The integrand falls below 1e-17 by τ = 40.
    expected, _ = quad(lambda tau: energy(tau) ** (1 - depth / 2), 0, 40, epsabs=1e-13, limit=200)
    rate, prefactor, times = plateau_law(TARGET, depth, starts)
    assert rate == pytest.approx(1 - 2 / depth)
    assert_allclose(prefactor, expected, rtol=1e-11)
    assert_allclose(times, expected * 1e-6**-rate, rtol=1e-11)


def test_the_law_sets_in_as_s_vanishes(effects):
    away = np.abs(effects["plateau_time"] / effects["plateau_law"] - 1)
    # The correction is of relative order s^(1 - 2/N), s^(1/3) = 1e-8 for three layers at 1e-24.
    assert float(away.isel(start=0).max()) < 1e-7
    assert float(away.sel(depth=3).isel(start=-1)) > 0.01


def test_measured_laws_agree_with_predicted_ones(effects):
    table = tabulate(effects)
    assert len(table) == 5 * (2 + 3)
    assert table["reached"].all()
    # The fits choose windows whose slopes agree to 1e-5; a prefactor is taken 50 e-folds away.
    limits = {"plateau_rate": 1e-5, "end_rate": 1e-5, "plateau_prefactor": 5e-4}
    assert (table["relative_error"] < table["quantity"].map(limits)).all()
    exponents = table[table["quantity"] == "plateau_rate"]["predicted"]
    assert_allclose(exponents, [2.0, 1 / 3, 1 / 2, 3 / 5, 2 / 3], rtol=1e-15)
    ends = table[table["quantity"] == "end_rate"].set_index(["sigma", "depth"])["predicted"]
    # 2 (σ_1 - σ_2) σ_1^(1 - 2/N) with σ_2 = σ_1/2.
    assert_allclose(ends, [sigma ** (2 - 2 / depth) for sigma, depth in ends.index], rtol=1e-14)


def test_a_law_that_did_not_set_in_has_no_number():
    table = tabulate(measured([3], family((0.05, 0.4, 20)), [1.0], 1.0, 50))
    assert not table["reached"].any()
    assert table["measured"].isna().all()
    assert len(table) == 3


@pytest.mark.parametrize(
    "start",
    [
        StartingPoints([[1, 0, 0]], [[1, 0, 0]], 0.6),  # beyond the plateau's end
        StartingPoints([[1, 0, 0]], [[-1, 0, 0]], 0.1),  # c < 0
        StartingPoints([[0, 1, 0]], [[0, 1, 0]], 0.1),  # ends in a saddle
    ],
)
def test_starts_without_a_plateau_are_refused(start):
    with pytest.raises(ValueError, match="starts must have s below σ_1/2"):
        plateau_times(TARGET, 3, start)


def test_starts_must_share_their_directions():
    with pytest.raises(ValueError, match="plateau must share their directions, got several"):
        measured([2], {"sample": {"size": 2, "s": [0.1, 0.1]}}, [1.0], 1.0, 50)


def test_the_figure_shows_rates_relative_to_two_layers(effects):
    drawn = depth_figure.data(effects)
    # σ_1^(1 - 2/N)
    expected = drawn["sigma"] ** (1 - 2 / drawn["depth"])
    assert_allclose(drawn["end_rate_predicted"], expected, rtol=1e-14)
    labels = [text.get_text() for text in depth_figure.draw(drawn).axes[0].get_legend().texts]
    assert labels[0] == r"$N = 2$: $\ln(1/s_0)$"
    assert labels[2] == "$N = 4$: $s_0^{-1/2}$"


def test_the_texts_of_the_figure_fit(effects, monkeypatch):
    check_rendering(lambda: depth_figure.draw(depth_figure.data(effects)), monkeypatch)
