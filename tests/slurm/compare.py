"""Run the small pipeline here and on a SLURM cluster of one node, and compare every output.

    python -m tests.slurm.compare [--install] [targets...]

Not a part of the test run: it needs root, the executor for SLURM, and Debian's slurm-wlm and munge,
which --install gets.
"""

import argparse
import importlib.util
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.slurm.cluster import cluster
from tests.workflow.conftest import Project


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="install slurm-wlm and munge")
    parser.add_argument("targets", nargs="*", help="what to make (everything)")
    options = parser.parse_args()
    if options.install:
        get = ["apt-get", "install", "-y", "--no-install-recommends", "slurm-wlm", "munge"]
        for command in (["apt-get", "update"], get):
            subprocess.run(command, check=True)
    for program in ("slurmctld", "slurmd", "munged"):
        if shutil.which(program) is None:
            sys.exit(f"{program} must be installed, got none; run this with --install")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        sys.exit("the executor for SLURM must be installed, got none; see the README")
    # An exit by an exception, so that the cluster is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="slurm-") as scratch:
        sys.exit(compare(Path(scratch), options.targets))


def compare(scratch, targets):
    """Return a sentence about what differs, or nothing."""
    scratch.chmod(0o755)  # munge works under a user of its own
    for name in ("local", "slurm", "cluster", "caches"):
        (scratch / name).mkdir()
    local, slurm = (Project(scratch / name, scratch / "caches") for name in ("local", "slurm"))
    print("running on this machine", flush=True)
    run(local, ["--cores", "4", "--", *targets])
    print("running on SLURM", flush=True)
    with cluster(scratch / "cluster") as environment:
        slurm.environment["PATH"] = environment["PATH"]
        options = ["--workflow-profile", "profiles/slurm", "--slurm-status-command", "squeue"]
        options += ["--slurm-no-account", "--slurm-init-seconds-before-status-checks", "2"]
        options += ["--default-resources", "slurm_partition=main", "mem_mb=1000", "runtime=30"]
        run(slurm, [*options, "--", *targets])
    expected, found = local.outputs(), slurm.outputs()
    if not expected:
        return "there must be outputs to compare, got none; name other targets"
    paths = sorted({*expected, *found})
    if differing := [path for path in paths if expected.get(path) != found.get(path)]:
        return f"outputs must be equal, got differences in {', '.join(differing)}"
    print(f"all {len(expected)} outputs are equal, byte for byte")
    return None


def run(project, arguments):
    command = [sys.executable, "-m", "snakemake", "--quiet", "rules", *arguments]
    subprocess.run(command, cwd=project.folder, env=project.environment, check=True)


if __name__ == "__main__":
    main()
