"""What the figures of section 5 draw."""

import numpy as np
import pytest
import xarray as xr

from companion import approach
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


def test_each_limit_has_a_row_for_generic_and_one_for_exact_directions(saddle, to_minimizer):
    assert list(saddle["limit"].values) == ["saddle_2"] * 2 + ["saddle_3"] * 2
    assert list(saddle["case"].values) == ["driven", "exact"] * 2
    assert list(to_minimizer["limit"].values) == ["global_minimizer"] * 2
    assert list(to_minimizer["depth"].values) == [2, 3, 4, 6]


def test_the_lines_are_the_laws_of_section_5(saddle):
    for row, (sigma, gap) in {0: (2.0, 0.4), 2: (1.6, 0.5)}.items():
        for depth in (2, 3, 4, 6):
            predicted = saddle["predicted"].isel(row=row).sel(depth=depth)
            expected = gap * sigma ** (1 - 2 / depth) * np.array([1, 2, 2])
            np.testing.assert_allclose(predicted, expected, rtol=1e-12)
            predicted = saddle["predicted"].isel(row=row + 1).sel(depth=depth)
            expected = depth * sigma ** (2 - 2 / depth) * np.array([np.nan, 2, 1])
            np.testing.assert_allclose(predicted, expected, rtol=1e-12)


@pytest.mark.parametrize("which", ["saddle", "to_minimizer"])
def test_the_marks_come_to_lie_on_the_lines(which, request):
    numbers = request.getfixturevalue(which)
    laws = numbers["predicted_prefactor"] * np.exp(-numbers["predicted"] * numbers["time"])
    late = (laws < 1e-8) & (laws > 1e-12)
    ratio = (numbers["distance"] / laws).where(late)
    assert int(late.sum()) > 300
    # Corrections of the next order are below 1e-2 there; s is rounded to 1e-4 of its distance.
    assert float(np.abs(ratio - 1).max()) < 1e-2


def test_exact_directions_are_drawn_as_such(saddle):
    figure = approach.draw(saddle)
    texts = [[text.get_text() for text in axes.texts] for axes in figure.axes]
    assert texts[3] == texts[9] == ["zero from the start on"]
    assert not figure.axes[3].lines


def test_the_errors_in_the_corners_are_those_of_the_worst_depth(to_minimizer):
    worst = abs(to_minimizer["measured"] / to_minimizer["predicted"] - 1).max("depth")
    corner = approach.draw(to_minimizer).axes[1].texts[0].get_text()
    shown = approach.power_of_ten(float(worst.isel(row=0).sel(quantity="excess")))
    assert corner.splitlines()[-1] == f"within {shown}"
    assert approach.power_of_ten(0.000234) == r"$2\times 10^{-4}$"


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
