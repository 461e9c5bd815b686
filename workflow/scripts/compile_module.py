"""Have Numba compile what a module holds, once for all jobs: its cache on disk keeps it."""

from companion.files import write_text
from dlnpaper._target import Target
from dlnpaper.one_neuron._closed_form import solve
from dlnpaper.one_neuron._descent import descend
from dlnpaper.one_neuron._stages import stages
from dlnpaper.one_neuron._starting_points import StartingPoints

from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    module = snakemake.wildcards.module
    target = Target([2.0, 1.0], shape=(2, 2))
    start = StartingPoints.sample(target, 1, rng=0)
    if module == "_kernel":
        # Two layers have code of their own.
        for depth in (3, 2):
            solve(target, depth, start, times=[1.0])
    elif module == "_descent_kernel":
        descend(target, 3, start, step=0.1, steps=1)
    else:
        stages(target, 3, start)
    write_text(snakemake.output[0], f"{module} is compiled\n")
