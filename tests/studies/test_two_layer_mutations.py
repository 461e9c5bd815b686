"""With a law of two layers deliberately wrong, the claims that guard it must fail.

As in `test_mutations.py`, but for studies that make their own starts. Each mutation replaces one
function, where a study or another function of the library uses it.
"""

from importlib import import_module

import numpy as np
import pytest

from companion.claims import Claim, judge
from companion.registry import Studies, overridden
from dlnpaper.two_layers import _closed_form, _draws, _echelon, _limits, _rates
from dlnpaper.two_layers._echelon import find_limit
from dlnpaper.two_layers._eigenbasis import eigenbasis, gaps
from studies.imbalance.first_mode import FirstMode
from tests.workflow.conftest import ROOT

GUARDING = ("pivots", "imbalance")


def small_studies():
    """Return the studies with the smaller sizes of their cards."""
    small = {}
    for card in Studies({"memory_mb": 1}, ROOT).cards.values():
        small = overridden(small, card.get("small", {}))
    return Studies({**small, "memory_mb": 1}, ROOT)


STUDIES = small_studies()
CLAIMS = [
    Claim(**entry)
    for entry in STUDIES.claims()
    if entry["study"] in GUARDING and not entry["not_applicable"]
]


def made(study):
    """Return the table of a study, made anew."""
    measured = import_module(f"studies.{study}.measure").measure(
        **STUDIES.settings(study, "measure")
    )
    return import_module(f"studies.{study}.table").table(measured)


def choosing(rule):
    """Return a prediction of limits in which a rule says which modes are chosen, (M, r)."""

    def found(target, form, weight_decay):
        share = rule(form.coefficients[:, : target.rank], form.pivots.shape[1]).astype(float)
        values = np.maximum(target.singular_values - weight_decay, 0.0)
        return find_limit(target, form, weight_decay)._replace(
            modes=(share * values)[:, :, None] * np.eye(target.rank), share=share
        )

    return found


def first_of(present, width):
    """Return the first modes that are present, as many as there are hidden neurons."""
    return present & (np.cumsum(present, axis=1) <= width)


def unthresholded(target, form, weight_decay):
    return find_limit(target, form, 0.0)


def without_ties(target, form, weight_decay):
    """Return limits in which one direction of each tie at most is chosen."""
    limit = find_limit(target, form, weight_decay)
    kept = np.isin(np.arange(target.rank), [group.start for group in target.groups])
    return limit._replace(modes=limit.modes * kept)


def balanced(target, imbalance):
    return eigenbasis(target, 0 * imbalance)


def turned(cls, target, imbalance):
    """Return the first mode with the tilt of the opposite imbalance."""
    right = FIRST_MODE(target, imbalance)
    return right._replace(angle=FIRST_MODE(target, -imbalance).angle)


FIRST_MODE, PAIRS = FirstMode.of, _rates._pairs


def only_sizes(flow, grown, graph, gram):
    """Return terms as if only the singular values of the limit were approached, not its vectors."""
    return PAIRS(flow, grown, 0 * graph, gram)


def first_directions(form, which, group):
    """Return projections on the first directions of a tie, whatever the coefficients."""
    inside = (form.pivots[which] >= group.start) & (form.pivots[which] < group.stop)
    kept = np.arange(group.stop - group.start) < inside.sum(axis=1)[:, None]
    return kept[:, :, None] * np.eye(group.stop - group.start)


# Where the function is used, its name, what takes its place, and the claims that must notice.
MUTATIONS = {
    "the leading modes are always chosen": (
        _limits,
        "find_limit",
        choosing(lambda rows, width: first_of(np.ones(rows.shape[:2], bool), width)),
        [
            "pivots_constructed",
            "pivots_dependent",
            "pivots_null_directions",
            "pivots_imbalance",
            "pivots_saddle_limit",
        ],
    ),
    "the first modes that grow are chosen, pivots or not": (
        _limits,
        "find_limit",
        choosing(lambda rows, width: first_of((np.abs(rows) > 1e-12).any(axis=2), width)),
        ["pivots_dependent"],
    ),
    "every mode that grows is chosen": (
        _limits,
        "find_limit",
        choosing(lambda rows, width: (np.abs(rows) > 1e-12).any(axis=2)),
        ["pivots_sampled", "pivots_sampled_limit"],
    ),
    "a tie counts as one mode": (
        _limits,
        "find_limit",
        without_ties,
        ["pivots_ties"],
    ),
    "a limit that cuts through a tie takes its first directions": (
        _echelon,
        "_projections",
        first_directions,
        ["pivots_sampled_limit"],
    ),
    "growing parts as without an imbalance": (
        _echelon,
        "eigenbasis",
        balanced,
        ["imbalance_weights"],
    ),
    "singular vectors are approached as fast as singular values": (
        _rates,
        "_pairs",
        only_sizes,
        ["imbalance_slow_rate", "imbalance_two_scales"],
    ),
    "weight decay leaves singular values as they are": (
        _limits,
        "find_limit",
        unthresholded,
        ["pivots_sampled_limit"],
    ),
    "stable sets as without an imbalance": (
        _draws,
        "eigenbasis",
        balanced,
        ["pivots_imbalance", "imbalance_vanishing"],
    ),
    "the stable set tilted the other way": (
        FirstMode,
        "of",
        classmethod(turned),
        ["imbalance_tilt", "imbalance_on_the_set", "imbalance_aside"],
    ),
    "the slow rate as without an imbalance": (
        _rates,
        "gaps",
        lambda target, imbalance: gaps(target, 0 * imbalance),
        ["imbalance_slow_rate", "imbalance_two_scales"],
    ),
    "the exact weights as without an imbalance": (
        _closed_form,
        "eigenbasis",
        balanced,
        ["imbalance_weights"],
    ),
}


@pytest.fixture(scope="module")
def tables():
    return {study: made(study) for study in GUARDING}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_claims_hold_as_long_as_nothing_is_wrong(claim, tables):
    verdict = judge(claim, tables)
    assert verdict.supported, verdict.sentence


@pytest.mark.parametrize(
    ("place", "name", "wrong", "guards"), MUTATIONS.values(), ids=MUTATIONS.keys()
)
def test_claims_notice_what_is_wrong(place, name, wrong, guards, monkeypatch):
    monkeypatch.setattr(place, name, wrong)
    guarding = [claim for claim in CLAIMS if claim.id in guards]
    assert len(guarding) == len(guards)
    tables = {study: made(study) for study in {claim.study for claim in guarding}}
    deceived = [claim.id for claim in guarding if judge(claim, tables).supported]
    assert deceived == []
