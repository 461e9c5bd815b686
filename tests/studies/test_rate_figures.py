"""What the figures of section 5 draw."""

import numpy as np
import pytest
import xarray as xr

from companion import approach, style
from studies.rates_origin import figure as rates_origin
from tests.figure_checks import check_rendering


@pytest.fixture(scope="module")
def saddle(measured_rates):
    return approach.data(measured_rates["rates_saddle"])


@pytest.fixture(scope="module")
def to_minimizer(measured_rates):
    return approach.data(measured_rates["rates_global"])


@pytest.fixture(scope="module")
def to_origin(measured_rates):
    both = [measured_rates[name] for name in ("rates_origin", "rates_origin_null")]
    return rates_origin.data(xr.concat(both, dim="start", join="exact"))


def test_each_limit_has_a_row_for_each_case(saddle, to_minimizer):
    assert list(saddle["limit"].values) == ["saddle_2"] * 3 + ["saddle_3"] * 3
    assert list(saddle["case"].values) == ["driven", "exact", "free"] * 2
    assert list(to_minimizer["limit"].values) == ["global_minimizer"] * 2
    assert list(to_minimizer["depth"].values) == [2, 3, 4, 6]


def test_the_lines_are_the_laws_of_section_5(saddle):
    for row, (sigma, gap) in {0: (2.0, 0.4), 3: (1.6, 0.5)}.items():
        for depth in (2, 3, 4, 6):
            predicted = saddle["predicted"].isel(row=row).sel(depth=depth)
            expected = gap * sigma ** (1 - 2 / depth) * np.array([1, 2, 2])
            np.testing.assert_allclose(predicted, expected, rtol=1e-12)
            predicted = saddle["predicted"].isel(row=row + 1).sel(depth=depth)
            expected = depth * sigma ** (2 - 2 / depth) * np.array([np.nan, 2, 1])
            np.testing.assert_allclose(predicted, expected, rtol=1e-12)
            # Free: the gap is that of the first mode, and N σ_k is slower.
            predicted = saddle["predicted"].isel(row=row + 2).sel(depth=depth)
            gap_of_first, free = sigma + 9.0, depth * sigma
            decays = [gap_of_first, 2 * min(gap_of_first, free), min(2 * gap_of_first, free)]
            expected = np.array(decays) * sigma ** (1 - 2 / depth)
            np.testing.assert_allclose(predicted, expected, rtol=1e-12)


@pytest.mark.parametrize("which", ["saddle", "to_minimizer"])
def test_the_marks_come_to_lie_on_the_lines(which, request):
    numbers = request.getfixturevalue(which)
    laws = numbers["predicted_prefactor"] * np.exp(-numbers["predicted"] * numbers["time"])
    late = (laws < 1e-8) & (laws > 1e-12)
    # From the free start to σ_2 at N = 6 the excess has rates 2g = 22 and 2Nσ_2 = 24, in τ: too
    # close for the slower one to be alone by then.
    close = (numbers["case"] == "free") & (numbers["limit"] == "saddle_2")
    close = close & (numbers["depth"] == 6) & (numbers["quantity"] == "excess")
    ratio = (numbers["distance"] / laws).where(late & ~close)
    assert int(late.sum()) > 300
    # Corrections of the next order are below 1e-2 there; s is rounded to 1e-4 of its distance.
    assert float(np.abs(ratio - 1).max()) < 1e-2


@pytest.mark.parametrize(("which", "panels"), [("saddle", 3), ("to_minimizer", 2)])
def test_every_panel_shows_marks_that_collapse_on_its_line(which, panels, request):
    figure = approach.draw(request.getfixturevalue(which))
    assert len(figure.axes) == panels
    for axes in figure.axes:
        line, *marks = axes.get_lines()
        x, y = np.concatenate([mark.get_xydata() for mark in marks]).T
        np.testing.assert_allclose(np.log(line.get_ydata()), -line.get_xdata(), rtol=1e-12)
        late = (x > 15) & (x < 25)
        assert late.sum() > 10
        # All but at most one, of the two close rates above.
        assert np.sum(np.abs(np.log(y[late]) + x[late]) > 1e-2) <= 1


def test_the_errors_in_the_panels_are_those_of_the_worst_law(to_minimizer):
    worst = abs(to_minimizer["measured"] / to_minimizer["predicted"] - 1).isel(row=0).max()
    text = approach.draw(to_minimizer).axes[0].texts[0].get_text()
    assert text.splitlines()[-1] == f"all $\\lambda$ within ${style.scientific(float(worst))}$"


def test_numbers_are_written_as_powers_of_ten():
    assert style.scientific(0.000234) == r"2 \times 10^{-4}"
    assert style.scientific(1e-3) == "10^{-3}"
    assert style.scientific(2.5e-3, 1) == r"2.5 \times 10^{-3}"


def test_s_over_its_law_tends_to_one(to_origin):
    assert list(to_origin["case"].values) == ["no_null_component", "null_component"]
    late = to_origin.sel(time=rates_origin.LAST, method="nearest")
    for study, (n, power) in [(0, (3, 3)), (0, (4, 2)), (0, (6, 1.5)), (1, (2, 1)), (1, (6, 0.6))]:
        of_depth = late.isel(row=study).sel(depth=n)
        rate = (n - 2) * 0.6 if study == 0 else 2 * (n - 1)
        law = (rate * late["time"].item()) ** -power
        # The start is forgotten like t^(-1/2) at worst, so to some 1e-4 at t = 1e9.
        assert of_depth["s"].item() == pytest.approx(law, rel=2e-3)
        assert of_depth["predicted"].item() == pytest.approx(power, rel=1e-12)


def test_at_most_one_depth_is_exponential(to_origin):
    laws = to_origin["law"]
    assert list(laws.isel(row=0).values) == ["exponential", "power", "power", "power"]
    assert list(laws.isel(row=1).values) == ["power"] * 4


@pytest.mark.parametrize(
    ("module", "which"),
    [(approach, "to_minimizer"), (approach, "saddle"), (rates_origin, "to_origin")],
)
def test_texts_fit_and_bytes_are_the_same(module, which, request, monkeypatch):
    check_rendering(lambda: module.draw(request.getfixturevalue(which)), monkeypatch)
