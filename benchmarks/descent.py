"""Time steps of gradient descent against those of the layers; write docs/performance.md.

Usage: ``python -m benchmarks.descent [pairs]``, by default 7; `make bench` runs it too. The target
and the starts are those of `benchmarks.problem`, at depth 3. On one processor and in one thread;
every pair is a call of `dlnpaper.descend` and, right after it, one of a rival.
"""

from benchmarks import one_processor  # noqa: F401, I001 - before any library starts its threads

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.page import machine, replace_block
from benchmarks.problem import DIMENSION, STARTS, starts, target
from dlnpaper import descend, end_to_end

jax.config.update("jax_enable_x64", True)

DEPTH, STEP, MOMENTUM = 3, 0.01, 0.9
#: Hidden neurons of the rivals' first layer, and of a wider one; the second one has one neuron.
WIDTH, WIDER = 10, 100
#: So many steps are compared; so many of all starts are timed.
CHECKED, OWN_STEPS = 100, 2000
OURS = {"gradient_descent": 0.0, "heavy_ball": MOMENTUM, "nesterov": MOMENTUM}
Z = target.matrix


class Rival(NamedTuple):
    """A way to take steps of the layers: ``run(layers, steps)`` returns W_1 to W_3 of starts."""

    name: str
    run: Callable
    count: int
    steps: int
    width: int = WIDTH


def main():
    """Measure, and replace what stands between the markers of two pages; under a minute."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    own_times = {method: own_time(method, pairs) for method in OURS}
    found = [(rival, *compared(rival, pairs)) for rival in RIVALS]
    own_lines = [
        f"| `descend(…)`, {name} | {time:.0f} ns | | |" for name, time in own_times.items()
    ]
    rows = "\n".join(own_lines + [line(*each) for each in found])
    block = f"""\
| steps by | time | slower | largest difference |
|---|--:|--:|--:|
{rows}

N = {DEPTH}; target and starts are those above, in layers with {WIDTH} hidden neurons and one.
Times are those of one step of one start, medians of {pairs} pairs on one processor, and the median
ratio; {machine()}, jax {jax.__version__}. The difference is the largest of an entry
of W after {CHECKED} steps of {STEP}, in units of σ₁."""
    replace_block("docs/performance.md", "python -m benchmarks.descent", block)
    plain, stacked, in_jax = (f"{ratio:.0f}" for _, _, ratio, _ in found[:3])
    summary = f"""\
A step of `descend` takes **{own_times["gradient_descent"]:.0f} ns** a start at N = {DEPTH}
and any width; with {WIDTH} hidden neurons and one the layers take {plain} times as long in NumPy,
{stacked} times if {STARTS} networks are stacked, and {in_jax} times in JAX."""
    replace_block("README.md", "python -m benchmarks.descent", summary)


def own_time(method, pairs):
    """Return nanoseconds of a step of a start by `dlnpaper.descend`."""
    own(method, 1)
    return 1e9 * np.median([elapsed(own, method) for _ in range(pairs)]) / (STARTS * OWN_STEPS)


def line(rival, each, ratio, off):
    """Return the line of a rival in the table."""
    return f"| {rival.name} | {each:,.0f} ns | {ratio:,.0f} | {off:.0e} |"


def compared(rival, pairs):
    """Return nanoseconds of a step of a start, their ratio to ours, and the difference."""
    product, given = np.eye(DIMENSION), layers(rival.count, rival.width)
    for layer in rival.run(given, CHECKED):
        product = np.asarray(layer) @ product
    path = own("gradient_descent", CHECKED, starts[: rival.count])
    exact = end_to_end(target, path).values[:, -1]
    off = np.abs(product - exact).max() / target.singular_values[0]
    rival.run(given, rival.steps)
    timed = np.array(
        [
            [
                elapsed(own, "gradient_descent") / (STARTS * OWN_STEPS),
                elapsed(rival.run, given, rival.steps) / (rival.count * rival.steps),
            ]
            for _ in range(pairs)
        ]
    )
    return 1e9 * np.median(timed[:, 1]), np.median(timed[:, 1] / timed[:, 0]), off


def own(method, steps=OWN_STEPS, chosen=starts):
    """Take steps of starts as one would, and keep the last state."""
    how = {"step": STEP, "steps": steps, "every": steps, "threads": 1}
    return descend(target, DEPTH, chosen, method=method, momentum=OURS[method], **how)


def layers(count, width):
    """Return W_1, W_2 and W_3 of the first starts, (count, out, in) each."""
    networks = [starts.layers(i, DEPTH, (width, 1), i) for i in range(count)]
    return [np.stack(each) for each in zip(*networks, strict=True)]


def step_of(first, second, third):
    """Return the layers of one network, or of many, after a step, by NumPy or by JAX."""
    lower = second @ first
    residual = third @ lower - Z
    pulled = third.mT @ residual
    slopes = second.mT @ pulled, pulled @ first.mT, residual @ lower.mT
    layers = first, second, third
    return tuple(layer - STEP * slope for layer, slope in zip(layers, slopes, strict=True))


def one_by_one(layers, steps):
    """Take the steps of one network after the other."""
    done = [by_numpy(network, steps) for network in zip(*layers, strict=True)]
    return [np.stack(each) for each in zip(*done, strict=True)]


def by_numpy(layers, steps):
    """Take each step for all networks, by products of stacked matrices."""
    for _ in range(steps):
        layers = step_of(*layers)
    return layers


def by_jax(layers, steps):
    """Take all steps of all networks in one compiled loop."""
    return jax.block_until_ready(compiled(tuple(map(jnp.asarray, layers)), steps))


@jax.jit
def compiled(state, steps):
    """Loop over the steps, vectorized over networks."""
    step = jax.vmap(step_of)
    return jax.lax.fori_loop(0, steps, lambda _, layers: step(*layers), state)


def elapsed(function, *arguments):
    """Time a call, in seconds; giving back the memory of its result is not counted."""
    start = time.perf_counter()
    result = function(*arguments)
    end = time.perf_counter()
    del result
    return end - start


RIVALS = (
    Rival("the layers in NumPy", one_by_one, 1, 5000),
    Rival(f"the layers in NumPy, {STARTS} networks stacked", by_numpy, STARTS, 100),
    Rival(f"the layers in JAX, vmap over {STARTS}", by_jax, STARTS, 200),
    Rival(f"the same with {WIDER} hidden neurons and one", by_jax, STARTS, 50, WIDER),
)

if __name__ == "__main__":
    main()
