"""Run the large study cut in different ways, and write what it takes to docs/performance.md.

Usage: ``python -m benchmarks.scale``, in the pipeline's own environment.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import yaml

from benchmarks.machine import processor
from benchmarks.performance_page import replace_block
from benchmarks.pipeline import copy_project, import_path
from companion.dependencies import COMPILED
from companion.registry import Studies
from companion.storage import read_dataset
from companion.survey.blocks import shards_needed
from companion.survey.measure import survey
from companion.validation import read_yaml
from dlnpaper._target import Target

RESULT = "results/scale/ensemble.nc"
TABLE = "results/tables/scale.csv"
#: Memory budgets in MB with the numbers of cores: the first is that of the configuration.
CUTS = [(32, 4), (3.5, 4), (256, 1), (32, 2)]
#: Sizes whose times for one start are compared; the small one is measured several times.
SMALL, LARGE, REPEATS = 10_000, 1_000_000, 5


def main():
    """Measure, and replace what stands between the page's two markers."""
    rows, results = [], []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        copy_project(project)
        shared = read_yaml(project / "config/config.yaml")
        ensemble = Studies(shared, project).config["studies"]["scale"]["ensemble"]
        for memory, cores in CUTS:
            wall, peak = run(project, memory, cores)
            shards = shards_needed(ensemble["size"], memory)
            rows.append(f"| {shards} | {cores} | {wall:.0f} s | {peak:.0f} MB |")
            results.append(read_dataset(project / RESULT))
    if not all(result.identical(results[0]) for result in results):
        sys.exit(f"{RESULT} must not depend on how it is cut, but does")
    # Before and after: the machine is not equally fast all the time.
    small = [time_per_start(ensemble, SMALL) for _ in range(REPEATS)]
    large = time_per_start(ensemble, LARGE)
    small += [time_per_start(ensemble, SMALL) for _ in range(REPEATS)]
    block = "\n".join(
        [
            f"{ensemble['size']:,} starts on {processor()}, compilation not counted.",
            "",
            "| shards | cores | time | largest process |",
            "|--:|--:|--:|--:|",
            *rows,
            "",
            "The numbers are the same to the last bit in all of them. On one core, without"
            f" Snakemake, a start takes {1e6 * large:.0f} µs in an ensemble of {LARGE:,}, which is"
            f" {large / median(small):.2f} times what it takes in one of {SMALL:,}.",
        ]
    )
    replace_block("make scale", block)


def run(project, memory, cores):
    """Make the table of the large ensemble anew; return the wall time and the largest process."""
    environment = {**os.environ, "PYTHONPATH": import_path(project)}
    settings = project / "cut.yaml"
    settings.write_text(yaml.safe_dump({"large_study": True, "memory_mb": memory}))
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--cores", str(cores)]
    command += ["--configfile", settings.name]
    compiled = [f"results/compiled/{module}.txt" for module in COMPILED]
    subprocess.run([*command, "--", *compiled], cwd=project, env=environment, check=True)
    began = time.perf_counter()
    anew = ["--forcerun", "survey_shard", "--", TABLE]
    process = subprocess.Popen([*command, *anew], cwd=project, env=environment)
    # The usage of the largest among all processes that it waited for, and they.
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(
            f"snakemake must make {TABLE}, got exit status {os.waitstatus_to_exitcode(status)}"
        )
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def time_per_start(ensemble, size):
    """Return the seconds that one start takes in an ensemble of this size."""
    target, names = Target(**ensemble["target"]), ensemble["measure"]
    arguments = (ensemble["seed"], tuple(ensemble["s"]), names, ensemble["times"])
    survey(target, ensemble["depth"], range(10), *arguments)
    began = time.perf_counter()
    survey(target, ensemble["depth"], range(size), *arguments)
    return (time.perf_counter() - began) / size


if __name__ == "__main__":
    main()
