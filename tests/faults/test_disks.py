"""Disks that are full or read-only, each in a name space of mounts that ends with the run."""

import shutil
import subprocess
import sys

import pytest

from tests.faults.disturbed import FIGURE, TRAJECTORIES, Copy, assert_kept, assert_made, refused

pytestmark = pytest.mark.slow


@pytest.fixture
def mounted():
    """Return a function that runs a command in a folder, with mounts that nothing else sees."""
    space = ["unshare", "--mount", "--map-root-user"]
    probe = " ".join([*space, "mount -t tmpfs none /mnt"])
    run = subprocess.run(probe, shell=True, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        pytest.skip(f"mounting is not permitted: {run.stderr.strip()}")

    def mounted(project, mounts, *arguments):
        # Into the folder anew: what was its path before may now be another disk.
        script = 'mounts=$1; folder=$2; shift 2; (eval "$mounts"); cd "$folder" && exec "$@"'
        snakemake = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
        command = [*space, "sh", "-ec", script, "sh", mounts, str(project.folder), *snakemake]
        return project.run(command)

    return mounted


def small(folder, room):
    """Return the command that puts a full disk over a folder, but for some kilobytes of room.

    It holds what is in the folder and little more; what is new on it ends with the run.
    """
    return f"""
        set -- "{folder}"; cp -a "$1" "$1.kept"
        mount -t tmpfs -o size=64m none "$1" && cp -a "$1.kept/." "$1"
        dd if=/dev/zero of="$1/filling" bs=1k 2> /dev/null || truncate -s -{room}K "$1/filling"
    """


def read_only(folder):
    return f'mount --bind "{folder}" "{folder}" && mount -o remount,bind,ro "{folder}"'


@pytest.mark.parametrize("fault", ["disk full", "read-only"])
@pytest.mark.parametrize("folder", ["results", "figures", "."])
def test_disk(built, undisturbed, mounted, record, fault, folder):
    """The disk of some outputs, or that of the whole project with Snakemake's own files."""
    expected = undisturbed.outputs()
    figures = [name for name in expected if name.startswith("figures/")]
    # So that there is something to write.
    missing = figures if folder == "figures" else [TRAJECTORIES]
    for name in missing:
        (built.folder / name).unlink()
    if fault == "disk full":
        mounts = small(built.folder / folder, room=60 if folder == "." else 8)
        pattern = r"could not be written \(No space left on device\); free some space"
    else:
        mounts = read_only(built.folder / folder)
        pattern = "must be a folder that you can write to, but is not; get write"
    reads = refused(mounted(built, mounts, missing[0]), pattern)
    assert_kept(built, expected, remade=missing)
    assert_made(built, built.resume(TRAJECTORIES, FIGURE), undisturbed)
    record(f"{fault}: {folder}", reads.replace(str(built.folder), "PROJECT"))


def test_read_only_file(built, undisturbed, mounted, record):
    """Before a job would replace what cannot be replaced, Snakemake says so by itself."""
    run = mounted(built, read_only(built.folder / "results"), "--force", TRAJECTORIES)
    reads = refused(run, "^Write-protected output files for rule solve_trajectories:")
    assert built.outputs() == undisturbed.outputs()
    record("read-only results, a file in them to be replaced", reads)


def test_no_cache_for_compiled_code(undisturbed, tmp_path, caches, mounted, record):
    """Neither beside the package nor in the home folder: each job compiles for itself."""
    project = Copy(tmp_path / "project", caches)
    for cache in (project.folder / "src").rglob("__pycache__"):
        shutil.rmtree(cache)
    project.without_home()
    cache = project.folder / ".snakemake/cache"
    folders = f'mkdir -p "{cache}/snakemake/snakemake" "{cache}/numba"'
    both = f"{folders}; {read_only(cache / 'numba')}; {read_only(project.folder / 'src')}"
    run = mounted(project, both, FIGURE)
    assert_made(project, run, undisturbed)
    assert list(project.folder.rglob("*.nbi")) == []
    record("no write access to any cache of Numba", "nothing: the run takes longer")
