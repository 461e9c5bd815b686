"""What the figures of sections 7 and 8 draw, and that they draw it alike everywhere."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from companion.ensembles import generate, over_depths, select
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from studies.coverage import figure as coverage
from studies.coverage.measure import measure as measure_coverage
from studies.lazy import figure as lazy
from studies.lazy.measure import measure as measure_lazy
from studies.necessity import figure as necessity
from tests.figure_checks import check_rendering

MODULES = {"coverage": coverage, "necessity": necessity, "lazy": lazy}


def coverage_data():
    measured = measure_coverage(
        dimensions=[2, 3, 8],
        ratio=0.3,
        ratios=[0.1, 0.5, 0.9],
        ratio_dimensions=[2, 8],
        s=0.8,
        omega_fraction=0.25,
        size=2000,
        confidence=0.9999,
        seed=1,
    )
    return coverage.data(measured)


def lazy_data():
    span = {"first": 1e-2, "last": 1e2, "count": 4}
    families = {f"at_{n}": {"tilted": {"angle": n, "s": span}} for n in (0, 5, 60)}
    starts = generate(Target([2.0, 1.0], shape=(4, 3)), families, 31)
    measured = measure_lazy(starts, depths=[2, 3], last=200.0, seed=1)
    solved = over_depths(
        solve, select(starts, ["at_5", "at_60"]), [3], np.linspace(0, 30, 61), variables=["excess"]
    )
    return lazy.data(starts, measured, solved, drawn_depth=3)


@pytest.fixture(scope="module")
def drawn(necessity_examples):
    """Return the data of every figure, by its name."""
    examples = necessity.data(**necessity_examples, drawn_depth=3)
    return {"coverage": coverage_data(), "necessity": examples, "lazy": lazy_data()}


@pytest.mark.parametrize("name", MODULES)
def test_texts_fit_and_bytes_are_the_same(drawn, name, monkeypatch):
    check_rendering(lambda: MODULES[name].draw(drawn[name]), monkeypatch, least_texts=20)


def test_the_coverage_lines_pass_through_the_exact_shares(drawn):
    data = drawn["coverage"]
    for case in range(data.sizes["case"]):
        one = data.isel(case=case)
        if float(one["ratio"]) in (0.0, 0.3):
            line = data["over_dimension"].isel(target=int(one["ratio"] > 0))
            line = line.sel(line_dimension=int(one["dimension"]))
            assert_allclose(line, one["exact"], rtol=1e-12)


def test_the_slices_have_the_thresholds_of_section_7(drawn):
    thresholds = drawn["coverage"]["threshold"]
    assert_allclose(thresholds.isel(target=0), [0.0, 0.25, 0.4], rtol=1e-14)
    # ω = 0.3 + 0.25 · 0.7; nothing exceeds 1.
    assert_allclose(thresholds.isel(target=1), [0.3, 0.475, 1.0], rtol=1e-14)


def test_coverage_names_the_theories_and_their_omega(drawn):
    legend = coverage.draw(drawn["coverage"]).axes[2].get_legend()
    names = [" ".join(text.get_text().split()) for text in legend.get_texts()]
    assert names[1:4] == [
        "Arora et al. (2019): only for rank one",
        r"Eftekhari (2020): any $\omega > \gamma$",
        r"Eftekhari (2020): $\omega = \gamma + 0.25\,(1 - \gamma)$",
    ]


def test_every_path_to_a_tied_minimizer_has_an_arrow_towards_it(drawn):
    data = drawn["necessity"]
    arrows = [text for text in necessity.draw(data).axes[2].texts if text.arrow_patch]
    assert len(arrows) > data.sizes["tied"]
    ends = [np.linalg.norm(data["limit"].values - arrow.xy, axis=1).min() for arrow in arrows]
    tails = [np.linalg.norm(data["limit"].values - arrow.xyann, axis=1).min() for arrow in arrows]
    # A path may pass another limit on its way.
    assert np.mean(np.less(ends, tails)) > 0.7


def test_the_laws_of_collapse_are_met_in_the_end(drawn):
    data = drawn["necessity"]
    # The laws with a power, t^-3 and (4 t)^(-3/4), to within the next order at t = 1e8.
    difference = (data["log_s"] - data["log_law"]).isel(time=-1, collapse=[1, 2])
    assert_allclose(difference, 0, atol=1e-5)
    assert_allclose(
        data["log_law"].isel(time=-1)[1:], [-3 * np.log(1e8), -0.75 * np.log(4e8)], rtol=1e-12
    )


def test_u_and_v_meet_in_the_limit_on_the_circle(drawn):
    data = drawn["necessity"]
    assert_allclose(np.hypot(*data["limit"].values.T), 1, rtol=1e-14)
    # 1e-9 is the accuracy of the closed form over long times.
    for name in ("a", "b"):
        assert_allclose(data[name].isel(time=-1), data["limit"], atol=1e-9)


def test_the_lazy_lines_meet_the_integrated_layers(drawn):
    data = drawn["lazy"]
    for depth in data["depth"].values:
        for family in range(data.sizes["family"]):
            one = data.sel(depth=depth).isel(family=family)
            step = (data.sizes["line_scale"] - 1) // (data.sizes["scale"] - 1)
            # Steps of the integration are good to 1e-10.
            assert_allclose(one["measured"], one["predicted"][::step], rtol=1e-7)


def test_lazy_zones_are_named_on_their_sides_of_the_distances(drawn):
    for axes in lazy.draw(drawn["lazy"]).axes[:2]:
        low, high = axes.get_ylim()
        rich, least = (text.get_position()[1] for text in axes.texts)
        assert [text.get_text().split(",")[0] for text in axes.texts] == ["rich", "lazy"]
        # In parts of the axis, which is logarithmic.
        place = {d: np.log(d / low) / np.log(high / low) for d in (lazy.LAZY, lazy.RICH)}
        assert least < place[lazy.LAZY] < place[lazy.RICH] < rich


def test_the_cases_are_the_nearest_and_the_furthest(drawn):
    data = drawn["lazy"]
    least, furthest = data["case_distance"].values
    assert least < 0.5
    assert furthest == pytest.approx(float(data["measured"].sel(depth=3)[2, 0]), rel=1e-7)
    assert list(data["case_angle"].values) == [5.0, 60.0]
    # Both have converged at the last time.
    assert float(data["excess"].isel(time=-1).max()) < 1e-14
