"""Find W(t) and its limit for one's own 20 × 30 matrix and layers that a framework holds.

The layers are arrays of single precision, as ``parameter.detach().numpy()`` of PyTorch or
``np.asarray(parameter)`` of JAX give them: W_1 first, each of shape (outputs, inputs).
"""

from itertools import pairwise

import numpy as np

import dlnpaper

rng = np.random.default_rng(0)
matrix = rng.standard_normal((20, 30))

# A network 30 -> 8 -> 1 -> 5 -> 20 with balanced layers: w_j w_{j-1}ᵀ with unit vectors w_j, all of
# one size. The flow conserves balance, and the closed form needs it.
neurons = [w / np.linalg.norm(w) for w in map(rng.standard_normal, [30, 8, 1, 5, 20])]
layers = [(0.7 * np.outer(out, into)).astype(np.float32) for into, out in pairwise(neurons)]

target = dlnpaper.Target.from_matrix(matrix)
start = dlnpaper.StartingPoints.from_layers(target, layers)
times = np.linspace(0.0, 5.0, 101)
exact = dlnpaper.solve(target, len(layers), start, times)
W = dlnpaper.end_to_end(target, exact)[0]  # (time, row, column), in the coordinates of the matrix
limit = dlnpaper.limits(target, start)
W_limit = dlnpaper.end_to_end(target, limit)[0]

if __name__ == "__main__":
    left = np.linalg.norm(W - W_limit, axis=(1, 2)) / np.linalg.norm(W_limit)
    kind = limit.kind_name.item().replace("_", " ")
    print(
        f"W(t) goes from norm {np.linalg.norm(W[0]):.3f} to a {kind} of {limit.value.item():.3f}."
    )
    print(f"At t = 5 the distance to it is {left[-1]:.1e} of its norm.")
    print(f"Single precision leaves the directions uncertain by {start.coordinate_error[0]:.0e}.")
