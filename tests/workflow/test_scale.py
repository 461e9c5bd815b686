"""Large studies: off unless asked for, and the same bytes however they are cut."""

from companion.storage import read_dataset

OUTPUTS = (
    "results/tables/scale.csv",
    "results/tables/scale_sweep.csv",
    "figures/escape.png",
)
ENSEMBLE = "results/scale/ensemble.nc"


def test_the_large_study_is_made_only_when_it_is_asked_for(first_run, unbuilt):
    assert not (first_run.folder / "results/scale").exists()
    run = unbuilt.snakemake("--dry-run", "--quiet", "rules", "--config", "large_study=True")
    assert run.returncode == 0, run.stderr
    for job in ("survey_shard", "combine_shards"):
        assert job in run.stdout


def test_a_study_that_needs_a_framework_is_made_only_when_it_is_asked_for(unbuilt):
    table = "results/tables/training.csv"
    assert unbuilt.snakemake("--dry-run", "--", table).returncode != 0
    run = unbuilt.snakemake("--dry-run", "--config", "framework_study=True", "--", table)
    assert run.returncode == 0, run.stderr


def test_its_bytes_depend_neither_on_shards_nor_on_cores(project):
    made = []
    for memory, cores, shards in ((1, "2", 3), (32, "1", 1)):
        project.configure(memory_mb=memory, large_study=True)
        run = project.snakemake("--cores", cores, "--", *OUTPUTS)
        assert run.returncode == 0, run.stderr
        assert (project.folder / f"results/scale/shards/{shards - 1}_of_{shards}.nc").exists()
        files = [(project.folder / name).read_bytes() for name in OUTPUTS]
        # The ensemble says which shards it was made from; what it holds may not depend on them.
        made.append((files, read_dataset(project.folder / ENSEMBLE)))
    (files, ensemble), (other_files, other_ensemble) = made
    assert files == other_files
    assert ensemble.identical(other_ensemble)
