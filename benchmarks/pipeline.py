"""Run the whole pipeline cold, in a copy, and write where its time goes to docs/performance.md.

Usage: ``python -m benchmarks.pipeline``, in the pipeline's own environment.
"""

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.machine import processor
from benchmarks.performance_page import replace_block

ROOT = Path(__file__).parent.parent
CLOCK = Path(__file__).parent / "job_clock"
CORES = 4
PARTS = ["imports", "compilation", "work"]
#: Rules that take less than this, in seconds, share one line.
SMALL = 3.0
DRY_RUNS = 9
SMALLEST = 'rule all:\n    output: "made"\n    shell: "touch {output}"\n'


def main():
    """Measure, and replace what stands between the page's two markers."""
    with tempfile.TemporaryDirectory() as folder:
        project, clocks, smallest = (
            Path(folder, name) for name in ("project", "clocks", "smallest")
        )
        copy_project(project)
        clocks.mkdir()
        smallest.mkdir()
        (smallest / "Snakefile").write_text(SMALLEST)
        environment = cold_environment(project)
        timed = {**environment, "DLNPAPER_JOB_CLOCK": str(clocks)}
        timed["PYTHONPATH"] += os.pathsep + str(CLOCK)
        load = os.getloadavg()[0]
        dry = dry_runs({"before": project, "smallest": smallest}, environment)
        wall, spent = run(project, timed, "--cores", str(CORES))
        records = [json.loads(file.read_text(encoding="utf-8")) for file in clocks.glob("*.json")]
        dry |= dry_runs({"after": project}, environment)
    block = f"{conditions(load)}\n\n{table(records, spent)}\n\n{summary(records, wall, spent, dry)}"
    replace_block("make profile", block)


def copy_project(project):
    """Copy what the pipeline is made of, and nothing that it or Numba has made."""
    made = shutil.ignore_patterns("__pycache__")
    for name in ("config", "envs", "profiles", "src", "studies", "workflow"):
        shutil.copytree(ROOT / name, project / name, ignore=made)
    shutil.copy2(ROOT / "Snakefile", project)


def cold_environment(project):
    """Return the environment variables with which nothing compiled before is found."""
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return {**kept, "PYTHONPATH": import_path(project)}


def import_path(project):
    """Return the value of PYTHONPATH with which a copy of the project imports its own modules."""
    return os.pathsep.join([str(project / "src"), str(project)])


def run(project, environment, *arguments):
    """Run snakemake; return its wall time and the processor time of all its processes."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", *arguments]
    subprocess.run(command, cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return wall, user + system


def dry_runs(projects, environment):
    """Return by name the median wall time of dry runs, made in turn."""
    seconds = {name: [] for name in projects}
    for _ in range(DRY_RUNS):
        for name, folder in projects.items():
            seconds[name].append(run(folder, environment, "--dry-run")[0])
    return {name: median(times) for name, times in seconds.items()}


def table(records, spent):
    """Return the Markdown table of processor seconds, one line a rule, the largest first."""
    jobs = {}
    for record in records:
        jobs.setdefault(record["rule"], []).append([record[part] for part in PARTS])
    own = total(jobs.pop("__main__"))  # of the package snakemake
    spent_by = {rule: total(parts) for rule, parts in jobs.items()}
    large = sorted(spent_by, key=lambda rule: -sum(spent_by[rule]))
    small = [rule for rule in large if sum(spent_by[rule]) < SMALL]
    whole = total([own, *spent_by.values()])
    count = sum(map(len, jobs.values()))
    lines = ["| rule | jobs | imports | compilation | work | all |", "|---|--:|--:|--:|--:|--:|"]
    for rule in large[: len(large) - len(small)]:
        lines.append(line(f"`{rule}`", len(jobs[rule]), spent_by[rule]))
    others = total([spent_by[rule] for rule in small])
    lines.append(line(f"{len(small)} others", sum(len(jobs[rule]) for rule in small), others))
    lines.append(line("Snakemake", "", own))
    lines.append(f"| shells, and the ends of processes | | | | | {spent - sum(whole):.1f} |")
    lines.append(line("**all**", count, whole, spent))
    return "\n".join(lines)


def total(rows):
    """Return the sums of columns."""
    return [sum(column) for column in zip(*rows, strict=True)]


def line(name, jobs, parts, whole=None):
    """Return one row of the table."""
    whole = sum(parts) if whole is None else whole
    return f"| {name} | {jobs} | {' | '.join(f'{part:.1f}' for part in [*parts, whole])} |"


def summary(records, wall, spent, dry):
    """Return the sentences on the whole run."""
    kernel = max((r for r in records if r["rule"] == "compile_module"), key=duration)
    audit = max((r for r in records if r["rule"] == "audit_trajectories"), key=duration)
    return (
        f"From a cold start to the last file: **{wall:.0f} s**, in which the pipeline had"
        f" {100 * spent / (CORES * wall):.0f} % of the {CORES} cores."
        f" The kernel took {duration(kernel):.0f} s to compile, the audit, the longest job that"
        f" waits for it, {duration(audit):.0f} s."
        f" A dry run took {dry['before']:.2f} s before, and {dry['after']:.2f} s once all was made;"
        f" that of a Snakefile with one rule {dry['smallest']:.2f} s, all medians of {DRY_RUNS}."
    )


def duration(record):
    """Return the wall time of a process."""
    return record["ended"] - record["began"]


def conditions(load):
    """Return what was measured, and on what."""
    return (
        f"Processor seconds on {processor()}, {platform.system()}, Python"
        f" {platform.python_version()}; {CORES} of {os.cpu_count()} cores, default configuration,"
        f" other load at the start {load:.1f}."
    )


if __name__ == "__main__":
    main()
