"""A file that is damaged: who reads it says so, and the remedy."""

import shlex

from tests.faults.disturbed import FIGURE, STARTS, TRAJECTORIES, assert_kept, sentence


def test_a_damaged_file_is_named_with_the_command_that_rebuilds_it(built, undisturbed, record):
    """That command, taken as it stands in the sentence, then brings the same bytes back."""
    expected = undisturbed.outputs()
    (built.folder / STARTS).write_bytes(expected[STARTS][:-1000])
    run = built.snakemake(FIGURE)
    assert run.returncode != 0
    damaged = rf"^solve_trajectories limit_map: {STARTS} is damaged: its \d+ bytes do not end in"
    reads = sentence(run.stderr, damaged)
    assert_kept(built, expected, remade=[TRAJECTORIES], damaged=STARTS)
    program, *arguments = shlex.split(reads.partition("rebuild it with: ")[2])
    assert program == "snakemake"
    for options in (arguments, [FIGURE]):
        again = built.snakemake(*options)
        assert again.returncode == 0, again.stderr
    assert built.outputs() == expected
    record("truncated NetCDF", reads)
