"""Disks that are full or read-only, each in a name space of mounts that ends with the run."""

import shutil
import subprocess
import sys

import pytest

from tests.faults.disturbed import FIGURE, TRAJECTORIES, Copy, assert_kept, sentence

#: A disk that holds what is in the folder and little more; what is new on it ends with the run.
SMALL = """
cp -a "$1" "$1.kept" && mount -t tmpfs -o size=64m none "$1" && cp -a "$1.kept/." "$1"
dd if=/dev/zero of="$1/filling" bs=1k 2> /dev/null || truncate -s "-$2K" "$1/filling"
"""
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'


pytestmark = pytest.mark.slow


@pytest.fixture
def mounted():
    """Return a function that runs a command in a folder, with mounts that nothing else sees."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    space = ["unshare", "--mount", "--map-root-user"]
    probe = [*space, "mount", "-t", "tmpfs", "none", "/mnt"]
    run = subprocess.run(probe, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        pytest.skip(f"mounting is not permitted: {run.stderr.strip()}")

    def mounted(project, mounts, *arguments):
        # Into the folder anew: what was its path before may now be another disk.
        script = 'mounts=$1; folder=$2; shift 2; (eval "$mounts"); cd "$folder" && exec "$@"'
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
        return subprocess.run(
            [*space, "sh", "-ec", script, "sh", mounts, str(project.folder), *command],
            cwd=project.folder,
            env=project.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return mounted


def small(folder, room):
    """Return the command that puts a full disk over a folder, but for some kilobytes of room."""
    return f'set -- "{folder}" {room}; {SMALL}'


def read_only(folder):
    return f'set -- "{folder}"; {READ_ONLY}'


def finish(project, expected):
    """Finish the run where the disk is as it should be."""
    resumed = project.resume(TRAJECTORIES, FIGURE)
    assert resumed.returncode == 0, resumed.stderr
    assert project.outputs() == expected
    assert project.leftovers() == []


@pytest.mark.parametrize(("disk", "room"), [("results", 8), (".", 60)])
def test_disk_full(built, undisturbed, mounted, record, disk, room):
    """The disk of the results, or that of the whole project with Snakemake's own files."""
    expected = undisturbed.outputs()
    (built.folder / TRAJECTORIES).unlink()
    run = mounted(built, small(built.folder / disk, room), TRAJECTORIES)
    assert run.returncode != 0
    reads = sentence(
        run.stderr, r"could not be written \(No space left on device\); free some space"
    )
    finish(built, expected)
    record(f"disk full (tmpfs over {disk})", reads)


@pytest.mark.parametrize("folder", ["results", "figures", "."])
def test_read_only_folder(built, undisturbed, mounted, record, folder):
    """Files are missing, so that there is something to write."""
    expected = undisturbed.outputs()
    missing = [name for name in expected if name.startswith("figures/")]
    if folder != "figures":
        missing = [TRAJECTORIES]
    for name in missing:
        (built.folder / name).unlink()
    run = mounted(built, read_only(built.folder / folder), missing[0])
    assert run.returncode != 0
    reads = sentence(run.stderr, "must be a folder that you can write to, but is not; get write")
    assert_kept(built, expected, remade=missing)
    finish(built, expected)
    record(f"read-only {folder}", reads.replace(str(built.folder), "PROJECT"))


def test_read_only_file(built, undisturbed, mounted, record):
    """Before a job would replace what cannot be replaced, Snakemake says so by itself."""
    run = mounted(built, read_only(built.folder / "results"), "--force", TRAJECTORIES)
    assert run.returncode != 0
    reads = sentence(run.stderr, "^Write-protected output files for rule solve_trajectories:")
    assert built.outputs() == undisturbed.outputs()
    record("read-only results, a file in them to be replaced", reads)


def test_no_cache_for_compiled_code(undisturbed, tmp_path, caches, mounted, record):
    """Neither beside the package nor in the home folder: each job compiles for itself."""
    project = Copy(tmp_path / "project", caches)
    for cache in (project.folder / "src").rglob("__pycache__"):
        shutil.rmtree(cache)
    project.without_home()
    compiled = 'set -- "$XDG_CACHE_HOME"; mkdir -p "$1/snakemake/snakemake" "$1/numba"'
    both = f'{compiled}; set -- "$1/numba"; {READ_ONLY}; {read_only(project.folder / "src")}'
    run = mounted(project, both, FIGURE)
    assert run.returncode == 0, run.stderr
    assert project.outputs() == undisturbed.outputs()
    assert list(project.folder.rglob("*.nbi")) == []
    record("no write access to any cache of Numba", "nothing: the run takes longer")
