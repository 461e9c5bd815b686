"""Fates under weight decay: what is drawn, and that wrong laws are noticed."""

import numpy as np
import pytest

from companion.claims import Claim, judge
from companion.datasets import flag_names
from companion.registry import Studies
from companion.validation import read_yaml
from dlnpaper.one_neuron import _decayed_limits
from studies.decay_fates import figure
from studies.decay_fates import measure as module
from studies.decay_fates.table import table as tabulate
from tests.figure_checks import check_rendering
from tests.workflow.conftest import ROOT

STUDIES = Studies(read_yaml(ROOT / "config/config.yaml"), ROOT)
SMALL = STUDIES.cards["decay_fates"]["small"]["studies"]["decay_fates"]
CLAIMS = {
    entry["id"]: Claim(**entry) for entry in STUDIES.claims() if entry["study"] == "decay_fates"
}


@pytest.fixture(scope="module", autouse=True)
def integrated_once():
    """Integrate each ensemble once: no law that is changed here has a part in the integration."""
    integrate, known = module.integrate, {}

    def remembered(target, depth, starts, times, **options):
        state = starts.a.tobytes(), starts.b.tobytes(), starts.s.tobytes()
        key = depth, options["weight_decay"], options["rtol"], *state
        if key not in known:
            known[key] = integrate(target, depth, starts, times, **options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "integrate", remembered)
        yield


def measure():
    return module.measure(**STUDIES.settings("decay_fates", "measure") | SMALL)


@pytest.fixture(scope="module")
def measured():
    return measure()


@pytest.fixture(scope="module")
def drawn(measured):
    return figure.data(measured, **STUDIES.settings("decay_fates", "figure"))


def test_marks_of_collapse_lie_in_the_region_of_collapse(drawn):
    of_map = flag_names(drawn["family"]) == "map"
    assert of_map.sum() == len(SMALL["angles"]) * len(SMALL["scales"])
    for depth in (3, 4, 6):
        data = drawn.sel(depth=depth)
        # Where there is no boundary, every start collapses.
        edge = np.nan_to_num(data["boundary"].values, nan=np.inf)
        edge = np.interp(data["angle"].values[of_map], data["line_angle"].values, edge)
        collapsed = flag_names(data["reached"])[of_map] == "collapse"
        np.testing.assert_array_equal(collapsed, data["s"].values[of_map] < edge)
    assert np.isnan(drawn["boundary"].sel(depth=2)).all()
    assert np.isnan(drawn["boundary"].sel(depth=6, line_angle=90))


def test_starts_on_the_stable_set_of_the_saddle_have_an_exact_zero():
    starts = module.directions([0.0, 90.0], 52.0, 1.0)
    assert (starts.a[:, 0] + starts.b[:, 0] == 0).tolist() == [False, True]
    np.testing.assert_allclose(np.arccos(starts.a[0, 0]), np.radians(52.0), rtol=1e-14)


def test_texts_fit_and_bytes_are_the_same(drawn, monkeypatch):
    check_rendering(lambda: figure.draw(drawn), monkeypatch)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS.keys())
def test_claims_hold_as_long_as_nothing_is_wrong(claim, measured):
    verdict = judge(claim, {"decay_fates": tabulate(measured)})
    assert verdict.supported, verdict.sentence


def every_start(target, depth, starts, mu):
    return np.ones((2, len(starts)), bool)


def by_the_end_alone(target, depth, starts, mu):
    """Compare with the unstable point of the last alignment, as if directions did not turn."""
    q, c = 1 - 2 / depth, target.singular_values[0]
    s = np.minimum(starts.s, c * q / (1 + q))
    return s**q * (c - s) > mu if depth > 2 else s > 0, np.ones(len(s), bool)


boundary = module.boundary
# Where a function is, what takes its place, and the claims that must notice.
MUTATIONS = {
    "no start collapses for want of magnitude": (
        (_decayed_limits, "_survival"),
        every_start,
        ["fates_map", "fates_random", "fates_sides", "fates_measure"],
    ),
    "directions decide as if they had turned": (
        (_decayed_limits, "_survival"),
        by_the_end_alone,
        ["fates_map", "fates_random"],
    ),
    "soft thresholding at every depth": (
        (_decayed_limits, "stable_point"),
        lambda sigma, depth, mu: np.maximum(sigma - mu, 0.0),
        ["fates_limits"],
    ),
    "the boundary of collapse a hundredth off": (
        (module, "boundary"),
        lambda *arguments: 1.01 * boundary(*arguments),
        ["fates_sides"],
    ),
    "two layers collapse as three do": (
        (_decayed_limits, "_survival"),
        lambda target, depth, starts, mu: by_the_end_alone(target, 3, starts, mu),
        ["fates_two_layers"],
    ),
}


@pytest.mark.parametrize(("place", "wrong", "guards"), MUTATIONS.values(), ids=MUTATIONS.keys())
def test_claims_notice_what_is_wrong(place, wrong, guards, monkeypatch):
    monkeypatch.setattr(*place, wrong)
    tables = {"decay_fates": tabulate(measure())}
    deceived = [name for name in guards if judge(CLAIMS[name], tables).supported]
    assert deceived == []
