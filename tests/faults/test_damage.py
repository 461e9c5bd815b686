"""Files that are damaged or not what they should be: who reads them says so, and the remedy."""

import shlex
import subprocess
import sys

import numpy as np
import pytest

from dlnpaper.files import StorageError
from dlnpaper.storage import read_dataset
from tests.faults.disturbed import FIGURE, STARTS, TRAJECTORIES, assert_kept, sentence

MISTAKEN = "figures/data/limit_map.nc"


def truncate(content, other):
    return content[: len(content) // 2]


def flip(content, other):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 16]) + content[middle + 1 :]


def empty(content, other):
    return b""


def mistake(content, other):
    return other


FAULTS = {
    "truncated NetCDF": (truncate, r"is damaged: its \d+ bytes do not end in a checksum"),
    "flipped bit in a NetCDF": (flip, "is damaged: its content does not match its checksum"),
    "empty file": (empty, "is damaged: it is empty"),
    "wrong-schema file": (mistake, r"must hold 'dlnpaper starting points' in version 1, got"),
}


@pytest.mark.parametrize(
    "fault",
    [
        "truncated NetCDF",
        *(pytest.param(name, marks=pytest.mark.slow) for name in list(FAULTS)[1:]),
    ],
)
def test_a_damaged_file_is_named_with_the_command_that_rebuilds_it(
    built, undisturbed, record, fault
):
    """That command, taken as it stands in the sentence, then brings the same bytes back."""
    damage, pattern = FAULTS[fault]
    expected = undisturbed.outputs()
    (built.folder / STARTS).write_bytes(damage(expected[STARTS], expected[MISTAKEN]))
    run = built.snakemake(FIGURE)
    assert run.returncode != 0
    reads = sentence(run.stderr, f"^solve_trajectories limit_map: {STARTS} {pattern}")
    assert_kept(built, expected, remade=[TRAJECTORIES], damaged=STARTS)
    program, *arguments = shlex.split(reads.partition("rebuild it with: ")[2])
    assert program == "snakemake"
    for options in (arguments, [FIGURE]):
        again = built.snakemake(*options)
        assert again.returncode == 0, again.stderr
    assert built.outputs() == expected
    record(fault, reads)


def test_one_flipped_bit_at_100_random_places(built, record):
    """Each is seen by whoever reads the file, before anything in it is believed."""
    path = built.folder / TRAJECTORIES
    intact = path.read_bytes()
    places = np.random.default_rng(100).choice(8 * len(intact), size=100, replace=False)
    for place in places:
        damaged = bytearray(intact)
        damaged[place // 8] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        with pytest.raises(StorageError, match=r"limit_map\.nc is damaged: .*; rebuild it with: s"):
            read_dataset(path)
    record("one flipped bit at 100 random places of a NetCDF", "100 times the sentence above")


LIMITED = """
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


def test_no_file_may_outgrow_a_limit(built, undisturbed, record):
    """As on a full disk, the kernel stops the write midway; no privilege is needed to try it."""
    expected = undisturbed.outputs()
    limit = len(expected[MISTAKEN]) - 1
    limited = ("-c", LIMITED, str(limit), "-m", "snakemake", "--cores", "1", "--force", FIGURE)
    run = subprocess.run(
        [sys.executable, *limited],
        cwd=built.folder,
        env=built.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    reads = sentence(run.stderr, r"^draw_limit_map: \S+ could not be written \(File too large\)")
    assert_kept(built, expected, remade=[name for name in expected if name.startswith("figures/")])
    resumed = built.resume(FIGURE)
    assert resumed.returncode == 0, resumed.stderr
    assert built.outputs() == expected
    assert built.leftovers() == []
    record("limit on the size of files (as a full disk, without root)", reads)
