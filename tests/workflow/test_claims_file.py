"""Claims in the pipeline: what a wrong one says, and what a false one stops."""

import json


def test_a_claim_that_is_wrong_or_falsified_stops_the_pipeline(built):
    card = built.card("limits")
    sampled, distance = card["claims"]
    assert (sampled["id"], distance["id"]) == ("sampled", "distance")

    built.write_card("limits", {**card, "claims": [sampled, {**distance, "column": "biggest"}]})
    assert (
        "check_claims: claim distance: biggest is not a known column of the table limits; "
        "choose from "
    ) in failed(built)

    built.write_card("limits", {**card, "claims": [{**sampled, "expected": 7}, distance]})
    assert "check_claims" in built.planned()
    sentence = (
        "sampled is falsified: expected sum of origin, saddle, undecided = 7, measured 0 "
        "(3 rows of limits)"
    )
    assert sentence in failed(built).splitlines()
    verdicts = json.loads((built.folder / "results/claims.json").read_text(encoding="utf-8"))
    assert [each["verdict"] for each in verdicts] == ["falsified", "supported"]
    assert verdicts[0]["measured"] == 0
    assert sentence in (built.folder / "results/claims.html").read_text(encoding="utf-8")
    # Asked again, the pipeline does not take the verdicts that are there for done.
    # The manifest is made beside it, or was before it failed.
    assert built.planned() - {"write_manifest"} == {"require_claims"}

    built.write_card("limits", card)
    assert built.snakemake().returncode == 0
    assert built.planned() == set()


def failed(project):
    run = project.snakemake()
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    return run.stderr
