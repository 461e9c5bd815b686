"""A claim is supported by what was measured, and by nothing else."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml

from companion.claims import Claim, judge, verdict_table
from companion.claims_page import claims_page

RATES = pd.DataFrame(
    {
        "quantity": ["excess", "excess", "excess", "s_gap", "s_gap"],
        "depth": [2, 3, 4, 2, 3],
        "relative_error": [0.001, -0.004, 0.002, 0.02, 0.0],
        "violations": [0, 0, 0, 2, 0],
        "exact": [True, True, True, False, True],
        "reached": [True, True, True, True, False],
    }
)


def claim(**changes):
    entries = {
        "id": "excess",
        "statement": "The excess decays at the predicted rate.",
        "source": "section 5",
        "study": "rates",
        "where": {"quantity": "excess", "depth": [2, 3, 4]},
        "column": "relative_error",
        "reduction": "max_abs",
        "relation": "within",
        "expected": 0,
        "tolerance": 0.01,
        "reason": "A percent.",
    }
    return Claim(**entries | changes)


def verdict(rows=RATES, /, **changes):
    return judge(claim(**changes), {"rates": rows})


@pytest.mark.parametrize(
    ("reduction", "measured"),
    [("max", 0.002), ("min", -0.004), ("max_abs", 0.004), ("sum", -0.001), ("count", 3)],
)
def test_reductions(reduction, measured):
    found = verdict(reduction=reduction)
    assert found.measured == pytest.approx(measured, rel=1e-14)  # a sum of three rounded decimals
    assert found.rows == 3


@pytest.mark.parametrize(
    ("relation", "expected", "tolerance", "worst", "supported"),
    [
        ("within", 0.0, 0.004, -0.004, True),
        ("within", 0.0, 0.0039, -0.004, False),
        ("within", -0.004, 0.01, 0.002, True),
        ("<=", 0.002, 0.0, 0.002, True),
        ("<=", 0.001, 0.0, 0.002, False),
        ("<=", 0.001, 0.002, 0.002, True),
        (">=", -0.004, 0.0, -0.004, True),
        (">=", 0.0, 0.001, -0.004, False),
    ],
)
def test_each_is_judged_by_the_row_farthest_on_the_wrong_side(
    relation, expected, tolerance, worst, supported
):
    found = verdict(reduction="each", relation=relation, expected=expected, tolerance=tolerance)
    assert (found.measured, found.supported) == (worst, supported)


def test_booleans_count_as_one_and_zero():
    changes = {"column": "exact", "reduction": "each", "relation": "==", "expected": 1}
    assert verdict(**changes, tolerance=0).supported
    assert not verdict(**changes, tolerance=0, where={"depth": [2]}).supported


def test_several_columns_are_taken_together():
    found = verdict(column=["relative_error", "violations"], reduction="max", where={"depth": 2})
    assert (found.measured, found.supported) == (2.0, False)


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        (
            {"quantity": ["excess", "s_gap"], "depth": [2, 4]},
            "no row has quantity = s_gap and depth = 4",
        ),
        ({"quantity": "s_gap"}, "1 of the rows did not reach their window"),
    ],
)
def test_a_combination_without_a_row_or_a_window_that_was_not_reached_falsifies(where, problem):
    found = verdict(where=where, tolerance=1)
    assert (found.supported, found.problem) == (False, f"nothing, since {problem}")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"not_applicable": "the target has rank one"}, "the target has rank one"),
        ({"own": True, "where": {"depth": [9]}}, "nothing, since no row has depth = 9"),
        (
            {"own": True, "where": {"quantity": "s_gap", "depth": 3}},
            "nothing, since 1 of the rows did not reach their window",
        ),
    ],
)
def test_what_settings_leave_unmeasured_is_not_applicable_and_falsifies_nothing(changes, reason):
    found = verdict(**changes)
    assert (found.outcome, found.found) == ("not applicable", reason)
    assert not found.supported
    assert not found.falsified
    assert found.sentence == f"excess is not applicable: {reason}"
    page = claims_page([found, verdict()])
    assert "1 of 2 claims are supported" in page
    assert '<li class="falsified">' not in page


def test_own_settings_are_judged_by_what_was_measured():
    assert verdict(own=True, tolerance=0.001).outcome == "falsified"
    # The row that did not reach its window is left out, and so is one that is not there.
    partly = verdict(own=True, where={"quantity": "s_gap", "depth": [2, 3, 9]}, tolerance=0.1)
    assert (partly.outcome, partly.rows, partly.measured) == ("supported", 1, 0.02)
    assert verdict(own=True, where={"quantity": "s_gap"}).outcome == "falsified"
    ends = pd.DataFrame({"saddle": [0, 0], "undecided": [0, 3]})
    counts = {"column": ["saddle", "undecided"], "reduction": "sum", "where": {}, "tolerance": 0}
    assert verdict(ends, **counts).outcome == "falsified"
    late = verdict(ends, **counts, own=True)
    assert late.found == "nothing, since 3 ends are undecided at the last time"
    wrong = verdict(ends.assign(undecided=0, saddle=[0, 1]), **counts, own=True)
    assert wrong.outcome == "falsified"


def test_a_number_names_its_row_but_for_round_off():
    table = pd.DataFrame({"sigma": [0.1 + 0.2, 0.5], "error": [0.0, 1.0]})
    changes = {"column": "error", "where": {"sigma": [0.3]}, "tolerance": 0.0}
    assert verdict(table, **changes).supported
    assert (
        "no row has sigma = 0.3001"
        in verdict(table, **changes | {"where": {"sigma": 0.3001}}).problem
    )


def test_cases_are_sets_of_rows_that_must_all_be_there():
    cases = [{"quantity": "excess", "depth": [2, 3]}, {"quantity": "s_gap", "depth": 2}]
    found = verdict(where={"reached": True}, cases=cases)
    assert (found.rows, found.measured) == (3, 0.02)
    missing = verdict(where={"reached": True}, cases=[*cases, {"quantity": "s_gap", "depth": 3}])
    assert missing.problem.startswith("nothing, since no row has quantity = s_gap and depth = 3")


@pytest.mark.parametrize("reduction", ["each", "max", "min", "max_abs", "sum", "count"])
@pytest.mark.parametrize("relation", ["<=", ">=", "==", "within"])
def test_no_claim_passes_on_no_data(reduction, relation):
    changes = {"reduction": reduction, "relation": relation, "expected": 0, "tolerance": 0}
    empty, holes = RATES[:0], RATES.assign(relative_error=[np.nan, 0.0, 0.0, 0.0, 0.0])
    unbounded = RATES.assign(relative_error=np.inf)
    words = RATES.assign(relative_error="none")
    unsaid = RATES.assign(reached=[None, True, True, True, True])
    for table in (empty, holes, unbounded, words, unsaid):
        found = verdict(table, **changes)
        assert (found.supported, found.measured) == (False, None)
    assert not verdict(empty, where={}, **changes).supported


# Changes of the claim, and below each what is said of it.
BAD = """\
study: rate
    rate is not a known study with a table; did you mean rates?
column: relativ_error
    relativ_error is not a known column of the table rates; did you mean relative_error?
where: {dept: 2}
    dept is not a known column of the table rates; did you mean depth?
relation: "=="
    the tolerance of == must lie between 0 and 0.0, got 0.01; state a distance, or use within
tolerance: .nan
    the tolerance of within must lie between 0 and inf, got nan; state a distance, or use within
"""


@pytest.mark.parametrize(("changes", "sentence"), re.findall(r"(\S.*)\n +(.*)\n", BAD))
def test_errors_name_the_claim_and_the_remedy(changes, sentence):
    with pytest.raises(ValueError, match=f"^claim excess: {re.escape(sentence)}$"):
        verdict(**yaml.safe_load(changes))


def test_the_sentence_and_the_table_say_what_was_expected_and_measured():
    verdicts = [verdict(), verdict(tolerance=0.001), verdict(where={"depth": 9})]
    assert verdicts[1].sentence == (
        "excess is falsified: expected max_abs of relative_error = 0 ± 0.001, measured 0.004 "
        "(3 rows of rates)"
    )
    table = verdict_table(verdicts)
    assert list(table["verdict"]) == ["supported", "falsified", "falsified"]
    assert list(table["measured"]) == ["0.004", "0.004", "nothing, since no row has depth = 9"]


def test_the_page_shows_falsified_claims_first_and_all_below_their_source():
    other = claim(id="other", source="section 6 <&>", tolerance=0.001)
    page = claims_page([verdict(), judge(other, {"rates": RATES})])
    assert "<h1>1 of 2 claims are supported by what was measured</h1>" in page
    assert re.findall(r"<h2>(.*)</h2>", page) == ["section 5", "section 6 &lt;&amp;&gt;"]
    assert re.findall(r'<li class="falsified">(\w+) is falsified', page) == ["other"]
    assert re.findall(r'<td class="(\w+ed)">', page) == ["supported", "falsified"]
