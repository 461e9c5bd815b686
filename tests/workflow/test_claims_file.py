"""Claims in the pipeline: what is said about a wrong file of them, and what a false one stops."""

import json

import pytest
import yaml

from tests.workflow.conftest import ROOT
from workflow.validation import claims_problem

SCHEMA = ROOT / "workflow/schemas/claims.schema.yaml"
CLAIMS = (ROOT / "config/claims.yaml").read_text(encoding="utf-8")
CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))


def problem(claims):
    named = {claim["table"] for claim in yaml.safe_load(CLAIMS)}
    return claims_problem(claims, SCHEMA, list(CONFIG["studies"]), sorted(named))


def changed(**changes):
    """Return the claims with `limits_sampled` changed; a value of None removes the key."""
    claims = {claim["id"]: claim for claim in yaml.safe_load(CLAIMS)}
    claim = claims.pop("limits_sampled") | changes
    return [{key: value for key, value in claim.items() if value is not None}, *claims.values()]


def test_the_claims_fit():
    assert problem(yaml.safe_load(CLAIMS)) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"tolerence": 1},
            "claim limits_sampled: tolerence is not a known key; did you mean tolerance?",
        ),
        ({"reason": None}, "claim limits_sampled: it lacks the key reason; add it"),
        (
            {"reduction": "average"},
            "claim limits_sampled: reduction is 'average', which does not fit: it must be one of "
            "each, max, min, max_abs, sum, count (How the values become one; each takes the one "
            "farthest on the wrong side)",
        ),
        (
            {"expected": "1e-9"},
            "claim limits_sampled: expected is the text '1e-9' where a number is expected: YAML "
            "reads a power of ten without a decimal point, or in quotes, as text; write 1.0e-9",
        ),
        (
            {"table": "limit"},
            "claim limits_sampled: limit is not a known table; did you mean limits?",
        ),
        (
            {"study": "limits_distnct"},
            "claim limits_sampled: limits_distnct is not a known study; "
            "did you mean limits_distinct?",
        ),
        (
            {"id": "limits_saddle"},
            "claim limits_saddle: two claims have this id; rename one",
        ),
        ({"id": None}, "claim 1: it lacks the key id; add it"),
    ],
)
def test_one_sentence_names_the_claim_and_the_remedy(changes, sentence):
    assert problem(changed(**changes)) == sentence


@pytest.mark.parametrize("claims", [None, [], {"id": "one"}])
def test_no_claims_are_no_claims_file(claims):
    assert problem(claims).startswith("claims: a list of claims is expected, got")


def test_a_falsified_claim_stops_the_pipeline_and_leaves_the_verdicts(built):
    file = built.folder / "config/claims.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("expected: 0", "expected: 7", 1), encoding="utf-8")
    assert built.planned() == {"check_claims", "require_claims", "write_manifest"}
    run = built.snakemake()
    sentence = (
        "sampled is falsified: expected sum of origin, saddle, undecided = 7, measured 0 "
        "(3 rows of limits)"
    )
    assert run.returncode != 0
    assert sentence in run.stderr.splitlines()
    assert "Traceback" not in run.stderr
    verdicts = json.loads((built.folder / "results/claims.json").read_text(encoding="utf-8"))
    assert [each["verdict"] for each in verdicts] == ["falsified", "supported"]
    assert verdicts[0]["measured"] == 0
    assert sentence in (built.folder / "results/claims.html").read_text(encoding="utf-8")
    # Asked again, the pipeline does not take the verdicts that are there for done.
    # The manifest is made beside it, or was before it failed.
    assert built.planned() - {"write_manifest"} == {"require_claims"}
    file.write_text(text, encoding="utf-8")
    assert built.snakemake().returncode == 0
    assert built.planned() == set()


def test_a_claim_about_a_column_that_does_not_exist_says_which_does(built):
    file = built.folder / "config/claims.yaml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace("column: largest_distance", "column: biggest_distance")
    file.write_text(changed, encoding="utf-8")
    run = built.snakemake()
    assert run.returncode != 0
    assert (
        "check_claims: claim distance: biggest_distance is not a known column of the table limits; "
        "did you mean largest_distance?"
    ) in run.stderr.splitlines()
    file.write_text(text, encoding="utf-8")
    assert built.snakemake().returncode == 0


def test_a_misspelt_table_stops_before_anything_is_computed(project):
    file = project.folder / "config/claims.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("table: limits", "table: limit"), encoding="utf-8")
    run = project.snakemake("--quiet", "all")
    assert run.returncode != 0
    assert (
        "claim sampled: limit is not a known table; did you mean limits?" in run.stderr.splitlines()
    )
    assert not (project.folder / "results").exists()
