"""Run the whole pipeline cold, in a copy, and write where its time goes to docs/performance.md.

Usage: ``python -m benchmarks.pipeline``, in the pipeline's own environment.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pandas as pd

from benchmarks.page import ROOT, machine, replace_block

CLOCK = Path(__file__).parent / "job_clock"
CORES = os.cpu_count()
PARTS = ["imports", "compilation", "work"]
DRY_RUNS = 9


def main():
    """Measure, and replace what stands between the page's two markers."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        project, clocks = Path(folder, "project"), Path(folder, "clocks")
        environment = copy_project(project)
        clocks.mkdir()
        path = os.pathsep.join([environment["PYTHONPATH"], str(CLOCK)])
        timed = {**environment, "DLNPAPER_JOB_CLOCK": str(clocks), "PYTHONPATH": path}
        before = dry_run(project, environment)
        wall, usage = run(project, timed, "--cores", str(CORES))
        jobs = pd.DataFrame([json.loads(file.read_text()) for file in clocks.glob("*.json")])
        after = dry_run(project, environment)
    longest = jobs[jobs.rule != "__main__"].nlargest(1, "seconds").iloc[0]
    spent = usage.ru_utime + usage.ru_stime
    share = 100 * spent / (CORES * wall)
    block = f"""\
Processor seconds on {machine()}; {CORES} cores, default configuration, other load {load:.1f}.

{table(jobs, spent)}

From a cold start to the last file: **{wall:.0f} s**, in which the pipeline had {share:.0f} % of the
cores. The longest job, of `{longest.rule}`, took {longest.seconds:.0f} s. A dry run took
{before:.2f} s before, and {after:.2f} s once all was made, medians of {DRY_RUNS}."""
    replace_block("docs/performance.md", "make profile", block)


def copy_project(project):
    """Copy what the pipeline is made of, and nothing that it or Numba has made.

    Returns the environment variables with which the copy imports its own modules, and finds nothing
    compiled before.
    """
    made = shutil.ignore_patterns("__pycache__")
    for name in ("config", "envs", "profiles", "src", "studies", "workflow"):
        shutil.copytree(ROOT / name, project / name, ignore=made)
    shutil.copy2(ROOT / "Snakefile", project)
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(project / "src"), str(project)])}


def run(project, environment, *arguments):
    """Run snakemake; return its wall time, and what it and all processes it waited for used."""
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"snakemake must succeed, got exit status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - began, usage


def dry_run(project, environment):
    """Return the median wall time of dry runs."""
    return median(run(project, environment, "--dry-run")[0] for _ in range(DRY_RUNS))


def table(jobs, spent):
    """Return the Markdown table of processor seconds, one line a rule and one for Snakemake."""
    rules = jobs.groupby("rule")[PARTS].sum()
    rules.insert(0, "jobs", jobs.groupby("rule").size())
    rules["all"] = rules[PARTS].sum(axis=1)
    rules = rules.rename({"__main__": "snakemake"}).sort_values("all", ascending=False)
    counted = "\n".join(
        f"| `{name}` | {row.jobs:.0f} | {' | '.join(f'{x:.1f}' for x in row[[*PARTS, 'all']])} |"
        for name, row in rules.iterrows()
    )
    return f"""\
| rule | jobs | imports | compilation | work | all |
|---|--:|--:|--:|--:|--:|
{counted}
| shells, and the ends of processes | | | | | {spent - rules["all"].sum():.1f} |
| **all** | | | | | {spent:.1f} |"""


if __name__ == "__main__":
    main()
