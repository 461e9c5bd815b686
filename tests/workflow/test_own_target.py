"""One's own target, a matrix in a file, through the pipeline under a name of its own."""

import json
import shutil
from collections import Counter

import numpy as np
import pytest
import yaml

from tests.workflow.conftest import ROOT, Project

RUN = ("--configfile", "examples/own_target.yaml", "--config", "run=own_target")
#: The studies that are judged, with all their claims and the small sizes.
JUDGED = ("limits", "rates", "depth", "necessity", "saddle_trap", "stage_bounds")
FIGURES = [
    f"figures/own_target/{name}.md" for name in ("trajectories", "rates_saddle", "necessity")
]


@pytest.fixture(scope="module")
def own(tmp_path_factory, caches):
    """A copy in which the example ran for some studies."""
    project = Project(tmp_path_factory.mktemp("own"), caches)
    shutil.copytree(ROOT / "examples", project.folder / "examples")
    for study in JUDGED:
        card = yaml.safe_load((ROOT / f"studies/{study}/study.yaml").read_text(encoding="utf-8"))
        project.write_card(study, {**project.card(study), "claims": card["claims"]})
    project.assign_claims()
    run = project.snakemake(*RUN, "--", "results/own_target/claims_supported.txt", *FIGURES)
    assert run.returncode == 0, run.stdout + run.stderr
    return project


def test_every_claim_is_supported_or_not_applicable(own):
    verdicts = json.loads((own.folder / "results/own_target/claims.json").read_text("utf-8"))
    counts = Counter(each["verdict"] for each in verdicts)
    assert counts.keys() == {"supported", "not applicable"}
    unmeasured = {
        each["id"]: each["sentence"] for each in verdicts if each["verdict"] == "not applicable"
    }
    assert counts["supported"] >= 40, unmeasured
    # For these the settings are the default's own, or theory gives the number.
    core = {"limits_sampled", "limits_saddle", "limits_convergent_point", "rate_excess_numbers"}
    core |= {
        "rate_excess",
        "rate_free_excess",
        "prefactor_driven",
        "bound_ratios",
        "origin_exponential",
    }
    assert not core & unmeasured.keys(), unmeasured


def test_captions_and_tables_are_about_this_target(own):
    sigma = np.linalg.svd(np.loadtxt(own.folder / "examples/own_target.csv", delimiter=","))[1]
    named = ", ".join(f"{value:g}" for value in sigma)
    for figure in FIGURES[:2]:
        assert f"σ = ({named})" in (own.folder / figure).read_text(encoding="utf-8")
    assert f'"{named}",4 x 3,' in (own.folder / "results/own_target/tables/limits.csv").read_text()
    # The default run is untouched.
    assert {path.name for path in (own.folder / "results").iterdir()} == {
        "compiled",
        "logs",
        "own_target",
    }


def test_another_matrix_reruns_what_rests_on_it(own):
    file = own.folder / "examples/own_target.csv"
    file.write_text(file.read_text().replace("3.0", "3.1"))
    table = "results/own_target/tables/limits.csv"
    run = own.snakemake("--dry-run", *RUN, "--", table)
    jobs = {line.strip() for line in run.stdout.splitlines() if "wildcards: ensemble=" in line}
    assert jobs == {"wildcards: ensemble=limits_distinct"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "target.matrix must be a file, got z.npy, which is not there; give its path from"),
        (np.ones(3), "target.matrix must be a matrix of real numbers, got float64 of shape (3,)"),
        (
            np.array([[1.0, 2.0], [np.nan, 1.0]]),
            "target.matrix must be finite, got nan in row 2, column 1 of z.npy; repair or remove",
        ),
        (np.zeros((2, 2)), "matrix must have a non-zero entry, got zeros of shape (2, 2); "),
        (np.array([[object()]]), "target.matrix: z.npy cannot be read (Object arrays cannot be"),
    ],
)
def test_a_file_that_holds_no_target_is_named(project, content, sentence):
    if content is not None:
        np.save(project.folder / "z.npy", content, allow_pickle=True)
    project.configure(ensembles={"lazy": {"target": {"matrix": "z.npy"}}})
    run = project.snakemake("--quiet", "all", "--", "results/starts/lazy.nc")
    assert run.returncode != 0
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
