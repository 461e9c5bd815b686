"""Find the time until 1 % of the excess loss is left, against depth.

Excess is the loss above its value at the limit. The times are roots of the closed form, not points
of a grid. Depth slows small starts, which wait on a plateau, and speeds large ones.
"""

import numpy as np

import dlnpaper

DEPTHS = [2, 3, 4, 6, 8]

target = dlnpaper.Target([3.0, 2.0, 1.0], shape=(10, 10))
times = {}
for s in (0.01, 1.0):
    starts = dlnpaper.StartingPoints.sample(target, size=1000, rng=0, s=s)
    times[s] = dlnpaper.first_passage(target, DEPTHS, starts, excess=0.01)
medians = {s: np.median(each, axis=1) for s, each in times.items()}

if __name__ == "__main__":
    print("depth   " + "".join(f"s(0) = {s:<8}" for s in medians))
    for depth, *row in zip(DEPTHS, *medians.values(), strict=True):
        print(f"{depth:<8}" + "".join(f"{time:<15.4g}" for time in row))
    slower = medians[0.01][-1] / medians[0.01][0]
    print(
        f"From s(0) = 0.01 the median time at depth {DEPTHS[-1]} is {slower:.0f} times that at 2."
    )
