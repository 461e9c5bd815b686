"""Run the large study cut in different ways, and write what it takes to docs/performance.md.

Usage: ``python -m benchmarks.scale [starts]``, in the pipeline's own environment; the number of
starts is that of the study if not said otherwise.
"""

import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.page import machine, replace_block
from benchmarks.pipeline import CORES, copy_project, run
from companion.dependencies import COMPILED
from companion.registry import Studies
from companion.storage import read_dataset
from companion.survey.blocks import shards_needed
from companion.validation import read_yaml

RESULT, TABLE = "results/scale/ensemble.nc", "results/tables/scale.csv"
#: Memory budgets in MB with the numbers of cores: the first is that of the configuration.
CUTS = [(32, CORES), (3.5, CORES), (256, 1)]


def main():
    """Measure, and replace what stands between the page's two markers."""
    rows, results = [], []
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        environment = copy_project(project)
        studies = Studies(read_yaml(project / "config/config.yaml"), project).config["studies"]
        size = int(sys.argv[1]) if len(sys.argv) > 1 else studies["scale"]["ensemble"]["size"]
        of_this_size = {"scale": {"ensemble": {"size": size}}}
        for memory, cores in CUTS:
            settings = {"large_study": True, "memory_mb": memory, "studies": of_this_size}
            (project / "cut.yaml").write_text(yaml.safe_dump(settings))
            wall, peak = make_anew(project, environment, cores)
            shards = shards_needed(size, memory)
            rows.append(f"| {shards} | {cores} | {wall:.0f} s | {peak:.0f} MB |")
            results.append(read_dataset(project / RESULT))
    if not all(result.identical(results[0]) for result in results):
        sys.exit(f"{RESULT} must not depend on how it is cut, but does")
    cuts = "\n".join(rows)
    block = f"""\
{size:,} starts on {machine()}, compilation not counted.

| shards | cores | time | largest process |
|--:|--:|--:|--:|
{cuts}

The numbers are the same to the last bit in all of them."""
    replace_block("docs/performance.md", "make scale", block)


def make_anew(project, environment, cores):
    """Make the table of the large ensemble anew; return the wall time and the largest process."""
    options = ["--configfile", "cut.yaml", "--cores", str(cores)]
    compiled = [f"results/compiled/{module}.txt" for module in COMPILED]
    run(project, environment, *options, "--", *compiled)
    wall, usage = run(project, environment, *options, "--forcerun", "survey_shard", "--", TABLE)
    return wall, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
