"""Claims under settings of one's own: stated for them, or not applicable with a reason."""

import pytest

from companion.registry import Studies
from companion.validation import read_yaml
from tests.workflow.conftest import ROOT

SHARED = read_yaml(ROOT / "config/config.yaml")


def claims(**ensembles):
    """Return the claims by their names, with these targets in place of the cards'."""
    targets = {name: {"target": target} for name, target in ensembles.items()}
    return {
        claim["id"]: claim for claim in Studies({**SHARED, "ensembles": targets}, ROOT).claims()
    }


def test_all_claims_apply_to_the_settings_of_the_cards():
    found = claims()
    assert len(found) > 90
    assert [name for name, claim in found.items() if claim["not_applicable"]] == []
    assert [name for name, claim in found.items() if claim["own"]] == []
    assert {type(claim["expected"]) for claim in found.values()} == {int, float}
    assert not any(
        "{" in claim["statement"] for claim in found.values() if "_{j+1}" not in claim["statement"]
    )


def test_expected_values_and_rows_follow_from_the_settings():
    own = {"singular_values": [5.0, 4.0, 0.5], "shape": [6, 3]}
    found = claims(limits_distinct=own, rates_global=own, rates_saddle=own)
    assert found["limits_saddle"]["cases"][0] == {
        "singular_values": "5, 4, 0.5",
        "depth": [2, 3, 4],
    }
    # 2 (5 - 4) 5^(1/3)
    assert found["rate_excess_numbers"]["expected"] == pytest.approx(3.41995, abs=1e-5)
    assert "σ = (5, 4, 0.5)" in found["rate_excess_numbers"]["statement"]
    # From (0.6, 0.8), (-0.6, 0.8): g = σ_1 + σ_2 = 9, which is driven from N = 18/4 on.
    free = {"limit": "saddle_2", "case": "free", "depth": [2, 3, 4]}
    assert free in found["rate_free_excess"]["cases"]
    assert found["rate_free_excess"]["own"]
    assert not found["plateau_power"]["own"]


def test_what_holds_for_the_default_alone_says_so():
    own = {"singular_values": [2.0], "shape": [4, 3]}
    found = claims(depth=own, lazy=own, limits_distinct=own, saddle_trap=own)
    reasons = {name: claim["not_applicable"] for name, claim in found.items()}
    assert reasons["end_rate_alike_at_one"] == (
        "it holds for the default settings, and ensembles.depth.target.shape is another"
    )
    assert reasons["plateau_power"] == ""
    assert reasons["limits_near_saddle"] == ""
    assert reasons["trap_singular"] == "these settings leave nothing to measure for it"
    # Such a claim is stated as it is in the cards.
    assert found["trap_singular"]["where"]["exact_limit"] == [1.0, 2.0]
    # The saddles of the other target are still there.
    assert [case["singular_values"] for case in found["limits_saddle"]["cases"]] == ["2, 2, 1"]
    twins = claims(limits_distinct={"singular_values": [3.0, 2.0, 1.999], "shape": [3, 3]})
    assert "cannot be told apart" in twins["limits_sampled"]["not_applicable"]
