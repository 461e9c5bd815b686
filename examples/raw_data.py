"""Find what a network learns from raw data (X, Y), some of whose features are redundant.

`Target.from_data` whitens X and drops the null directions; it neither centers nor divides by the
number of samples n. So this example subtracts the means itself, and converts the time of the
library's loss, a sum over samples, to that of their mean, with inputs of unit second moment.
"""

import numpy as np

import dlnpaper

DEPTH, SAMPLES = 3, 200

rng = np.random.default_rng(0)
X = rng.standard_normal((6, SAMPLES))
X = np.vstack([X, X[0] + X[1], 2.0 * X[2]]) + 5.0  # 8 features of rank 6, with means
Y = rng.standard_normal((3, 8)) @ X + 0.1 * rng.standard_normal((3, SAMPLES))

X_mean, Y_mean = X.mean(axis=1, keepdims=True), Y.mean(axis=1, keepdims=True)
target = dlnpaper.Target.from_data(X - X_mean, Y - Y_mean)
starts = dlnpaper.StartingPoints.sample(target, size=1, rng=0)
limit = dlnpaper.limits(target, starts)
time = dlnpaper.first_passage(target, DEPTH, starts, excess=0.01).item()
time_of_mean_loss = SAMPLES ** (1 - 1 / DEPTH) * time

W = target.to_features(dlnpaper.end_to_end(target, limit))[0]  # acts on raw, centered features


def predict(x: np.ndarray) -> np.ndarray:
    """Return what the trained network says about raw samples, one a column."""
    return Y_mean + W @ (x - X_mean)


if __name__ == "__main__":
    explained = 1 - np.sum((Y - predict(X)) ** 2) / np.sum((Y - Y_mean) ** 2)
    dropped = target.dropped.data_directions
    print(f"{dropped} of {len(X)} features are redundant; Z has the shape {target.shape}.")
    kind = limit.kind_name.item().replace("_", " ")
    print(f"The limit, a {kind} of rank one, explains {100 * explained:.2f} % of Y's variance.")
    print(f"1 % of the excess is left at t = {time:.4f}, for the mean at {time_of_mean_loss:.4f}.")
