"""What the digits are as a target, what whitening dropped, and how solvers agree on them."""

import pandas as pd
import xarray as xr

_DATA = ["samples", "features", "dropped_directions", "whitened_inputs", "outputs", "tolerance"]
_TARGET = ("rank", "dropped_singular_values")
_LOSSES = ("loss_of_zero", "loss_of_best_rank_one", "loss_of_least_squares")


def table(measured: xr.Dataset) -> pd.DataFrame:
    """Return ``quantity``, what it is ``of`` (data, target, a mode or a depth) and its ``value``.

    Counts are integers.
    """
    rows = [(name, "data", measured[name].item()) for name in _DATA]
    rows += [(name, "target", measured[name].item()) for name in _TARGET]
    for mode, value in enumerate(measured["singular_values"].values, start=1):
        rows.append(("singular_value", f"mode {mode}", value))
    rows += [(name, "target", measured[name].item()) for name in _LOSSES]
    for depth in measured["depth"].values:
        rows.append(("compared_starts", f"N = {depth}", measured.sizes["compared"]))
        for name in measured.data_vars:
            if str(name).startswith("deviation_of_"):
                value = measured[name].sel(depth=depth).item()
                rows.append((f"largest_{name}", f"N = {depth}", value))
    return pd.DataFrame(rows, columns=["quantity", "of", "value"], dtype=object)
