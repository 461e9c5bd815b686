"""The pipeline as a whole: what it makes, what a change redoes, how it says what is wrong."""

import csv

import pytest

from companion.registry import Studies

OUTCOMES = ("origin", "saddle", "global_minimizer", "undecided")


def test_everything_is_made_and_then_nothing_is_left_to_do(first_run):
    studies = Studies({"memory_mb": 1}, first_run.folder)
    assert len(studies.names("figure")) >= 14
    for figure in studies.names("figure"):
        assert (first_run.folder / f"figures/{figure}.pdf").read_bytes().startswith(b"%PDF")
        assert (first_run.folder / f"figures/{figure}.png").read_bytes().startswith(b"\x89PNG")
        assert (first_run.folder / f"figures/data/{figure}.nc").exists()
    record = first_run.folder / "results/run.json"
    before = record.read_bytes()
    assert first_run.planned() == set()
    assert record.read_bytes() == before


def test_every_predicted_limit_is_reached(first_run):
    with open(first_run.folder / "results/tables/limits.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert all(int(row[kind]) == 0 for kind in OUTCOMES if kind != row["predicted"]), row
    counted = sum(int(row[row["predicted"]]) for row in rows)
    starts = first_run.card("limits")["ensembles"]["limits_distinct"]["starts"]
    near = len(starts["near_saddle"]["near"]["alpha"])
    # 6 sampled and 2 in each of three and two stable sets, times the depths of each ensemble.
    assert counted == (6 + 6 + near) * 2 + (6 + 4) * 1


def test_a_figure_alone_needs_only_its_own_chain(unbuilt):
    assert unbuilt.planned("figures/limit_map.pdf") == {
        "generate_starts limit_map",
        "solve_trajectories limit_map",
        "draw_figure limit_map",
        "compile_module _kernel",
    }


def test_changing_the_closed_form_reruns_what_depends_on_it(built):
    with (built.folder / "src/dlnpaper/one_neuron/_closed_form.py").open("a") as file:
        file.write("\n# changed\n")
    planned = built.planned()
    assert {
        "solve_trajectories limit_map",
        "solve_trajectories trajectories",
        "draw_figure limit_map",
        "draw_figure trajectories",
    } <= planned
    # The starts are made, and the reference solutions integrated, without the closed form.
    untouched = ("generate_starts", "integrate_reference", "tabulate_study limits")
    assert [job for job in planned if job.startswith(untouched)] == []


def test_another_figure_module_or_setting_of_a_study_reruns_that_study_alone(built):
    with (built.folder / "studies/limit_map/figure.py").open("a") as file:
        file.write("\n# changed\n")
    built.configure(ensembles={"trajectories": {"times": {"last": 20.0}}})
    assert built.planned() == {
        "draw_figure limit_map",
        "solve_trajectories trajectories",
        "draw_figure trajectories",
        "audit_trajectories",
        "tabulate_study audit",
        "write_manifest",
    }


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("results/starts/limt_map.nc", "limt_map is not a known ensemble; did you mean limit_map?"),
        ("results/reference/limit_map.nc", "ensembles.limit_map lacks the key reference; add it"),
    ],
)
def test_a_file_of_no_ensemble_cannot_be_made(unbuilt, target, sentence):
    run = unbuilt.snakemake("--quiet", "all", "--", target)
    assert run.returncode != 0
    assert without_profile(run.stderr) == [sentence]


def test_a_job_says_in_one_sentence_why_it_failed(project):
    not_unit = {"vectors": {"a": [[0.6, 0.9]], "b": [[0.6, 0.8]], "s": [0.5]}}
    project.configure(
        ensembles={
            "limit_map": {"starts": {"not_unit": not_unit}},
            "trajectories": {"target": {"singular_values": [1.0, 2.0]}},
            # 16 TB of coordinates.
            "stages": {
                "target": {"shape": [1000, 1000]},
                "starts": {"sampled": {"sample": {"size": 1_000_000_000}}},
            },
        }
    )
    names = ("limit_map", "trajectories", "stages")
    run = project.snakemake("--keep-going", "--", *(f"results/starts/{name}.nc" for name in names))
    assert run.returncode != 0
    for name, sentence in zip(
        names,
        (
            "a must hold unit vectors to 1e-12, got norm 1 +0.0817 in row 0; divide by the norm, a"
            " and b by the same number where α must stay zero",
            "singular_values must",
            "out of memory: size must leave the draws room in memory, got 1000000000 starts",
        ),
        strict=True,
    ):
        log = project.folder / f"results/logs/generate_starts/{name}.log"
        (said,) = log.read_text(encoding="utf-8").splitlines()
        assert said.startswith(f"generate_starts {name}: {sentence}")
        assert said in run.stderr.splitlines()
    assert "Traceback" not in run.stderr


def without_profile(stderr):
    """Return the lines of stderr but for the one by which Snakemake announces the profile."""
    return [line for line in stderr.splitlines() if not line.startswith("Using workflow specific")]
