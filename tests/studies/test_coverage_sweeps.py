"""Coverage over dimensions and ratios, against elementary probabilities."""

import numpy as np
import pytest

from studies.coverage.measure import measure
from studies.coverage.table import table as tabulate

CASES = {"dimensions": [3], "ratio": 0.3, "ratios": [0.3], "ratio_dimensions": [3, 2]}
SETTINGS = {"s": 0.8, "omega_fraction": 0.25, "size": 4000, "confidence": 0.9999, "seed": 1}


@pytest.fixture(scope="module")
def swept():
    return measure(**CASES, **SETTINGS)


def test_cases_are_listed_once():
    swept = {"dimensions": [2, 3], "ratios": [0.1, 0.3], "ratio_dimensions": [2]}
    found = measure(**CASES | swept, **SETTINGS | {"size": 1})
    cases = list(zip(found["dimension"].values, found["ratio"].values, strict=True))
    assert cases == [(2, 0.0), (2, 0.3), (3, 0.0), (3, 0.3), (2, 0.1)]


def test_shares_in_three_dimensions_are_elementary(swept):
    # P(a_1 b_1 > h) = (1 - h + h ln h)/2, since coordinates are uniform (Archimedes).
    def share(h):
        return 0.5 * (1 - h + h * np.log(h))

    one, two = swept.isel(case=0).exact, swept.isel(case=1).exact
    assert float(one.sel(guarantee="restricted_set")) == pytest.approx(share(0.25), rel=1e-9)
    assert float(one.sel(guarantee="restricted_union")) == pytest.approx(0.5, rel=1e-9)
    assert float(one.sel(guarantee="deficiency_margin")) == pytest.approx(share(0.4), rel=1e-9)
    # ω = 0.3 + 0.25 · 0.7, and s = 0.8 > ω - 0.3.
    assert float(two.sel(guarantee="restricted_set")) == pytest.approx(share(0.475), rel=1e-9)
    assert float(two.sel(guarantee="restricted_union")) == pytest.approx(share(0.3), rel=1e-9)
    assert float(two.sel(guarantee="deficiency_margin")) == 0.0
    assert (swept.exact.sel(guarantee="global_minimizer_convergent") == 1).all()


def test_samples_agree_with_the_exact_shares_and_differ_by_case(swept):
    table = tabulate(swept)
    assert len(table) == 4 * 3
    assert table["outside"].sum() == 0
    assert list(table["rank"][:3]) == [1, 2, 2]
    alone = measure(**{**CASES, "ratio_dimensions": [3]}, **SETTINGS)
    np.testing.assert_array_equal(alone.share[0], swept.share[0])


def test_a_share_outside_its_interval_is_counted(swept):
    wrong = swept.assign(exact=swept.exact * 0.5)
    table = tabulate(wrong)
    # Three restricted sets, three unions, one margin, thrice this theory; a share of zero stays.
    assert table["outside"].sum() == 10
