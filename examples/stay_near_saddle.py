"""Make a start that stays near the second saddle for 10 time units, and then leaves it.

Near the saddle with singular value σ_2 it stays for a time that grows like ln(1/|α_1|), where α_1
is the start's component along the mode above it (docs/theory.md, section 4). So one trial tells the
α_1 of any longer visit.
"""

import numpy as np

import dlnpaper

STAY, DEPTH, NEAR = 10.0, 3, 0.1  # near: within a tenth of the saddle's norm

target = dlnpaper.Target([3.0, 2.0, 1.0], shape=(4, 3))
saddle = dlnpaper.StartingPoints.on_stable_set(target, limit=1, size=1, rng=0, s=0.1)
W_saddle = dlnpaper.end_to_end(target, dlnpaper.limits(target, saddle))[0]


def visit(alpha: float) -> tuple[float, dlnpaper.StartingPoints]:
    """Return for how long the start with this α_1 is near the saddle, and the start."""
    start = dlnpaper.StartingPoints.near_stable_set(target, 1, alpha, size=1, rng=0, s=0.1)
    end = 1.5 * dlnpaper.escape_time(target, DEPTH, start).item()
    times = np.linspace(0.0, end, 20_001)
    W = dlnpaper.end_to_end(target, dlnpaper.solve(target, DEPTH, start, times))[0]
    distance = np.linalg.norm(W - W_saddle, axis=(1, 2)) / np.linalg.norm(W_saddle)
    here = times[distance < NEAR]
    return (here[-1] - here[0] if here.size else 0.0), start


sigma, trial = target.singular_values, 1e-5
slope = (sigma[0] - sigma[1]) * sigma[1] ** (1 - 2 / DEPTH)  # of ln(1/α_1) against the stay
alpha = trial * np.exp(-slope * (STAY - visit(trial)[0]))
stay, start = visit(alpha)

if __name__ == "__main__":
    left = dlnpaper.escape_time(target, DEPTH, start).item()
    kind = dlnpaper.limits(target, start).kind_name.item().replace("_", " ")
    print(
        f"From α_1 = {alpha:.3e} the flow stays near the second saddle for {stay:.3f} time units."
    )
    print(f"It leaves at t = {left:.2f}, and ends at the {kind}.")
