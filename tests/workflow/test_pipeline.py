"""The pipeline as a whole: what it makes, what a change redoes, how it says what is wrong."""

import csv

import pytest

FIGURES = (
    "limit_map",
    "trajectories",
    "agreement",
    "saddle_trap",
    "digits",
    "rates_global",
    "rates_saddle",
    "rates_origin",
)
KINDS = ("origin", "saddle", "global_minimizer", "undecided")


def test_everything_is_made_and_then_nothing_is_left_to_do(first_run):
    for figure in FIGURES:
        assert (first_run.folder / f"figures/{figure}.pdf").read_bytes().startswith(b"%PDF")
        assert (first_run.folder / f"figures/{figure}.png").read_bytes().startswith(b"\x89PNG")
        assert (first_run.folder / f"figures/data/{figure}.nc").exists()
    assert first_run.planned() == set()


def test_every_predicted_limit_is_reached(first_run):
    config = first_run.config()["studies"]
    with open(first_run.folder / "results/tables/limits.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert all(int(row[kind]) == 0 for kind in KINDS if kind != row["predicted"]), row
    counted = sum(int(row[row["predicted"]]) for row in rows)
    near = len(config["limits_distinct"]["starts"]["near_saddle"]["near"]["alpha"])
    # 6 sampled and 2 in each of three and two stable sets, times the depths of each study.
    assert counted == (6 + 6 + near) * 2 + (6 + 4) * 1


def test_a_figure_alone_needs_only_its_own_chain(project):
    assert project.planned("figures/limit_map.pdf") == {
        "generate_starts limit_map",
        "solve_trajectories limit_map",
        "draw_limit_map",
        "compile_module",
    }


def test_changing_a_figure_module_reruns_that_figure_alone(built):
    append(built.folder / "src/dlnpaper/figures/limit_map.py", "\n# changed\n")
    assert built.planned() == {"draw_limit_map", "write_manifest"}


def test_changing_the_closed_form_reruns_what_depends_on_it(built):
    append(built.folder / "src/dlnpaper/closed_form.py", "\n# changed\n")
    planned = built.planned()
    assert {
        "solve_trajectories limit_map",
        "solve_trajectories trajectories",
        "draw_limit_map",
        "draw_trajectories",
    } <= planned
    # The starts are made, and the witness is integrated, without the closed form.
    untouched = ("generate_starts", "integrate_witness", "tabulate_limits")
    assert [job for job in planned if job.startswith(untouched)] == []


def test_changing_one_study_reruns_that_study_alone(built):
    config = built.config()
    config["studies"]["trajectories"]["times"]["last"] = 20.0
    built.write_config(config)
    assert built.planned() == {
        "solve_trajectories trajectories",
        "draw_trajectories",
        "audit_trajectories",
        "tabulate_audit",
        "write_manifest",
    }


def test_a_wrong_configuration_stops_with_one_sentence(project):
    config = project.config()
    config["studies"]["limit_map"]["tims"] = config["studies"]["limit_map"].pop("times")
    project.write_config(config)
    run = project.snakemake("--quiet", "all")
    assert run.returncode != 0
    assert run.stdout == ""
    assert without_profile(run.stderr) == [
        "config: studies.limit_map.tims is not a known key; did you mean studies.limit_map.times?"
    ]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (
            "results/starts/limt_map.nc",
            "limt_map is not a known study; did you mean limit_map?",
        ),
        (
            "results/witness/limit_map.nc",
            "config: studies.limit_map lacks the key witness; add it",
        ),
    ],
)
def test_a_file_of_no_study_cannot_be_made(project, target, sentence):
    run = project.snakemake("--quiet", "all", "--", target)
    assert run.returncode != 0
    assert without_profile(run.stderr) == [sentence]


def test_a_script_says_in_one_sentence_why_it_failed(project):
    config = project.config()
    config["studies"]["limit_map"]["starts"]["directions"] = {
        "vectors": {"a": [[0.6, 0.9]], "b": [[0.6, 0.8]], "s": [0.5]}
    }
    project.write_config(config)
    run = project.snakemake("--", "results/starts/limit_map.nc")
    sentence = (
        "generate_starts limit_map: a must hold unit vectors to 1e-12, got norm 1 +0.0817 in row "
        "0; divide by the norm, a and b by the same number where α must stay zero"
    )
    assert run.returncode != 0
    assert sentence in run.stderr.splitlines()
    assert "Traceback" not in run.stderr
    log = project.folder / "results/logs/generate_starts/limit_map.log"
    assert log.read_text(encoding="utf-8") == f"{sentence}\n"


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def without_profile(stderr):
    """Return the lines of stderr but for the one by which Snakemake announces the profile."""
    return [line for line in stderr.splitlines() if not line.startswith("Using workflow specific")]
